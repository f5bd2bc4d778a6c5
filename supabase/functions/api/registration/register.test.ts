import { expect, test } from "vitest";
import { type Registration } from "../../_shared/runtime/database_functions.ts";
import { type Github, GithubError, type HostRepository } from "../../_shared/runtime/github.ts";
import { type Job } from "../../_shared/contracts/job.ts";
import { type Repository } from "../../_shared/contracts/repository.ts";
import { type RegisterDependencies, registerRepository } from "./register.ts";

const caller = { tenantId: "tenant", requestedBy: "key k1" };
const hostRepository: HostRepository = {
  hostId: 7,
  fullName: "Owner/Name",
  defaultBranch: "main",
  visibility: "public",
};
const repository: Repository = {
  id: "r1",
  full_name: "Owner/Name",
  host_id: 7,
  default_branch: "main",
  visibility: "public",
  state: "pending",
  indexed: [],
  refs: [],
  hook_state: "pending",
  created_at: "2026-11-22T00:00:00.000Z",
};
const job: Job = {
  id: "j1",
  repository_id: "r1",
  kind: "index",
  ref: "refs/heads/main",
  commit_oid: null,
  state: "queued",
  outcome: null,
  phase: null,
  progress: { percent: 0, files_done: 0, files_total: 0, bytes_done: 0, bytes_total: 0 },
  attempt: 0,
  max_attempts: 5,
  errors: [],
  requested_by: "key k1",
  queued_at: "2026-11-22T00:00:00.000Z",
  started_at: null,
  claimed_at: null,
  finished_at: null,
};

interface World {
  readonly answer?: HostRepository | GithubError;
  readonly hook?: GithubError;
  readonly outcome?: "created" | "existing" | "limit_reached";
}

/** Registers against a host that answers as told; says what was asked of host and database. */
function world({ answer = hostRepository, hook, outcome = "created" }: World = {}) {
  const tokens: (string | null)[] = [];
  const stored: Registration[] = [];
  const hooks: string[] = [];
  const github: Github = {
    getRepository(_, token) {
      tokens.push(token);
      return answer instanceof GithubError ? Promise.reject(answer) : Promise.resolve(answer);
    },
    ensureHook(_, token, { url }) {
      hooks.push(`${token} ${url}`);
      return hook === undefined ? Promise.resolve(1) : Promise.reject(hook);
    },
    deleteHook: () => Promise.resolve(),
  };
  const database: RegisterDependencies["database"] = {
    registerRepository(registration) {
      stored.push(registration);
      return Promise.resolve(
        outcome === "limit_reached" ? { outcome, limit: 3 } : { outcome, repository, job },
      );
    },
    takePendingHooks: () =>
      Promise.resolve([{ repository_id: "r1", full_name: "Owner/Name", secret: "s", token: null }]),
    recordHook: (_, { hookId }) =>
      Promise.resolve({ ...repository, hook_state: hookId === null ? "pending" : "active" }),
  };
  const dependencies: RegisterDependencies = {
    log: () => undefined,
    database,
    github,
    githubToken: "operator",
    publicFunctionsUrl: "https://functions.test",
    allowedGitHosts: ["github.com"],
  };
  const register = (body: unknown) =>
    registerRepository({
      request: new Request("http://functions.test/api/repositories", {
        method: "POST",
        body: JSON.stringify(body),
      }),
      segments: {},
      caller,
      dependencies,
    });
  return { register, tokens, stored, hooks };
}

test("a public repository is looked up with the operator's token and stored as the host names it", async () => {
  const { register, tokens, stored, hooks } = world();
  const answer = await register({ repository: "owner/name", ref: "dev" });
  expect(answer).toEqual({
    status: 202,
    body: { repository: { ...repository, hook_state: "active" }, job },
  });
  expect(tokens).toEqual(["operator"]);
  expect(stored).toEqual([{
    ...hostRepository,
    tenantId: "tenant",
    ref: "refs/heads/dev",
    token: null,
    requestedBy: "key k1",
  }]);
  expect(hooks).toEqual(["operator https://functions.test/github-webhook/r1"]);
});

test("one that this tenant has already is answered with 200", async () => {
  expect((await world({ outcome: "existing" }).register({ repository: "o/n" })).status).toBe(200);
});

test("a private repository that only the operator sees is answered exactly like a missing one", async () => {
  const missing = world({ answer: new GithubError("not_found", "404: Not Found") });
  const problem: unknown = await missing.register({ repository: "o/n" }).catch((e: unknown) => e);
  for (const visibility of ["private", "internal"] as const) {
    const hidden = world({ answer: { ...hostRepository, visibility } });
    const other: unknown = await hidden.register({ repository: "o/n" }).catch((e: unknown) => e);
    expect(other).toMatchObject({ code: "repository_not_found" });
    expect((other as Error).message).toBe((problem as Error).message);
    expect(hidden.stored).toEqual([]);
  }
});

test("with a token of one's own, and with nobody else's, a private repository is registered", async () => {
  const { register, tokens, stored } = world({
    answer: { ...hostRepository, visibility: "private" },
  });
  expect((await register({ repository: "o/n", token: "mine" })).status).toBe(202);
  expect(tokens).toEqual(["mine"]);
  expect(stored).toMatchObject([{ token: "mine", visibility: "private" }]);
});

test("a webhook that cannot be created leaves the answer standing", async () => {
  const { register } = world({ hook: new GithubError("not_found", "404: Not Found") });
  expect(await register({ repository: "o/n" })).toMatchObject({
    status: 202,
    body: { repository: { hook_state: "pending" } },
  });
});

test.each<[GithubError, string, string]>([
  [new GithubError("token_rejected", "401"), "token_rejected", "host_unavailable"],
  [new GithubError("forbidden", "403"), "repository_not_found", "repository_not_found"],
  [new GithubError("rate_limited", "403", 9), "host_unavailable", "host_unavailable"],
  [new GithubError("unavailable", "500"), "host_unavailable", "host_unavailable"],
  [new GithubError("rejected", "422"), "host_unavailable", "host_unavailable"],
])("the host's %o is a clear answer", async (answer, withToken, without) => {
  await expect(world({ answer }).register({ repository: "o/n", token: "mine" })).rejects
    .toMatchObject({ code: withToken });
  await expect(world({ answer }).register({ repository: "o/n" })).rejects.toMatchObject({
    code: without,
  });
});

test("the host's own wait is passed on", async () => {
  const { register } = world({ answer: new GithubError("rate_limited", "403", 9) });
  await expect(register({ repository: "o/n" })).rejects.toMatchObject({
    headers: { "retry-after": "9" },
  });
});

test.each<[unknown, string]>([
  [{}, "invalid_body"],
  [[], "invalid_body"],
  [{ repository: 7 }, "invalid_body"],
  [{ repository: "o/n", token: "two words" }, "invalid_body"],
  [{ repository: "o/n", token: "" }, "invalid_body"],
  [{ repository: "o/n", more: 1 }, "invalid_body"],
  [{ repository: "nonsense" }, "invalid_repository"],
  [{ repository: "https://gitlab.com/o/n" }, "git_host_not_allowed"],
  [{ repository: "o/n", ref: "a..b" }, "invalid_ref"],
  [{ repository: "o/n", ref: "refs/tags/v1" }, "invalid_ref"],
])("%j is refused as %s before anybody is asked", async (body, code) => {
  const { register, tokens, stored } = world();
  await expect(register(body)).rejects.toMatchObject({ code });
  expect([...tokens, ...stored]).toEqual([]);
});

test("a plan that is full says how much it holds", async () => {
  await expect(world({ outcome: "limit_reached" }).register({ repository: "o/n" })).rejects
    .toMatchObject({
      code: "repository_limit_reached",
      message: expect.stringContaining("3") as string,
    });
});

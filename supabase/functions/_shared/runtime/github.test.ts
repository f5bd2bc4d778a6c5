import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import {
  type Scripted,
  type ScriptedServer,
  startScriptedServer,
} from "../../../tests/support/scripted_server.ts";
import { createGithub, type Github } from "./github.ts";

let server: ScriptedServer;
let github: Github;
const now = 1_800_000_000;
const hook = { url: "https://functions.test/github-webhook/1", secret: "s3cret" };

beforeAll(async () => {
  server = await startScriptedServer();
  github = createGithub({ apiUrl: server.url, fetch, nowMilliseconds: () => now * 1000 });
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(() => {
  server.received.length = 0;
});

const repository = { id: 7, full_name: "Owner/Name", default_branch: "main", private: false };

test("a repository is asked for with the token and the headers that the API wants", async () => {
  server.answer = () => ({ status: 200, body: repository });
  expect(await github.getRepository("owner/name", "t0ken")).toEqual({
    hostId: 7,
    fullName: "Owner/Name",
    defaultBranch: "main",
    visibility: "public",
  });
  expect(server.received[0]).toMatchObject({
    method: "GET",
    path: "/repos/owner/name",
    headers: { "authorization": "Bearer t0ken", "user-agent": "quarry" },
  });
  await github.getRepository("owner/name", null);
  expect(server.received[1]?.headers).not.toHaveProperty("authorization");
});

test("what is private or internal is never taken for public", async () => {
  server.answer = () => ({ status: 200, body: { ...repository, private: true } });
  expect((await github.getRepository("o/n", "t")).visibility).toBe("private");
  server.answer = () => ({
    status: 200,
    body: { ...repository, private: true, visibility: "internal" },
  });
  expect((await github.getRepository("o/n", "t")).visibility).toBe("internal");
});

const limited = { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(now + 90) };
test.each<[string, Scripted, string, number | null]>([
  ["404", { status: 404 }, "not_found", null],
  ["401", { status: 401, body: { message: "Bad credentials" } }, "token_rejected", null],
  ["403", { status: 403 }, "forbidden", null],
  ["451", { status: 451 }, "forbidden", null],
  ["403 without requests left", { status: 403, headers: limited }, "rate_limited", 90],
  ["429", { status: 429, headers: { "retry-after": "30" } }, "rate_limited", 30],
  ["422", { status: 422 }, "rejected", null],
  ["500", { status: 500 }, "unavailable", null],
  ["a page instead of JSON", { status: 200, text: "<html>" }, "unavailable", null],
  ["another JSON", { status: 200, body: {} }, "unavailable", null],
  ["a closed connection", "drop", "unavailable", null],
])("%s has its own code", async (_, answer, code, retryAfterSeconds) => {
  server.answer = () => answer;
  await expect(github.getRepository("o/n", "t")).rejects.toMatchObject({ code, retryAfterSeconds });
});

test("what the host says is cut between two characters", async () => {
  for (const message of ["😀".repeat(200), `x${"😀".repeat(200)}`]) {
    server.answer = () => ({ status: 404, body: { message } });
    await expect(github.getRepository("o/n", "t")).rejects.toSatisfy((error: Error) =>
      error.message.isWellFormed()
    );
  }
});

test("a hook is created with its secret for pushes alone", async () => {
  server.answer = () => ({ status: 201, body: { id: 42 } });
  expect(await github.ensureHook("o/n", "t", hook)).toBe(42);
  expect(server.received.map(({ method, path, body }) => ({ method, path, body }))).toEqual([{
    method: "POST",
    path: "/repos/o/n/hooks",
    body: {
      name: "web",
      active: true,
      events: ["push"],
      config: { url: hook.url, secret: "s3cret", content_type: "json", insecure_ssl: "0" },
    },
  }]);
});

test("a hook of this address that exists gets today's secret, and no second one is made", async () => {
  server.answer = ({ method }) => {
    if (method === "POST") return { status: 422, body: { message: "Validation Failed" } };
    const hooks = [{ id: 1, config: { url: "https://other.test" } }, {
      id: 2,
      config: { url: hook.url },
    }];
    return { status: 200, body: method === "GET" ? hooks : hooks[1] };
  };
  expect(await github.ensureHook("o/n", "t", hook)).toBe(2);
  expect(server.received.at(-1)).toMatchObject({
    method: "PATCH",
    path: "/repos/o/n/hooks/2",
    body: { active: true, config: { secret: "s3cret" } },
  });
});

test("a refusal that is not about an existing hook stays one", async () => {
  server.answer = ({ method }) =>
    method === "POST"
      ? { status: 422, body: { message: "cannot have more than 20 hooks" } }
      : { status: 200, body: [] };
  await expect(github.ensureHook("o/n", "t", hook)).rejects.toMatchObject({
    code: "rejected",
    message: expect.stringContaining("20 hooks") as string,
  });
});

test("a hook is deleted by its number", async () => {
  server.answer = () => ({ status: 204, text: "" });
  await github.deleteHook("o/n", "t", 5);
  expect(server.received).toMatchObject([{ method: "DELETE", path: "/repos/o/n/hooks/5" }]);
  server.answer = () => ({ status: 403 });
  await expect(github.deleteHook("o/n", "t", 5)).rejects.toMatchObject({ code: "forbidden" });
});

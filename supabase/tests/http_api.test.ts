// The API over HTTP: through the gateway, the functions in Deno, the Data API and PostgreSQL. Jobs
// stay queued; what they do is tested elsewhere.

import { afterAll, beforeAll, expect, test } from "vitest";
import type { Stack } from "../../scripts/local/stack.ts";
import { createQuietStack, register, send, UNKNOWN_ID } from "./support/http.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await createQuietStack();
});
afterAll(() => stack.stop());

const problem = (status: number, code: string) => ({
  type: `urn:quarry:problem:${code}`,
  title: expect.any(String) as string,
  status,
  code,
  detail: expect.any(String) as string,
  next_step: expect.any(String) as string,
  request_id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
});

test("a missing, malformed, unknown or revoked key is 401 and says how to authenticate", async () => {
  const revoked = await stack.createTenant("revoked");
  await stack
    .sql`update quarry.api_keys set revoked_at = now() where tenant_id = ${revoked.tenantId}`;
  const unknown = `qry_${"x".repeat(43)}`;
  for (const key of [null, "", "qry_", "short", unknown, revoked.apiKey, stack.secrets.secretKey]) {
    const answer = await send(stack, "/api/jobs", { key });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer/);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(answer.body).toEqual(problem(401, "unauthorized"));
  }
});

test("a key's requests of the minute are counted, and over the limit it waits", async () => {
  const tenant = await stack.createTenant("busy");
  await stack.sql`insert into quarry.plans values ('three', 1, 9, 1, 3)`;
  await stack.sql`update quarry.tenants set plan = 'three' where id = ${tenant.tenantId}`;
  const first = await send(stack, "/api/jobs", { key: tenant.apiKey });
  expect(first.headers.get("ratelimit-limit")).toBe("3");
  let last = first;
  // The minute may turn once in between: then three more pass.
  for (let n = 0; n < 8 && last.status === 200; n += 1) {
    last = await send(stack, "/api/jobs", { key: tenant.apiKey });
  }
  expect(last.body).toEqual(problem(429, "rate_limited"));
  expect(Number(last.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(last.headers.get("ratelimit-remaining")).toBe("0");
});

test("registering stores the repository, creates its webhook and queues a full index", async () => {
  const hosted = await stack.github.createRepository("acme/rocket");
  const { answer, repositoryId, jobId } = await register(stack, "Acme/Rocket");
  expect(answer.status).toBe(202);
  expect(answer.body["repository"]).toEqual({
    id: repositoryId,
    full_name: "acme/rocket",
    host_id: hosted.id,
    default_branch: "main",
    visibility: "public",
    state: "pending",
    refs: ["refs/heads/main"],
    indexed: [],
    hook_state: "active",
    created_at: expect.stringMatching(/Z$/) as string,
  });
  expect(answer.body["job"]).toMatchObject({
    id: jobId,
    repository_id: repositoryId,
    kind: "index",
    ref: "refs/heads/main",
    state: "queued",
    outcome: null,
    progress: { percent: 0 },
    requested_by: expect.stringMatching(/^key /) as string,
  });
  const hooks = stack.github.webhooks.of(hosted.id);
  expect(hooks.map((hook) => hook.url)).toEqual([
    `${stack.functionsUrl}/github-webhook/${repositoryId}`,
  ]);
  await stack.github.webhooks.idle();
  expect(hooks[0]?.lastResponse.code).toBe(200);
});

test("registering again answers the same repository, also by its address", async () => {
  await stack.github.createRepository("acme/again");
  const first = await register(stack, "acme/again");
  const second = await register(stack, `${stack.github.url}/acme/again.git`);
  expect(second.answer.status).toBe(200);
  expect(second.repositoryId).toBe(first.repositoryId);
  expect(second.jobId).toBe(first.jobId);
});

test("registering again brings back a webhook that was deleted at the host", async () => {
  const hosted = await stack.github.createRepository("acme/unhooked");
  const { repositoryId } = await register(stack, "acme/unhooked");
  const [hook] = stack.github.webhooks.of(hosted.id);
  stack.github.webhooks.delete(hook!);
  const { answer } = await register(stack, "acme/unhooked");
  expect(answer.body["repository"]).toMatchObject({ id: repositoryId, hook_state: "active" });
  expect(stack.github.webhooks.of(hosted.id)).toMatchObject([{ url: hook!.url }]);
});

test("a missing and a private repository are one and the same 404", async () => {
  await stack.github.createRepository("acme/hidden");
  stack.github.setPrivate("acme/hidden", true);
  const ask = (repository: string, token?: string) =>
    send(stack, "/api/repositories", { body: { repository, ...(token ? { token } : {}) } });
  const hidden = await ask("acme/hidden");
  const missing = await ask("acme/missing");
  expect(hidden.body).toEqual(problem(404, "repository_not_found"));
  expect({ ...hidden.body, request_id: null }).toEqual({ ...missing.body, request_id: null });
  expect((await ask("acme/hidden", "ghp_nobodys")).body).toEqual(problem(422, "token_rejected"));
});

test("a private repository is registered with a token that sees it, which is never told again", async () => {
  const hosted = await stack.github.createRepository("acme/private");
  stack.github.setPrivate("acme/private", true);
  const token = "ghp_tenants_own_token_0123456789";
  stack.github.repositories.addToken(token, hosted);
  const { answer, repositoryId } = await register(stack, "acme/private", { token });
  expect(answer.status).toBe(202);
  expect(answer.body["repository"]).toMatchObject({ visibility: "private", hook_state: "active" });
  const again = await send(stack, `/api/repositories/${repositoryId}`);
  expect(JSON.stringify([answer.body, again.body])).not.toContain(token);
  const [rows] = await stack.sql<{ dump: string }[]>`
    select (select string_agg(r::text, '') from quarry.repositories r)
      || (select string_agg(j::text, '') from quarry.indexing_jobs j)
      || (select string_agg(e::text, '') from quarry.indexing_job_events e) as dump`;
  expect(rows?.dump).not.toContain(token);
});

test.each<[string, unknown, number, string]>([
  ["no name", {}, 400, "invalid_body"],
  ["an unknown field", { repository: "a/b", branch: "x" }, 400, "invalid_body"],
  ["a name without owner", { repository: "rocket" }, 400, "invalid_repository"],
  ["a path out of the host", { repository: "../../admin" }, 400, "invalid_repository"],
  ["another host", { repository: "https://gitlab.com/a/b" }, 422, "git_host_not_allowed"],
  ["a ref that git refuses", { repository: "a/b", ref: "x..y" }, 400, "invalid_ref"],
  ["broken JSON", '{"repository":', 400, "invalid_json"],
  ["no JSON object", '"a/b"', 400, "invalid_body"],
  ["invalid UTF-8 escapes", '{"repository":"a/\\ud800"}', 400, "invalid_repository"],
  ["a body over the limit", `{"repository":"${"x".repeat(70_000)}"}`, 413, "body_too_large"],
])("registering with %s is refused", async (_, body, status, code) => {
  const answer = await send(stack, "/api/repositories", { body });
  expect(answer.body).toEqual(problem(status, code));
  expect(answer.status).toBe(status);
});

test("an outage of the code host is 503 with a time to come back", async () => {
  stack.github.setOutage(true);
  const answer = await send(stack, "/api/repositories", { body: { repository: "acme/rocket" } });
  stack.github.setOutage(false);
  expect(answer.body).toEqual(problem(503, "host_unavailable"));
  expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
});

test("a job is read, listed, told, cancelled; and neither a cancelled nor a queued one is redriven", async () => {
  await stack.github.createRepository("acme/jobs");
  const { repositoryId, jobId } = await register(stack, "acme/jobs");
  const list = await send(stack, `/api/jobs?repository_id=${repositoryId}&state=queued`);
  expect(list.body).toMatchObject({ items: [{ id: jobId }], next_cursor: null });
  expect((await send(stack, `/api/jobs/${jobId}`)).body).toMatchObject({ state: "queued" });
  expect((await send(stack, `/api/jobs/${jobId}/events`)).body).toMatchObject({
    items: [{ event: "queued" }],
  });
  const redrive = () => send(stack, `/api/jobs/${jobId}/redrive`, { method: "POST" });
  expect((await redrive()).body).toEqual(problem(409, "job_not_redrivable"));
  const cancel = () => send(stack, `/api/jobs/${jobId}/cancel`, { method: "POST" });
  expect(await cancel()).toMatchObject({ status: 200, body: { job: { state: "cancelled" } } });
  expect((await cancel()).status).toBe(200);
  expect((await redrive()).body).toEqual(problem(409, "job_not_redrivable"));
});

test("a failed job is redriven as a new one, and a completed one cannot be cancelled", async () => {
  await stack.github.createRepository("acme/failed");
  const { jobId } = await register(stack, "acme/failed");
  await stack.sql`
    update quarry.indexing_jobs set state = 'failed', finished_at = now() where id = ${jobId}`;
  expect((await send(stack, `/api/jobs/${jobId}/cancel`, { method: "POST" })).body).toEqual(
    problem(409, "job_not_cancellable"),
  );
  const redriven = await send(stack, `/api/jobs/${jobId}/redrive`, { method: "POST" });
  expect(redriven).toMatchObject({ status: 202, body: { job: { state: "queued", attempt: 0 } } });
  expect(redriven.body["job"]).not.toMatchObject({ id: jobId });
});

test("a failed job of a ref that the plan has no room for is not redriven, and says so", async () => {
  await stack.github.createRepository("acme/full");
  const { repositoryId } = await register(stack, "acme/full");
  const path = `/api/repositories/${repositoryId}`;
  const indexed = await send(stack, `${path}/index`, { method: "POST", body: { ref: "dev" } });
  const { id } = indexed.body["job"] as { id: string };
  await stack.sql`
    update quarry.indexing_jobs set state = 'failed', finished_at = now() where id = ${id}`;
  const others = Array.from({ length: 15 }, (_, n) => `b${n}`);
  expect(await send(stack, path, { method: "PATCH", body: { refs: others } })).toMatchObject({
    status: 200,
  });
  const redriven = await send(stack, `/api/jobs/${id}/redrive`, { method: "POST" });
  expect(redriven.body).toEqual(problem(409, "ref_limit_reached"));
  expect(redriven.body["detail"]).toBe("16 refs are indexed at most.");
});

test("an index is asked for by branch, and only so many refs are followed", async () => {
  await stack.github.createRepository("acme/refs");
  const { repositoryId, jobId } = await register(stack, "acme/refs");
  const index = (body?: unknown) =>
    send(stack, `/api/repositories/${repositoryId}/index`, { method: "POST", body });
  expect(await index()).toMatchObject({ status: 202, body: { job: { id: jobId } } });
  expect(await index({ ref: "dev", full: true })).toMatchObject({
    status: 202,
    body: { job: { ref: "refs/heads/dev" } },
  });
  expect((await index({ ref: "-x" })).body).toEqual(problem(400, "invalid_ref"));
  expect((await index({ full: "yes" })).body).toEqual(problem(400, "invalid_body"));
  let last = await index({ ref: "b0" });
  for (let n = 1; n < 20 && last.status === 202; n += 1) last = await index({ ref: `b${n}` });
  expect(last.body).toEqual(problem(409, "ref_limit_reached"));
});

test("a repository that is registered again with a ref follows it besides the others", async () => {
  await stack.github.createRepository("acme/branches");
  const again = (ref?: string) =>
    send(stack, "/api/repositories", { body: { repository: "acme/branches", ref } });
  expect((await again()).status).toBe(202);
  const both = { refs: ["refs/heads/dev", "refs/heads/main"] };
  expect(await again("dev")).toMatchObject({
    status: 200,
    body: { repository: both, job: { ref: "refs/heads/dev", state: "queued" } },
  });
  for (const ref of ["dev", undefined]) {
    expect(await again(ref)).toMatchObject({ status: 200, body: { repository: both } });
  }
  expect((await again("-x")).body).toEqual(problem(400, "invalid_ref"));
});

test("refs are set by branch, the default branch with them, up to the plan's limit", async () => {
  await stack.github.createRepository("acme/settings");
  const { repositoryId } = await register(stack, "acme/settings");
  const set = (body: unknown) =>
    send(stack, `/api/repositories/${repositoryId}`, { method: "PATCH", body });
  expect(await set({ refs: ["dev", "refs/heads/dev"] })).toMatchObject({
    status: 200,
    body: { id: repositoryId, refs: ["refs/heads/dev", "refs/heads/main"] },
  });
  expect(await set({ refs: [] })).toMatchObject({ body: { refs: ["refs/heads/main"] } });
  expect((await set({ refs: ["-x"] })).body).toEqual(problem(400, "invalid_ref"));
  expect((await set({})).body).toEqual(problem(400, "invalid_body"));
  const many = Array.from({ length: 16 }, (_, n) => `b${n}`);
  expect((await set({ refs: many })).body).toEqual(problem(409, "ref_limit_reached"));
  expect(await set({ refs: many.slice(1) })).toMatchObject({ status: 200 });
});

test("a deleted repository is gone at once, with its webhook; its job stays to be read", async () => {
  const hosted = await stack.github.createRepository("acme/gone");
  const { repositoryId } = await register(stack, "acme/gone");
  const path = `/api/repositories/${repositoryId}`;
  const deleted = await send(stack, path, { method: "DELETE" });
  expect(deleted).toMatchObject({ status: 202, body: { job: { kind: "delete_repository" } } });
  expect(stack.github.webhooks.of(hosted.id)).toEqual([]);
  expect((await send(stack, path)).body).toEqual(problem(404, "not_found"));
  expect((await send(stack, path, { method: "DELETE" })).body).toEqual(problem(404, "not_found"));
  const jobs = await send(stack, `/api/jobs?repository_id=${repositoryId}`);
  expect(jobs.body["items"]).toHaveLength(2);
  const { id } = deleted.body["job"] as { id: string };
  expect((await send(stack, `/api/jobs/${id}/cancel`, { method: "POST" })).body).toEqual(
    problem(409, "job_not_cancellable"),
  );
});

test("lists are paged without loss or repetition, and a cursor belongs to its list", async () => {
  const tenant = await stack.createTenant("pager");
  const key = tenant.apiKey;
  for (let n = 0; n < 5; n += 1) {
    await stack.github.createRepository(`pager/r${n}`);
    await register(stack, `pager/r${n}`, { key });
  }
  for (const list of ["/api/repositories?limit=2", "/api/jobs?limit=2"]) {
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const { body } = await send(stack, `${list}&cursor=${cursor}`, { key });
      const page = body as { items: { id: string }[]; next_cursor: string | null };
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next_cursor;
    }
    expect(new Set(seen).size).toBe(5);
    expect(seen).toHaveLength(5);
  }
  const first = await send(stack, "/api/jobs?limit=2", { key });
  const { next_cursor } = first.body as { next_cursor: string };
  const wrong = `/api/jobs?limit=2&state=failed&cursor=${next_cursor}`;
  expect((await send(stack, wrong, { key })).body).toEqual(problem(400, "invalid_cursor"));
});

test("a search that covers nothing indexed says so", async () => {
  const tenant = await stack.createTenant("searcher");
  const key = tenant.apiKey;
  expect(await send(stack, "/api/search?q=x", { key })).toMatchObject({
    status: 200,
    body: { matches: [], complete: true, incomplete_reason: null, next_cursor: null },
  });
  await stack.github.createRepository("searcher/r");
  await register(stack, "searcher/r", { key });
  for (
    const path of [
      "/api/search?q=x",
      "/api/symbols?name=x",
      "/api/search?q=x&repository=Searcher/R",
    ]
  ) {
    expect((await send(stack, path, { key })).body, path).toMatchObject({
      complete: false,
      incomplete_reason: "not_indexed",
      next_cursor: null,
    });
  }
});

test.each<[string, number, string]>([
  ["/api/search", 400, "invalid_query"],
  ["/api/search?q=", 400, "invalid_query"],
  ["/api/search?q=a%0Ab", 400, "invalid_query"],
  ["/api/search?q=a%00b", 400, "invalid_query"],
  ["/api/search?q=(x", 400, "invalid_query"],
  ["/api/search?q=x&context=11", 400, "invalid_parameter"],
  ["/api/search?q=x&mode=regex", 400, "invalid_parameter"],
  ["/api/search?q=x&limit=0", 400, "invalid_parameter"],
  ["/api/search?q=x&limit=201", 400, "invalid_parameter"],
  ["/api/search?q=x&q=y", 400, "invalid_parameter"],
  ["/api/search?q=x&repo=a/b", 400, "invalid_parameter"],
  ["/api/search?q=x&cursor=zzz", 400, "invalid_cursor"],
  ["/api/search?q=x&repository=a/b%00", 400, "invalid_parameter"],
  ["/api/search?q=x&repository=nobody/nothing", 404, "not_found"],
  [`/api/search?q=x&repository=${UNKNOWN_ID}`, 404, "not_found"],
  ["/api/search?q=x&repository=nonsense", 404, "not_found"],
  ["/api/symbols", 400, "invalid_parameter"],
  ["/api/symbols?name=x&match=fuzzy", 400, "invalid_parameter"],
  ["/api/symbols?name=x&repository=nobody/nothing", 404, "not_found"],
  ["/api/jobs?state=asleep", 400, "invalid_parameter"],
  [`/api/jobs?repository_id=${UNKNOWN_ID}`, 404, "not_found"],
  ["/api/jobs?repository_id=7", 404, "not_found"],
  ["/api/jobs/not-an-id", 404, "not_found"],
  [`/api/jobs/${UNKNOWN_ID}`, 404, "not_found"],
  [`/api/repositories/${UNKNOWN_ID}/skipped-files`, 404, "not_found"],
])("%s is %i %s", async (path, status, code) => {
  const answer = await send(stack, path);
  expect(answer.body).toEqual(problem(status, code));
  expect(answer.status).toBe(status);
});

test("what is searched for has a limit", async () => {
  expect((await send(stack, `/api/search?q=${"x".repeat(1000)}`)).status).toBe(200);
  expect((await send(stack, `/api/search?q=${"x".repeat(1001)}`)).body).toEqual(
    problem(400, "invalid_query"),
  );
  expect((await send(stack, `/api/symbols?name=${"x".repeat(256)}`)).body).toEqual(
    problem(400, "invalid_parameter"),
  );
});

test("an unknown path is 404 and a wrong method 405, before any key is looked at", async () => {
  for (const path of ["/api", "/api/", "/api/repositories/", "/api/x", "/api/jobs/1/2/3"]) {
    expect((await send(stack, path, { key: null })).body, path).toEqual(
      problem(404, "route_not_found"),
    );
  }
  const put = await send(stack, "/api/repositories", { key: null, method: "PUT" });
  expect(put.body).toEqual(problem(405, "method_not_allowed"));
  expect(put.headers.get("allow")).toBe("POST, GET, HEAD");
});

test("health tells everybody that it works and the operator what goes on", async () => {
  expect(await send(stack, "/health", { key: null })).toMatchObject({
    status: 200,
    body: { status: "ok" },
  });
  const figures = await send(stack, "/health", { key: stack.secrets.operatorToken });
  expect(figures.body).toHaveProperty("machines_wanted");
  expect((await send(stack, "/health")).status).toBe(401);
});

test("dispatch answers to the wake secret alone", async () => {
  for (const key of [null, stack.apiKey, stack.secrets.operatorToken, "x"]) {
    expect(await send(stack, "/dispatch", { key, method: "POST" })).toMatchObject({
      status: 401,
      body: { next_step: expect.stringContaining("wake_secret") as unknown },
    });
  }
});

test("a page of any origin may ask, and read what it is answered and refused", async () => {
  const origin = "https://app.example";
  for (const path of ["/api/jobs", "/api/repositories/x", "/mcp", "/health"]) {
    const preflight = await fetch(stack.functionsUrl + path, {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "PATCH",
        "access-control-request-headers": "authorization, content-type",
      },
    });
    expect([preflight.status, await preflight.text()], path).toEqual([204, ""]);
    expect(preflight.headers.get("access-control-allow-origin")).toBe("*");
    expect(preflight.headers.get("access-control-allow-headers")).toContain("authorization");
    expect(preflight.headers.get("access-control-allow-methods")).toContain("PATCH");
    const answer = await send(stack, path, { headers: { origin }, key: null });
    expect(answer.headers.get("access-control-allow-origin"), path).toBe("*");
  }
  // What only other machines call knows no pages.
  const hook = await fetch(`${stack.functionsUrl}/dispatch`, { method: "OPTIONS" });
  expect([hook.status, hook.headers.get("access-control-allow-origin")]).toEqual([405, null]);
  await hook.text();
});

test("HEAD is answered as GET is, without a body", async () => {
  const head = async (path: string, key: string | null) => {
    const headers: Record<string, string> = key === null ? {} : { authorization: `Bearer ${key}` };
    const response = await fetch(stack.functionsUrl + path, { method: "HEAD", headers });
    expect(await response.text()).toBe("");
    return [response.status, response.headers.get("content-type")];
  };
  const health = await fetch(`${stack.functionsUrl}/health`, { method: "HEAD" });
  expect(health.headers.get("content-length")).toBe(`${'{"status":"ok"}'.length}`);
  expect(await head("/api/jobs", stack.apiKey)).toEqual([200, "application/json"]);
  expect(await head("/api/jobs", null)).toEqual([401, "application/problem+json"]);
  expect(await head("/api/jobs/x/cancel", stack.apiKey)).toEqual([405, "application/problem+json"]);
  expect(await head("/health", null)).toEqual([200, "application/json"]);
});

test("no answer may be stored, and each names its request", async () => {
  const answers = await Promise.all(
    ["/api/jobs", "/api/nothing", "/health"].map((path) =>
      send(stack, path, { key: path === "/health" ? null : stack.apiKey })
    ),
  );
  for (const { headers } of answers) {
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  }
  expect(new Set(answers.map(({ headers }) => headers.get("x-request-id"))).size).toBe(3);
});

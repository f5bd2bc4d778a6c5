// Invariant 6, tenants are walls, over HTTP: on every route another tenant's id is answered exactly
// like one that nobody has, and nothing of the other tenant changes.

import { createHmac } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Stack } from "../../scripts/local/stack.ts";
import { apiRoutes } from "../functions/api/handler.ts";
import { createQuietStack, essence, register, send, UNKNOWN_ID } from "./support/http.ts";

let stack: Stack;
/** Whose things are asked for, and who asks. */
let owner: { key: string; repositoryId: string; jobId: string; name: string };
let strangerKey: string;

beforeAll(async () => {
  stack = await createQuietStack();
});
afterAll(() => stack.stop());

let count = 0;
beforeEach(async () => {
  const name = `owner/r${count += 1}`;
  const key = (await stack.createTenant("owner")).apiKey;
  strangerKey = (await stack.createTenant("stranger")).apiKey;
  await stack.github.createRepository(name);
  owner = { key, name, ...await register(stack, name, { key }) };
});

interface Ids {
  readonly repositoryId: string;
  readonly jobId: string;
  readonly name: string;
}

/** Every way to name something: the route it is on, and the request. */
const namings: readonly [route: string, path: (ids: Ids) => string, body?: unknown][] = [
  ["GET /api/repositories/:id", ({ repositoryId }) => `/api/repositories/${repositoryId}`],
  [
    "PATCH /api/repositories/:id",
    ({ repositoryId }) => `/api/repositories/${repositoryId}`,
    { refs: ["dev"] },
  ],
  ["DELETE /api/repositories/:id", ({ repositoryId }) => `/api/repositories/${repositoryId}`],
  [
    "POST /api/repositories/:id/index",
    ({ repositoryId }) => `/api/repositories/${repositoryId}/index`,
    { full: true },
  ],
  [
    "GET /api/repositories/:id/skipped-files",
    ({ repositoryId }) => `/api/repositories/${repositoryId}/skipped-files`,
  ],
  ["GET /api/jobs/:id", ({ jobId }) => `/api/jobs/${jobId}`],
  ["GET /api/jobs/:id/events", ({ jobId }) => `/api/jobs/${jobId}/events`],
  ["POST /api/jobs/:id/cancel", ({ jobId }) => `/api/jobs/${jobId}/cancel`],
  ["POST /api/jobs/:id/redrive", ({ jobId }) => `/api/jobs/${jobId}/redrive`],
  ["GET /api/jobs", ({ repositoryId }) => `/api/jobs?repository_id=${repositoryId}`],
  ["GET /api/search", ({ repositoryId }) => `/api/search?q=x&repository=${repositoryId}`],
  ["GET /api/search", ({ name }) => `/api/search?q=x&repository=${name}`],
  ["GET /api/symbols", ({ repositoryId }) => `/api/symbols?name=x&repository=${repositoryId}`],
  ["GET /api/symbols", ({ name }) => `/api/symbols?name=x&repository=${name}`],
  ["GET /api/definitions", ({ name }) => `/api/definitions?name=x&repository=${name}`],
  [
    "GET /api/definitions",
    ({ repositoryId }) => `/api/definitions?name=x&repository=${repositoryId}`,
  ],
  [
    "GET /api/definitions/at",
    ({ name }) => `/api/definitions/at?path=README.md&line=1&repository=${name}`,
  ],
  ["GET /api/references", ({ name }) => `/api/references?name=x&repository=${name}`],
  ["GET /api/files", ({ name }) => `/api/files?repository=${name}`],
  ["GET /api/files", ({ repositoryId }) => `/api/files?repository=${repositoryId}`],
  ["GET /api/file", ({ name }) => `/api/file?path=README.md&repository=${name}`],
  ["GET /api/outline", ({ name }) => `/api/outline?path=README.md&repository=${name}`],
  ["GET /api/overview", ({ name }) => `/api/overview?repository=${name}`],
  ["GET /api/overview", ({ repositoryId }) => `/api/overview?repository=${repositoryId}`],
  ["GET /api/tree", ({ name }) => `/api/tree?repository=${name}`],
  ["GET /api/tree", ({ name }) => `/api/tree?path=src&repository=${name}`],
  ["GET /api/callers", ({ name }) => `/api/callers?name=x&repository=${name}`],
  ["GET /api/callers", ({ name }) => `/api/callers?path=README.md&line=1&repository=${name}`],
  ["GET /api/callees", ({ name }) => `/api/callees?name=x&repository=${name}`],
  ["GET /api/cycles", ({ name }) => `/api/cycles?repository=${name}`],
  ["GET /api/cycles", ({ name }) => `/api/cycles?path=README.md&repository=${name}`],
  ["GET /api/impact", ({ name }) => `/api/impact?path=README.md&repository=${name}`],
  ["GET /api/unused", ({ name }) => `/api/unused?repository=${name}`],
  ["GET /api/dependencies", ({ name }) => `/api/dependencies?path=README.md&repository=${name}`],
  ["GET /api/dependents", ({ name }) => `/api/dependents?path=README.md&repository=${name}`],
];
/** They name nothing that exists here: a list of one's own, and what is looked up at the host. */
const nameless = ["GET /api/repositories", "POST /api/repositories"];

test("every route is in this table", () => {
  const routes = apiRoutes.map(({ method, path }) => `${method} ${path}`);
  const listed = new Set([...namings.map(([route]) => route), ...nameless]);
  expect([...listed].toSorted()).toEqual(routes.toSorted());
});

const unknown: Ids = { repositoryId: UNKNOWN_ID, jobId: UNKNOWN_ID, name: "nobody/nothing" };

/** What the owner sees of all that is the owner's. */
async function ownersView() {
  const { key, repositoryId } = owner;
  const paths = [`/api/repositories/${repositoryId}`, `/api/jobs?repository_id=${repositoryId}`];
  return (await Promise.all(paths.map((path) => send(stack, path, { key })))).map(essence);
}

test.each(namings)("%s answers a stranger as if there were nothing", async (route, path, body) => {
  const method = route.split(" ")[0] ?? "";
  const before = await ownersView();
  const ask = async (ids: Ids) =>
    essence(await send(stack, path(ids), { key: strangerKey, method, body }));
  const answer = await ask(owner);
  expect(answer).toMatchObject({ status: 404, body: { code: "not_found" } });
  expect(answer).toEqual(await ask(unknown));
  expect(await ownersView()).toEqual(before);
});

test("a stranger's lists and searches hold nothing of it", async () => {
  for (const path of ["/api/repositories", "/api/jobs"]) {
    const { body } = await send(stack, path, { key: strangerKey });
    expect(body).toEqual({ items: [], next_cursor: null });
  }
  for (const path of ["/api/search?q=x", "/api/symbols?name=x"]) {
    expect((await send(stack, path, { key: strangerKey })).body).toMatchObject({
      complete: true,
      incomplete_reason: null,
    });
  }
});

test("two tenants hold the same repository, each with its own id, job, hook and secret", async () => {
  const mine = await register(stack, owner.name, { key: strangerKey });
  expect(mine.answer.status).toBe(202);
  expect(mine.repositoryId).not.toBe(owner.repositoryId);
  expect(mine.jobId).not.toBe(owner.jobId);
  const hooks = stack.github.webhooks.of(stack.github.repository(owner.name).id);
  expect(hooks).toHaveLength(2);
  expect(new Set(hooks.map(({ secret }) => secret)).size).toBe(2);
});

test("one tenant's webhook secret opens no other's repository", async () => {
  const mine = await register(stack, owner.name, { key: strangerKey });
  const hooks = stack.github.webhooks.of(stack.github.repository(owner.name).id);
  const secret = hooks.find(({ url }) => url.endsWith(mine.repositoryId))?.secret ?? "";
  const body = '{"zen":""}';
  const headers = {
    "x-github-event": "ping",
    "x-github-delivery": "d-1",
    "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
  };
  const deliver = (id: string) =>
    send(stack, `/github-webhook/${id}`, { key: null, body, headers });
  expect((await deliver(mine.repositoryId)).status).toBe(200);
  const refused = await deliver(owner.repositoryId);
  expect(refused.status).toBe(401);
  expect(essence(refused)).toEqual(essence(await deliver(UNKNOWN_ID)));
});

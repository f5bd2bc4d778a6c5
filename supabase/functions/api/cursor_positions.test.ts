import { expect, test } from "vitest";
import { type Database } from "../_shared/runtime/database.ts";
import { Cursors } from "../_shared/runtime/cursor.ts";
import { Outlines } from "../_shared/runtime/outlines.ts";
import { overviewRoutes } from "./overview/overview.ts";
import { fileRoutes } from "./files/files.ts";
import { symbolRoutes } from "./names/symbols.ts";
import { type ApiRequest, type ApiRoute } from "./context.ts";

const cursors = new Cursors("a secret");
const TREE = { tree: 1, generation: 1 };
const COMMIT = "a".repeat(40);
const REPOSITORY = "repository=0b0e6f2e-2f43-4a37-9d0e-8c6a5a1b2c3d";

/** A page whose cursor holds a position that the database is made to say. */
async function page(route: ApiRoute, query: string, position: unknown): Promise<string | null> {
  const answer = {
    outcome: "ok",
    repository: "acme/demo",
    ref: "refs/heads/main",
    commit_oid: COMMIT,
    items: [],
    symbols: [],
    next_cursor: position,
    unindexed: 0,
    symbols_pending: 0,
    access_lost: 0,
  };
  const database = new Proxy({} as Database, { get: () => () => Promise.resolve(answer) });
  const outlines = new Outlines(database);
  const request = {
    request: new Request(`https://quarry.test${route.path}?${query}`),
    segments: {},
    caller: { tenantId: "tenant" },
    dependencies: { database, cursors, outlines, now: () => 0, allowedGitHosts: [] },
  } as unknown as ApiRequest;
  const { body } = await route.handle(request);
  return (body as { next_cursor: string | null }).next_cursor;
}

function routeOf(path: string): ApiRoute {
  const route = [...fileRoutes, ...symbolRoutes, ...overviewRoutes]
    .find((each) => each.path === path);
  if (route === undefined) throw new Error(path);
  return route;
}

test.each([
  ["/api/files", REPOSITORY, { ...TREE, path: "61" }],
  ["/api/symbols", "name=x", { ...TREE, path: "61", symbol_no: 0 }],
  ["/api/tree", REPOSITORY, { ...TREE, name: "src/日本語" }],
])("%s goes on at what the database wrote, and at nothing else", async (path, query, position) => {
  const route = routeOf(path);
  const follow = async (written: unknown) => {
    const cursor = await page(route, query, written);
    return page(route, `${query}&cursor=${cursor}`, null);
  };
  await expect(follow({ ...position, commit: COMMIT })).resolves.toBeNull();
  const wrong = [
    { ...position },
    { ...position, commit: null },
    { ...position, commit: "a\u0000" },
    { ...position, commit: COMMIT, more: "\u0000" },
    { ...position, commit: COMMIT, name: "a\u0000" },
    { ...position, commit: COMMIT, symbol_no: 2 ** 40 },
  ];
  for (const each of wrong) {
    await expect(follow(each)).rejects.toMatchObject({ code: "invalid_cursor" });
  }
});

test.each(["a\u0000", "main", "a".repeat(6), "a".repeat(65), "g".repeat(40)])(
  "a commit is an object id or its beginning, not %j",
  async (commit) => {
    const query = `${REPOSITORY}&path=a&commit=${encodeURIComponent(commit)}`;
    await expect(page(routeOf("/api/file"), query, null))
      .rejects.toMatchObject({ code: "invalid_parameter" });
  },
);

import { createServer } from "node:http";
import { afterEach, expect, test } from "vitest";
import { ApiRefusal, QuarryClient } from "./quarry_client.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A client of an API that answers so. */
async function clientOf(answer: (url: string) => { status: number; body: unknown }) {
  const server = createServer((request, response) => {
    const { status, body } = answer(request.url ?? "");
    response.writeHead(status, { "content-type": "application/json", "retry-after": "0" });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  closers.push(() => void server.close());
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  const access = { functionsUrl: `http://127.0.0.1:${port}`, apiKey: "key" };
  return new QuarryClient(access, new AbortController().signal);
}

/** An API that refuses so often, at once, before it answers an empty page; and how often it was asked. */
async function apiThatRefuses(times: number, status: number, code: string) {
  const state = { asked: 0 };
  const client = await clientOf(() => {
    state.asked += 1;
    const body = { code, title: "No", detail: "Not now.", next_step: "Try again." };
    return state.asked <= times
      ? { status, body }
      : { status: 200, body: { items: [], next_cursor: null } };
  });
  return { state, client };
}

test("repositories are asked for page by page, to the last", async () => {
  const asked: (string | null)[] = [];
  const client = await clientOf((url) => {
    asked.push(new URL(url, "http://api.test").searchParams.get("cursor"));
    return { status: 200, body: { items: [], next_cursor: ["a", "b"][asked.length - 1] ?? null } };
  });
  expect(await client.repositories()).toEqual({ items: [], next_cursor: null });
  expect(asked).toEqual([null, "a", "b"]);
});

/** A page of a search with so many lines. */
function searchPage(lines: number, next_cursor: string | null) {
  const match = {
    line: 1,
    ranges: [],
    text: "",
    text_column: 1,
    before: [],
    after: [],
    enclosing: null,
  };
  const commit_oid = "0123456789012345678901234567890123456789";
  const file = {
    repository: "a/b",
    ref: "refs/heads/main",
    commit_oid,
    path: "c",
    language: "C",
    score: 1,
  };
  return {
    matches: [],
    files: [{ ...file, matches: Array.from({ length: lines }, () => match) }],
    total: { count: lines, is_lower_bound: next_cursor !== null },
    complete: next_cursor === null,
    incomplete_reason: next_cursor === null ? null : "more_results",
    next_cursor,
  };
}

/** What a search of an API asks that has these pages. */
async function askedBySearch(limit: number, pages: readonly ReturnType<typeof searchPage>[]) {
  const asked: [limit: string | null, cursor: string | null][] = [];
  const client = await clientOf((url) => {
    const { searchParams } = new URL(url, "http://api.test");
    asked.push([searchParams.get("limit"), searchParams.get("cursor")]);
    return { status: 200, body: pages[asked.length - 1] };
  });
  const wish = { mode: "query", repository: null, limit } as const;
  let lines = 0;
  for await (const { body } of client.searchFiles("x", wish)) {
    lines += body.files?.[0]?.matches.length ?? 0;
  }
  return { asked, lines };
}

test("a search is asked for page by page: to the last, or for as many lines as are wanted", async () => {
  expect(
    await askedBySearch(450, [searchPage(200, "a"), searchPage(200, "b"), searchPage(50, "c")]),
  )
    .toEqual({ asked: [["200", null], ["200", "a"], ["50", "b"]], lines: 450 });
  expect(await askedBySearch(30, [searchPage(0, "a"), searchPage(7, null)]))
    .toEqual({ asked: [["30", null], ["30", "a"]], lines: 7 });
  expect(await askedBySearch(30, [searchPage(30, "a")])).toEqual({
    asked: [["30", null]],
    lines: 30,
  });
});

test("an id is one piece of a path, whatever it is", async () => {
  const asked: string[] = [];
  const client = await clientOf((url) => {
    asked.push(url);
    return { status: 404, body: {} };
  });
  const id = "../x?y";
  await expect(client.cancel(id)).rejects.toThrow("404");
  await expect(client.job(id)).rejects.toThrow("404");
  await expect(client.repository(id)).rejects.toThrow("404");
  await expect(client.events(id)).rejects.toThrow("404");
  await expect(client.skippedFiles(id)).rejects.toThrow("404");
  expect(asked.map((url) => url.replace(/\?limit=.*/, ""))).toEqual([
    "/api/jobs/..%2Fx%3Fy/cancel",
    "/api/jobs/..%2Fx%3Fy",
    "/api/repositories/..%2Fx%3Fy",
    "/api/jobs/..%2Fx%3Fy/events",
    "/api/repositories/..%2Fx%3Fy/skipped-files",
  ]);
});

test.each([
  [429, "rate_limited", 20],
  [503, "busy", 9],
])("a call that is answered %d %s is sent again", async (status, code, times) => {
  const { state, client } = await apiThatRefuses(times, status, code);
  expect(await client.repositories()).toMatchObject({ items: [] });
  expect(state.asked).toBe(times + 1);
});

test("a call that stays refused as busy fails in the end, with any other error at once", async () => {
  const busy = await apiThatRefuses(100, 503, "busy");
  await expect(busy.client.repositories()).rejects.toMatchObject({ code: "busy" });
  expect(busy.state.asked).toBe(10);
  const other = await apiThatRefuses(100, 503, "database_unavailable");
  await expect(other.client.repositories()).rejects.toMatchObject({ code: "database_unavailable" });
  expect(other.state.asked).toBe(1);
});

test("a refusal says first what is wrong, and leaves a mark under the place that it points at", () => {
  const refusal = new ApiRefusal("GET /search?q=foo+%28bar", 400, {
    code: "invalid_query",
    title: "The text to search for is wrong",
    detail: "q: this ( has no closing ), at position 4.\nfoo (bar\n    ^",
    next_step: "Correct it where the detail points.",
  });
  expect(refusal.message.split("\n")).toEqual([
    "The text to search for is wrong. q: this ( has no closing ), at position 4.",
    "foo (bar",
    "    ^",
    "Correct it where the detail points.",
    "GET /search?q=foo+%28bar answered 400 invalid_query",
  ]);
});

test("a service that is down is named, with the reason", async () => {
  const client = await clientOf(() => ({ status: 200, body: {} }));
  closers.splice(0).forEach((close) => close());
  await expect(client.repositories())
    .rejects.toThrow(/^http:\/\/127\.0\.0\.1:\d+ does not answer: connect ECONNREFUSED/);
});

test("whoever answers in other words than the API's is told of with the address that was asked", async () => {
  const client = await clientOf(() => ({ status: 404, body: { message: "no Route matched" } }));
  await expect(client.repositories()).rejects.toThrow(
    /^GET \/repositories\S* answered 404: .*no Route matched.*\n.* does http:\S+ lead to its functions\?$/,
  );
});

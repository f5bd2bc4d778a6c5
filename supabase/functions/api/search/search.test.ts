import { expect, test } from "vitest";
import { searchAnswer } from "../../_shared/contracts/search.ts";
import { Cursors } from "../../_shared/runtime/cursor.ts";
import { type BatchRequest } from "../../_shared/runtime/database_index_functions.ts";
import { type SearchBatchAnswer } from "../../_shared/runtime/search_batch_answer.ts";
import { KeptChunks } from "../../_shared/search/kept_chunks.ts";
import { KeptPages } from "../../_shared/search/kept_pages.ts";
import { packText } from "../../_shared/segment/stored_text.ts";
import { incompleteReason } from "../completeness.ts";
import { type ApiRequest } from "../context.ts";
import { readNeedle, searchRoutes } from "./search.ts";
import { toSymbolQuery } from "../names/symbols.ts";

test("a needle is one line of bounded length; spaces and carriage returns count", () => {
  for (const q of ["x", " ", "a\r", "🙂".repeat(500)]) expect(readNeedle(q)).toBe(q);
  for (const q of [undefined, "a\nb", "a\u0000", "x".repeat(1001)]) {
    expect(() => readNeedle(q)).toThrow(expect.objectContaining({ code: "invalid_query" }));
  }
});

test("an answer says the gravest reason why it is not all", () => {
  const scope = { reason: null, unindexed: 0, symbols_pending: 0, skipped: 0, access_lost: 0 };
  expect(incompleteReason(scope)).toBeNull();
  expect(incompleteReason({ ...scope, skipped: 1 })).toBe("skipped_files");
  expect(incompleteReason({ ...scope, symbols_pending: 1, reason: "page_full" }))
    .toBe("symbols_pending");
  expect(incompleteReason({ ...scope, skipped: 1, reason: "page_full" })).toBe("more_results");
  expect(incompleteReason({ ...scope, reason: "work_budget" })).toBe("work_budget");
  expect(
    incompleteReason({
      reason: "page_full",
      unindexed: 1,
      symbols_pending: 1,
      skipped: 1,
      access_lost: 1,
    }),
  ).toBe(
    "not_indexed",
  );
});

test("a symbol's name is asked for whole, folded, and with its capitals' meaning", () => {
  expect(toSymbolQuery("getFoo", "infix")).toMatchObject({
    name: "getFoo",
    name_folded: "getfoo",
    match: "infix",
    case_sensitive: true,
  });
  expect(toSymbolQuery("getfoo", "infix").case_sensitive).toBe(false);
});

const commit = "a".repeat(40);

/** What a database answers that has one file of ten lines, each of which matches. */
function batchOf(state: string): SearchBatchAnswer {
  const stored = packText(Array(10).fill("word").join("\n"));
  const blob = { tree: 1, segment: 1, blob: 1, language: "Go", marks: 0, paths: ["a"] };
  const chunk = { no: 0, mask: 1, firstLine: 1, packed: stored };
  return {
    outcome: "ok",
    state,
    trees: { 1: { repository: "acme/demo", ref: "refs/heads/main", commit_oid: commit } },
    blobs: [{ ...blob, tier: 1, defines: [], chunks: [chunk], outline: null }],
    weight: 256,
    at: { tier: 1, tree: 1, segment: 1, blob: 1 },
    pins: { 1: [1, commit, false] },
    known: null,
    done: false,
    unindexed: 0,
    symbols_pending: 0,
    access_lost: 0,
    skipped: 0,
  };
}

/** An instance that asks such a database. */
function instance() {
  const database = {
    state: "first",
    made: 0,
    searchBatch: (_tenant: string, { state }: BatchRequest): Promise<SearchBatchAnswer> => {
      if (state === database.state) return Promise.resolve({ outcome: "unchanged" });
      database.made += 1;
      return Promise.resolve(batchOf(database.state));
    },
  };
  const clock = { now: 0 };
  const dependencies = {
    database,
    cursors: new Cursors("a secret"),
    reads: { running: 1 },
    keptChunks: new KeptChunks(),
    keptPages: new KeptPages(),
    now: () => clock.now,
    allowedGitHosts: [],
  };
  const ask = async (parameters: string, tenantId = "tenant") => {
    const request = {
      request: new Request(`https://quarry.test/api/search?${parameters}`),
      segments: {},
      caller: { tenantId },
      dependencies,
    } as unknown as ApiRequest;
    return searchAnswer.parse((await searchRoutes[0]?.handle(request))?.body);
  };
  return { database, clock, ask };
}

test("who has as many lines as the query wishes for has a complete answer", async () => {
  const { ask } = instance();
  expect(await ask("q=word+count:4")).toMatchObject({
    matches: { length: 4 },
    total: { is_lower_bound: true },
    complete: true,
    incomplete_reason: null,
    next_cursor: null,
  });
  expect(await ask("q=word+count:4&limit=3")).toMatchObject({
    matches: { length: 3 },
    complete: false,
    incomplete_reason: "more_results",
    next_cursor: expect.any(String) as string,
  });
});

test("facets are counted once, on the first page: of the lines that its total counts", async () => {
  const { ask, database } = instance();
  const { facets, total, next_cursor: cursor } = await ask("q=word&limit=12&facets=true");
  expect(facets?.language).toEqual([{ value: "Go", count: total.count }]);
  database.made = 0;
  // What was shown before is read no more, so that a later page could not count it.
  expect(await ask(`q=word&limit=12&facets=true&cursor=${cursor}`)).not.toHaveProperty("facets");
  expect(database.made).toBe(2);
});

test("a page is made once for each question of each tenant, and anew when something is published", async () => {
  const { ask, clock, database } = instance();
  const first = await ask("q=word&limit=3");
  clock.now = 3_600_000;
  const { next_cursor: cursor, ...same } = await ask("q=word&limit=3");
  expect(first).toMatchObject(same);
  expect(database.made).toBe(1);
  // A cursor lives from when it is handed out.
  expect(cursor).not.toBe(first.next_cursor);
  const second = await ask(`q=word&limit=3&cursor=${cursor}`);
  expect(second).not.toEqual(first);
  for (const other of ["q=word&limit=4", "q=word&limit=3&view=files", "q=wor&limit=3"]) {
    await ask(other);
  }
  await ask("q=word&limit=3", "another tenant");
  expect(database.made).toBe(6);
  database.state = "second";
  await ask("q=word&limit=3");
  await ask("q=word&limit=3");
  expect(database.made).toBe(7);
});

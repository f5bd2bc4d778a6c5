import { expect, test } from "vitest";
import { type SearchBatchAnswer } from "../../_shared/runtime/search_batch_answer.ts";
import { KeptChunks } from "../../_shared/search/kept_chunks.ts";
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

/** The answer to a query over one file of ten lines, each of which matches. */
async function answerTo(parameters: string): Promise<unknown> {
  const stored = packText(Array(10).fill("word").join("\n"));
  const commit = "a".repeat(40);
  const blob = { tree: 1, segment: 1, blob: 1, language: "Go", marks: 0, paths: ["a"] };
  const chunk = { no: 0, mask: 1, firstLine: 1, packed: stored };
  const batch: SearchBatchAnswer = {
    outcome: "ok",
    trees: { 1: { repository: "acme/demo", ref: "refs/heads/main", commit_oid: commit } },
    blobs: [{ ...blob, tier: 1, defines: [], chunks: [chunk], outline: null }],
    weight: 1,
    at: { tier: 1, tree: 1, segment: 1, blob: 1 },
    pins: { 1: [1, commit, false] },
    known: null,
    done: false,
    unindexed: 0,
    symbols_pending: 0,
    access_lost: 0,
    skipped: 0,
  };
  const request = {
    request: new Request(`https://quarry.test/api/search?${parameters}`),
    segments: {},
    caller: { tenantId: "tenant" },
    dependencies: {
      database: { searchBatch: () => Promise.resolve(batch) },
      reads: { running: 1 },
      keptChunks: new KeptChunks(),
      now: () => 0,
      allowedGitHosts: [],
    },
  } as unknown as ApiRequest;
  return (await searchRoutes[0]?.handle(request))?.body;
}

test("who has as many lines as the query wishes for has a complete answer", async () => {
  expect(await answerTo("q=word+count:4")).toMatchObject({
    matches: { length: 4 },
    total: { is_lower_bound: true },
    complete: true,
    incomplete_reason: null,
    next_cursor: null,
  });
  expect(await answerTo("q=word+count:4&limit=3")).toMatchObject({
    matches: { length: 3 },
    complete: false,
    incomplete_reason: "more_results",
    next_cursor: expect.any(String) as string,
  });
});

import { expect, test } from "vitest";
import { incompleteReason, readNeedle } from "./search.ts";
import { toSymbolQuery } from "./symbols.ts";

test("a needle is one line of bounded length; spaces and carriage returns count", () => {
  for (const q of ["x", " ", "a\r", "🙂".repeat(500)]) expect(readNeedle(q)).toBe(q);
  for (const q of [undefined, "a\nb", "a\u0000", "x".repeat(1001)]) {
    expect(() => readNeedle(q)).toThrow(expect.objectContaining({ code: "invalid_query" }));
  }
});

test("an answer says the gravest reason why it is not all", () => {
  const scope = { reason: null, unindexed: 0, skipped: 0, access_lost: 0 };
  expect(incompleteReason(scope)).toBeNull();
  expect(incompleteReason({ ...scope, skipped: 1 })).toBe("skipped_files");
  expect(incompleteReason({ ...scope, skipped: 1, reason: "page_full" })).toBe("more_results");
  expect(incompleteReason({ ...scope, reason: "work_budget" })).toBe("work_budget");
  expect(incompleteReason({ reason: "page_full", unindexed: 1, skipped: 1, access_lost: 1 })).toBe(
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

import { expect, test } from "vitest";
import { parseQuery } from "../../../supabase/functions/_shared/query/parse_query.ts";
import { askInTurns, millisecondsOf } from "./latency.ts";
import type { BenchQuery } from "./queries.ts";
import { NewForms, searchParameters } from "./quarry_searcher.ts";
import { rgArguments } from "./rg_searcher.ts";
import type { Searcher } from "./searcher.ts";
import { zoektQuery } from "./zoekt_searcher.ts";

const literal = (text: string): BenchQuery => ({ kind: "common", text, isRegex: false });
const regex = (text: string): BenchQuery => ({ kind: "regex", text, isRegex: true });

test("zoekt is asked for a literal by an expression that means it, within quotes", () => {
  expect(zoektQuery(literal("return new"))).toBe('content:"return new" case:no');
  expect(zoektQuery(literal('a["B.c"]'))).toBe(
    'content:"a\\\\[\\"B\\\\.c\\"\\\\]" case:yes',
  );
  expect(zoektQuery(regex("\\bget\\w+"))).toBe('content:"\\\\bget\\\\w+" case:no');
});

test("rg is asked with the same rule of case, and for text as it stands", () => {
  expect(rgArguments(literal("x y"))).toEqual(expect.arrayContaining(["--ignore-case"]));
  expect(rgArguments(literal("X"))).toEqual(expect.arrayContaining(["--case-sensitive"]));
  expect(rgArguments(literal("-x")).join(" ")).toContain("--fixed-strings --regexp -x");
  expect(rgArguments(regex("a|b"))).not.toContain("--fixed-strings");
});

test("Quarry is asked in the query language for everything, or for literals alone", () => {
  expect(searchParameters(literal("one two"), "literal")?.toString()).toBe(
    "mode=literal&q=one+two",
  );
  expect(searchParameters(regex("a.b"), "literal")).toBe(null);
  const q = searchParameters(literal('say "Hi" or (bye)'), "query")?.get("q") ?? "";
  expect(parseQuery(q)).toMatchObject({
    query: {
      expression: { kind: "text", pattern: { kind: "literal", text: 'say "Hi" or (bye)' } },
      caseSensitive: true,
    },
  });
  expect(searchParameters(regex("a/b"), "query")?.get("q")).toBe("/a\\/b/ case:no");
});

test("a new form is the same query in letters that were not asked before", () => {
  const forms = new NewForms();
  const q = searchParameters(regex("a/b"), "query")?.get("q") ?? "";
  const asked = [q, forms.of(q), forms.of(q), forms.of(q)];
  expect(new Set(asked).size).toBe(4);
  for (const each of asked) expect(parseQuery(each)).toEqual(parseQuery(q));
});

test("everybody is asked every query in turn, and who has no answer has no time", async () => {
  const asked: string[] = [];
  const searcher = (name: string, lines: number | null): Searcher => ({
    name,
    search: ({ text }) => {
      asked.push(`${name} ${text}`);
      return Promise.resolve(lines === null ? null : { milliseconds: 1, lines });
    },
  });
  const searchers = [searcher("A", 3), searcher("B", null)];
  const queries = [literal("x"), literal("y")];
  const times = await askInTurns(queries, searchers, 2, new AbortController().signal);
  expect(asked).toEqual(["A x", "B x", "B y", "A y", "B x", "A x", "A y", "B y"]);
  expect([millisecondsOf(times, "A").length, millisecondsOf(times, "B").length]).toEqual([4, 0]);
});

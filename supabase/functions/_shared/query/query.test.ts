import fc from "fast-check";
import { RE2JS } from "re2js";
import { describe, expect, test } from "vitest";
import { fold } from "../text/fold.ts";
import { type Expression, type Pattern, type Query } from "./expression.ts";
import { COUNT_MAX, parseQuery } from "./parse_query.ts";
import { printQuery } from "./print_query.ts";
import { requiredClauses, requiredLiterals } from "./required_literals.ts";

function read(text: string): Query {
  const parsed = parseQuery(text);
  if ("mistake" in parsed) throw new Error(`${parsed.mistake.position}: ${parsed.mistake.message}`);
  return parsed.query;
}

const literal = (text: string): Expression => ({
  kind: "text",
  pattern: { kind: "literal", text },
});

describe("a query", () => {
  test("is words, phrases, expressions and fields, all of which must hold", () => {
    expect(read('foo "two words" /a+b/ path:src lang:Go')).toEqual({
      expression: {
        kind: "and",
        operands: [
          literal("foo"),
          literal("two words"),
          { kind: "text", pattern: { kind: "regex", source: "a+b" } },
          { kind: "filter", field: "path", value: { kind: "literal", text: "src" } },
          { kind: "filter", field: "lang", value: { kind: "literal", text: "Go" } },
        ],
      },
      caseSensitive: null,
      count: null,
    });
  });

  test("binds words tighter than or, and parentheses tightest", () => {
    expect(read("a b or c").expression).toEqual({
      kind: "or",
      operands: [{ kind: "and", operands: [literal("a"), literal("b")] }, literal("c")],
    });
    expect(read("a (b or c) -d").expression).toEqual({
      kind: "and",
      operands: [
        literal("a"),
        { kind: "or", operands: [literal("b"), literal("c")] },
        { kind: "not", operand: literal("d") },
      ],
    });
  });

  test("takes its options from anywhere", () => {
    expect(read("count:20 x case:yes")).toEqual({
      expression: literal("x"),
      caseSensitive: true,
      count: 20,
    });
  });

  test.each([
    ["file:a", "path:a"],
    ["-language:go", "-lang:go"],
    ["symbol:/a/", "sym:/a/"],
    ["branch:a", "ref:a"],
    ["repository:a", "repo:a"],
    ["a OR b", "a or b"],
  ])("takes %j for %j", (text, meant) => {
    expect(read(text)).toEqual(read(meant));
    expect(printQuery(read(text))).toBe(meant);
  });

  test("leaves what only looks like an operator as it is", () => {
    expect(read('http://x.y "or" "path:a" - a-b').expression).toEqual({
      kind: "and",
      operands: ["http://x.y", "or", "path:a", "-", "a-b"].map(literal),
    });
  });

  test("takes quoted signs of a pattern, and those that names have, for text", () => {
    for (const name of ["*.go", "^src/", "a\\\\b", "demo$"]) {
      expect(read(`path:"${name}"`).expression).toMatchObject({ value: { kind: "literal" } });
    }
    for (const name of ["$lib/a", "a$b.class", "[id].tsx", "c++/a?b", "+page"]) {
      expect(read(`path:${name}`).expression).toMatchObject({ value: { text: name } });
    }
    expect(read("std::vector<int>* x^ $").expression).toMatchObject({ operands: { length: 3 } });
  });

  test("takes a URL and a qualified name for text, whatever they begin with", () => {
    const words = ["file:///x/y", "std::string", "symbol::x", "path::Path", "repo://a", "case::of"];
    expect(read(words.join(" ")).expression).toEqual({
      kind: "and",
      operands: words.map(literal),
    });
    expect(read("-file:///x").expression).toEqual({ kind: "not", operand: literal("file:///x") });
    expect(read('path:"::x"').expression).toEqual({
      kind: "filter",
      field: "path",
      value: { kind: "literal", text: "::x" },
    });
  });

  test.each([
    ["", 0, "looks for nothing"],
    ["case:yes", 0, "looks for nothing"],
    ["a or", 4, "or needs"],
    ["or a", 0, "or needs"],
    ["(a", 0, "no closing )"],
    ["a)", 1, "no opening ("],
    ["()", 0, "nothing between"],
    ['a "b', 2, 'no closing "'],
    ["/a", 0, "no closing /"],
    ["/api/users", 4, "quote the text"],
    ["x path:/src/lib", 11, "quote the text"],
    ["/(/", 1, "RE2 does not take"],
    ["foo /x(y/", 6, "missing closing )"],
    ["/((a)[)(]\\(/", 1, "missing closing )"],
    ["/[]()]x)y(/", 7, "unexpected )"],
    ["/\\Q(\\E(?i:b/", 6, "missing closing )"],
    ["/\\p{Foo}/", 1, "invalid character class range: `\\p{Foo}`"],
    ["/\\Z/", 1, "invalid escape sequence: `\\Z`"],
    ["/ab\\Z/", 3, "invalid escape sequence"],
    ["x /(?P<n>a(?P<n>b))/", 14, "duplicate capture group name: `n`"],
    ["/a\\/b[z-a]/", 6, "invalid character class range: `z-a`"],
    ["/[/]\\Z/", 4, "invalid escape sequence"],
    ["x /(?=a)/", 3, "RE2 does not take"],
    ["foo /a**/", 6, "invalid nested repetition operator: `**`"],
    ["/a*|*/", 4, "missing argument to repetition operator: `*`"],
    [`/(${"a".repeat(100)}/`, 1, `missing closing ): \`(${"a".repeat(39)}…`],
    ["x /.{1,1000}x/", 2, "too large: about 2002 instructions"],
    ["x /a\\/b[\\n]*(\\n|$)/", 13, "no line has a \\n"],
    ["path:/README", 5, "no closing /: close it, or quote the text"],
    ["path: x", 5, "needs a value"],
    ["x path:src/*.go", 11, "path: finds its text as it is"],
    ["-file:^src/", 6, "write an expression, as file:/\\.go$/, or quote the text"],
    ["(path:a\\.go)", 7, "or quote the text"],
    ["repo:acme/demo$", 14, "repo: finds its text as it is"],
    ["file: x", 5, "file: needs a value"],
    ["lang:/go/", 5, "lang: takes a word"],
    ["language:/go/", 9, "language: takes a word"],
    ["foo lang:pyhton", 9, "there is no language pyhton: did you mean Python?"],
    ["-lang:klingon", 6, "Linguist"],
    ["x kind:klass", 7, "kind: is one of class, constant,"],
    ["case:maybe x", 5, "yes or no"],
    [`count:${COUNT_MAX + 1} x`, 6, "number from 1"],
    ['a ""', 2, "empty"],
    ["-case:no", 0, "negated"],
    ["a AND b", 2, "leave out AND"],
    ["a NOT b", 2, "write -word"],
    ["count:5 x count:5", 16, "given twice"],
    ["case:no x case:yes", 15, "given twice"],
    [`${"(".repeat(40)}a`, 30, "too deeply"],
  ])("%j is wrong at %i: %s", (text, position, message) => {
    expect(parseQuery(text)).toEqual({
      mistake: { position, message: expect.stringContaining(message) as string },
    });
  });

  test("takes a line feed in an expression where something else may be in its place, and as text", () => {
    for (const source of ["[^\\n]", "[\\s\\n]x", "\\\\n", "\\Q\\n\\E"]) {
      expect(read(`/${source}/`).expression).toEqual({
        kind: "text",
        pattern: { kind: "regex", source },
      });
    }
    expect(read("path:/a\\nb/").expression).toMatchObject({ kind: "filter" });
  });

  test("is read or refused, whatever it is", () => {
    const pieces = fc.constantFrom(
      ...'ab()-/"\\: or[]|*+?.'.split(""),
      "or",
      "path:",
      "case:yes",
      "sym:",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }).map((all) => all.join("")), (text) => {
        const parsed = parseQuery(text);
        expect("query" in parsed || parsed.mistake.position <= text.length).toBe(true);
      }),
    );
  });
});

const anyText = fc.oneof(
  fc.constantFrom(
    "or",
    "OR",
    "AND",
    "NOT",
    "file:a",
    "language:",
    "Or",
    "symbols:a",
    "::a",
    ':"\\',
    "file://",
  ),
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }),
)
  .filter((text) => !/[\n\u0000]/.test(text));
const anyRegex = fc.array(
  fc.constantFrom(
    "a",
    "b/",
    "\\/",
    "[/x]",
    "\\.",
    "(c|d)",
    "e+",
    "f*",
    "\\d",
    "[^]]",
    "\\[",
    "g{2}",
    "^h",
  ),
  { minLength: 1, maxLength: 5 },
).map((parts) => parts.join("").replaceAll("\\/", "/"));
const anyPattern: fc.Arbitrary<Pattern> = fc.oneof(
  anyText.map((text) => ({ kind: "literal", text }) as const),
  anyRegex.map((source) => ({ kind: "regex", source }) as const),
);
const anyExpression = fc.letrec<{ one: Expression; tree: Expression }>((tie) => ({
  one: fc.oneof(
    anyPattern.map((pattern) => ({ kind: "text", pattern }) as const),
    fc.record({
      kind: fc.constant("filter" as const),
      field: fc.constantFrom("repo" as const, "path" as const),
      value: anyPattern,
    }),
    fc.record({
      kind: fc.constant("filter" as const),
      field: fc.constant("lang" as const),
      value: fc.constantFrom("Go", "c++", "ts", "JSON with Comments")
        .map((text) => ({ kind: "literal", text }) as const),
    }),
    fc.record({
      kind: fc.constant("symbol" as const),
      field: fc.constant("sym" as const),
      value: anyPattern,
    }),
  ),
  tree: fc.oneof(
    { maxDepth: 3 },
    tie("one"),
    tie("tree").filter(({ kind }) => kind !== "not")
      .map((operand) => ({ kind: "not", operand }) as const),
    fc.record({
      kind: fc.constantFrom("and" as const, "or" as const),
      operands: fc.array(tie("tree"), { minLength: 2, maxLength: 3 }),
    }),
  ),
})).tree;

test("a query that is printed reads as the same query", () => {
  fc.assert(fc.property(
    anyExpression,
    fc.constantFrom(null, true, false),
    fc.option(fc.integer({ min: 1, max: COUNT_MAX })),
    (expression, caseSensitive, count) => {
      const query = { expression, caseSensitive, count };
      expect(read(printQuery(query))).toEqual(query);
    },
  ));
});

test.each([
  ["foo", ["foo"]],
  ["foo.*bar", ["foo", "bar"]],
  ["fo+bar", ["fo", "bar"]],
  ["fo*bar", ["f", "bar"]],
  ["(foo)?bar", ["bar"]],
  ["(?:foo|bar)baz", ["baz"]],
  ["foo|bar", []],
  ["a(b(c)d)e", ["a", "b", "c", "d", "e"]],
  ["\\bword\\b", ["word"]],
  ["x\\.y\\(", ["x.y("]],
  ["[ab]cd", ["cd"]],
  ["[]a]cd", ["cd"]],
  ["[[:alpha:]]+cd", ["cd"]],
  ["a{0,3}b", ["b"]],
  ["(?i)abc", []],
  ["\\Qa.b\\E", []],
  ["\\x41", []],
])("whatever %s matches has %j", (source, literals) => {
  expect(requiredLiterals(source)).toEqual(literals);
});

test.each([
  ["foo", [["foo"]]],
  ["foo|bar", [["foo", "bar"]]],
  ["(foo|bar|foo)baz", [["foo", "bar"], ["baz"]]],
  ["(foo|b(ar|az)+)", [["foo", "ar", "az"]]],
  ["(a.*foo|bar)", [["foo", "bar"]]],
  ["(foo|bar)?", []],
  ["foo|.*", []],
  ["foo|", []],
  ["a|b|c|d|e|f|g|h|i|j|k|l|m|n|o|p|q", []],
])("whatever %s matches has one of each of %j", (source, clauses) => {
  expect(requiredClauses(source)).toEqual(clauses);
});

test("no match lacks a required literal", () => {
  const atom = fc.constantFrom(
    "a",
    "b",
    "ab",
    "é",
    ".",
    "[ab]",
    "[^a]",
    "\\.",
    "\\d",
    "(?:a|b)",
    "(ab|é|1)",
    "(ab)",
  );
  const repeat = fc.constantFrom("", "", "*", "+", "?", "{2}", "{0,2}", "+?");
  const source = fc.array(fc.tuple(atom, repeat), { minLength: 1, maxLength: 5 })
    .map((parts) => parts.flat().join(""));
  const text = fc.array(fc.constantFrom("a", "b", "é", ".", "1", " "), { maxLength: 12 })
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(source, text, fc.boolean(), (expression, subject, ignoresCase) => {
      const flags = ignoresCase ? RE2JS.CASE_INSENSITIVE : 0;
      fc.pre(RE2JS.compile(expression, flags).test(subject));
      for (const literal of requiredLiterals(expression)) {
        expect(fold(subject)).toContain(fold(literal));
      }
      for (const clause of requiredClauses(expression)) {
        expect(clause.some((literal) => fold(subject).includes(fold(literal)))).toBe(true);
      }
    }),
    { numRuns: 400 },
  );
});

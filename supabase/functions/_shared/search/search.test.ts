import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseQuery } from "../query/parse_query.ts";
import { termsOf } from "../text/terms.ts";
import { type OutlineDefinition } from "../segment/outline_entries.ts";
import { packText } from "../segment/stored_text.ts";
import { type Constraint, satisfies } from "../text/literal.ts";
import { marksOfPath } from "../text/path_marks.ts";
import { planBatches, wordsOf } from "./batch_plan.ts";
import { ChunkText } from "./chunk_text.ts";
import { compileQuery } from "./condition.ts";
import { FileSearch } from "./file_search.ts";
import { isCaseSensitive, lineFinder } from "./line_finder.ts";
import { Ranking } from "./rank.ts";

const EMPTY = { definitions: [], imports: [], references: [] };
const noLimit = () => undefined;
const PLAIN = { context: false, enclosing: false };
const facts = { repository: "acme/demo", ref: "refs/heads/main", path: "src/a.ts", language: "Go" };

function read(text: string) {
  const parsed = parseQuery(text);
  if ("mistake" in parsed) throw new Error(parsed.mistake.message);
  return parsed.query;
}

/** The numbers of the lines that a query finds in a file of one chunk; null: not the file. */
function linesOf(q: string, text: string, file = facts): readonly number[] | null {
  const compiled = compileQuery(read(q));
  const mask = 2 ** compiled.leaves.length - 1;
  const search = new FileSearch(
    compiled,
    { chunks: [[new ChunkText(1, packText(text)), mask]], outline: EMPTY },
    noLimit,
  );
  return search.matchedLines(file)?.map(({ line }) => line) ?? null;
}

describe("a file", () => {
  const text = "alpha beta\ngamma\nalpha\nBeta delta";
  test.each<[string, readonly number[] | null]>([
    ["alpha", [1, 3]],
    ["alpha beta", [1, 3, 4]],
    ["alpha Beta", [1, 3, 4]],
    ["Beta", [4]],
    ["beta case:yes", [1]],
    ["Beta case:no", [1, 4]],
    ["alpha -gamma", null],
    ["alpha -omega", [1, 3]],
    ["omega or gamma", [2]],
    ["(omega alpha) or gamma", [2]],
    ["/^alpha$/", [3]],
    ["/a b|d/", [1, 4]],
    ["/x*/", [1, 2, 3, 4]],
    ["alpha path:src lang:go repo:ACME", [1, 3]],
    ["alpha path:lib", null],
    ['alpha path:"/src"', [1, 3]],
    ['alpha path:"/A.ts"', [1, 3]],
    ["alpha path:./src/a.ts", [1, 3]],
    ['alpha path:"/rc"', null],
    ['alpha -path:"/rc"', [1, 3]],
    ['alpha -path:"/src"', null],
    ["alpha path:/[.]ts$/", [1, 3]],
    ["alpha ref:main", [1, 3]],
    ["alpha -ref:main", null],
    ["path:src", [1]],
    ["-alpha", null],
    ["-omega", [1]],
  ])("%s finds %j", (q, lines) => {
    expect(linesOf(q, text)).toEqual(lines);
  });

  test("shows a file once for each place of a query in a line", () => {
    const compiled = compileQuery(read("ab"));
    const search = new FileSearch(compiled, {
      chunks: [[new ChunkText(7, packText("x\nab🚀ab aB")), 1]],
      outline: EMPTY,
    }, noLimit);
    expect(search.matchedLines(facts)).toEqual([{
      line: 8,
      text: "ab🚀ab aB",
      definitions: [],
      ranges: [0, 4, 7].map((start) => ({ start, length: 2, leaf: 0 })),
    }]);
  });
});

describe("the work of a file grows with its length", () => {
  const LINES = 2_000;
  const text = Array.from({ length: LINES }, (_, index) => `const a${index} = 1;`).join("\n");

  test("definitions are found by line, not looked through for each", () => {
    let looks = 0;
    const definitions = Array.from({ length: LINES }, (_, index) => ({
      name: `a${index}`,
      kind: "constant",
      get startLine() {
        looks += 1;
        return index + 1;
      },
      startColumn: 7,
    } as OutlineDefinition));
    const compiled = compileQuery(read("const kind:constant"));
    const chunks = [[new ChunkText(1, packText(text)), 3]] as const;
    const outline = { ...EMPTY, definitions };
    const found = new FileSearch(compiled, { chunks, outline }, noLimit).matchedLines(facts);
    expect(found?.map((line) => line.definitions.length)).toEqual(Array(LINES).fill(1));
    expect(looks).toBeLessThanOrEqual(4 * LINES);
  });

  test("what is negated is looked for until it is found", () => {
    let steps = 0;
    const compiled = compileQuery(read("-/a*/"));
    const search = new FileSearch(
      compiled,
      { chunks: [[new ChunkText(1, packText(text)), 1]], outline: EMPTY },
      () => {
        steps += 1;
      },
    );
    expect(search.matchedLines(facts)).toBeNull();
    expect(steps).toBeLessThan(5);
  });
});

test.each<[string, readonly string[]]>([
  ["sym:/^alpha$/", ["ALPHA", "alpha"]],
  ["sym:/^ALPHA$/", ["ALPHA"]],
  ["sym:/^alpha$/ case:yes", ["alpha"]],
  ["sym:/^ALPHA$/ case:no", ["ALPHA", "alpha"]],
  ["sym:Alp", []],
  ["sym:alp", ["ALPHA", "alpha"]],
])("%s minds case as text does and finds %j", (q, names) => {
  const [leaf] = compileQuery(read(q)).leaves;
  expect(["ALPHA", "alpha"].filter((name) => leaf?.kind === "symbol" && leaf.isNamed(name)))
    .toEqual(names);
});

test.each([
  ["foo", false],
  ["\\W+foo\\D", false],
  ["\\p{Greek}x", false],
  ["(?P<Name>x)", false],
  ["[A-Z]x", true],
  ["Foo", true],
])("%s minds case: %s", (source, minds) => {
  expect(isCaseSensitive({ kind: "regex", source }, null)).toBe(minds);
});

const anyLine = fc.array(fc.constantFrom("a", "b", "A", "é", "É", " ", ".", "🚀"), { maxLength: 6 })
  .map((parts) => parts.join(""));

test("finders find what looking at each line finds", () => {
  const anyPattern = fc.oneof(
    anyLine.filter((text) => text !== "").map((text) => ({ kind: "literal", text }) as const),
    fc.array(
      fc.constantFrom("a", "b+", "A?", ".", "[ab]", "é", "^", "$", "(a|b)", "[a-b]{2}", "[^a]"),
      {
        minLength: 1,
        maxLength: 5,
      },
    ).map((parts) => ({ kind: "regex", source: parts.join("") }) as const),
  );
  fc.assert(
    fc.property(
      fc.array(anyLine, { minLength: 1, maxLength: 5 }),
      anyPattern,
      fc.boolean(),
      (lines, pattern, minds) => {
        const chunk = new ChunkText(1, packText(lines.join("\n")));
        const finder = lineFinder(pattern, minds);
        const found = finder.find(chunk, noLimit);
        expect(finder.isIn(chunk, noLimit)).toBe(found.length > 0);
        const source = pattern.kind === "regex"
          ? pattern.source
          : pattern.text.replaceAll(".", "[.]");
        const naive = new RegExp(source, minds ? "u" : "iu");
        const expected = lines.flatMap((line, index) => naive.test(line) ? [index] : []);
        expect(found.map(({ index }) => index)).toEqual(expected);
      },
    ),
    { numRuns: 1000 },
  );
});

test("the plan lets every file through that satisfies the query", () => {
  const word = fc.constantFrom("ab", "b.a", "é a", "a", "bb");
  const query = fc.letrec<{ q: string }>((tie) => ({
    q: fc.oneof(
      { maxDepth: 3 },
      word.map((text) => `"${text}"`),
      fc.constantFrom("/ab+/", "/a.*b[.]/", "/(ab|bb)/", "/a|b[.]a/"),
      tie("q").map((q) => `-(${q})`),
      fc.tuple(tie("q"), tie("q")).map(([a, b]) => `(${a} ${b})`),
      fc.tuple(tie("q"), tie("q")).map(([a, b]) => `(${a} or ${b})`),
    ),
  })).q;
  fc.assert(
    fc.property(query, fc.array(anyLine, { minLength: 1, maxLength: 4 }), (q, lines) => {
      const text = lines.join("\n");
      fc.pre(linesOf(q, text) !== null);
      const compiled = compileQuery(read(q));
      const plan = planBatches(read(q), compiled, PLAIN);
      const terms = termsOf(text);
      const meets = (literal: readonly Constraint[]) =>
        literal.every((each) => terms.some((term) => satisfies(term, each)));
      const isCandidate = plan.leaves.map((leaf) =>
        !("constraints" in leaf) ||
        meets(leaf.constraints) && leaf.choices.every((choice) => choice.some(meets))
      );
      const holds = plan.alternatives.some((mask) =>
        isCandidate.every((may, leafNo) => may || Math.floor(mask / 2 ** leafNo) % 2 === 0)
      );
      expect(holds).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

describe("the ranking", () => {
  const compiled = compileQuery(read("server"));
  const ranking = new Ranking(compiled);
  const score = (path: string, text: string, defines = false) => {
    const search = new FileSearch(
      compiled,
      { chunks: [[new ChunkText(1, packText(text)), 1]], outline: EMPTY },
      noLimit,
    );
    const lines = search.matchedLines({ ...facts, path }) ?? [];
    const definedLeaves = new Set(defines ? [0] : []);
    return ranking.score({ path, marks: marksOfPath(path), lines, definedLeaves }).total;
  };

  test.each<[string, [string, string, boolean?], [string, string, boolean?]]>([
    ["a definition before a use", ["a.go", "server", true], ["b.go", "server"]],
    ["the file of that name before another", ["server.go", "server"], ["b.go", "server"]],
    ["a name that has it before a folder", ["a/my_server.go", "server"], [
      "server/a.go",
      "server",
    ]],
    ["a whole word before a part of one", ["a.go", "server"], ["a.go", "observers"]],
    ["exact case before another", ["a.go", "server"], ["a.go", "SERVER"]],
    ["code before its test", ["a.go", "server"], ["a_test.go", "server"]],
    ["one's own before what is vendored", ["a.go", "server"], ["vendor/a.go", "server"]],
    ["near the root before far below", ["a.go", "server"], ["x/y/z/a.go", "server"]],
    ["many lines before one", ["a.go", "server\nserver\nserver"], ["a.go", "server"]],
  ])("puts %s", (_claim, better, worse) => {
    expect(score(...better)).toBeGreaterThan(score(...worse));
  });

  test("prefers words on one line, and near together", () => {
    const two = compileQuery(read("open file"));
    const total = (text: string) => {
      const search = new FileSearch(
        two,
        { chunks: [[new ChunkText(1, packText(text)), 3]], outline: EMPTY },
        noLimit,
      );
      const lines = search.matchedLines(facts) ?? [];
      return new Ranking(two).score({ path: "a.go", marks: 0, lines, definedLeaves: new Set() })
        .total;
    };
    expect(total("open file")).toBeGreaterThan(total("open a long long way to the file"));
    expect(total("open the file")).toBeGreaterThan(total("open\nfile"));
  });

  test("takes neighbours for one name", () => {
    const two = compileQuery(read("repo cache"));
    const words = wordsOf(two).map(({ word }) => word);
    expect(words).toEqual(["repo", "cache", "repocache", "repo_cache"]);
    const total = (path: string) => {
      const search = new FileSearch(two, {
        chunks: [[new ChunkText(1, packText("repo cache")), 3]],
        outline: EMPTY,
      }, noLimit);
      const lines = search.matchedLines({ ...facts, path }) ?? [];
      return new Ranking(two).score({ path, marks: 0, lines, definedLeaves: new Set() }).total;
    };
    expect(total("a/repo_cache.go")).toBeGreaterThan(total("a/cache_of_a_repo.go"));
  });

  test("is the sum of its parts", () => {
    const search = new FileSearch(
      compiled,
      { chunks: [[new ChunkText(1, packText("server")), 1]], outline: EMPTY },
      noLimit,
    );
    const lines = search.matchedLines(facts) ?? [];
    const { total, parts } = ranking.score({
      path: "x/server.go",
      marks: 0,
      lines,
      definedLeaves: new Set([0]),
    });
    const sum = parts.reduce((all, part) => all + part.score, 0);
    expect(total).toBeCloseTo(sum, 5);
    expect(parts.map(({ name }) => name)).toContain("definition");
  });
});

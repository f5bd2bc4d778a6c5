import { expect, test } from "vitest";
import { countWords, firstLineWith, isCompound, spread } from "./corpus_words.ts";
import { deriveQueries, isCaseSensitive, queryKinds } from "./queries.ts";

/** 400 small files in which words are as unevenly spread as in real ones. */
const texts = Array.from({ length: 400 }, (_, file) =>
  [
    `import { firstPart${file % 40} } from "some-module";`,
    `export const onlyHere${file} = new Map([["key-${file}", value${file % 7}]]);`,
    `  return the.loadConfig${file % 50}(arg, opt, ${"abcdefghij"[file % 10]}1234x);`,
    `function readFile_${file % 30}(buf, err) { if (err) throw err; }`,
  ].join("\n"));

test("at least 60 queries are derived, some of each kind, none twice, always the same ones", () => {
  const queries = deriveQueries(texts);
  expect(queries.length).toBeGreaterThanOrEqual(60);
  for (const kind of queryKinds) {
    const texts = queries.filter((query) => query.kind === kind).map((query) => query.text);
    expect(texts.length, kind).toBeGreaterThanOrEqual(7);
    expect(new Set(texts).size, kind).toBe(texts.length);
  }
  expect(deriveQueries(texts)).toEqual(queries);
});

test("every literal occurs in the corpus by the rule of case", () => {
  const all = texts.join("\n");
  for (const query of deriveQueries(texts).filter(({ isRegex }) => !isRegex)) {
    const found = isCaseSensitive(query)
      ? all.includes(query.text)
      : all.toLowerCase().includes(query.text);
    expect(found, query.text).toBe(true);
  }
});

test("expressions are valid, and most of them find something", () => {
  const regexes = deriveQueries(texts).filter(({ isRegex }) => isRegex);
  const finding = regexes.filter((query) => {
    const regex = new RegExp(query.text, isCaseSensitive(query) ? "m" : "im");
    return texts.some((text) => regex.test(text));
  });
  expect(finding.length).toBeGreaterThan(regexes.length / 2);
});

test("rare queries are in few files, and those without case have no capital", () => {
  const queries = deriveQueries(texts);
  const of = (kind: string) => queries.filter((query) => query.kind === kind);
  const filesWith = (text: string) => texts.filter((each) => each.includes(text)).length;
  expect(of("rare").filter(({ text }) => filesWith(text) > 20)).toEqual([]);
  expect(of("three characters").filter(({ text }) => text.length !== 3)).toEqual([]);
  expect(of("case-insensitive").filter(isCaseSensitive)).toEqual([]);
  expect(of("identifier").filter(({ text }) => text.length < 8)).toEqual([]);
});

test("words are counted once a file, the most widespread first", () => {
  expect(countWords(["beta alpha alpha", "beta", "1gamma"])).toEqual([
    { text: "beta", files: 2 },
    { text: "alpha", files: 1 },
    { text: "gamma", files: 1 },
  ]);
});

test("names of several words are told from single ones", () => {
  expect(["readFileNow", "A_LONG_NAME"].every(isCompound)).toBe(true);
  expect(["reading", "readMe", "CONSTANTS"].some(isCompound)).toBe(false);
});

test("a spread takes evenly, and everything of a short list", () => {
  expect(spread([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 3)).toEqual([1, 5, 8]);
  expect(spread([1, 2], 3)).toEqual([1, 2]);
});

test("the line of a word is that of its first file", () => {
  expect(firstLineWith(["none", "one\n  has it \nlast"], "has")).toBe("has it");
  expect(firstLineWith(["none"], "has")).toBe(null);
});

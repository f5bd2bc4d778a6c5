import { RE2JS } from "re2js";
import { afterEach, describe, expect, test, vi } from "vitest";
import { compiledSize, placeOfMistake } from "./regex_mistake.ts";
import { writtenOutParts } from "./regex_parts.ts";

afterEach(() => void vi.restoreAllMocks());

/** What is answered for an expression, and how often RE2 read it and compiled it. */
function examined(source: string) {
  const compile = vi.spyOn(RE2JS, "compile");
  const size = compiledSize(source);
  const place = typeof size === "number" ? null : placeOfMistake(source, size);
  const results = compile.mock.results.map(({ type }) => type);
  compile.mockRestore();
  return {
    size,
    place,
    reads: results.length,
    compiles: results.filter((type) => type === "return").length,
  };
}

const LARGE = "a{1000}".repeat(141);

describe("a mistake", () => {
  test("whose piece is there once is placed without reading anything again", () => {
    expect(examined("ab\\Z")).toMatchObject({ place: 2, reads: 1 });
  });

  test.each([
    ["behind what is large", `${LARGE}\\Z`, LARGE.length],
    ["behind what is large, twice", `${LARGE}\\Z\\Z`, LARGE.length],
    ["behind its piece as text", `${LARGE}\\Q\\Z\\E\\Z`, LARGE.length + 6],
    ["behind an end that is none", "\\Qa\\E\\E", 5],
    ["an end, behind what is large", `\\Qa\\E${LARGE}\\E`, LARGE.length + 5],
    ["of a name that is there before", "n(?P<n>a(?P<n>b))", 12],
    ["of a repetition, before a group that is closed twice", "a**(b)**)", 1],
    ["of a class that is not closed", `${LARGE}[a[a`, LARGE.length],
  ])("%s, is placed and nothing is compiled", (_, source, place) => {
    expect(examined(source)).toMatchObject({ place, compiles: 0 });
  });
});

describe("the size", () => {
  test.each([
    ["a{1000}".repeat(141), 141_000],
    [`(?:${"a.|b.|".repeat(100)}c){1000}`, 401_000],
    ["(?:a{10}){10}".repeat(120), 12_000],
    [`[a-f]{1,1000}(?:\\pL\\p{Lu}){1000}`.repeat(20), 60_000],
    [`${"a{1000}".repeat(30)}\\Q(\\E`, 30_001],
  ])("of what is far too large is told before it is compiled: %j", (source, parts) => {
    expect(examined(source)).toMatchObject({ size: parts, compiles: 0 });
  });

  test.each([
    ["foo(?i)bar", 6],
    ["(?P<name>ab){3}c", 7],
    ["a{0}b{2,}c{0,}d*?", 4],
    ["(?:a|b|cd|[ef]|\\n){5}", 15],
    ["\\Qa(b\\E{3}\\x{1F600}\\(", 7],
    ["[]()]{4}[[:alpha:])]", 5],
    ["(a", 0],
    ["a)b", 0],
    ["", 0],
  ])("of %j is counted as %i parts", (source, parts) => {
    expect(writtenOutParts(source)).toBe(parts);
  });

  test("is RE2's own where alternatives are one class", () => {
    const letters = Array.from("abcdefghijklmnopqrstuvwxyz").join("|");
    expect(examined(`(?:${letters}){1000}`)).toMatchObject({ size: 1002, compiles: 1 });
  });
});

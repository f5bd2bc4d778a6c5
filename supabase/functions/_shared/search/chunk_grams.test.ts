import fc from "fast-check";
import { expect, test } from "vitest";
import { packText } from "../segment/stored_text.ts";
import { arbitraryLine } from "../text/arbitrary_text.ts";
import { fold } from "../text/fold.ts";
import { gramsOf, mayHold, neededGrams } from "./chunk_grams.ts";
import { ChunkText } from "./chunk_text.ts";
import { lineFinder } from "./line_finder.ts";

const noLimit = () => undefined;
const quoted = (text: string) => text.replaceAll(/[!-/:-@[-^`{-~]/g, "\\$&");

test("a text that lacks a run of three of the needle's does not hold it", () => {
  const grams = gramsOf(fold("const Result = take(result, 1);"));
  expect(mayHold(grams, neededGrams(["result, 1"]))).toBe(true);
  expect(mayHold(grams, neededGrams(["result, as"]))).toBe(false);
  expect(mayHold(grams, neededGrams(["result", ") as"]))).toBe(false);
  expect(neededGrams(["as", ""])).toEqual([]);
});

test.each<[string, (part: string, other: string) => Parameters<typeof lineFinder>[0]]>([
  ["a text", (part) => ({ kind: "literal", text: part })],
  ["its beginning with something behind", (part) => ({
    kind: "regex",
    source: `${quoted(part)}.*`,
  })],
  ["it or something else", (part, other) => ({
    kind: "regex",
    source: `(${quoted(part)}|${quoted(other)})\\b|${quoted(part)}`,
  })],
])("no chunk in which %s is found is passed over, with case or without", (_, patternOf) => {
  fc.assert(
    fc.property(arbitraryLine, arbitraryLine, fc.nat(), fc.nat(30), fc.boolean(), (
      line,
      other,
      start,
      length,
      caseSensitive,
    ) => {
      const units = [...line];
      const from = start % (units.length + 1);
      const part = units.slice(from, from + length).join("");
      fc.pre(part !== "");
      const text = caseSensitive ? line : line.toUpperCase();
      const finder = lineFinder(patternOf(part, other), caseSensitive);
      const chunk = new ChunkText(1, packText(text));
      if (!finder.isIn(chunk, noLimit)) return;
      expect(mayHold(gramsOf(fold(text)), finder.grams)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test.each<[string, string]>([
  ["mask", "ma\u017f\u212a"],
  ["ΣΑΣ", "σας"],
])("/%s/ is looked for in every text that has it without case", (source, text) => {
  const finder = lineFinder({ kind: "regex", source: `${source}+` }, false);
  const isFound = finder.isIn(new ChunkText(1, packText(text)), noLimit);
  expect(isFound && !mayHold(gramsOf(fold(text)), finder.grams)).toBe(false);
});

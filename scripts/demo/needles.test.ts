import { expect, test } from "vitest";
import { chooseNeedles, samplePaths } from "./needles.ts";

const file = (path: string, text: string) => ({ path, text });

test("a widespread name of several words is chosen, and another one in lower case", () => {
  const sample = [
    file("a.ts", "export function openSegment(leaseToken: string) { return SegmentBuilder(); }"),
    file("b.ts", "import { SegmentBuilder } from './c'; const x = leaseToken; string string"),
    file("c.ts", "export class SegmentBuilder { constructor(leaseToken: string) {} }"),
    file("d.ts", "leaseToken"),
  ];
  expect(chooseNeedles(sample)).toEqual({
    literal: "leaseToken",
    anyCase: "segmentbuilder",
    symbolWord: "segment",
  });
});

test("keywords and names that every program has are not chosen", () => {
  expect(chooseNeedles([file("a.js", "function function function const return undefined")]))
    .toEqual({ literal: null, anyCase: null, symbolWord: null });
});

test("a repository of prose has words", () => {
  const { literal, symbolWord } = chooseNeedles([file("README.md", "The Lighthouse keeper's log")]);
  expect(literal).toBe("Lighthouse");
  expect(symbolWord).toBeNull();
});

test("the sample leaves out what others wrote and spreads over the rest", () => {
  const paths = Array.from({ length: 1000 }, (_, index) => `src/file_${index}.py`);
  const sample = samplePaths(["node_modules/x/index.js", "vendor/y.go", ".github/z.sh", ...paths]);
  expect(sample.length).toBe(60);
  expect(sample[0]).toBe("src/file_0.py");
  expect(sample.at(-1)).toBe("src/file_983.py");
});

test("without code the sample is prose, and without prose whatever there is", () => {
  expect(samplePaths(["README.md", "logo.png"])).toEqual(["README.md"]);
  expect(samplePaths(["data.csv"])).toEqual(["data.csv"]);
  expect(samplePaths([])).toEqual([]);
});

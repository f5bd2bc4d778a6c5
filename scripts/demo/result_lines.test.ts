import fc from "fast-check";
import { expect, test } from "vitest";
import { fileLines, matchLines, matchText, pickSpread, symbolLines } from "./result_lines.ts";
import { paint, type Span, spansWidth } from "./spans.ts";

const plain = (spans: readonly Span[]) => paint(spans, false);
const marked = (spans: readonly Span[]) =>
  spans.flatMap((each) => typeof each !== "string" && each.role === "match" ? [each.text] : []);

function match(text: string, needle: string, path = "a.ts", line = 1) {
  return { path, line, column: text.indexOf(needle) + 1, length: needle.length, text };
}

test("a short line is whole, without its indentation, and its match is marked", () => {
  const spans = matchText(match("    const leaseToken = claim.leaseToken;", "leaseToken"), 60);
  expect(plain(spans)).toBe("const leaseToken = claim.leaseToken;");
  expect(marked(spans)).toEqual(["leaseToken"]);
});

test("a match far to the right stays visible", () => {
  const spans = matchText(match(`${"x".repeat(200)} needle ${"y".repeat(200)}`, "needle"), 40);
  expect(plain(spans)).toBe(`…${"x".repeat(14)} needle ${"y".repeat(16)}…`);
});

test("near the end of a long line the beginning is cut no more than needed", () => {
  const spans = matchText(match(`${"x".repeat(50)}needle`, "needle"), 30);
  expect(plain(spans)).toBe(`…${"x".repeat(23)}needle`);
});

test("places are aligned and long ones keep their end", () => {
  const matches = [
    match("one needle", "needle", "short.ts", 7),
    match("needle two", "needle", `${"deep/".repeat(20)}file.ts`, 1234),
  ];
  expect(matchLines(matches, 60).map(plain)).toEqual([
    "short.ts:7                   one needle",
    "…eep/deep/deep/file.ts:1234  needle two",
  ]);
});

test("of a file's lines every place is marked, and what is around where there is room", () => {
  const text = "  fuel = burn(fuel);";
  const ranges = [{ column: 3, length: 4 }, { column: 15, length: 4 }];
  const line = { line: 7, text, text_column: 1, ranges, enclosing: { name: "launch" } };
  const lines = fileLines([line, { ...line, line: 120, enclosing: null, ranges: [] }], 60);
  expect(lines.map(plain)).toEqual([
    "  7  fuel = burn(fuel);  in launch",
    "120  fuel = burn(fuel);",
  ]);
  expect(lines.map(marked)).toEqual([["fuel", "fuel"], []]);
  expect(fileLines([line], 24).map(plain)).toEqual(["7  fuel = burn(fuel);"]);
  expect(fileLines([line], 14).map(marked)).toEqual([["fuel"]]);
});

test("a line that is shown from its middle has its places marked there", () => {
  const ranges = [{ column: 900_003, length: 4 }];
  const line = { line: 7, text: "a fuel b", text_column: 900_001, ranges, enclosing: null };
  expect(fileLines([line], 60).map(marked)).toEqual([["fuel"]]);
});

test("without a width nothing is cut", () => {
  const text = `${"x".repeat(500)}needle${"y".repeat(500)}`;
  const ranges = [{ column: 501, length: 6 }];
  const line = { line: 7, text, text_column: 1, ranges, enclosing: { name: "launch" } };
  expect(fileLines([line], Infinity).map(plain)).toEqual([`7  ${text}  in launch`]);
});

test("of several repositories each place says its own", () => {
  const one = { name: "Tank", kind: "class", path: "a.ts", line: 1, signature: "" };
  const symbols = ["acme/rocket", "acme/pump"].map((repository) => ({ ...one, repository }));
  expect(symbolLines(symbols, "tank", Infinity).map(plain)).toEqual([
    "class  Tank  acme/rocket a.ts:1",
    "class  Tank  acme/pump a.ts:1",
  ]);
  expect(symbolLines(symbols.slice(0, 1), "tank", Infinity).map(plain))
    .toEqual(["class  Tank  a.ts:1"]);
});

test("whatever the line and the width, the match is shown and the line fits", () => {
  const line = fc.record({
    before: fc.string({ unit: "grapheme", maxLength: 80 }),
    hit: fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 40 }),
    after: fc.string({ unit: "grapheme", maxLength: 80 }),
  });
  fc.assert(fc.property(line, fc.integer({ min: 30, max: 110 }), (parts, columns) => {
    const spans = matchText({
      column: parts.before.length + 1,
      length: parts.hit.length,
      text: parts.before + parts.hit + parts.after,
    }, columns);
    expect(spansWidth(spans)).toBeLessThanOrEqual(columns);
    expect(marked(spans).length).toBe(1);
  }));
});

test("a name's word is marked without regard to case", () => {
  const spans = symbolLines(
    [
      {
        name: "SegmentBuilder",
        kind: "class",
        repository: "a/b",
        path: "src/builder.ts",
        line: 12,
        signature: "",
      },
      {
        name: "openSegment",
        kind: "function",
        repository: "a/b",
        path: "src/open.ts",
        line: 3,
        signature: "",
      },
    ],
    "segment",
    70,
  );
  expect(spans.map(plain)).toEqual([
    "class     SegmentBuilder  src/builder.ts:12",
    "function  openSegment     src/open.ts:3",
  ]);
  expect(spans.map(marked)).toEqual([["Segment"], ["Segment"]]);
});

test("a few results come from as many files as possible", () => {
  const at = (path: string, line: number) => ({ path, line });
  const all = [at("a", 1), at("a", 2), at("a", 3), at("b", 1), at("b", 9), at("c", 4)];
  expect(pickSpread(all, 3)).toEqual([at("a", 1), at("b", 1), at("c", 4)]);
  expect(pickSpread(all, 4)).toEqual([at("a", 1), at("a", 2), at("b", 1), at("c", 4)]);
  expect(pickSpread(all.slice(0, 3), 2)).toEqual([at("a", 1), at("a", 2)]);
  expect(pickSpread(all, 9)).toEqual(all);
  expect(pickSpread(all, 2)).toEqual([at("a", 1), at("c", 4)]);
  const many = Array.from({ length: 100 }, (_, index) => at(`file ${index}`, 1));
  expect(pickSpread(many, 4).map(({ path }) => path)).toEqual([
    "file 0",
    "file 25",
    "file 50",
    "file 75",
  ]);
});

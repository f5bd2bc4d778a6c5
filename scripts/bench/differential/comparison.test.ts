import { describe, expect, test } from "vitest";
import type { ExtractedSymbol } from "../../../indexer/src/parse/symbol.ts";
import { compareFile, type FoundFile } from "./comparison.ts";

function symbolAt(kind: ExtractedSymbol["kind"], name: string, line: number, endLine = line) {
  return {
    name,
    kind,
    startLine: line,
    startColumn: 1,
    rangeLine: line,
    rangeColumn: 1,
    endLine,
    endColumn: 20,
    container: null,
    signature: name,
    doc: null,
    exported: true,
  };
}

function fileOf(text: string, symbols: readonly ExtractedSymbol[]): FoundFile {
  return { language: "C", skip: null, symbols, imports: [], lines: text.split("\n") };
}

const text = "#define GUARD_H\nint f(void) {\n  int g;\n}\nint h(void);\nlong\nk(void) {}";
const file = fileOf(text, [
  symbolAt("function", "f", 2, 4),
  symbolAt("function", "h", 5),
  symbolAt("function", "k", 7),
]);

describe("the definitions of a file beside those of ctags", () => {
  test("agree where name and line are the same, by the kinds of ctags", () => {
    const { kinds, theirs } = compareFile("a.c", file, [{ name: "f", line: 2, kind: "function" }]);
    expect([...kinds]).toEqual([["function", { theirs: 1, agreed: 1 }]]);
    expect(theirs).toEqual([]);
  });

  test.each([
    ["guard", { name: "GUARD_H", line: 1, kind: "macro" }],
    ["inside", { name: "g", line: 3, kind: "variable" }],
    ["absent", { name: "nowhere", line: 2, kind: "function" }],
    ["anonymous", { name: "__anon1", line: 2, kind: "struct" }],
  ])("differ by the class %s", (expected, tag) => {
    const { theirs } = compareFile("a.c", file, [tag]);
    expect(theirs.map((each) => each.class)).toEqual([expected]);
  });

  test("say which of ours have no body, which ctags leaves out", () => {
    const { ours } = compareFile("a.c", file, [{ name: "f", line: 2, kind: "function" }]);
    expect(ours.map(({ name, class: found }) => `${name} ${found}`)).toContain("h prototype");
  });

  test("are no mistakes in a file that is not parsed and says so", () => {
    const skipped = { ...fileOf(text, []), skip: "parse_timeout" };
    const { theirs } = compareFile("a.c", skipped, [{ name: "f", line: 2, kind: "function" }]);
    expect(theirs.map((each) => each.class)).toEqual(["skipped"]);
  });
});

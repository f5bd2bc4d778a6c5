import { expect, test } from "vitest";
import { paint, span } from "../demo/spans.ts";
import { fieldLines, type Line, tableLines } from "./table.ts";

const plain = (lines: readonly Line[]) => lines.map((line) => paint(line, false));

const columns = [{ title: "name" }, { title: "jobs", align: "end" }, { title: "error" }] as const;

test("columns are as wide as what they hold, numbers at the end", () => {
  expect(plain(tableLines(columns, [["a", "12345", "x"], ["日本語", "1", "yy"]], null))).toEqual([
    "name     jobs  error",
    "a       12345  x",
    "日本語      1  yy",
  ]);
});

test("only the last column gives way on a narrow terminal, and not below what can be read", () => {
  const row = ["name", "1", "a long message that goes on and on"];
  expect(plain(tableLines(columns, [row], 40))[1]).toBe("name     1  a long message that goes on…");
  expect(plain(tableLines(columns, [row], 10))[1]).toBe("name     1  a long message that…");
  expect(plain(tableLines(columns, [row], null))[1]).toContain("on and on");
});

test("what a tenant wrote cannot do anything on the terminal", () => {
  const nasty = span("bad", "\u001b[2J\nrm\r");
  for (
    const line of [...tableLines([{ title: "" }], [[nasty]], null), ...fieldLines([["", [nasty]]])]
  ) {
    expect(paint(line, false)).not.toMatch(/[\u001b\n\r]/);
  }
});

test("colours stand around a cell's text, not in place of it", () => {
  const [, line] = tableLines(columns, [[span("bad", "failed"), "1", ""]], null);
  expect(paint(line ?? [], true)).toContain("\u001b[31mfailed\u001b[39m");
});

import { expect, test } from "vitest";
import { formattedPaths, readDeno, readFormat, readLint, readTsc } from "./tools.ts";

test("lint findings become file:line message", () => {
  const output = "a/b.ts:3:7: Promises must be awaited. [Error/x]\n\n1 problem\n";
  expect(readLint(output)).toEqual(["a/b.ts:3 Promises must be awaited. [Error/x]"]);
});

test("errors of tsc become file:line message", () => {
  const output = "a/b.ts(3,7): error TS2322: Type 'a' is wrong.\n  more\n";
  expect(readTsc(output)).toEqual(["a/b.ts:3 TS2322: Type 'a' is wrong."]);
});

test("errors of Deno become file:line message", () => {
  const output = [
    "Check a.ts",
    "TS2322 [ERROR]: Type 'a' is wrong.",
    "  const a = 1;",
    "    at file:///repo/a/b.ts:3:7",
    "",
    "error: Type checking failed.",
  ].join("\n");
  expect(readDeno(output, "/repo")).toEqual(["a/b.ts:3 Type 'a' is wrong."]);
});

test("an unformatted file is named with the first line that differs", () => {
  const output = "from /repo/a/b.ts:\n12 | -const  a\n12 | +const a\n\nerror: Found 1\n";
  expect(readFormat(output, "/repo")).toEqual(["a/b.ts:12 is not formatted (npm run format)"]);
});

test("the formatter sees sources and documents, not the lock and not sample sources", () => {
  const paths = ["a.ts", "b.md", "package-lock.json", "c.sql", "indexer/test/fixtures/d.ts"];
  expect(formattedPaths(paths.map((path) => ({ path, text: "" })))).toEqual(["a.ts", "b.md"]);
});

import { expect, test } from "vitest";
import { formatTable, MISSING, ratio, shown } from "./table.ts";

test("a table is Markdown with names on the left and numbers on the right", () => {
  const table = { title: "Starts", columns: ["stage", "median"], rows: [["boot", "1.20 s"]] };
  expect(formatTable(table)).toBe([
    "Starts",
    "",
    "| stage | median |",
    "| ----- | -----: |",
    "| boot  | 1.20 s |",
  ].join("\n"));
});

test("a number that is missing is shown as missing, never as zero", () => {
  expect(shown(12, (value) => `${value} ms`)).toBe("12 ms");
  expect(shown(null, (value) => `${value} ms`)).toBe(MISSING);
  expect([ratio(null, 2), ratio(2, null), ratio(3, 0)]).toEqual([MISSING, MISSING, MISSING]);
  expect([ratio(3, 2), ratio(1, 25), ratio(246, 2)]).toEqual(["1.5×", "0.040×", "123×"]);
});

import { expect, test } from "vitest";
import { goalsTable } from "./goals.ts";

test("what is below its limit is met, at it not, and unmeasured is neither", () => {
  const format = (value: number) => `${value} s`;
  const goal = (name: string, measured: number | null) => ({ name, measured, limit: 5, format });
  expect(goalsTable([goal("a", 4.9), goal("b", 5), goal("c", null)]).rows).toEqual([
    ["a", "4.9 s", "5 s", "yes"],
    ["b", "5 s", "5 s", "no"],
    ["c", "–", "5 s", "–"],
  ]);
});

import { expect, test } from "vitest";
import {
  growthCharts,
  growthExponent,
  growthGoals,
  type GrowthStep,
  growthTable,
} from "./growth_table.ts";

const step = (files: number): GrowthStep => ({
  files,
  bytes: files * 1000,
  indexMilliseconds: files * 2,
  indexerMilliseconds: null,
  postgresMilliseconds: 500,
  peakBytes: 1_000_000,
  bytesOnDisk: files * 500,
  pushMilliseconds: [90, 100, 300],
});

test("growth in step has an exponent of one, none has zero", () => {
  expect(growthExponent([{ x: 1, y: 5 }, { x: 7, y: 9 }, { x: 100, y: 500 }])).toBeCloseTo(1);
  expect(growthExponent([{ x: 1, y: 5 }, { x: 100, y: 5 }])).toBe(0);
  expect(growthExponent([{ x: 1, y: 5 }])).toBe(null);
});

test("a size is a row: per file, beside the source, and the median of its pushes", () => {
  const row = growthTable([step(1000)]).rows[0] ?? [];
  expect([row[0], row[2], row[3], row[4], row[8], row[9]]).toEqual([
    "1,000",
    "2.00 s",
    "2.00",
    "–",
    "0.50×",
    "100 ms",
  ]);
});

test("the curves have a point for each size, and none for what was not measured", () => {
  const charts = growthCharts([step(1000), { ...step(3000), pushMilliseconds: [] }]);
  expect(charts.map((chart) => chart.curves.map(({ points }) => points.length))).toEqual([
    [2],
    [1],
    [2, 2],
  ]);
});

test("the largest repository is judged: its pushes, and its files beside those of a medium one", () => {
  const slow = { ...step(100_000), indexMilliseconds: 300_000 };
  expect(growthGoals([step(1000), step(10_000), slow]).map(({ measured }) => measured)).toEqual([
    100,
    1.5,
  ]);
  expect(growthGoals([step(1000)]).map(({ measured }) => measured)).toEqual([100, null]);
  expect(growthGoals([])).toEqual([]);
});

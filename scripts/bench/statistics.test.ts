import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { percentileOf, stagesOf, stageStatistics, statisticsOf } from "./statistics.ts";

describe("statisticsOf", () => {
  test("orders by number, not by text", () => {
    expect(statisticsOf([100, 9, 20])).toEqual({ runs: 3, min: 9, median: 20, max: 100 });
  });

  test("takes the mean of the two in the middle of an even count", () => {
    expect(statisticsOf([4, 1, 3, 10]).median).toBe(3.5);
  });

  test("has no numbers without runs", () => {
    expect(statisticsOf([])).toEqual({ runs: 0, min: null, median: null, max: null });
  });

  test("has as many values above its median as below it", () => {
    fc.assert(fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
      const { median } = statisticsOf(values);
      const above = values.filter((value) => value > Number(median)).length;
      const below = values.filter((value) => value < Number(median)).length;
      expect(Math.max(above, below)).toBeLessThanOrEqual(values.length / 2);
    }));
  });
});

describe("stagesOf", () => {
  test("names a stretch after the mark that ends it", () => {
    const marks = [{ name: "pushed", at: 10 }, { name: "claimed", at: 25 }, {
      name: "seen",
      at: 31,
    }];
    expect(stagesOf(marks)).toEqual([
      { name: "claimed", milliseconds: 15 },
      { name: "seen", milliseconds: 6 },
    ]);
  });

  test("counts the time of a missing mark to the next one", () => {
    const marks = [
      { name: "pushed", at: 10 },
      { name: "claimed", at: null },
      { name: "seen", at: 31 },
    ];
    expect(stagesOf(marks)).toEqual([{ name: "seen", milliseconds: 21 }]);
  });
});

test("stageStatistics keeps the order of the stages and counts the runs that had each", () => {
  const runs = [
    [{ name: "b", milliseconds: 1 }],
    [{ name: "b", milliseconds: 3 }, { name: "a", milliseconds: 5 }],
  ];
  expect([...stageStatistics(runs)]).toEqual([
    ["b", { runs: 2, min: 1, median: 2, max: 3 }],
    ["a", { runs: 1, min: 5, median: 5, max: 5 }],
  ]);
});

test("a percentile is a value that was measured, and so many are not above it", () => {
  expect(percentileOf([], 0.5)).toBe(null);
  expect(percentileOf([30, 10, 20], 0.5)).toBe(20);
  fc.assert(fc.property(
    fc.array(fc.integer(), { minLength: 1 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    (values, share) => {
      const percentile = percentileOf(values, share) ?? NaN;
      expect(values).toContain(percentile);
      const within = values.filter((value) => value <= percentile).length;
      expect(within).toBeGreaterThanOrEqual(share * values.length);
    },
  ));
});

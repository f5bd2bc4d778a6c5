import { expect, test } from "vitest";
import {
  formatBytes,
  formatBytesOf,
  formatCount,
  formatDuration,
  formatRate,
  plural,
} from "./figures.ts";

test("durations have three figures at most and change their unit without a jump", () => {
  expect(
    [0, 0.4, 8, 412, 999, 999.6, 1620, 9994, 9996, 34_100, 99_960, 118_000].map(formatDuration),
  )
    .toEqual([
      "0 ms",
      "0 ms",
      "8 ms",
      "412 ms",
      "999 ms",
      "1.00 s",
      "1.62 s",
      "9.99 s",
      "10.0 s",
      "34.1 s",
      "100 s",
      "118 s",
    ]);
  expect(formatDuration(119_900)).toBe("2 min 0 s");
  expect(formatDuration(125_400)).toBe("2 min 5 s");
});

test("bytes are decimal", () => {
  expect([0, 812, 4096, 99_960, 105_000_000, 1_240_000_000].map(formatBytes)).toEqual([
    "0 B",
    "812 B",
    "4.10 kB",
    "100 kB",
    "105 MB",
    "1.24 GB",
  ]);
  expect(formatBytes(999_600)).toBe("1.00 MB");
});

test("a part of a whole has the unit of the whole", () => {
  expect(formatBytesOf(410_000, 8_000_000)).toBe("0.41/8.00 MB");
  expect(formatBytesOf(500, 812)).toBe("500/812 B");
  expect(formatBytesOf(2_500_000_000, 3_000_000_000)).toBe("2.50/3.00 GB");
});

test("counts have separators and nouns their number", () => {
  expect(formatCount(1_234_567)).toBe("1,234,567");
  expect(plural(1, "file")).toBe("1 file");
  expect(plural(0, "file")).toBe("0 files");
  expect(plural(2, "match")).toBe("2 matches");
  expect(plural(3, "delivery")).toBe("3 deliveries");
});

test("a rate needs something done and time passed", () => {
  expect(formatRate(410, 1000, formatCount)).toBe("410/s");
  expect(formatRate(5_000_000, 500, formatBytes)).toBe("10.0 MB/s");
  expect(formatRate(0, 1000, formatCount)).toBeNull();
  expect(formatRate(10, 0, formatCount)).toBeNull();
});

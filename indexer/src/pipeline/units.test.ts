import fc from "fast-check";
import { expect, test } from "vitest";
import { CHUNK_UNITS_MAX, SEGMENT_CHUNKS_MAX } from "../segment/chunks.ts";
import { SEGMENT_SOURCE_BYTES_MAX } from "../segment/segment_builder.ts";
import type { BlobTask } from "./extraction.ts";
import { cutUnits, isSmall } from "./units.ts";

const BLOB_BYTES_MAX = 2 * 1024 * 1024;

function task(sizeBytes: number | null): BlobTask {
  return { oid: "", languages: ["Go"], sizeBytes, fault: null };
}

const anyTasks = fc.array(
  fc.oneof(fc.constant(null), fc.integer({ min: 0, max: BLOB_BYTES_MAX })).map(task),
  { minLength: 1, maxLength: 200 },
);

function bytesOf(tasks: readonly BlobTask[]): number {
  return tasks.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0);
}

test("units hold every task once and in order, none empty, none beyond memory", () => {
  fc.assert(fc.property(anyTasks, fc.integer({ min: 1, max: 4 }), (tasks, threads) => {
    const units = cutUnits(tasks, threads);
    expect(units.flat()).toEqual(tasks);
    for (const unit of units) {
      expect(unit.length).toBeGreaterThan(0);
      expect(bytesOf(unit)).toBeLessThanOrEqual(SEGMENT_SOURCE_BYTES_MAX + 2 * BLOB_BYTES_MAX);
    }
  }));
});

test("no unit has more chunks than two bytes can number, however small its blobs are", () => {
  const chunksMax = ({ sizeBytes }: BlobTask) => 1 + (2 * (sizeBytes ?? 0)) / CHUNK_UNITS_MAX;
  const sizes = fc.constantFrom(0, 1, 300, CHUNK_UNITS_MAX / 2 + 1, BLOB_BYTES_MAX);
  fc.assert(
    fc.property(sizes, sizes, fc.integer({ min: 1, max: 4 }), (odd, even, threads) => {
      const bytes = 40 * SEGMENT_SOURCE_BYTES_MAX / (odd + even + 1000);
      const tasks = Array.from(
        { length: Math.min(bytes, 200_000) },
        (_, index) => task(index % 2 === 0 ? even : odd),
      );
      for (const unit of cutUnits(tasks, threads)) {
        const chunks = unit.reduce((sum, each) => sum + chunksMax(each), 0);
        expect(chunks).toBeLessThanOrEqual(SEGMENT_CHUNKS_MAX);
      }
    }),
    { numRuns: 25 },
  );
});

test("a job has a unit for each thread, and small ones are not cut at all", () => {
  const tasks = Array.from({ length: 400 }, () => task(100_000));
  expect(cutUnits(tasks, 2)).toHaveLength(2);
  expect(cutUnits(tasks, 4)).toHaveLength(4);
  expect(cutUnits(tasks.slice(0, 20), 4)).toHaveLength(1);
  expect(cutUnits(Array.from({ length: 1000 }, () => task(100_000)), 2)).toHaveLength(4);
});

test("a job is small by its files and by its bytes", () => {
  expect(isSmall(Array.from({ length: 199 }, () => task(100)))).toBe(true);
  expect(isSmall(Array.from({ length: 200 }, () => task(100)))).toBe(false);
  expect(isSmall([task(BLOB_BYTES_MAX), task(BLOB_BYTES_MAX)])).toBe(false);
});

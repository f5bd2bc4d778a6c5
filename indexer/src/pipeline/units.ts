/**
 * Cuts the blobs of a job into units: one unit is one segment, and the piece that a thread takes at
 * a time. Pure.
 */
import { SEGMENT_SOURCE_BYTES_MAX } from "../segment/segment_builder.ts";
import { BLOB_BYTES } from "../segment/chunks.ts";
import type { BlobTask } from "./extraction.ts";

/** Below these a job is done before a thread has started. */
const INLINE_TASKS_MAX = 200;
const INLINE_BYTES_MAX = 4 * 1024 * 1024;
/** Each segment is looked at by every search: below this a second thread is not worth one more. */
const UNIT_BYTES_MIN = 2 * 1024 * 1024;

function bytesOf({ sizeBytes, languages }: BlobTask): number {
  return (BLOB_BYTES + (sizeBytes ?? 0)) * languages.length;
}

/** Whether the job is too small to be worth a thread. */
export function isSmall(tasks: readonly BlobTask[]): boolean {
  return tasks.length < INLINE_TASKS_MAX &&
    tasks.reduce((sum, task) => sum + bytesOf(task), 0) < INLINE_BYTES_MAX;
}

/**
 * Consecutive runs of tasks, in order: neighbours in a tree share words. As many as threads, or a
 * multiple where memory bounds them, of about the same number of bytes.
 */
export function cutUnits(tasks: readonly BlobTask[], threads: number): BlobTask[][] {
  const total = tasks.reduce((sum, task) => sum + bytesOf(task), 0);
  const rounds = Math.max(1, Math.ceil(total / (SEGMENT_SOURCE_BYTES_MAX * threads)));
  const count = Math.max(1, Math.min(rounds * threads, Math.floor(total / UNIT_BYTES_MIN)));
  const units: BlobTask[][] = [];
  let before = 0;
  let last = -1;
  for (const task of tasks) {
    const bytes = bytesOf(task);
    // By the middle of the blob, so that a unit misses its share by at most half a blob at each end.
    const number = Math.floor(((before + bytes / 2) * count) / total);
    if (number === last) units.at(-1)?.push(task);
    else units.push([task]);
    last = number;
    before += bytes;
  }
  return units;
}

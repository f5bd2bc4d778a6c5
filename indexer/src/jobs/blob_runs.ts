/**
 * Cuts the blobs of a compaction into segments to be, and each of these into runs that are read at
 * once. Pure.
 */
import { BLOB_BYTES } from "../segment/chunks.ts";
import type { BlobRun, LiveBlob } from "../store/compaction_store.ts";

export interface RunLimits {
  /** Of source in one new segment. */
  readonly segmentBytesMax: number;
  /** Of source in one run; a blob that is larger is a run of its own. */
  readonly runBytesMax: number;
}

/** One new segment: its runs, and which blobs of them it takes. */
export interface MergePlan {
  readonly runs: readonly BlobRun[];
  readonly blobs: readonly LiveBlob[];
}

/** The segments to write, in the order of the blobs, which come by segment and number. */
export function planMerges(blobs: readonly LiveBlob[], limits: RunLimits): MergePlan[] {
  return cut(blobs, limits.segmentBytesMax, () => false)
    .map((group) => ({ blobs: group, runs: runsOf(group, limits.runBytesMax) }));
}

function runsOf(blobs: readonly LiveBlob[], bytesMax: number): BlobRun[] {
  const isElsewhere = (before: LiveBlob, next: LiveBlob) => before.segmentId !== next.segmentId;
  return cut(blobs, bytesMax, isElsewhere).flatMap((group) => {
    const [first, last] = [group[0], group.at(-1)];
    if (first === undefined || last === undefined) return [];
    return { segmentId: first.segmentId, firstBlobNo: first.blobNo, lastBlobNo: last.blobNo };
  });
}

/** Groups in order, of so many bytes at most, or of one blob; one also ends where `isEnd` says. */
function cut(
  blobs: readonly LiveBlob[],
  bytesMax: number,
  isEnd: (before: LiveBlob, next: LiveBlob) => boolean,
): LiveBlob[][] {
  const groups: LiveBlob[][] = [];
  let bytes = 0;
  for (const blob of blobs) {
    const group = groups.at(-1);
    const before = group?.at(-1);
    const blobBytes = BLOB_BYTES + blob.sizeBytes;
    if (
      group === undefined || before === undefined || isEnd(before, blob) ||
      bytes + blobBytes > bytesMax
    ) {
      groups.push([blob]);
      bytes = blobBytes;
    } else {
      group.push(blob);
      bytes += blobBytes;
    }
  }
  return groups;
}

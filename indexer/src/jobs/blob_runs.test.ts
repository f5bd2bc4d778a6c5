import fc from "fast-check";
import { expect, test } from "vitest";
import { BLOB_BYTES } from "../segment/chunks.ts";
import { planMerges } from "./blob_runs.ts";

const anyBlobs = fc.array(
  fc.record({ segment: fc.integer({ min: 1, max: 4 }), sizeBytes: fc.nat({ max: 9000 }) }),
  { maxLength: 40 },
).map((blobs) =>
  blobs.toSorted((a, b) => a.segment - b.segment)
    .map(({ segment, sizeBytes }, blobNo) => ({ segmentId: BigInt(segment), blobNo, sizeBytes }))
);

test("every blob is in one segment and in one run of it, within the limits", () => {
  const limits = { segmentBytesMax: 30_000, runBytesMax: 8000 };
  fc.assert(fc.property(anyBlobs, (blobs) => {
    const plans = planMerges(blobs, limits);
    expect(plans.flatMap((plan) => plan.blobs)).toEqual(blobs);
    for (const plan of plans) {
      const bytes = (some: typeof blobs) =>
        some.reduce((sum, { sizeBytes }) => sum + BLOB_BYTES + sizeBytes, 0);
      expect(bytes([...plan.blobs])).toBeLessThanOrEqual(limits.segmentBytesMax);
      const read = plan.runs.map((run) =>
        plan.blobs.filter(({ segmentId, blobNo }) =>
          segmentId === run.segmentId && blobNo >= run.firstBlobNo && blobNo <= run.lastBlobNo
        )
      );
      expect(read.flat()).toEqual(plan.blobs);
      const alone = read.map((run) => run.length > 1 ? bytes(run) : 0);
      expect(Math.max(0, ...alone)).toBeLessThanOrEqual(limits.runBytesMax);
    }
  }));
});

import fc from "fast-check";
import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { createSegmentBuilder } from "../segment/segment_builder.ts";
import type { BlobTask } from "./extraction.ts";
import type { Extractor } from "./extractor.ts";
import { Counters } from "./messages.ts";
import { runPipeline } from "./pipeline.ts";

const task: BlobTask = { oid: "0".repeat(40), languages: [""], sizeBytes: 1, fault: null };

async function turns(count: number): Promise<void> {
  for (let done = 0; done < count; done += 1) await turn();
}

function emptySegment(segmentId: bigint) {
  const symbolParser = {
    parse: () => Promise.reject(new Error("no text")),
    close: () => undefined,
  };
  return createSegmentBuilder({ segmentId, extractorVersion: 1, symbolParser }).finish();
}

/** An extractor that takes so many turns of the event loop for each unit. */
function extractorOf(delays: Iterator<number>): Extractor {
  return {
    counters: new Counters(),
    async extract({ segmentId }) {
      await turns(delays.next().value ?? 0);
      return { segmentId, segment: emptySegment(segmentId), blobs: [] };
    },
    close: () => Promise.resolve(),
  };
}

test("there are never more than two segments for each extractor, however slow their copies are", async () => {
  const delays = fc.infiniteStream(fc.nat(6));
  const counts = { units: fc.nat(12), extractors: fc.integer({ min: 1, max: 4 }) };
  await fc.assert(
    fc.asyncProperty(fc.record(counts), delays, delays, async (count, extracting, copying) => {
      let opened = 0;
      let written = 0;
      let most = 0;
      const result = await runPipeline({
        units: Array.from({ length: count.units }, () => ({ segmentId: null, tasks: [task] })),
        parts: "all",
        keepIn: null,
        extractors: Array.from({ length: count.extractors }, () => extractorOf(extracting)),
        openSegment: () => {
          opened += 1;
          most = Math.max(most, opened - written);
          return Promise.resolve(BigInt(opened));
        },
        writeSegment: async () => {
          await turns(copying.next().value ?? 0);
          written += 1;
        },
        onProgress: () => undefined,
        onFault: () => undefined,
        signal: new AbortController().signal,
      });
      expect(most).toBeLessThanOrEqual(2 * count.extractors);
      expect([opened, written, result.segmentIds.length]).toEqual(Array(3).fill(count.units));
    }),
  );
});

import fc from "fast-check";
import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Progress } from "../job.ts";
import { createSegmentBuilder, type SegmentParts } from "../segment/segment_builder.ts";
import type { BlobTask } from "./extraction.ts";
import type { Extractor } from "./extractor.ts";
import { Counters } from "./messages.ts";
import { type PipelineOptions, runPipeline } from "./pipeline.ts";

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
        units: Array.from({ length: count.units }, () => [task]),
        publishText: null,
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

/** What happened of what, in order: `text 1 extracted`. */
function textFirst(units: number, lanes: number, publish: () => Promise<void>) {
  const seen: string[] = [];
  const progress: Progress[] = [];
  const extractors = Array.from({ length: lanes }, (): Extractor => {
    const counters = new Counters();
    return {
      counters,
      async extract({ segmentId, parts }) {
        await turns(1);
        counters.observer.done(0, 1);
        seen.push(`${parts} ${segmentId} extracted`);
        return { segmentId, segment: emptySegment(segmentId), blobs: [] };
      },
      close: () => Promise.resolve(),
    };
  });
  let opened = 0n;
  const options: PipelineOptions = {
    units: Array.from({ length: units }, () => [task]),
    extractors,
    keepIn: null,
    publishText: async ({ segmentIds }) => {
      seen.push(`publishing ${segmentIds.length}`);
      await publish();
      seen.push("published");
    },
    openSegment: () => Promise.resolve(opened += 1n),
    writeSegment: async ({ segmentId }, parts: SegmentParts) => {
      await turns(2);
      seen.push(`${parts} ${segmentId} written`);
    },
    onProgress: (each) => progress.push(each),
    onFault: () => undefined,
    signal: new AbortController().signal,
  };
  return { seen, progress, run: () => runPipeline(options) };
}

test("text is published when all of it is written; symbols are extracted meanwhile, and written then", async () => {
  const counts = fc.record({
    units: fc.integer({ min: 1, max: 6 }),
    lanes: fc.integer({ min: 1, max: 3 }),
  });
  await fc.assert(fc.asyncProperty(counts, async ({ units, lanes }) => {
    const { seen, progress, run } = textFirst(units, Math.min(units, lanes), () => turns(10));
    expect((await run()).segmentIds).toHaveLength(units);
    const ofKind = (pattern: RegExp) => seen.flatMap((each, at) => pattern.test(each) ? [at] : []);
    const [begun = -1] = ofKind(/^publishing/);
    const [ended = -1] = ofKind(/^published/);
    expect(seen[begun]).toBe(`publishing ${units}`);
    expect(Math.max(...ofKind(/^text . written/))).toBeLessThan(begun);
    const [written, extracted] = [ofKind(/^symbols . written/), ofKind(/^symbols . extracted/)];
    expect([written.length, extracted.length]).toEqual([units, units]);
    expect(Math.min(...written)).toBeGreaterThan(ended);
    expect(Math.min(...extracted)).toBeLessThan(ended);
    expect(progress.at(-1)).toMatchObject({ percent: 100, filesDone: units, bytesDone: units });
  }));
});

test("where the text cannot be published, no symbol is written and the run fails of it", async () => {
  const { seen, run } = textFirst(3, 2, () => Promise.reject(new Error("no room")));
  await expect(run()).rejects.toThrow("no room");
  expect(seen.filter((each) => each.startsWith("symbols") && each.endsWith("written"))).toEqual([]);
});

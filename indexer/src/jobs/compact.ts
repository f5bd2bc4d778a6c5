/**
 * Merges segments that are small or mostly dead: their blobs are read as they were extracted, built
 * into new segments and published in their place. Gives way to other work of the repository.
 */
import { type JobResult, type JobRun, NO_PROGRESS } from "../job.ts";
import { EXTRACTOR_VERSION } from "../segment/extractor_version.ts";
import { createSegmentBuilder, SEGMENT_SOURCE_BYTES_MAX } from "../segment/segment_builder.ts";
import { IndexStore } from "../store/index_store.ts";
import { blobKey } from "../store/indexed_blobs.ts";
import { CompactionStore, type MovedBlob } from "../store/compaction_store.ts";
import { type MergePlan, planMerges } from "./blob_runs.ts";
import { segmentStreams } from "./segment_streams.ts";
import type { JobTools } from "./tools.ts";

/** What is read at once, and so how long other work waits. */
const RUN_BYTES_MAX = 2 * 1024 * 1024;
/** Some thousand rows a transaction. */
const SEGMENTS_PER_DROP = 8;

/** The job of kind compact. */
export async function compact(job: JobRun, tools: JobTools): Promise<JobResult> {
  const started = performance.now();
  const store = new CompactionStore(tools.connection, job.claim, job.signal);
  const index = new IndexStore(tools.connection, job.claim, job.signal, tools.failpoint);
  const merging = new Merging(job, store, index);
  const plans = planMerges(await store.listBlobs(EXTRACTOR_VERSION), {
    segmentBytesMax: SEGMENT_SOURCE_BYTES_MAX,
    runBytesMax: RUN_BYTES_MAX,
  });
  const segmentIds: bigint[] = [];
  for (const plan of plans) segmentIds.push(await merging.merge(plan, plans.length));
  await tools.failpoint("before_publish");
  job.report("publishing", NO_PROGRESS);
  const files = segmentIds.length === 0 ? 0 : await store.publish(segmentIds, merging.moved);
  await tools.failpoint("after_publish");
  let dropped = 0;
  for (let some = 1; some > 0; dropped += some) some = await store.dropMerged(SEGMENTS_PER_DROP);
  return {
    outcome: "unchanged",
    commitOid: null,
    report: {
      reason: "segments merged",
      segments: segmentIds.length,
      segments_dropped: dropped,
      blobs: merging.moved.length,
      files,
      milliseconds: Math.round(performance.now() - started),
      peak_rss_bytes: tools.peakRssBytes(),
    },
  };
}

class Merging {
  readonly #job: JobRun;
  readonly #store: CompactionStore;
  readonly #index: IndexStore;
  readonly #newPlaces = new Map<string, MovedBlob["to"]>();
  readonly moved: MovedBlob[] = [];
  #merged = 0;

  constructor(job: JobRun, store: CompactionStore, index: IndexStore) {
    this.#job = job;
    this.#store = store;
    this.#index = index;
  }

  /** Writes one new segment and answers its id. */
  async merge({ runs, blobs }: MergePlan, plans: number): Promise<bigint> {
    const wanted = new Set(blobs.map(({ segmentId, blobNo }) => `${segmentId} ${blobNo}`));
    const segmentId = await this.#index.openSegment();
    const builder = createSegmentBuilder({
      segmentId,
      extractorVersion: EXTRACTOR_VERSION,
      symbolParser: NO_PARSER,
    });
    for (const [runNo, run] of runs.entries()) {
      for (const blob of await this.#store.readBlobs(run)) {
        const from = { segmentId: run.segmentId, blobNo: blob.blobNo };
        if (!wanted.has(`${from.segmentId} ${from.blobNo}`)) continue;
        const key = blobKey({ oid: blob.blobOid, language: blob.language });
        // Two segments may have extracted the same blob: one is enough.
        const to = this.#newPlaces.get(key) ??
          { segmentId, blobNo: builder.addStored(blob).blobNo };
        this.#newPlaces.set(key, to);
        this.moved.push({ from, to });
      }
      const percent = Math.floor((100 * (this.#merged + (runNo + 1) / runs.length)) / plans);
      this.#job.report("writing", { ...NO_PROGRESS, percent });
    }
    this.#merged += 1;
    const segment = builder.finish();
    await this.#index.writeSegment(segmentId, segmentStreams(segment), segment.counts.terms);
    return segmentId;
  }
}

/** What is stored was parsed. */
const NO_PARSER = {
  parse: () => Promise.reject(new Error("a compaction parses nothing")),
  close: () => undefined,
};

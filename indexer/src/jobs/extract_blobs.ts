/**
 * From the blobs that the index does not have to written segments: of all parts at once, or of the
 * text first, which is published before the symbols are written. Knows how much work is worth a thread,
 * and how much the second way; does not know trees.
 */
import type { BlobSizes } from "../git/repository.ts";
import type { JobRun } from "../job.ts";
import type { BlobTask, ObjectStore } from "../pipeline/extraction.ts";
import { createInlineExtractor, createThreadExtractor } from "../pipeline/extractor.ts";
import { type PipelineResult, runPipeline } from "../pipeline/pipeline.ts";
import { cutUnits, isSmall } from "../pipeline/units.ts";
import type { IndexStore } from "../store/index_store.ts";
import type { BlobKey } from "../store/indexed_blobs.ts";
import { segmentStreams } from "./segment_streams.ts";
import type { JobTools } from "./tools.ts";

/** Of blobs that lie beside the objects, uncompressed, until they are read for the second time. */
const KEPT_BYTES_MAX = 256 * 1024 * 1024;

export interface ExtractBlobsOptions {
  readonly job: JobRun;
  readonly tools: JobTools;
  readonly index: IndexStore;
  readonly objects: ObjectStore;
  /** Publishes segments that have their text alone; null: they are published with all they have. */
  readonly publishText: ((text: PipelineResult) => Promise<void>) | null;
}

/** Extracts blobs and writes their segments. */
export async function extractBlobs(
  missing: readonly BlobKey[],
  sizes: BlobSizes,
  { job, tools, index, objects, publishText }: ExtractBlobsOptions,
): Promise<PipelineResult> {
  const tasks = tasksOf(missing, sizes);
  // An earlier attempt may have died of a file: that costs a thread, where inline it costs us.
  const local = job.claim.attempt === 1 && isSmall(tasks) ? await tools.localParser.load([]) : null;
  const isInline = local?.isSound === true;
  const units = isInline ? [tasks] : cutUnits(tasks, tools.threads);
  const extractors = isInline
    ? [createInlineExtractor(objects, local)]
    : units.slice(0, tools.threads).map(() => createThreadExtractor(objects, tools.thread));
  const bytes = tasks.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0);
  const publishesText = publishText !== null && bytes >= tools.textFirstBytesMin;
  try {
    return await runPipeline({
      units,
      extractors,
      publishText: publishesText ? publishText : null,
      keepIn: publishesText && bytes <= KEPT_BYTES_MAX ? objects.directory : null,
      signal: job.signal,
      openSegment: () => index.openSegment(),
      writeSegment: async ({ segmentId, segment }, parts) => {
        await tools.failpoint(parts === "symbols" ? "during_symbols" : "during_parse");
        const streams = segmentStreams(segment);
        await (parts === "symbols"
          ? index.completeSegment(segmentId, streams)
          : index.writeSegment(segmentId, streams, segment.counts.terms));
      },
      onProgress: (progress) => job.report("parsing", progress),
      onFault: (task, fault, error) =>
        job.log.warning("a blob broke its extraction", {
          blob_oid: task.oid,
          leave_out: fault.leaveOut,
          error: `${error.message}: ${String(error.cause)}`,
        }),
    });
  } finally {
    await Promise.all(extractors.map((extractor) => extractor.close()));
  }
}

/** One task a blob, in the order of their ranks: that of the chunks of their segments. */
function tasksOf(missing: readonly BlobKey[], sizes: BlobSizes): BlobTask[] {
  const languages = new Map<string, string[]>();
  for (const { oid, language } of missing) {
    const known = languages.get(oid);
    if (known === undefined) languages.set(oid, [language]);
    else known.push(language);
  }
  return [...languages].map(([oid, each]) => ({
    oid,
    languages: each,
    sizeBytes: sizes.get(oid) ?? null,
    fault: null,
  }));
}

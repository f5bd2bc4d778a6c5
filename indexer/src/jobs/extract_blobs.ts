/**
 * From the blobs that the index does not have to written, unpublished segments. Knows how much work
 * is worth a thread; does not know trees.
 */
import type { BlobSizes } from "../git/repository.ts";
import type { JobRun } from "../job.ts";
import type { BlobTask, ExtractedUnit, ObjectStore } from "../pipeline/extraction.ts";
import { createInlineExtractor, createThreadExtractor } from "../pipeline/extractor.ts";
import { type PipelineResult, runPipeline } from "../pipeline/pipeline.ts";
import { cutUnits, isSmall } from "../pipeline/units.ts";
import type { BlobKey, IndexStore } from "../store/index_store.ts";
import { segmentStreams } from "./segment_streams.ts";
import type { JobTools } from "./tools.ts";

export interface ExtractBlobsOptions {
  readonly job: JobRun;
  readonly tools: JobTools;
  readonly index: IndexStore;
  readonly objects: ObjectStore;
}

/** Extracts blobs and writes their segments. */
export async function extractBlobs(
  missing: readonly BlobKey[],
  sizes: BlobSizes,
  options: ExtractBlobsOptions,
): Promise<PipelineResult> {
  const { job, tools, index } = options;
  const tasks = tasksOf(missing, sizes);
  // An earlier attempt may have died of a file: that costs a thread, where inline it costs us.
  const isInline = job.claim.attempt === 1 && isSmall(tasks);
  const units = isInline ? [tasks] : cutUnits(tasks, tools.threads);
  const extractors = isInline
    ? [createInlineExtractor(options.objects, await tools.localParser.load([]))]
    : units.slice(0, tools.threads).map(() => createThreadExtractor(options.objects, tools.thread));
  return await runPipeline({
    units,
    extractors,
    signal: job.signal,
    openSegment: () => index.openSegment(),
    writeSegment: async (unit: ExtractedUnit) => {
      await tools.failpoint("during_parse");
      await index.writeSegment(
        unit.segmentId,
        segmentStreams(unit.segment),
        unit.segment.counts.terms,
      );
    },
    onProgress: (progress) => job.report("parsing", progress),
    onFault: (task, fault, error) =>
      job.log.warning("a blob broke its extraction", {
        blob_oid: task.oid,
        leave_out: fault.leaveOut,
        error: `${error.message}: ${String(error.cause)}`,
      }),
  });
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

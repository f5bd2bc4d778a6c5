/**
 * From the blobs that the index does not have to written segments: of all parts at once, or of the
 * text first, which is published before the symbols are extracted. Knows how much work is worth a
 * thread, and how much the second way; does not know trees.
 */
import type { BlobSizes } from "../git/repository.ts";
import type { JobRun, Progress } from "../job.ts";
import type { BlobTask, ExtractedUnit, ObjectStore } from "../pipeline/extraction.ts";
import {
  createInlineExtractor,
  createThreadExtractor,
  type Extractor,
} from "../pipeline/extractor.ts";
import { type PipelineResult, type PlannedUnit, runPipeline } from "../pipeline/pipeline.ts";
import { cutUnits, isSmall } from "../pipeline/units.ts";
import type { SegmentParts } from "../segment/segment_builder.ts";
import type { BlobKey, IndexStore } from "../store/index_store.ts";
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

/** What was extracted, and whether the text of it is published. */
export interface ExtractedBlobs extends PipelineResult {
  readonly isTextPublished: boolean;
}

/** Extracts blobs and writes their segments. */
export async function extractBlobs(
  missing: readonly BlobKey[],
  sizes: BlobSizes,
  options: ExtractBlobsOptions,
): Promise<ExtractedBlobs> {
  const { job, tools, publishText } = options;
  const tasks = tasksOf(missing, sizes);
  // An earlier attempt may have died of a file: that costs a thread, where inline it costs us.
  const local = job.claim.attempt === 1 && isSmall(tasks) ? await tools.localParser.load([]) : null;
  const isInline = local?.isSound === true;
  const cut = isInline ? [tasks] : cutUnits(tasks, tools.threads);
  const units = cut.map((each): PlannedUnit => ({ segmentId: null, tasks: each }));
  const extractors = isInline
    ? [createInlineExtractor(options.objects, local)]
    : units.slice(0, tools.threads).map(() => createThreadExtractor(options.objects, tools.thread));
  const bytes = tasks.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0);
  try {
    if (publishText === null || bytes < tools.textFirstBytesMin) {
      const all = await extractParts("all", units, null, extractors, options);
      return { ...all, isTextPublished: false };
    }
    const keepIn = bytes > KEPT_BYTES_MAX ? null : options.objects.directory;
    const text = await extractParts("text", units, keepIn, extractors, options);
    await publishText(text);
    // The same blobs of the same segments.
    const symbols = await extractParts("symbols", text.units, keepIn, extractors, options);
    return {
      ...text,
      symbolCount: symbols.symbolCount,
      extractMilliseconds: text.extractMilliseconds + symbols.extractMilliseconds,
      isTextPublished: true,
    };
  } finally {
    await Promise.all(extractors.map((extractor) => extractor.close()));
  }
}

async function extractParts(
  parts: SegmentParts,
  units: readonly PlannedUnit[],
  keepIn: string | null,
  extractors: readonly Extractor[],
  { job, tools, index }: ExtractBlobsOptions,
): Promise<PipelineResult> {
  return await runPipeline({
    units,
    parts,
    keepIn,
    extractors,
    signal: job.signal,
    openSegment: () => index.openSegment(),
    writeSegment: async ({ segmentId, segment }: ExtractedUnit) => {
      await tools.failpoint(parts === "symbols" ? "during_symbols" : "during_parse");
      const streams = segmentStreams(segment);
      await (parts === "symbols"
        ? index.completeSegment(segmentId, streams)
        : index.writeSegment(segmentId, streams, segment.counts.terms));
    },
    onProgress: (progress) => job.report("parsing", overall(progress, parts)),
    onFault: (task, fault, error) =>
      job.log.warning("a blob broke its extraction", {
        blob_oid: task.oid,
        leave_out: fault.leaveOut,
        error: `${error.message}: ${String(error.cause)}`,
      }),
  });
}

/** Of two goes over the files each counts half: a file is done when both have been there. */
export function overall(progress: Progress, parts: SegmentParts): Progress {
  if (parts === "all") return progress;
  const half = (done: number, total: number) =>
    Math.floor((parts === "text" ? done : total + done) / 2);
  const { percent, filesDone, filesTotal, bytesDone, bytesTotal } = progress;
  return {
    percent: half(percent, 100),
    filesDone: half(filesDone, filesTotal),
    filesTotal,
    bytesDone: half(bytesDone, bytesTotal),
    bytesTotal,
  };
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

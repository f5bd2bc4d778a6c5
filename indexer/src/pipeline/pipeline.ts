/**
 * Runs the extraction of a job: units go to extractors, their segments to the database, faults cost
 * a file and not the job. Does not know trees or git's host.
 *
 * Memory does not grow with the repository: each lane has at most two segments, one that is built, or
 * waits its turn, while the one before is copied.
 */
import { JobError } from "../errors.ts";
import type { Progress } from "../job.ts";
import type { SymbolsSkipReason } from "../parse/symbol.ts";
import type { SegmentParts } from "../segment/segment_builder.ts";
import type { BlobTask, ExtractedBlob, ExtractedUnit, Fault } from "./extraction.ts";
import { ExtractionBroken, type Extractor } from "./extractor.ts";
import { NO_TASK } from "./messages.ts";

/** A job in which more goes wrong is itself wrong. */
const FAULTS_MAX = 20;
const REPORT_MILLISECONDS = 250;

export interface PipelineOptions {
  /** The blobs of each segment. */
  readonly units: readonly (readonly BlobTask[])[];
  /**
   * Publishes the text of all units, once it is written; symbols are extracted meanwhile, and written
   * when it is done. Null: all parts are extracted at once.
   */
  readonly publishText: ((text: PipelineResult) => Promise<void>) | null;
  /** A directory for blobs that are read twice, first for their text; null: they are not kept. */
  readonly keepIn: string | null;
  /** Lent: whoever made them closes them. */
  readonly extractors: readonly Extractor[];
  readonly openSegment: () => Promise<bigint>;
  readonly writeSegment: (unit: ExtractedUnit, parts: SegmentParts) => Promise<void>;
  readonly onProgress: (progress: Progress) => void;
  readonly onFault: (task: BlobTask, fault: Fault, error: ExtractionBroken) => void;
  readonly signal: AbortSignal;
}

/** A blob and the segment that has it. */
export interface PlacedBlob extends ExtractedBlob {
  readonly segmentId: bigint;
}

export interface PipelineResult {
  readonly segmentIds: readonly bigint[];
  readonly blobs: readonly PlacedBlob[];
  readonly symbolCount: number;
  readonly termCount: number;
  /** Until the last unit was extracted; what came after was the end of its COPY. */
  readonly extractMilliseconds: number;
}

/** What a lane does next: a go over the blobs of a unit. */
interface Step {
  /** Null: the segment is still to be opened. */
  readonly segmentId: bigint | null;
  readonly tasks: readonly BlobTask[];
  readonly parts: SegmentParts;
}

/** Extracts and writes all units. After a rejection nothing goes on in the background. */
export async function runPipeline(options: PipelineOptions): Promise<PipelineResult> {
  const run = new PipelineRun(options);
  const timer = setInterval(() => run.report(), REPORT_MILLISECONDS);
  try {
    const lanes = options.extractors.map((extractor) => run.lane(extractor));
    const ends = await Promise.allSettled(lanes);
    const failed = ends.find((end) => end.status === "rejected");
    // The first lane to fail aborted the others, whose errors say less.
    if (failed !== undefined) throw run.failure ?? failed.reason;
    run.report();
    return run.result();
  } finally {
    clearInterval(timer);
  }
}

class PipelineRun {
  readonly #options: PipelineOptions;
  readonly #queue: Step[];
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  /** In their first go. */
  readonly #extracted: Omit<ExtractedUnit, "segment">[] = [];
  readonly #startedAt = performance.now();
  #extractedAt = this.#startedAt;
  readonly #totals: { readonly files: number; readonly bytes: number };
  /** Units whose text is not written yet, and what waits until all are, and are published. */
  #textsLeft: number;
  readonly #textPublished = Promise.withResolvers<void>();
  /** Of goes that are complete; the extractors count the others. */
  #files = 0;
  #bytes = 0;
  #symbols = 0;
  #terms = 0;
  #faults = 0;
  #failure: unknown;

  constructor(options: PipelineOptions) {
    this.#options = options;
    const parts = options.publishText === null ? "all" : "text";
    this.#queue = options.units.map((tasks) => ({ segmentId: null, tasks, parts }));
    this.#textsLeft = options.units.length;
    // Whoever waits for it hears of a failure; often nobody does.
    this.#textPublished.promise.catch(() => undefined);
    this.#signal = AbortSignal.any([options.signal, this.#stop.signal]);
    const tasks = options.units.flat();
    this.#totals = {
      files: tasks.length,
      bytes: tasks.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0),
    };
  }

  /** What the first lane to fail failed of. */
  get failure(): unknown {
    return this.#failure;
  }

  result(): PipelineResult {
    return {
      segmentIds: this.#extracted.map(({ segmentId }) => segmentId),
      blobs: this.#extracted.flatMap(({ segmentId, blobs }) =>
        blobs.map((blob) => ({ ...blob, segmentId }))
      ),
      symbolCount: this.#symbols,
      termCount: this.#terms,
      extractMilliseconds: Math.round(this.#extractedAt - this.#startedAt),
    };
  }

  /** Of two goes over the files each counts half: a file is done when both have been there. */
  report(): void {
    const { extractors, onProgress, publishText } = this.#options;
    const goes = publishText === null ? 1 : 2;
    const done = (before: number, count: (extractor: Extractor) => number) =>
      extractors.reduce((sum, extractor) => sum + count(extractor), before) / goes;
    const files = done(this.#files, ({ counters }) => counters.files);
    const bytes = done(this.#bytes, ({ counters }) => counters.bytes);
    const { files: filesTotal, bytes: bytesTotal } = this.#totals;
    onProgress({
      percent: filesTotal === 0 ? 100 : Math.floor((100 * files) / filesTotal),
      filesDone: Math.floor(files),
      filesTotal,
      bytesDone: Math.floor(bytes),
      bytesTotal,
    });
  }

  /**
   * Takes what is next until there is nothing. One segment may wait for its COPY while the next is
   * built.
   */
  async lane(extractor: Extractor): Promise<void> {
    let writing: Promise<void> = Promise.resolve();
    try {
      for (let step = this.#queue.shift(); step !== undefined; step = this.#queue.shift()) {
        const { tasks, extracted } = await this.#extract(extractor, step);
        const { parts } = step;
        const { segmentId } = extracted;
        this.#extractedAt = performance.now();
        this.#account(extractor, parts, extracted);
        // Behind the texts of all units, with what was found of these files.
        if (parts === "text") this.#queue.push({ segmentId, tasks, parts: "symbols" });
        await writing;
        writing = this.#write(extracted, parts);
        // It is awaited above or below; until then it must not count as forgotten.
        writing.catch((error: unknown) => this.#fail(error));
      }
      await writing;
    } catch (error) {
      this.#fail(error);
      await writing.catch(() => undefined);
      throw error;
    }
  }

  async #write(extracted: ExtractedUnit, parts: SegmentParts): Promise<void> {
    const { writeSegment, publishText } = this.#options;
    if (parts === "symbols") await this.#textPublished.promise;
    await writeSegment(extracted, parts);
    if (parts !== "text" || publishText === null) return;
    this.#textsLeft -= 1;
    if (this.#textsLeft > 0) return;
    await publishText(this.result());
    this.#textPublished.resolve();
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#stop.abort(error);
    this.#textPublished.reject(error);
  }

  #account(
    extractor: Extractor,
    parts: SegmentParts,
    { segment, segmentId, blobs }: ExtractedUnit,
  ): void {
    this.#files += extractor.counters.files;
    this.#bytes += extractor.counters.bytes;
    extractor.counters.reset();
    this.#symbols += segment.counts.symbols;
    this.#terms += segment.counts.terms;
    if (parts !== "symbols") this.#extracted.push({ segmentId, blobs });
  }

  /** Extracts a unit, as often as it takes to find the files that break it. */
  async #extract(
    extractor: Extractor,
    { parts, ...step }: Step,
  ): Promise<{ readonly tasks: readonly BlobTask[]; readonly extracted: ExtractedUnit }> {
    const { openSegment, keepIn } = this.#options;
    const segmentId = step.segmentId ?? await openSegment();
    const keptIn = keepIn === null ? null : `${keepIn}/blobs-of-${segmentId}`;
    let { tasks } = step;
    for (;;) {
      try {
        const extracted = await extractor.extract(
          { segmentId, tasks, parts, keptIn },
          this.#signal,
        );
        return { tasks, extracted };
      } catch (error) {
        this.#signal.throwIfAborted();
        if (!(error instanceof ExtractionBroken)) throw error;
        this.#faults += 1;
        if (this.#faults > FAULTS_MAX) {
          throw new JobError("extraction_failed", `${this.#faults} times`, error);
        }
        tasks = this.#withFault(tasks, parts, error);
      }
    }
  }

  #withFault(
    tasks: readonly BlobTask[],
    parts: SegmentParts,
    error: ExtractionBroken,
  ): readonly BlobTask[] {
    const task = error.task === NO_TASK ? undefined : tasks[error.task];
    if (task === undefined) return tasks;
    const fault = faultAfter(task, parts, error.hung ? "parse_timeout" : "parse_failed");
    this.#options.onFault(task, fault, error);
    return tasks.with(error.task, { ...task, fault });
  }
}

/** What is left out next. Where a text is published it stays, and so do the numbers of its blobs. */
function faultAfter({ fault }: BlobTask, parts: SegmentParts, reason: SymbolsSkipReason): Fault {
  const leavesSymbols = parts === "symbols" || (parts === "all" && fault === null);
  return leavesSymbols ? { leaveOut: "symbols", reason } : { leaveOut: "content" };
}

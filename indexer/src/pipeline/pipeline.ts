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

/** The blobs of a segment; null: the segment is still to be opened. */
export interface PlannedUnit {
  readonly segmentId: bigint | null;
  readonly tasks: readonly BlobTask[];
}

export interface PipelineOptions {
  readonly units: readonly PlannedUnit[];
  readonly parts: SegmentParts;
  /** A directory for blobs that are read twice, first for their text; null: they are not kept. */
  readonly keepIn: string | null;
  /** Lent: whoever made them closes them. */
  readonly extractors: readonly Extractor[];
  readonly openSegment: () => Promise<bigint>;
  readonly writeSegment: (unit: ExtractedUnit) => Promise<void>;
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
  /** With the faults of their tasks. */
  readonly units: readonly PlannedUnit[];
  readonly blobs: readonly PlacedBlob[];
  readonly symbolCount: number;
  readonly termCount: number;
  /** Until the last unit was extracted; what came after was the end of its COPY. */
  readonly extractMilliseconds: number;
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
  readonly #queue: PlannedUnit[];
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #extracted: (Omit<ExtractedUnit, "segment"> & PlannedUnit)[] = [];
  readonly #startedAt = performance.now();
  #extractedAt = this.#startedAt;
  readonly #totals: { readonly files: number; readonly bytes: number };
  /** Of units that are complete; the extractors count the others. */
  #files = 0;
  #bytes = 0;
  #symbols = 0;
  #terms = 0;
  #faults = 0;
  #failure: unknown;

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#queue = [...options.units];
    this.#signal = AbortSignal.any([options.signal, this.#stop.signal]);
    const tasks = options.units.flatMap((unit) => unit.tasks);
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
      units: this.#extracted.map(({ segmentId, tasks }) => ({ segmentId, tasks })),
      blobs: this.#extracted.flatMap(({ segmentId, blobs }) =>
        blobs.map((blob) => ({ ...blob, segmentId }))
      ),
      symbolCount: this.#symbols,
      termCount: this.#terms,
      extractMilliseconds: Math.round(this.#extractedAt - this.#startedAt),
    };
  }

  report(): void {
    const { extractors, onProgress } = this.#options;
    const sum = (count: (extractor: Extractor) => number) =>
      extractors.reduce((total, extractor) => total + count(extractor), 0);
    const filesDone = this.#files + sum(({ counters }) => counters.files);
    const bytesDone = this.#bytes + sum(({ counters }) => counters.bytes);
    const { files: filesTotal, bytes: bytesTotal } = this.#totals;
    const percent = filesTotal === 0 ? 100 : Math.floor((100 * filesDone) / filesTotal);
    onProgress({ percent, filesDone, filesTotal, bytesDone, bytesTotal });
  }

  /** Takes units until there are none. One segment may wait for its COPY while the next is built. */
  async lane(extractor: Extractor): Promise<void> {
    let writing: Promise<void> = Promise.resolve();
    try {
      for (let unit = this.#queue.shift(); unit !== undefined; unit = this.#queue.shift()) {
        const { tasks, extracted } = await this.#extract(extractor, unit);
        this.#extractedAt = performance.now();
        await writing;
        writing = this.#options.writeSegment(extracted);
        // It is awaited above or below; until then it must not count as forgotten.
        writing.catch((error: unknown) => this.#fail(error));
        this.#account(extractor, tasks, extracted);
      }
      await writing;
    } catch (error) {
      this.#fail(error);
      await writing.catch(() => undefined);
      throw error;
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#stop.abort(error);
  }

  #account(
    extractor: Extractor,
    tasks: readonly BlobTask[],
    { segment, segmentId, blobs }: ExtractedUnit,
  ): void {
    this.#files += extractor.counters.files;
    this.#bytes += extractor.counters.bytes;
    extractor.counters.reset();
    this.#symbols += segment.counts.symbols;
    this.#terms += segment.counts.terms;
    this.#extracted.push({ segmentId, blobs, tasks });
  }

  /** Extracts a unit, as often as it takes to find the files that break it. */
  async #extract(
    extractor: Extractor,
    unit: PlannedUnit,
  ): Promise<{ readonly tasks: readonly BlobTask[]; readonly extracted: ExtractedUnit }> {
    const { parts, openSegment, keepIn } = this.#options;
    const segmentId = unit.segmentId ?? await openSegment();
    const keptIn = keepIn === null ? null : `${keepIn}/blobs-of-${segmentId}`;
    let { tasks } = unit;
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
        tasks = this.#withFault(tasks, error);
      }
    }
  }

  #withFault(tasks: readonly BlobTask[], error: ExtractionBroken): readonly BlobTask[] {
    const task = error.task === NO_TASK ? undefined : tasks[error.task];
    if (task === undefined) return tasks;
    const fault = this.#faultAfter(task, error.hung ? "parse_timeout" : "parse_failed");
    this.#options.onFault(task, fault, error);
    return tasks.with(error.task, { ...task, fault });
  }

  /** What is left out next. Where a text is published it stays, and so do the numbers of its blobs. */
  #faultAfter({ fault }: BlobTask, reason: SymbolsSkipReason): Fault {
    const { parts } = this.#options;
    const leavesSymbols = parts === "symbols" || (parts === "all" && fault === null);
    return leavesSymbols ? { leaveOut: "symbols", reason } : { leaveOut: "content" };
  }
}

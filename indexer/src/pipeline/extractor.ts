/**
 * Something that extracts units: this thread, or another one that is watched and replaced when it
 * hangs or dies. Does not know which units there are, nor what becomes of them.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { Worker } from "node:worker_threads";
import { JobError } from "../errors.ts";
import type { SymbolParser } from "../parse/parser.ts";
import { type ExtractedUnit, extractUnit, type ObjectStore, type Unit } from "./extraction.ts";
import {
  Counters,
  type ExtractAnswer,
  type ExtractMessage,
  NO_TASK,
  type ThreadData,
} from "./messages.ts";

/** How an extraction thread is run. */
export interface ThreadOptions {
  /** The module that it begins with. */
  readonly entry: URL;
  /** A file that takes longer hangs. */
  readonly taskMillisecondsMax: number;
  /** Of the JavaScript heap, without the buffers. */
  readonly heapMegabytesMax: number;
}

/**
 * The thread that parses with the real parsers. Parsing one file takes two seconds at most, and a
 * unit of the largest size half of this heap.
 */
export const extractionThread: ThreadOptions = {
  entry: new URL("./thread_entry.ts", import.meta.url),
  taskMillisecondsMax: 10_000,
  heapMegabytesMax: 1024,
};

/**
 * What a thread's heap begins with. V8 collects one from a few MB on, and would mark that of a thread, of
 * which 10 to 20 live, for every half megabyte of source. Its young part is V8's own and not the main
 * thread's. Set here and not where Node starts: with this option Node compiles its own modules anew.
 */
export const THREAD_HEAP_FLAGS = ["--initial-old-space-size=128", "--min-semi-space-size=0"];
/** Sorting the dictionary of the largest segment takes about two seconds. */
const FINISH_MILLISECONDS_MAX = 120_000;
const WATCH_MILLISECONDS = 500;

/** The extraction broke at one task, or (NO_TASK) nobody knows where. */
export class ExtractionBroken extends Error {
  override readonly name = "ExtractionBroken";
  readonly task: number;
  readonly hung: boolean;

  constructor(task: number, hung: boolean, cause: unknown) {
    super(hung ? "an extraction hung" : "an extraction thread died", { cause });
    this.task = task;
    this.hung = hung;
  }
}

/** Extracts one unit at a time. */
export interface Extractor {
  readonly counters: Counters;
  /** Rejects with ExtractionBroken where leaving out the task may help. */
  extract(unit: Unit, signal: AbortSignal): Promise<ExtractedUnit>;
  close(): Promise<void>;
}

/** Extracts on this thread: for jobs so small that starting another one would take longer. */
export function createInlineExtractor(objects: ObjectStore, parser: SymbolParser): Extractor {
  const counters = new Counters();
  return {
    counters,
    extract(unit, signal) {
      counters.reset();
      return extractUnit(unit, { objects, parser, observer: counters.observer, signal });
    },
    close: () => Promise.resolve(),
  };
}

/** Extracts on a thread that starts with the first unit, and anew after one that broke it. */
export function createThreadExtractor(objects: ObjectStore, options: ThreadOptions): Extractor {
  const counters = new Counters();
  let worker: Worker | null = null;
  const close = async () => {
    const old = worker;
    worker = null;
    await old?.terminate();
  };
  const start = () => {
    const started = startThread(options, counters);
    started.on("exit", () => {
      if (worker === started) worker = null;
    });
    return started;
  };
  return {
    counters,
    close,
    async extract(unit, signal) {
      signal.throwIfAborted();
      counters.reset();
      worker ??= start();
      const done = new AbortController();
      try {
        worker.postMessage({ unit, objects } satisfies ExtractMessage);
        const answer = await Promise.race([
          answerOf(worker, done.signal),
          watch(counters, options, AbortSignal.any([done.signal, signal])),
        ]);
        if (answer.kind === "extracted") return answer.unit;
        throw new JobError(answer.code, answer.message);
      } catch (error) {
        await close();
        signal.throwIfAborted();
        if (error instanceof ExtractionBroken || error instanceof JobError) throw error;
        // The thread's own last words, such as running out of memory.
        throw new ExtractionBroken(counters.task, false, error);
      } finally {
        done.abort();
      }
    },
  };
}

function startThread({ entry, heapMegabytesMax }: ThreadOptions, counters: Counters): Worker {
  const workerData: ThreadData = { counters: counters.buffer };
  for (const flag of THREAD_HEAP_FLAGS) setFlagsFromString(flag);
  const worker = new Worker(entry, {
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytesMax },
  });
  // Awaited where a unit is; a thread that dies between units is replaced with the next one.
  worker.on("error", () => undefined);
  return worker;
}

/** The next answer of a thread; rejects when it dies first. */
function answerOf(worker: Worker, done: AbortSignal): Promise<ExtractAnswer> {
  return new Promise((resolve, reject) => {
    const exited = (code: number) => reject(new Error(`the thread ended with ${code}`));
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", exited);
    done.addEventListener("abort", () => {
      worker.off("message", resolve);
      worker.off("error", reject);
      worker.off("exit", exited);
    }, { once: true });
  });
}

/** Rejects when the counters stand still for too long. */
async function watch(
  counters: Counters,
  { taskMillisecondsMax }: ThreadOptions,
  signal: AbortSignal,
): Promise<never> {
  let task = NO_TASK;
  let files = 0;
  let since = performance.now();
  for (;;) {
    await sleep(Math.min(WATCH_MILLISECONDS, taskMillisecondsMax), undefined, { signal });
    const limit = counters.task === NO_TASK ? FINISH_MILLISECONDS_MAX : taskMillisecondsMax;
    if (task !== counters.task || files !== counters.files) {
      task = counters.task;
      files = counters.files;
      since = performance.now();
    } else if (performance.now() - since > limit) {
      throw new ExtractionBroken(counters.task, true, null);
    }
  }
}

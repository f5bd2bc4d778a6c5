/**
 * Something that extracts units: this thread, or another one that is watched and replaced when it
 * hangs or dies. Does not know which units there are, nor what becomes of them.
 */
import { setTimeout as sleep } from "node:timers/promises";
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

/** Five times what parsing one file may take by itself. */
const TASK_MILLISECONDS_MAX = 10_000;
/** Sorting the dictionary of the largest segment takes about two seconds. */
const FINISH_MILLISECONDS_MAX = 120_000;
const WATCH_MILLISECONDS = 500;
/** Twice what a unit of the largest size was seen to need outside of its buffers. */
const HEAP_MEGABYTES_MAX = 1024;

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
export function createThreadExtractor(objects: ObjectStore, entry: URL): Extractor {
  const counters = new Counters();
  let worker: Worker | null = null;
  const close = async () => {
    const old = worker;
    worker = null;
    await old?.terminate();
  };
  return {
    counters,
    close,
    async extract(unit, signal) {
      counters.reset();
      worker ??= startThread(entry, counters);
      try {
        return await askThread(worker, { unit, objects }, counters, signal);
      } catch (error) {
        await close();
        throw error;
      }
    },
  };
}

/** The thread that parses with the real parsers. */
export const threadEntry = new URL("./thread_entry.ts", import.meta.url);

function startThread(entry: URL, counters: Counters): Worker {
  const workerData: ThreadData = { counters: counters.buffer };
  const worker = new Worker(entry, {
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES_MAX },
  });
  // An error is awaited where a unit is; one that comes between units shows at the next.
  worker.on("error", () => undefined);
  return worker;
}

async function askThread(
  worker: Worker,
  message: ExtractMessage,
  counters: Counters,
  signal: AbortSignal,
): Promise<ExtractedUnit> {
  signal.throwIfAborted();
  const done = new AbortController();
  try {
    worker.postMessage(message);
    const answer = await Promise.race([
      answerOf(worker, done.signal),
      watch(counters, AbortSignal.any([done.signal, signal])),
    ]);
    if (answer.kind === "failed") throw new JobError("extraction_failed", answer.message);
    return answer.unit;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ExtractionBroken || error instanceof JobError) throw error;
    // The thread's own last words, such as running out of memory.
    throw new ExtractionBroken(counters.task, false, error);
  } finally {
    done.abort();
  }
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
async function watch(counters: Counters, signal: AbortSignal): Promise<never> {
  let task = NO_TASK;
  let files = 0;
  let since = performance.now();
  for (;;) {
    await sleep(WATCH_MILLISECONDS, undefined, { signal });
    const limit = counters.task === NO_TASK ? FINISH_MILLISECONDS_MAX : TASK_MILLISECONDS_MAX;
    if (task !== counters.task || files !== counters.files) {
      task = counters.task;
      files = counters.files;
      since = performance.now();
    } else if (performance.now() - since > limit) {
      throw new ExtractionBroken(counters.task, true, null);
    }
  }
}

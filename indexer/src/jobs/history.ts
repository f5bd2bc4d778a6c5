/**
 * What a job writes into its own history while it runs: stages with their times. Does not hold up
 * the job; a refusal is noticed at the end.
 */
import type { JobRun } from "../job.ts";
import type { JobStore } from "../store/job_store.ts";

export type StageFacts = Readonly<Record<string, string | number>>;

/** The history of one run. */
export class History {
  readonly #job: JobRun;
  readonly #queue: JobStore;
  readonly #notes: Promise<void>[] = [];
  readonly #start = performance.now();
  #since = this.#start;

  constructor(job: JobRun, queue: JobStore) {
    this.#job = job;
    this.#queue = queue;
  }

  /** Whole milliseconds since the last call, or the beginning. */
  lap(): number {
    const now = performance.now();
    const milliseconds = Math.round(now - this.#since);
    this.#since = now;
    return milliseconds;
  }

  /** Whole milliseconds since the beginning. */
  sinceStart(): number {
    return Math.round(performance.now() - this.#start);
  }

  note(event: string, message: string, facts: StageFacts): void {
    const note = this.#queue.noteEvent(this.#job.claim, event, message, facts, this.#job.signal);
    // It is awaited in settle; until then it must not count as forgotten.
    note.catch(() => undefined);
    this.#notes.push(note);
  }

  /** Waits until everything is written. */
  async settle(): Promise<void> {
    await Promise.all(this.#notes);
  }
}

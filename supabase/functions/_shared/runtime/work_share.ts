/**
 * How many requests an instance works on at once. Those beyond wait their turn; who would wait for too
 * long, as the pace of the others tells, is refused at once: to work on all would be too late for each.
 * Knows no work.
 */
import { ProblemError } from "./problem.ts";

/** By then a waiting line is worked off. */
const RETRY_AFTER_SECONDS = 1;
/** The pace is that of about so many ends: a slow one among them is no reason to refuse. */
const PACE_ENDS = 8;

/** What a share gives. */
export interface ShareLimits {
  readonly atOnceMax: number;
  readonly waitMillisecondsMax: number;
}

/** Admits work in the order in which it comes. */
export class WorkShare {
  readonly #limits: ShareLimits;
  readonly #now: () => number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  /** When the last one ended, where another took its place. */
  #endedAt: number | null = null;
  /** Milliseconds from one end to the next, while somebody waited. */
  #pace = 0;

  /** `now`: milliseconds. */
  constructor(limits: ShareLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  /** What has begun or waits, and not ended. */
  get wanted(): number {
    return this.#running + this.#waiting.length;
  }

  /** Does the work when it is its turn; what it throws is thrown on. Throws busy where that is too late. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#running < this.#limits.atOnceMax) this.#running += 1;
    else await this.#turn();
    try {
      return await work();
    } finally {
      this.#end();
    }
  }

  async #turn(): Promise<void> {
    // Whoever is the first to wait is never refused, so that a pace that was slow is found out again.
    if (this.#waiting.length * this.#pace > this.#limits.waitMillisecondsMax) {
      const headers = { "retry-after": String(RETRY_AFTER_SECONDS) };
      throw new ProblemError("busy", "More was asked at once than can be answered soon.", headers);
    }
    await new Promise<void>((resolve) => void this.#waiting.push(resolve));
  }

  #end(): void {
    const next = this.#waiting.shift();
    if (next === undefined) {
      this.#running -= 1;
      this.#endedAt = null;
      return;
    }
    const now = this.#now();
    if (this.#endedAt !== null) this.#pace += (now - this.#endedAt - this.#pace) / PACE_ENDS;
    this.#endedAt = now;
    // It has the place of this one, so that nobody comes in between.
    next();
  }
}

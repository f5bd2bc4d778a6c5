/**
 * How many of one kind of work an instance does at once, so that each can do less when there are many.
 * Knows no clock and no work.
 */

/** Counts what has begun and not ended. */
export class WorkShare {
  #running = 0;

  get running(): number {
    return this.#running;
  }

  /** Does the work as one more; what it throws is thrown on. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#running += 1;
    try {
      return await work();
    } finally {
      this.#running -= 1;
    }
  }
}

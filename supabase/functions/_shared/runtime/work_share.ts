/**
 * How many requests an instance works on at once. Those beyond wait in lines, one for each who asks, that
 * are served in turn; who would wait for too long, by what work has taken, is refused at once: to work
 * on all would be too late for each. Knows no work, and not whose a line is.
 */
import { ProblemError } from "./problem.ts";

/** Late enough that a part of each line is worked off. */
const RETRY_AFTER_SECONDS = 1;
/** What work takes is the mean of about so many ends: a slow one among them is no reason to refuse. */
const DURATION_ENDS = 16;

/** What a share gives. */
export interface ShareLimits {
  readonly atOnceMax: number;
  /** In all lines together. */
  readonly waitingMax: number;
  readonly waitMillisecondsMax: number;
}

/** Who wants something done. */
export interface Turn {
  readonly line: string;
  /** Its signal is aborted when nobody waits for the answer any more, and looked at only where it must wait. */
  readonly request: { readonly signal: AbortSignal };
}

/** One that waits: it is told to begin or refused, whichever comes first. */
interface Waiter {
  readonly begin: () => void;
  readonly refuse: () => void;
}

/** Admits work in the order in which it comes, of each line in turn. */
export class WorkShare {
  readonly #limits: ShareLimits;
  readonly #now: () => number;
  /** In the order in which they are served; none is empty. */
  readonly #lines = new Map<string, Waiter[]>();
  #running = 0;
  /** When the last one began. */
  #begunAt = 0;
  /** Milliseconds that a piece of work takes. */
  #duration = 0;

  /** `now`: milliseconds. */
  constructor(limits: ShareLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  /** What has begun and not ended. */
  get running(): number {
    return this.#running;
  }

  /** Does the work when it is its turn; what it throws is thrown on. Throws busy where that is too late. */
  async run<Result>(turn: Turn, work: () => Promise<Result>): Promise<Result> {
    if (this.#running < this.#limits.atOnceMax) this.#running += 1;
    else await this.#wait(turn);
    const begunAt = this.#now();
    this.#begunAt = begunAt;
    try {
      return await work();
    } finally {
      this.#end(begunAt);
    }
  }

  async #wait({ line, request }: Turn): Promise<void> {
    const { signal } = request;
    if (signal.aborted || !this.#mayWait(line)) throw busy();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = { begin: resolve, refuse: () => reject(busy()) };
    const goAway = () => this.#leave(line, waiter);
    const waiters = this.#lines.get(line);
    if (waiters === undefined) this.#lines.set(line, [waiter]);
    else waiters.push(waiter);
    signal.addEventListener("abort", goAway);
    try {
      await promise;
    } finally {
      signal.removeEventListener("abort", goAway);
    }
  }

  /** Whether one more of a line may wait. Where no more may, it takes the place of the longest line's last. */
  #mayWait(line: string): boolean {
    const { atOnceMax, waitingMax, waitMillisecondsMax } = this.#limits;
    const before = this.#lines.get(line)?.length ?? 0;
    let ahead = 0;
    let waiting = 0;
    let longest: Waiter[] = [];
    for (const waiters of this.#lines.values()) {
      // Another line has one turn before each of this one.
      ahead += Math.min(waiters.length, before + 1);
      waiting += waiters.length;
      if (waiters.length > longest.length) longest = waiters;
    }
    // While nothing ends, work takes at least as long as the one that began last has taken by now. Not the
    // first: the others' places may change hands beside one that never ends.
    const duration = Math.max(this.#duration, this.#now() - this.#begunAt);
    if ((ahead + 1) * duration > waitMillisecondsMax * atOnceMax) return false;
    if (waiting < waitingMax) return true;
    if (longest.length <= before + 1) return false;
    longest.pop()?.refuse();
    return true;
  }

  /** Does nothing for one whose turn has come. */
  #leave(line: string, waiter: Waiter): void {
    const others = this.#lines.get(line)?.filter((each) => each !== waiter) ?? [];
    if (others.length > 0) this.#lines.set(line, others);
    else this.#lines.delete(line);
    waiter.refuse();
  }

  #end(begunAt: number): void {
    const now = this.#now();
    // Whether or not anybody waits: what was slow once is found out to be faster.
    this.#duration += (now - begunAt - this.#duration) / DURATION_ENDS;
    const [first] = this.#lines;
    if (first === undefined) {
      this.#running -= 1;
      return;
    }
    const [line, [next, ...others]] = first;
    this.#lines.delete(line);
    if (others.length > 0) this.#lines.set(line, others);
    // It has the place of this one, so that nobody comes in between.
    next?.begin();
  }
}

function busy(): ProblemError {
  const headers = { "retry-after": String(RETRY_AFTER_SECONDS) };
  return new ProblemError("busy", "More was asked at once than can be answered soon.", headers);
}

// The rate limits of the Machines API as its documentation says them: for each action and what it is
// done to, one request a second and three at once; ten and five for looking at a machine.

import type { FlyAction } from "./fly_faults.ts";

interface Bucket {
  tokens: number;
  /** Milliseconds on the clock that was given. */
  at: number;
}

const USUAL = { perSecond: 1, burst: 3 };
const LIMITS: Partial<Record<FlyAction, typeof USUAL>> = { get: { perSecond: 5, burst: 10 } };

export class FlyRateLimits {
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** As if nothing had been asked for lately. */
  reset(): void {
    this.#buckets.clear();
  }

  /** Counts a request; false: it is one too many. `subject` is a machine's id, or the app's name. */
  allow(action: FlyAction, subject: string): boolean {
    const { perSecond, burst } = LIMITS[action] ?? USUAL;
    const key = `${action} ${subject}`;
    const at = this.#now();
    const before = this.#buckets.get(key) ?? { tokens: burst, at };
    const tokens = Math.min(burst, before.tokens + (at - before.at) / 1000 * perSecond);
    const isAllowed = tokens >= 1;
    this.#buckets.set(key, { tokens: isAllowed ? tokens - 1 : tokens, at });
    return isAllowed;
  }
}

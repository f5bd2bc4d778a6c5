// Trying again and waiting with a deadline: while faults are injected, anything may fail for a while.

import { setTimeout as sleep } from "node:timers/promises";

const POLL_MILLISECONDS = 50;
const PATIENCE_SECONDS = 60;

/** Does it until it succeeds; after a minute its last error is thrown. */
export async function persist<T>(what: string, attempt: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + PATIENCE_SECONDS * 1000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > deadline) {
        throw new Error(`${what}: in vain for ${PATIENCE_SECONDS} s`, { cause: error });
      }
      await sleep(POLL_MILLISECONDS);
    }
  }
}

/** Looks until it is so; false when the time is over first. Errors of looking are passed over. */
export async function holdsWithin(
  seconds: number,
  look: () => Promise<boolean> | boolean,
): Promise<boolean> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    try {
      if (await look()) return true;
    } catch {
      // A database that restarts: the next look tells.
    }
    if (performance.now() > deadline) return false;
    await sleep(POLL_MILLISECONDS);
  }
}

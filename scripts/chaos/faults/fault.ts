// What every fault is: a name, and one injection that ends what it began before it returns.

import { setTimeout as sleep } from "node:timers/promises";
import { holdsWithin } from "../patience.ts";
import type { Random } from "../random.ts";
import type { World } from "../world.ts";

/** Whether a fault that waits for its occasion, as the next machine that boots, has met it by now. */
export type HasMet = () => boolean;

export interface Fault {
  readonly name: string;
  /**
   * Breaks something, and mends it unless it mends itself; answers null when it has. Throws where
   * something else broke, or where nothing is there to break: what is counted as a fault was one.
   */
  readonly inject: (world: World, random: Random) => Promise<HasMet | null>;
}

/** A fault that has taken effect when it returns. */
export function struck(
  name: string,
  strike: (world: World, random: Random) => Promise<unknown>,
): Fault {
  return {
    name,
    inject: async (world, random) => {
      await strike(world, random);
      return null;
    },
  };
}

/** A fault that waits for its occasion. */
export function armed(
  name: string,
  arm: (world: World, random: Random) => HasMet | Promise<HasMet>,
): Fault {
  return { name, inject: async (world, random) => await arm(world, random) };
}

const VICTIM_SECONDS_MAX = 1;
const SPELL_MILLISECONDS_MIN = 200;
const SPELL_MILLISECONDS_MAX = 1200;

/** Waits a moment for what shall be broken; throws when it does not come. */
export async function awaitVictim<T>(what: string, find: () => T | null): Promise<T> {
  const there = await holdsWithin(VICTIM_SECONDS_MAX, () => find() !== null);
  const victim = there ? find() : null;
  if (victim === null) throw new Error(`there is no ${what} to break`);
  return victim;
}

/** How long a fault that lasts lasts: long against a request, short against a run. */
export function spell(random: Random): Promise<void> {
  return sleep(random.integer(SPELL_MILLISECONDS_MIN, SPELL_MILLISECONDS_MAX));
}

/** Breaks something for a spell. */
export async function during(
  random: Random,
  start: () => void | Promise<void>,
  end: () => void | Promise<void>,
): Promise<void> {
  await start();
  try {
    await spell(random);
  } finally {
    await end();
  }
}

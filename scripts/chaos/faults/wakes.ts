// Faults between the database and dispatch: hints dropped, repeated and late, and a sweep that stands
// still.

import { moveClock } from "../time.ts";
import { during, type Fault, spell, struck } from "./fault.ts";

const REPEATS_MAX = 20;

/** Longer than a lease with the sweep that should end it: only claims and plans are left to see to things. */
const CRON_AWAY_SECONDS = 90;

export const wakeFaults: readonly Fault[] = [
  struck("drop_wakes", ({ stack }, random) =>
    during(random, () => stack.net.pause(), async () => {
      try {
        await stack.sql`delete from net.http_request_queue`;
      } finally {
        stack.net.resume();
      }
    })),
  struck(
    "delay_wakes",
    ({ stack }, random) => during(random, () => stack.net.pause(), () => stack.net.resume()),
  ),
  struck("repeat_wakes", async ({ stack }, random) => {
    const count = random.integer(2, REPEATS_MAX);
    await stack.sql`select quarry.request_wake() from generate_series(1, ${count}::int)`;
  }),
  struck("pause_cron", async (world, random) => {
    world.isSweepPaused = true;
    try {
      await spell(random);
      await moveClock(world, CRON_AWAY_SECONDS);
      await spell(random);
    } finally {
      world.isSweepPaused = false;
    }
  }),
];

// Faults between the database and dispatch: hints dropped, repeated and late, and a sweep that stands
// still.

import { during, type Fault } from "./fault.ts";

const REPEATS_MAX = 20;

export const wakeFaults: readonly Fault[] = [
  {
    name: "drop_wakes",
    inject: ({ stack }, random) =>
      during(random, () => stack.net.pause(), async () => {
        try {
          await stack.sql`delete from net.http_request_queue`;
        } finally {
          stack.net.resume();
        }
      }),
  },
  {
    name: "delay_wakes",
    inject: ({ stack }, random) =>
      during(random, () => stack.net.pause(), () => stack.net.resume()),
  },
  {
    name: "repeat_wakes",
    inject: async ({ stack }, random) => {
      const count = random.integer(2, REPEATS_MAX);
      await stack.sql`select quarry.request_wake() from generate_series(1, ${count}::int)`;
    },
  },
  {
    name: "pause_cron",
    inject: (world, random) =>
      during(random, () => {
        world.isSweepPaused = true;
      }, () => {
        world.isSweepPaused = false;
      }),
  },
];

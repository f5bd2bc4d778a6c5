// Faults of the edge functions: their whole runtime dies in the middle of whatever it did, or of something
// that is named.

import { type Fault, struck } from "./fault.ts";
import { type Point, strikeAt } from "./points.ts";

/** What a function has begun and not finished when it dies. */
const POINTS: readonly [Point, ...Point[]] = [
  // The webhook is verified, its delivery is not stored.
  { table: "webhook_deliveries", when: "true" },
  // Dispatch has planned launches, and calls nobody.
  { table: "machines", when: "true" },
  // A request has asked for an index, and is not answered.
  { table: "indexing_jobs", when: "true" },
];

export const functionsFaults: readonly Fault[] = [
  struck("kill_functions", ({ stack }) => stack.restartFunctions()),
  struck(
    "kill_functions_at_point",
    (world, random) =>
      strikeAt(world, random.pick(POINTS), async () => {
        await world.stack.restartFunctions();
      }),
  ),
];

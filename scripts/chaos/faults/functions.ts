// Faults of the edge functions: their whole runtime dies in the middle of whatever it did, or of something
// that is named.

import { type Fault, struck } from "./fault.ts";
import { type Point, strikeAt } from "./points.ts";

/** The Data API says so of the calls it makes, and nobody calls through it but functions: no sweep or indexer. */
const IS_A_FUNCTIONS_CALL = "current_setting('request.path', true) <> ''";

/**
 * What a function waits for when it dies. The call itself goes on, as PostgREST lets it, and commits once
 * it is let go: its answer is what is lost.
 */
const POINTS: readonly [Point, ...Point[]] = [
  // The webhook's delivery is stored, and its host is not told.
  { table: "webhook_deliveries", when: IS_A_FUNCTIONS_CALL },
  // Dispatch has planned launches, and calls nobody.
  { table: "machines", when: IS_A_FUNCTIONS_CALL },
  // An index is asked for, and who asked is not answered.
  { table: "indexing_jobs", when: IS_A_FUNCTIONS_CALL },
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

/**
 * Carries out what was planned, a few launches at a time, records what became of each, and plans
 * again what failed: another stopped machine, or a new one.
 */
import {
  LAUNCH_PAUSE_SECONDS_MAX,
  LAUNCH_ROUNDS_MAX,
  LAUNCHES_AT_ONCE_MAX,
} from "../_shared/contracts/limits.ts";
import { type Database } from "../_shared/runtime/database.ts";
import { type PlannedLaunch } from "../_shared/runtime/database_answers.ts";
import { type Log } from "../_shared/runtime/log.ts";
import { launch } from "./launch.ts";
import { type LaunchOptions, notTried } from "./launch_record.ts";

/** What launching takes from outside. */
export interface LaunchAllOptions extends LaunchOptions {
  readonly database: Pick<Database, "isLaunching" | "planLaunches" | "recordLaunch">;
  readonly log: Log;
  /** The fleet limit. */
  readonly machinesMax: number;
}

/** What became of the launches of one round. */
interface Round {
  readonly hasFailures: boolean;
  /** The longest pause that the platform asked for; null: it asked for none. */
  readonly pauseSeconds: number | null;
}

async function launchRound(
  planned: readonly PlannedLaunch[],
  options: LaunchAllOptions,
): Promise<Round> {
  let hasFailures = false;
  let pauseSeconds: number | null = null;
  // The lanes share one iterator: each takes the next launch when it is done with its own.
  const queue = planned.values();
  const lane = async () => {
    for (const next of queue) {
      const isPaused = pauseSeconds !== null && next.machine_id === null;
      const record = isPaused ? notTried("the platform pauses") : await launch(next, options);
      if (record.error !== null) {
        hasFailures = true;
        options.log("launch_failed", { launchId: next.launch_id, error: record.error });
      }
      if (record.pauseSeconds !== null) {
        pauseSeconds = Math.max(pauseSeconds ?? 0, record.pauseSeconds);
      }
      await options.database.recordLaunch(next.launch_id, record);
    }
  };
  await Promise.all(Array.from({ length: LAUNCHES_AT_ONCE_MAX }, lane));
  return { hasFailures, pauseSeconds };
}

/** Launches until nothing more is wanted, nothing more is allowed, or the time is over. */
export async function launchAll(
  first: readonly PlannedLaunch[],
  options: LaunchAllOptions,
): Promise<void> {
  let planned = first;
  for (let round = 1; planned.length > 0; round += 1) {
    const { hasFailures, pauseSeconds } = await launchRound(planned, options);
    if (!hasFailures || round === LAUNCH_ROUNDS_MAX) return;
    if (pauseSeconds !== null && pauseSeconds > LAUNCH_PAUSE_SECONDS_MAX) return;
    if (pauseSeconds !== null) await options.sleep(pauseSeconds * 1000);
    if (options.deadline.aborted) return;
    planned = await options.database.planLaunches(options.machinesMax, options.image);
  }
}

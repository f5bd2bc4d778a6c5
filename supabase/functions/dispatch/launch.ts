/**
 * Carries out one launch: starts the stopped machine that was planned for it, or creates one. However
 * often and unclearly the platform answers, there is at most one machine a launch.
 */
import { type PlannedLaunch } from "../_shared/runtime/database_answers.ts";
import { type LaunchRecord } from "../_shared/runtime/database_functions.ts";
import { createMachine } from "./create.ts";
import { type LaunchOptions, notTried } from "./launch_record.ts";
import { startMachine } from "./start.ts";

/** Launches; answers what to record. */
export async function launch(
  planned: PlannedLaunch,
  options: LaunchOptions,
): Promise<LaunchRecord> {
  if (options.deadline.aborted) return notTried("out of time");
  const { machine_id } = planned;
  return machine_id === null
    ? await createMachine(planned, options)
    : await startMachine(machine_id, options);
}

/**
 * Destroys machines that nobody needs or waits for any more: what never came up, fell silent, runs
 * an old image, has been stopped for long, or should have come to rest and has not. What fails is due
 * again after a minute.
 */
import { type Database } from "../_shared/runtime/database.ts";
import { type LeftoverMachine } from "../_shared/runtime/database_answers.ts";
import { type FlyError, type FlyMachines } from "../_shared/runtime/fly_machines.ts";
import { type Log } from "../_shared/runtime/log.ts";

/** What cleaning takes from outside. */
export interface CleaningOptions {
  readonly database: Pick<Database, "planCleaning" | "recordCleaning" | "recordRest">;
  readonly fly: FlyMachines;
  readonly image: string;
  readonly log: Log;
}

/** Its worker has left. Null: it is at rest, is gone for good, or was taken by a later launch. */
async function seeToRest(
  machine: LeftoverMachine,
  machineId: string,
  options: CleaningOptions,
  deadline: AbortSignal,
): Promise<FlyError | null> {
  const { database, fly, log } = options;
  const found = await fly.get(machineId, deadline);
  if ("error" in found && found.error.code !== "not_found") return found.error;
  const state = "value" in found ? found.value.state : "not found";
  if (!await database.recordRest(machine.launch_id, state === "stopped")) return null;
  log("machine_not_at_rest", { launchId: machine.launch_id, machineId, state });
  return await destroy(machine, options, deadline);
}

/** Null: it is gone for good, or was not found. */
async function destroy(
  { launch_id, created_by, machine_id }: LeftoverMachine,
  { database, fly }: CleaningOptions,
  deadline: AbortSignal,
): Promise<FlyError | null> {
  let machineId = machine_id;
  if (machineId === null) {
    const listed = await fly.listByLaunch(created_by, deadline);
    if ("error" in listed) return listed.error;
    machineId = listed.value[0]?.machineId ?? null;
  }
  if (machineId !== null) {
    const destroyed = await fly.destroy(machineId, deadline);
    if ("error" in destroyed) return destroyed.error;
  }
  await database.recordCleaning(launch_id, machineId !== null);
  return null;
}

/** Sees to what is due. */
export async function cleanUp(options: CleaningOptions, deadline: AbortSignal): Promise<void> {
  for (const machine of await options.database.planCleaning(options.image)) {
    if (deadline.aborted) return;
    const { launch_id: launchId, machine_id: machineId, leftover } = machine;
    const error = leftover === "stopped" && machineId !== null
      ? await seeToRest(machine, machineId, options, deadline)
      : await destroy(machine, options, deadline);
    if (error !== null) options.log("machine_not_cleaned", { launchId, machineId, ...error });
  }
}

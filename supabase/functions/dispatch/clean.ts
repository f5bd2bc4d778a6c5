/**
 * Destroys machines that nobody needs or waits for any more: what never came up, fell silent, runs
 * an old image, or has been stopped for long. What fails is due again after a minute.
 */
import { type Database } from "../_shared/runtime/database.ts";
import { type CondemnedMachine } from "../_shared/runtime/database_answers.ts";
import { type FlyError, type FlyMachines } from "../_shared/runtime/fly_machines.ts";
import { type Log } from "../_shared/runtime/log.ts";

/** What cleaning takes from outside. */
export interface CleaningOptions {
  readonly database: Pick<Database, "planCleaning" | "recordCleaning">;
  readonly fly: FlyMachines;
  readonly image: string;
  readonly log: Log;
}

/** Null: it is gone for good, or was not found. */
async function destroy(
  { launch_id, created_by, machine_id }: CondemnedMachine,
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

/** Destroys what is due. */
export async function cleanUp(options: CleaningOptions, deadline: AbortSignal): Promise<void> {
  for (const condemned of await options.database.planCleaning(options.image)) {
    if (deadline.aborted) return;
    const error = await destroy(condemned, options, deadline);
    if (error !== null) {
      const { launch_id: launchId, machine_id: machineId } = condemned;
      options.log("machine_not_destroyed", { launchId, machineId, ...error });
    }
  }
}

/**
 * Launches one machine: tries the regions in order, always under the one name that its row gave it,
 * and settles unclear answers by looking for the launch. So that, however often and unclearly the
 * platform answers, there is one machine a launch.
 */
import { type LaunchRecord } from "../_shared/runtime/database_functions.ts";
import { type PlannedLaunch } from "../_shared/runtime/database_answers.ts";
import {
  type CreateOutcome,
  type FlyMachines,
  type Machine,
} from "../_shared/runtime/fly_machines.ts";

/** Where and what to launch. */
export interface LaunchOptions {
  readonly fly: FlyMachines;
  readonly image: string;
  /** Tried in order; none lets the platform choose. */
  readonly regions: readonly string[];
  readonly deadline: AbortSignal;
}

function launched({ machineId, region }: Machine): LaunchRecord {
  return { machineId, region, error: null };
}

/** What is final, and what the next region may yet change. */
type Attempt =
  | { readonly record: LaunchRecord }
  | { readonly retry: "no_capacity" | "ambiguous"; readonly message: string };

async function settle(
  created: CreateOutcome,
  launchId: string,
  { fly, deadline }: LaunchOptions,
): Promise<Attempt> {
  if (created.outcome === "created") return { record: launched(created.machine) };
  const { outcome, message } = created;
  const failed = { machineId: null, region: null, error: `${outcome}: ${message}` };
  switch (outcome) {
    case "no_capacity":
      return { retry: outcome, message };
    case "rate_limited":
    case "rejected":
      return { record: failed };
    case "name_taken":
    case "ambiguous": {
      const machine = await fly.findByLaunch(launchId, deadline);
      if (machine !== null) return { record: launched(machine) };
      return outcome === "ambiguous" ? { retry: outcome, message } : { record: failed };
    }
  }
}

/**
 * Launches; answers what to record. Without an error and without a machine nobody can say: the row
 * goes on counting as starting, until its worker registers or its deadline passes.
 */
export async function launch(
  { launch_id, name }: PlannedLaunch,
  options: LaunchOptions,
): Promise<LaunchRecord> {
  const regions = options.regions.length === 0 ? [null] : options.regions;
  let error: string | null = "not_tried: out of time";
  for (const region of regions) {
    if (options.deadline.aborted) break;
    const request = { launchId: launch_id, name, region, image: options.image };
    const created = await options.fly.create(request, options.deadline);
    const attempt = await settle(created, launch_id, options);
    if ("record" in attempt) return attempt.record;
    error = attempt.retry === "ambiguous" ? null : `${attempt.retry}: ${attempt.message}`;
  }
  return { machineId: null, region: null, error };
}

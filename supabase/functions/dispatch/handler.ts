/**
 * Wakes machines: asks the database how many are wanted, launches those, records what became of
 * them, then finishes pending webhooks. Idempotent, so any number of wakes does no harm.
 */
import {
  DISPATCH_MILLISECONDS_MAX,
  HOOKS_PER_DISPATCH_MAX,
  LAUNCHES_AT_ONCE_MAX,
} from "../_shared/contracts/limits.ts";
import { unauthorized } from "../_shared/runtime/authenticate.ts";
import { type Database } from "../_shared/runtime/database.ts";
import { type PlannedLaunch } from "../_shared/runtime/database_answers.ts";
import { type FlyMachines } from "../_shared/runtime/fly_machines.ts";
import { bearerToken, serve, type ServeDependencies } from "../_shared/runtime/http.ts";
import { findRoute, type Route } from "../_shared/runtime/router.ts";
import { sha256Hex } from "../_shared/runtime/sha256.ts";
import {
  finishPendingHooks,
  type WebhookDependencies,
} from "../_shared/runtime/webhook_registration.ts";
import { launch, type LaunchOptions } from "./launch.ts";

/** What dispatch takes from outside. */
export interface DispatchDependencies extends ServeDependencies, WebhookDependencies {
  readonly database:
    & Pick<Database, "verifyWake" | "planLaunches" | "recordLaunch">
    & WebhookDependencies["database"];
  readonly fly: FlyMachines;
  readonly image: string;
  readonly regions: readonly string[];
  /** The fleet limit. */
  readonly machinesMax: number;
}

async function launchAll(
  { database, log }: Pick<DispatchDependencies, "database" | "log">,
  planned: readonly PlannedLaunch[],
  options: LaunchOptions,
): Promise<number> {
  let count = 0;
  // The lanes share one iterator: each takes the next launch when it is done with its own.
  const queue = planned.values();
  const lane = async () => {
    for (const next of queue) {
      const record = await launch(next, options);
      if (record.error !== null) {
        log("launch_failed", { launchId: next.launch_id, error: record.error });
      } else {
        count += 1;
      }
      await database.recordLaunch(next.launch_id, record);
    }
  };
  await Promise.all(Array.from({ length: LAUNCHES_AT_ONCE_MAX }, lane));
  return count;
}

const routes: readonly Route<"dispatch">[] = [
  { method: "POST", path: "/dispatch", handle: "dispatch" },
];

/** Serves a request to /dispatch; its body is never read. */
export function handleDispatch(
  request: Request,
  dependencies: DispatchDependencies,
): Promise<Response> {
  return serve(request, dependencies, async () => {
    findRoute(routes, request);
    const secret = bearerToken(request);
    const { database, fly, image, regions, machinesMax } = dependencies;
    if (secret === null || !await database.verifyWake(await sha256Hex(secret))) {
      throw unauthorized("This is not the wake secret.");
    }
    const deadline = AbortSignal.timeout(DISPATCH_MILLISECONDS_MAX);
    const planned = await database.planLaunches(machinesMax, image);
    const options = { fly, image, regions, deadline };
    const launched = await launchAll(dependencies, planned, options);
    const hooks = await finishPendingHooks(dependencies, null, HOOKS_PER_DISPATCH_MAX, deadline);
    return { status: 200, body: { launched, hooks: hooks.length } };
  });
}

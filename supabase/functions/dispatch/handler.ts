/**
 * Wakes machines: asks the database how many are wanted and answers at once, since whoever asks
 * holds up every wake behind it; then launches those, destroys machines that are not needed any
 * more and finishes pending webhooks. Idempotent, so any number of wakes does no harm.
 */
import { DISPATCH_MILLISECONDS_MAX, HOOKS_PER_DISPATCH_MAX } from "../_shared/contracts/limits.ts";
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
import { type CleaningOptions, cleanUp } from "./clean.ts";
import { launchAll, type LaunchAllOptions } from "./launch_all.ts";

/** What dispatch takes from outside. */
export interface DispatchDependencies
  extends
    ServeDependencies,
    WebhookDependencies,
    CleaningOptions,
    Omit<LaunchAllOptions, "deadline"> {
  readonly database:
    & Pick<Database, "verifyWake">
    & LaunchAllOptions["database"]
    & CleaningOptions["database"]
    & WebhookDependencies["database"];
  readonly fly: FlyMachines;
  /** Goes on with work after the answer. It does not fail. */
  readonly runInBackground: (work: Promise<void>) => void;
}

/** Everything that the answer does not wait for. One part that fails stops no other. */
async function workOn(
  planned: readonly PlannedLaunch[],
  dependencies: DispatchDependencies,
): Promise<void> {
  const deadline = AbortSignal.timeout(DISPATCH_MILLISECONDS_MAX);
  const machines = async () => {
    await launchAll(planned, { ...dependencies, deadline });
    await cleanUp(dependencies, deadline);
  };
  const hooks = () => finishPendingHooks(dependencies, null, HOOKS_PER_DISPATCH_MAX, deadline);
  for (const outcome of await Promise.allSettled([machines(), hooks()])) {
    if (outcome.status === "rejected") {
      dependencies.log("dispatch_failed", { error: outcome.reason });
    }
  }
}

const routes: readonly Route<"dispatch">[] = [
  { method: "POST", path: "/dispatch", handle: "dispatch" },
];

const WAKE_NEXT_STEP =
  "Nothing needs to be done: the database wakes machines itself, with the wake_secret of its vault.";

/** Serves a request to /dispatch; its body is never read. */
export function handleDispatch(
  request: Request,
  dependencies: DispatchDependencies,
): Promise<Response> {
  return serve(request, dependencies, async () => {
    findRoute(routes, request);
    const secret = bearerToken(request);
    const { database, image, machinesMax } = dependencies;
    if (secret === null || !await database.verifyWake(sha256Hex(secret))) {
      throw unauthorized("This is not the wake secret.", WAKE_NEXT_STEP);
    }
    const planned = await database.planLaunches(machinesMax, image);
    dependencies.runInBackground(workOn(planned, dependencies));
    return { status: 202, body: { planned: planned.length } };
  });
}

// The whole of Quarry on one machine: starts every process and stand-in, deploys into them, and stops
// them in order. Used by `npm run stack`, by the demo and by tests; several may run side by side.
// Does not know terminals, signals or .local/stack.json.

import type { Sql } from "postgres";
import type { FlyMachines } from "./fly_machines.ts";
import type { Functions } from "./functions.ts";
import type { GitHub } from "./github.ts";
import type { PgCronWorker } from "./pg_cron_worker.ts";
import type { PgNetWorker } from "./pg_net_worker.ts";
import { type PostgresServer, startPostgres } from "./postgres.ts";
import { openRun, type Run, type RunProcess } from "./run.ts";
import type { Tenant } from "./stack_database.ts";
import type { StackSecrets } from "./stack_environment.ts";
import { logFileIn, type Parts, stopParts } from "./stack_parts.ts";
import { startTogether } from "./start_together.ts";

export interface StackOptions {
  /** Answers for everything that is started; without it the stack has a run of its own. */
  run?: Run;
  /** False for tests whose database is thrown away: about twice as fast to write. */
  durable?: boolean;
  /** postgres.log, functions.log and machines.log go there; without it they are dropped. */
  logDirectory?: string;
  /** Over what the functions are told otherwise. */
  functionsEnvironment?: Readonly<Record<string, string>>;
  /** Over what the machines are told otherwise, as a secret of the Fly app (IDLE_EXIT_SECONDS). */
  machineEnvironment?: Readonly<Record<string, string>>;
  /** Start with cron's clock stopped: the sweep runs by `stack.cron.tick` alone. */
  cronPaused?: boolean;
  /** Whether the Machines API refuses what the real one would for its rate. Default false. */
  hasMachineRateLimits?: boolean;
  /** Called for every line a machine prints. */
  onMachineOutput?: (line: string) => void;
}

/** A running stack. `await using`, or call stop. */
export interface Stack extends AsyncDisposable {
  readonly functionsUrl: string;
  readonly githubUrl: string;
  readonly machinesUrl: string;
  /** The database as postgres, who owns the schema. */
  readonly databaseUrl: string;
  /** The key of a first tenant. */
  readonly apiKey: string;
  readonly tenantId: string;
  readonly secrets: StackSecrets;
  /** The database as superuser, for looking. */
  readonly sql: Sql;
  readonly postgres: PostgresServer;
  /** The functions as they were started first. */
  readonly functions: Functions;
  readonly github: GitHub;
  readonly machines: FlyMachines;
  readonly net: PgNetWorker;
  readonly cron: PgCronWorker;
  /** The live processes, machines among them. */
  children(): readonly RunProcess[];
  createTenant(name: string): Promise<Tenant>;
  /** Kills the functions' process in the middle of whatever it does, and starts another. */
  restartFunctions(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a stack and resolves when its health answers. */
export async function createStack(options: StackOptions = {}): Promise<Stack> {
  const run = options.run ?? await openRun();
  const parts: Parts = {};
  let stopping: Promise<void> | null = null;
  const stop = () =>
    stopping ??= stopParts(parts).then(() => options.run === undefined ? run.close() : undefined);
  try {
    // First of all: initdb takes longest. The rest is loaded and started beside it.
    const server = startPostgres({
      run,
      durable: options.durable ?? true,
      ...logFileIn(options, "postgres"),
    }).then((started) => parts.postgres = started);
    const rest = import("./stack_start.ts").then(({ startRestOfStack }) =>
      startRestOfStack(run, options, parts, server)
    );
    const [, started] = await startTogether([server, rest]);
    return { ...started, stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

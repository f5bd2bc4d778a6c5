// What a stack is, its parts as they come up, and the order in which they go down.
// Loads none of them: a stack's first process is on its way before the rest of it is loaded.

import path from "node:path";
import type { Sql } from "postgres";
import type { FlyMachines } from "./fly/fly_machines.ts";
import type { Functions } from "./platform/functions.ts";
import type { Gateway } from "./platform/gateway.ts";
import type { GitHub } from "./github/github.ts";
import type { PgCronWorker } from "./database/pg_cron_worker.ts";
import type { PgNetWorker } from "./database/pg_net_worker.ts";
import type { PostgresServer } from "./database/postgres.ts";
import type { Rest } from "./data_api/rest.ts";
import type { Run, RunProcess } from "./processes/run.ts";
import type { Tenant } from "./stack_database.ts";
import type { StackSecrets } from "./stack_environment.ts";

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

/** What has been started; stopping takes what there is. */
export interface Parts {
  cron?: PgCronWorker;
  net?: PgNetWorker;
  gateway?: Gateway;
  functions?: Functions;
  machines?: FlyMachines;
  rest?: Rest;
  github?: GitHub;
  sql?: Sql;
  postgres?: PostgresServer;
}

/** First whatever makes work, then those who do it and still need the rest to leave in order. */
export async function stopParts(parts: Parts): Promise<void> {
  await parts.cron?.stop();
  await parts.net?.stop();
  await parts.gateway?.stop();
  await parts.functions?.stop();
  await parts.machines?.stop();
  await parts.rest?.stop();
  await parts.github?.stop();
  await parts.sql?.end({ timeout: 1 });
  await parts.postgres?.stop();
}

/** Where a part logs to, as an option of its own. */
export function logFileIn(
  { logDirectory }: { logDirectory?: string },
  name: string,
): { logFile?: string } {
  return logDirectory === undefined ? {} : { logFile: path.join(logDirectory, `${name}.log`) };
}

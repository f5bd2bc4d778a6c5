// The parts of a stack as they come up, and the order in which they go down.
// Loads none of them: a stack's first process is on its way before the rest of it is loaded.

import path from "node:path";
import type { Sql } from "postgres";
import type { FlyMachines } from "./fly_machines.ts";
import type { Functions } from "./functions.ts";
import type { Gateway } from "./gateway.ts";
import type { GitHub } from "./github.ts";
import type { PgCronWorker } from "./pg_cron_worker.ts";
import type { PgNetWorker } from "./pg_net_worker.ts";
import type { PostgresServer } from "./postgres.ts";
import type { Rest } from "./rest.ts";

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

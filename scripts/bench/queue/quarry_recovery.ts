// How long Quarry's job waits when its worker is gone, with the real indexer: killed or asked to stop
// beside one that is idle, and killed when nobody else is there, so that sweep, dispatch and a new
// machine are needed (a whole stack). Counts from the end of the first claim's process.

import { setTimeout as sleep } from "node:timers/promises";
import type { Sql } from "postgres";
import { createStack } from "../../local/stack.ts";
import type { PostgresServer } from "../../local/database/postgres.ts";
import { IndexerProcess, SilentHost } from "./indexer_process.ts";
import { addTenant } from "./quarry_seed.ts";
import { createQueueDatabase, migrate, type QueueDatabase } from "./queue_database.ts";

const POLL_MILLISECONDS = 20;
const CLAIM_SECONDS_MAX = 150;

export interface RecoveryContext {
  readonly root: string;
  readonly directory: string;
  readonly signal: AbortSignal;
}

/** A database for one takeover. Roles are the server's, so two cannot be migrated at once. */
export async function createTakeoverDatabase(
  server: PostgresServer,
  name: string,
  { root }: RecoveryContext,
): Promise<QueueDatabase> {
  const database = await createQueueDatabase(server, name);
  await migrate(database, root);
  return database;
}

/** Milliseconds from the signal to the claim by another process. */
export async function measureTakeover(
  database: QueueDatabase,
  deadly: "SIGKILL" | "SIGTERM",
  context: RecoveryContext,
): Promise<number> {
  await using host = await SilentHost.open();
  await using first = await IndexerProcess.start(database, host, context);
  const jobId = await enqueue(database.sql);
  await claimedAt(database.sql, jobId, 1, context.signal);
  const second = await IndexerProcess.start(database, host, context);
  try {
    const endedAt = Date.now();
    first.signal(deadly);
    return await claimedAt(database.sql, jobId, 2, context.signal) - endedAt;
  } finally {
    await second[Symbol.asyncDispose]();
  }
}

/** Milliseconds from a machine's death right after its claim to the claim by the next machine. */
export async function measureRelaunch(context: RecoveryContext): Promise<number> {
  await using stack = await createStack({ machineEnvironment: { FAILPOINT: "after_claim" } });
  const jobId = await enqueue(stack.sql);
  const first = await claimedAt(stack.sql, jobId, 1, context.signal);
  return await claimedAt(stack.sql, jobId, 2, context.signal) - first;
}

async function enqueue(sql: Sql): Promise<string> {
  const tenantId = await addTenant(sql, "recovery", 1);
  // A job of a ref that nobody follows ends at once.
  await sql`
    select quarry.follow_ref(r.id, 'refs/heads/main') from quarry.repositories r where r.tenant_id = ${tenantId}`;
  const [row] = await sql<{ id: string }[]>`
    select (quarry.enqueue_job(r.id, 'index', 'refs/heads/main', 'bench')).id
    from quarry.repositories r where r.tenant_id = ${tenantId}`;
  return row?.id ?? "";
}

/** When a job was claimed for the nth time, in milliseconds since 1970; waits for it. */
async function claimedAt(
  sql: Sql,
  jobId: string,
  nth: number,
  signal: AbortSignal,
): Promise<number> {
  const deadline = performance.now() + CLAIM_SECONDS_MAX * 1000;
  while (performance.now() < deadline) {
    const [row] = await sql<{ at: number }[]>`
      select extract(epoch from at)::float8 * 1000 as at from quarry.indexing_job_events
      where job_id = ${jobId} and event = 'claimed' order by id limit 1 offset ${nth - 1}`;
    if (row !== undefined) return row.at;
    await sleep(POLL_MILLISECONDS, undefined, { signal });
  }
  throw new Error(`there was no claim number ${nth} within ${CLAIM_SECONDS_MAX} s`);
}

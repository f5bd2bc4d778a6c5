// Looks behind the API, for what no user needs to see: whether a machine is alive, when one was
// launched, when a delivery arrived, what the index takes on disk. Only reads.

import { setTimeout as sleep } from "node:timers/promises";
import postgres, { type Sql } from "postgres";
import { findProcesses } from "./proc.ts";
import type { RunningStack } from "./stack_process.ts";

const POLL_MILLISECONDS = 20;
const EMPTY_SECONDS_MAX = 60;

/** When the parts that the API does not show took over, in milliseconds since 1970. */
export interface LaunchTimes {
  readonly launchedAt: number | null;
  readonly registeredAt: number | null;
}

export class FleetView implements AsyncDisposable {
  readonly #sql: Sql;
  readonly #checkout: string;

  constructor(stack: RunningStack) {
    this.#sql = postgres(stack.file.database_url, { max: 1, onnotice: () => undefined });
    this.#checkout = stack.checkout;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sql.end({ timeout: 1 });
  }

  /** The pids of the indexers that run. */
  indexers(): number[] {
    return findProcesses(`${this.#checkout}/indexer/src/main.ts`);
  }

  /** Waits until no machine is alive: none that counts as one, and no process. */
  async empty(signal: AbortSignal): Promise<void> {
    const deadline = performance.now() + EMPTY_SECONDS_MAX * 1000;
    while (performance.now() < deadline) {
      const [row] = await this.#sql<{ machines: number }[]>`
        select count(*)::integer as machines from quarry.machines where state <> 'gone'`;
      if (row?.machines === 0 && this.indexers().length === 0) return;
      await sleep(POLL_MILLISECONDS, undefined, { signal });
    }
    throw new Error(`a machine was still alive after ${EMPTY_SECONDS_MAX} s`);
  }

  /** When the machine that took a job was asked for, and when it said that it lives. */
  async launchTimes(jobId: string): Promise<LaunchTimes> {
    const [row] = await this.#sql<{ launched_at: Date; registered_at: Date | null }[]>`
      select m.launched_at, m.registered_at
      from quarry.machines m join quarry.indexing_jobs j on j.launch_id = m.launch_id
      where j.id = ${jobId}`;
    return {
      launchedAt: row?.launched_at.getTime() ?? null,
      registeredAt: row?.registered_at?.getTime() ?? null,
    };
  }

  /** The peak of a job's process by its own report, in bytes. */
  async reportedPeakBytes(jobId: string): Promise<number | null> {
    const [row] = await this.#sql<{ bytes: number | null }[]>`
      select (context ->> 'peak_rss_bytes')::float8 as bytes from quarry.indexing_job_events
      where job_id = ${jobId} and event = 'completed' order by id desc limit 1`;
    return row?.bytes ?? null;
  }

  /** When the delivery that queued a job began to be recorded; null for a job without one. */
  async deliveredAt(jobId: string): Promise<number | null> {
    const [row] = await this.#sql<{ received_at: Date }[]>`
      select received_at from quarry.webhook_deliveries where job_id = ${jobId}
      order by received_at desc limit 1`;
    return row?.received_at.getTime() ?? null;
  }

  /** Bytes on disk by table, its indexes and TOAST included. */
  async indexBytes(): Promise<Map<string, number>> {
    const rows = await this.#indexTables();
    return new Map(rows.map(({ name, bytes }) => [name, Number(bytes)]));
  }

  /** Rows of each index table: what was written. */
  async indexRows(): Promise<Map<string, number>> {
    const counts = new Map<string, number>();
    for (const { name: table } of await this.#indexTables()) {
      const [row] = await this.#sql<{ rows: string }[]>`
        select count(*) as rows from ${this.#sql(`quarry.${table}`)}`;
      counts.set(table, Number(row?.rows));
    }
    return counts;
  }

  /** What refers to a segment or a tree, and these; the other tables hold who owns it and what was done. */
  async #indexTables() {
    return await this.#sql<{ name: string; bytes: string }[]>`
      select c.relname as name, pg_total_relation_size(c.oid) as bytes
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'quarry' and c.relkind = 'r'
        and (c.relname in ('segments', 'trees') or exists (
          select from pg_attribute a
          where a.attrelid = c.oid and a.attname in ('segment_id', 'tree_id') and not a.attisdropped))
      order by 2 desc`;
  }
}

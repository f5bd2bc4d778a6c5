// pg-boss as its documentation shows it. Throughput is measured with its `fetch` and `complete` in a
// loop, since its `work` takes one job per polling interval when it takes one per fetch; latency with
// its `work`, which is what waits.

import { PgBoss } from "pg-boss";
import type { Sql } from "postgres";
import { z } from "zod";
import type {
  Backlog,
  Contender,
  Lanes,
  RunningWorkers,
  SharedQueue,
  TakenJob,
} from "./contender.ts";
import type { QueueDatabase } from "./queue_database.ts";

const QUEUE = "bench";
const INSERT_ROWS_MAX = 5000;
const DEFAULT_POLL_MILLISECONDS = 2000;
/** With a poll of 2 s one worker would take a minute for thirty jobs, so several wait side by side. */
const POLLED_LANES = 20;
const NOTIFIED_PAUSE_MILLISECONDS_MAX = 50;

const payload = z.object({ tenant: z.number() });

interface Polling {
  readonly lanes: number;
  readonly notify: boolean;
  readonly pauseMillisecondsMax: number;
}

export class PgBossQueue implements Contender {
  readonly name = "pg-boss";
  readonly waitings = [
    { name: "poll every 2 s (default)", polling: { lanes: POLLED_LANES, notify: false } },
    { name: "NOTIFY opted in, poll every 0.5 s (tightest)", polling: { lanes: 1, notify: true } },
  ].map(({ name, polling }) => ({
    name,
    open: (onJob: (lane: number) => void) =>
      this.#openLanes({
        ...polling,
        pauseMillisecondsMax: polling.notify
          ? NOTIFIED_PAUSE_MILLISECONDS_MAX
          : DEFAULT_POLL_MILLISECONDS,
      }, onJob),
  }));
  readonly version: string;
  readonly #database: QueueDatabase;
  #laneQueues = 0;

  constructor(database: QueueDatabase, version: string) {
    this.#database = database;
    this.version = version;
  }

  get sql(): Sql {
    return this.#database.sql;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#database[Symbol.asyncDispose]();
  }

  async prepare(): Promise<void> {
    await this.#withBoss(1, (boss) => boss.createQueue(QUEUE));
  }

  async fill(jobs: number): Promise<void> {
    const [row] = await this.sql<{ count: number }[]>`
      select count(*)::integer as count from pgboss.job
      where name = ${QUEUE} and state = 'created' and not blocked and start_after <= now()`;
    await this.fillTenants(Array.from({ length: jobs - (row?.count ?? 0) }, () => 0));
  }

  /** Makes jobs ready in this order; with groups each tenant's are a group. */
  async fillTenants(tenants: readonly number[], groups = false): Promise<void> {
    await this.#withBoss(1, async (boss) => {
      for (let from = 0; from < tenants.length; from += INSERT_ROWS_MAX) {
        const part = tenants.slice(from, from + INSERT_ROWS_MAX);
        const jobs = part.map((tenant) => ({
          data: { tenant },
          ...(groups ? { group: { id: String(tenant) } } : {}),
        }));
        await boss.insert(QUEUE, jobs);
      }
    });
  }

  async clear(): Promise<void> {
    await this.sql`
      delete from pgboss.job where name = ${QUEUE} and state = 'created' and not blocked and start_after <= now()`;
  }

  async start(
    workers: number,
    onJob: (job: TakenJob) => void,
    groupConcurrency?: number,
  ): Promise<RunningWorkers> {
    const boss = await this.#startBoss(workers + 1);
    const fetchOptions = groupConcurrency === undefined ? {} : { groupConcurrency };
    const stopping = new AbortController();
    const loops = Array.from({ length: workers }, async () => {
      while (!stopping.signal.aborted) {
        for (const job of await boss.fetch(QUEUE, fetchOptions)) {
          onJob(payload.parse(job.data));
          await boss.complete(QUEUE, job);
        }
      }
    });
    return {
      stop: async () => {
        stopping.abort();
        await Promise.all(loops);
        await boss.stop({ graceful: false });
      },
    };
  }

  /** The same jobs with each tenant's share of the workers as a limit for its group. */
  withGroupLimit(groupConcurrency: number): SharedQueue {
    return {
      name: `pg-boss, groupConcurrency ${groupConcurrency}`,
      fill: (tenants) => this.fillTenants(tenants, true),
      start: (workers, onJob) => this.start(workers, onJob, groupConcurrency),
    };
  }

  async #startBoss(connectionsMax: number, useListenNotify = false): Promise<PgBoss> {
    const connectionString = this.#database.url("supabase_admin");
    const boss = new PgBoss({ connectionString, max: connectionsMax, useListenNotify });
    // Warnings of maintenance, and errors of a loop that is being stopped.
    boss.on("error", () => undefined);
    return await boss.start();
  }

  async #withBoss(connectionsMax: number, use: (boss: PgBoss) => Promise<void>): Promise<void> {
    const boss = await this.#startBoss(connectionsMax);
    try {
      await use(boss);
    } finally {
      await boss.stop({ graceful: false });
    }
  }

  /** Each lane is a queue with one worker of its own. */
  async #openLanes(polling: Polling, onJob: (lane: number) => void): Promise<Lanes> {
    const boss = await this.#startBoss(polling.lanes + 1, polling.notify);
    const producer = await this.#startBoss(1);
    const names = Array.from({ length: polling.lanes }, () => `lane-${this.#laneQueues += 1}`);
    for (const [lane, name] of names.entries()) {
      await boss.createQueue(name, { notify: polling.notify });
      const options = polling.notify ? { pollingIntervalSeconds: 0.5 } : {};
      await boss.work(name, options, () => Promise.resolve(onJob(lane)));
    }
    return {
      count: polling.lanes,
      pauseMillisecondsMax: polling.pauseMillisecondsMax,
      enqueue: async (lane) => {
        await producer.send(names[lane] ?? "", { tenant: 0 });
      },
      stop: async () => {
        await boss.stop({ graceful: false });
        await producer.stop({ graceful: false });
      },
    };
  }

  /**
   * Blocked jobs: half are deferred to tomorrow, half are older than the ready ones and wait for
   * another job.
   */
  async addBacklog({ finished, failed, blocked }: Backlog): Promise<void> {
    const waiting = Math.floor(blocked / 2);
    await this.#insert(finished, { state: "completed", ends: true });
    await this.#insert(failed, { state: "failed", ends: true });
    await this.#insert(waiting, { state: "created", startAfter: "1 day" });
    await this.#insert(blocked - waiting, { state: "created", isBlocked: true });
  }

  async #insert(
    rows: number,
    job: { state: string; ends?: boolean; startAfter?: string; isBlocked?: boolean },
  ): Promise<void> {
    await this.sql`
      insert into pgboss.job (
        name, state, policy, data, created_on, start_after, started_on, completed_on, keep_until, blocked, pending_dependencies)
      select ${QUEUE}, ${job.state}::pgboss.job_state, 'standard', '{"tenant": 0}', now() - interval '1 hour',
        now() + ${job.startAfter ?? "-1 hour"}::interval,
        case when ${job.ends ?? false} then now() end, case when ${
      job.ends ?? false
    } then now() end,
        now() + interval '14 days', ${job.isBlocked ?? false}, ${job.isBlocked === true ? 1 : 0}
      from generate_series(1, ${rows})`;
  }
}

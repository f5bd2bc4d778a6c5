// graphile-worker as its documentation shows it: `run` with a task list, without the local queue, which
// would take many jobs per claim. Everything else is its default.

import {
  type JobHelpers,
  Logger,
  makeWorkerUtils,
  run,
  type Runner,
  type RunnerOptions,
} from "graphile-worker";
import type { Sql } from "postgres";
import { z } from "zod";
import type { Backlog, Contender, Lanes, RunningWorkers, TakenJob } from "./contender.ts";
import type { QueueDatabase } from "./queue_database.ts";

const TASK = "bench";
/** An arrival is to fall anywhere between two looks; with NOTIFY there are none to fall between. */
const PAUSE_MILLISECONDS_MAX = 50;

const payload = z.object({ tenant: z.number() });
/** It logs every job to the console unless it is told otherwise. */
const silent = new Logger(() => () => undefined);

/** What its `run` is given besides the tasks. */
export function runnerOptions(url: string, workers: number): RunnerOptions {
  return {
    connectionString: url,
    concurrency: workers,
    // Its listener holds one of them for good.
    maxPoolSize: workers + 1,
    noHandleSignals: true,
    logger: silent,
  };
}

export class GraphileWorker implements Contender {
  readonly name = "graphile-worker";
  readonly waitings = [{
    name: "LISTEN/NOTIFY, poll every 2 s (default)",
    open: (onJob: (lane: number) => void) => this.#openLane(onJob),
  }];
  readonly version: string;
  readonly #database: QueueDatabase;

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

  /** Its tables are made by the first worker that starts. */
  async prepare(): Promise<void> {
    const runner = await this.#run(1, () => undefined);
    await runner.stop();
  }

  async fill(jobs: number): Promise<void> {
    const [row] = await this.sql<{ count: number }[]>`
      select count(*)::integer as count from graphile_worker._private_jobs
      where is_available and run_at <= now() and job_queue_id is null`;
    await this.fillTenants(Array.from({ length: jobs - (row?.count ?? 0) }, () => 0));
  }

  /** Makes jobs ready in this order. */
  async fillTenants(tenants: readonly number[]): Promise<void> {
    await this.sql`
      select count(*) from graphile_worker.add_jobs(array(
        select row(${TASK}, json_build_object('tenant', t.value), null, null, null, null, null, null)::graphile_worker.job_spec
        from jsonb_array_elements(${
      this.sql.json(tenants)
    }) with ordinality t order by t.ordinality))`;
  }

  async clear(): Promise<void> {
    await this.sql`
      delete from graphile_worker._private_jobs
      where is_available and run_at <= now() and job_queue_id is null`;
  }

  async start(workers: number, onJob: (job: TakenJob) => void): Promise<RunningWorkers> {
    return await this.#run(workers, onJob);
  }

  async #run(workers: number, onJob: (job: TakenJob) => void): Promise<Runner> {
    const task = (data: unknown, _helpers: JobHelpers) => onJob(payload.parse(data));
    const options = runnerOptions(this.#database.url("supabase_admin"), workers);
    return await run({ ...options, taskList: { [TASK]: task } });
  }

  async #openLane(onJob: (lane: number) => void): Promise<Lanes> {
    const runner = await this.#run(1, () => onJob(0));
    const producer = await makeWorkerUtils({
      connectionString: this.#database.url("supabase_admin"),
      maxPoolSize: 1,
      logger: silent,
    });
    return {
      count: 1,
      pauseMillisecondsMax: PAUSE_MILLISECONDS_MAX,
      enqueue: async () => {
        await producer.addJob(TASK, { tenant: 0 });
      },
      stop: async () => {
        await runner.stop();
        await producer.release();
      },
    };
  }

  /**
   * A finished job leaves no row here. Blocked ones: half are due tomorrow, half are older than the
   * ready ones and in a named queue that another worker has locked.
   */
  async addBacklog({ failed, blocked }: Backlog): Promise<void> {
    const waiting = Math.floor(blocked / 2);
    await this.sql`
      insert into graphile_worker._private_job_queues (queue_name, locked_at, locked_by) values ('locked', now(), 'other')`;
    await this.#insert(failed, "now() - interval '1 hour'", "null::integer", 25);
    await this.#insert(waiting, "now() + interval '1 day'", "null::integer", 0);
    const queue =
      "(select id from graphile_worker._private_job_queues where queue_name = 'locked')";
    await this.#insert(blocked - waiting, "now() - interval '1 hour'", queue, 0);
  }

  async #insert(rows: number, runAt: string, queue: string, attempts: number): Promise<void> {
    await this.sql`
      insert into graphile_worker._private_jobs (task_id, job_queue_id, payload, run_at, attempts, max_attempts, last_error)
      select t.id, ${this.sql.unsafe(queue)}, '{"tenant": 0}', ${
      this.sql.unsafe(runAt)
    }, ${attempts}, 25,
        case when ${attempts} > 0 then 'Fetching the repository failed.' end
      from graphile_worker._private_tasks t, generate_series(1, ${rows}) where t.identifier = ${TASK}`;
  }
}

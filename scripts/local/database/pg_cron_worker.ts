// Runs the jobs that the pg_cron stand-in keeps in cron.job.
// Stands for: pg_cron's background worker. As there: each run is a session of the job's own user, at
// most one run of a job at a time (one more waits), and every run is a row of cron.job_run_details.
// Leaves out: the launcher's limits on concurrent jobs, pruning of run details (the real one has none
// either), the names @daily and so on in croner's own reading.

import { Cron } from "croner";
import postgres, { type Sql } from "postgres";
import { lastingClient } from "./lasting_client.ts";

const SECONDS_SCHEDULE = /^\s*(\d+)\s+seconds?\s*$/i;
const UNDEFINED_TABLE = "42P01";

export interface PgCronOptions {
  /** A connection URL for a role, the superuser's for the tables and each job's user's to run it. */
  readonly url: (role: string) => string;
  /** Start with the clock stopped: jobs run by tick alone. */
  paused?: boolean;
}

/** How one run ended. */
export interface CronRun {
  readonly status: "succeeded" | "failed";
  readonly message: string;
}

/** The running worker. */
export interface PgCronWorker {
  /** Stops the clock; a run under way goes on. */
  pause(): void;
  resume(): void;
  /** Runs a job now, clock or no clock, and waits for its end. Throws when there is none. */
  tick(jobName: string): Promise<CronRun>;
  stop(): Promise<void>;
}

interface CronJob {
  jobid: string;
  jobname: string | null;
  schedule: string;
  command: string;
  username: string;
  database: string;
}

interface Scheduled {
  readonly schedule: string;
  stop(): void;
}

/** Starts the clock for one database. */
export async function startPgCronWorker(options: PgCronOptions): Promise<PgCronWorker> {
  const url = options.url("supabase_admin");
  const listener = postgres(url, { max: 1, onnotice: () => undefined });
  const worker = new Worker(lastingClient(url, { max: 2 }), listener, options);
  // The second callback runs on every (re)connection: changes made meanwhile are not missed.
  await listener.listen("pg_cron_changed", () => worker.reload(), () => worker.reload());
  return worker;
}

class Worker implements PgCronWorker {
  readonly #sql: Sql;
  readonly #listener: Sql;
  readonly #options: PgCronOptions;
  readonly #sessions = new Map<string, Sql>();
  readonly #scheduled = new Map<string, Scheduled>();
  /** The last run of each job, so that the next waits for it. */
  readonly #runs = new Map<string, Promise<CronRun>>();
  readonly #waiting = new Set<string>();
  #paused: boolean;
  #stopped = false;

  constructor(sql: Sql, listener: Sql, options: PgCronOptions) {
    this.#sql = sql;
    this.#listener = listener;
    this.#options = options;
    this.#paused = options.paused ?? false;
  }

  /** Brings the clocks in line with cron.job. */
  reload(): void {
    void this.#readJobs().then((jobs) => {
      const live = new Map(jobs.map((job) => [job.jobid, job.schedule]));
      for (const [id, scheduled] of this.#scheduled) {
        if (!this.#paused && live.get(id) === scheduled.schedule) continue;
        scheduled.stop();
        this.#scheduled.delete(id);
      }
      if (this.#paused || this.#stopped) return;
      for (const [id, schedule] of live) {
        if (!this.#scheduled.has(id)) this.#scheduled.set(id, this.#startClock(id, schedule));
      }
    }).catch((error: unknown) => this.#report(error));
  }

  pause(): void {
    this.#paused = true;
    for (const scheduled of this.#scheduled.values()) scheduled.stop();
    this.#scheduled.clear();
  }

  resume(): void {
    this.#paused = false;
    this.reload();
  }

  async tick(jobName: string): Promise<CronRun> {
    const job = (await this.#readJobs()).find((candidate) => candidate.jobname === jobName);
    if (job === undefined) throw new Error(`no active cron job ${jobName}`);
    return await this.#runAfterLast(job);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.pause();
    // A second for the runs under way; with the database away they would wait for it longer.
    const pools = [this.#sql, this.#listener, ...this.#sessions.values()];
    await Promise.all(pools.map((pool) => pool.end({ timeout: 1 })));
    await Promise.allSettled(this.#runs.values());
  }

  #startClock(id: string, schedule: string): Scheduled {
    const seconds = SECONDS_SCHEDULE.exec(schedule)?.[1];
    if (seconds !== undefined) {
      const timer = setInterval(() => this.#onDue(id), Number(seconds) * 1000);
      return { schedule, stop: () => clearInterval(timer) };
    }
    const clock = new Cron(schedule, { timezone: "UTC" }, () => this.#onDue(id));
    return { schedule, stop: () => clock.stop() };
  }

  /** One run may wait behind the present one; further ones that fall due meanwhile are dropped. */
  #onDue(id: string): void {
    if (this.#waiting.has(id)) return;
    this.#waiting.add(id);
    void this.#readJobs().then(async (jobs) => {
      const job = jobs.find((candidate) => candidate.jobid === id);
      if (job !== undefined && !this.#stopped) await this.#runAfterLast(job);
    }).catch((error: unknown) => this.#report(error));
  }

  async #runAfterLast(job: CronJob): Promise<CronRun> {
    const last = this.#runs.get(job.jobid);
    const run = (async () => {
      await last?.catch(() => undefined);
      this.#waiting.delete(job.jobid);
      return await this.#run(job);
    })();
    this.#runs.set(job.jobid, run);
    return await run;
  }

  async #run(job: CronJob): Promise<CronRun> {
    const [details] = await this.#sql<{ runid: string }[]>`
      insert into cron.job_run_details (jobid, database, username, command, status, start_time)
      values (
        ${job.jobid}, ${job.database}, ${job.username}, ${job.command}, 'running',
        clock_timestamp())
      returning runid`;
    const run = await this.#execute(job);
    await this.#sql`
      update cron.job_run_details
      set status = ${run.status}, return_message = ${run.message}, end_time = clock_timestamp()
      where runid = ${details?.runid ?? null}`;
    return run;
  }

  async #execute(job: CronJob): Promise<CronRun> {
    try {
      const result = await this.#session(job.username).unsafe(job.command).simple();
      return { status: "succeeded", message: `${result.count ?? 0} row` };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { status: "failed", message: `ERROR:  ${message}` };
    }
  }

  #session(username: string): Sql {
    const session = this.#sessions.get(username) ??
      lastingClient(this.#options.url(username), { max: 4, idle_timeout: 30 });
    this.#sessions.set(username, session);
    return session;
  }

  async #readJobs(): Promise<CronJob[]> {
    try {
      return await this.#sql<CronJob[]>`
        select jobid, jobname, schedule, command, username, database from cron.job
        where active and database = current_database()`;
    } catch (error) {
      const missing = error instanceof postgres.PostgresError && error.code === UNDEFINED_TABLE;
      if (missing) return [];
      throw error;
    }
  }

  #report(error: unknown): void {
    if (!this.#stopped) console.error(`pg_cron stand-in: ${String(error)}`);
  }
}

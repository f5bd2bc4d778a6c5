// Quarry's own queue: the SQL functions of its migrations, called as the indexer calls them (its role,
// its driver, its statements), with events, leases and machine rows as ever.

import postgres, { type Sql } from "postgres";
import { z } from "zod";
import type {
  Backlog,
  Contender,
  Lanes,
  RunningWorkers,
  SharedQueue,
  TakenJob,
} from "./contender.ts";
import {
  addQuarryBacklog,
  addTenant,
  clearReady,
  fillReady,
  fillTwoTenants,
} from "./quarry_seed.ts";
import type { QueueDatabase } from "./queue_database.ts";

/** IDLE_POLL_MILLISECONDS of the indexer. */
const IDLE_POLL_MILLISECONDS = 250;
/** As for every contender that is notified: an arrival is not to wait for the next look. */
const PAUSE_MILLISECONDS_MAX = 50;

const claimRow = z.object({
  claim: z.object({ job_id: z.string(), lease_token: z.string(), tenant_id: z.string() })
    .nullable(),
});
type Claim = z.infer<typeof claimRow>["claim"];

/** What a worker does with its claims. */
interface Work {
  readonly onJob: (job: TakenJob) => void;
  /** The tenants that are told apart; others are tenant 0. */
  readonly tenantIds?: readonly string[];
}

export class QuarryQueue implements Contender {
  readonly name = "Quarry";
  readonly version = "this checkout";
  readonly waitings = [{
    name: "LISTEN, as the indexer",
    open: (onJob: (lane: number) => void) => this.#openLane(onJob),
  }];
  readonly #database: QueueDatabase;

  constructor(database: QueueDatabase) {
    this.#database = database;
  }

  get sql(): Sql {
    return this.#database.sql;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#database[Symbol.asyncDispose]();
  }

  async fill(jobs: number): Promise<void> {
    await fillReady(this.sql, jobs);
  }

  async clear(): Promise<void> {
    await clearReady(this.sql);
  }

  async addBacklog(backlog: Backlog): Promise<void> {
    await addQuarryBacklog(this.sql, backlog);
  }

  async start(workers: number, onJob: (job: TakenJob) => void): Promise<RunningWorkers> {
    return await startQuarryWorkers(this.#database, workers, { onJob });
  }

  /** With two tenants that are told apart. */
  shared(): SharedQueue {
    let tenantIds: readonly string[] = [];
    return {
      name: this.name,
      fill: async (tenants) => {
        tenantIds = await fillTwoTenants(this.sql, tenants);
      },
      start: (workers, onJob) => startQuarryWorkers(this.#database, workers, { onJob, tenantIds }),
    };
  }

  async #openLane(onJob: (lane: number) => void): Promise<Lanes> {
    const tenantId = await addTenant(this.sql, `lane-${performance.now()}`, 1);
    const [repository] = await this.sql<{ id: string }[]>`
      select id from quarry.repositories where tenant_id = ${tenantId}`;
    const producer = postgres(this.#database.url("postgres"), { max: 1 });
    const workers = await startQuarryWorkers(this.#database, 1, { onJob: () => onJob(0) });
    return {
      count: 1,
      pauseMillisecondsMax: PAUSE_MILLISECONDS_MAX,
      enqueue: async () => {
        await producer`
          select quarry.enqueue_job(${repository?.id ?? ""}, 'index', 'refs/heads/main', 'bench')`;
      },
      stop: async () => {
        await workers.stop();
        await producer.end();
      },
    };
  }
}

/** Every worker is a machine of the fleet, as a process of the indexer is. */
async function startQuarryWorkers(
  database: QueueDatabase,
  workers: number,
  work: Work,
): Promise<RunningWorkers> {
  const launches = await database.sql<{ launch_id: string }[]>`
    insert into quarry.machines (name, state)
    select 'bench-' || gen_random_uuid(), 'idle' from generate_series(1, ${workers}) returning launch_id`;
  const pool = postgres(database.url("quarry_indexer"), {
    // One more listens.
    max: workers,
    fetch_types: false,
    onnotice: () => undefined,
  });
  const stopping = new AbortController();
  const idle = new Set<(tenantId: string | null) => void>();
  await pool.listen("quarry_jobs", (text) => idle.forEach((wake) => wake(text || null)));
  const loops = launches.map(({ launch_id }) =>
    runWorker(pool, launch_id, { ...work, idle }, stopping.signal)
  );
  return {
    stop: async () => {
      stopping.abort();
      idle.forEach((wake) => wake(null));
      await Promise.all(loops);
      await pool.end();
      await database.sql`
        delete from quarry.machines where launch_id = any(${
        launches.map(({ launch_id }) => launch_id)
      })`;
    },
  };
}

/** The loop of the indexer's worker around a job that does nothing. */
async function runWorker(
  pool: Sql,
  launchId: string,
  work: Work & { readonly idle: Set<(tenantId: string | null) => void> },
  signal: AbortSignal,
): Promise<void> {
  let next: Claim = null;
  let told: string | null = null;
  while (next !== null || !signal.aborted) {
    const notified = Promise.withResolvers<string | null>();
    work.idle.add(notified.resolve);
    const ofTold: Claim = told === null ? null : await claimJob(pool, launchId, told);
    const claim: Claim = next ?? ofTold ?? await claimJob(pool, launchId, null);
    next = null;
    told = null;
    if (claim === null) {
      const poll = setTimeout(() => notified.resolve(null), IDLE_POLL_MILLISECONDS);
      told = await notified.promise;
      clearTimeout(poll);
      work.idle.delete(notified.resolve);
      continue;
    }
    work.idle.delete(notified.resolve);
    work.onJob({ tenant: Math.max(0, work.tenantIds?.indexOf(claim.tenant_id) ?? 0) });
    next = signal.aborted
      ? await completeJob(pool, claim)
      : await completeAndClaim(pool, claim, launchId);
  }
}

type Held = NonNullable<Claim>;

async function claimJob(pool: Sql, launchId: string, told: string | null): Promise<Claim> {
  const [row] = await pool`
    select c.claim, c.claim is null and quarry.is_dismissed(p_launch_id => ${launchId}) as is_dismissed
    from quarry.claim_job(p_launch_id => ${launchId}, p_tenant_id => ${told}) as c (claim)`;
  return claimRow.parse(row).claim;
}

async function completeAndClaim(pool: Sql, held: Held, launchId: string): Promise<Claim> {
  const [row] = await pool`
    select quarry.complete_and_claim(
      p_job_id => ${held.job_id}, p_lease_token => ${held.lease_token},
      p_outcome => ${"unchanged"}, p_commit_oid => ${null}, p_report => ${pool.json({})},
      p_launch_id => ${launchId}) as claim`;
  return claimRow.parse(row).claim;
}

async function completeJob(pool: Sql, held: Held): Promise<null> {
  await pool`
    select quarry.complete_job(
      p_job_id => ${held.job_id}, p_lease_token => ${held.lease_token},
      p_outcome => ${"unchanged"}, p_commit_oid => ${null}, p_report => ${pool.json({})})`;
  return null;
}

// Builds tenants, repositories and claims through the functions that the product calls, and reads
// jobs back as the superuser. Knows no test runner.

import type { Sql } from "postgres";

/** A claim as claim_job answers it; only what the tests look at. */
export interface Claim {
  readonly job_id: string;
  readonly lease_token: string;
  readonly repository_id: string;
  readonly full_name: string;
  readonly attempt: number;
  readonly git_token: string | null;
}

export interface Registered {
  readonly outcome: string;
  readonly repository: { readonly id: string; readonly state: string };
  readonly job: { readonly id: string; readonly state: string; readonly ref?: string };
}

let hostId = 1000;

export async function createTenant(sql: Sql, name = "tenant"): Promise<string> {
  const [row] = await sql<{ id: string }[]>`select quarry.create_tenant(${name}) as id`;
  return row!.id;
}

/** Registers a repository, which also queues its first job. */
export async function register(
  serviceRole: Sql,
  tenantId: string,
  options: { hostId?: number; name?: string; token?: string; ref?: string } = {},
): Promise<Registered> {
  const host = options.hostId ?? hostId++;
  const [row] = await serviceRole<{ answer: Registered }[]>`
    select api.register_repository(${tenantId}, ${host}, ${
    options.name ?? `owner/name-${host}`
  }, 'main', 'public',
      ${options.ref ?? null}, ${options.token ?? null}, 'test') as answer`;
  return row!.answer;
}

/** A machine row as dispatch would have made it, with its worker registered. */
export async function startWorker(admin: Sql): Promise<string> {
  const [row] = await admin<{ launch_id: string }[]>`
    insert into quarry.machines (name, state) values ('test-' || gen_random_uuid(), 'idle') returning launch_id`;
  return row!.launch_id;
}

/** As of a worker that looks by itself, or that was told of a tenant's job. */
export async function claim(
  indexer: Sql,
  launchId: string,
  tenantId: string | null = null,
): Promise<Claim | null> {
  const [row] = await indexer<
    { claim: Claim | null }[]
  >`select quarry.claim_job(${launchId}, ${tenantId}) as claim`;
  return row!.claim;
}

export interface JobRow {
  readonly state: string;
  readonly outcome: string | null;
  readonly attempt: number;
  readonly wait_reason: string | null;
  readonly due_in_seconds: number;
  readonly errors: { code: string; message: string; attempt: number }[];
  readonly payload: Record<string, unknown>;
}

export async function readJob(admin: Sql, jobId: string): Promise<JobRow> {
  const [row] = await admin<JobRow[]>`
    select state, outcome, attempt, wait_reason, extract(epoch from run_at - clock_timestamp())::float8 as due_in_seconds, errors, payload
    from quarry.indexing_jobs where id = ${jobId}`;
  return row!;
}

/** The names of a job's events, oldest first. */
export async function readEvents(admin: Sql, jobId: string): Promise<string[]> {
  const rows = await admin<{ event: string }[]>`
    select event from quarry.indexing_job_events where job_id = ${jobId} order by id`;
  return rows.map((row) => row.event);
}

/** Moves a lease into the past, as a minute of silence would. */
export async function expireLease(admin: Sql, jobId: string): Promise<void> {
  await admin`update quarry.indexing_jobs set lease_expires_at = clock_timestamp() - interval '1 second' where id = ${jobId}`;
}

/** Makes a waiting job due, as the passing of its backoff would. */
export async function makeDue(admin: Sql, jobId: string): Promise<void> {
  await admin`update quarry.indexing_jobs set run_at = clock_timestamp() - interval '1 second' where id = ${jobId}`;
}

/** Lets time pass for the queue, as far as it remembers any: all of its times move into the past. */
export async function passTime(admin: Sql, seconds: number): Promise<void> {
  await admin`
    update quarry.indexing_jobs set
      run_at = run_at - make_interval(secs => ${seconds}),
      lease_expires_at = lease_expires_at - make_interval(secs => ${seconds})`;
  await admin`
    update quarry.tenant_queues set
      served_at = served_at - make_interval(secs => ${seconds}),
      ready_from = ready_from - make_interval(secs => ${seconds})`;
  await admin`
    update quarry.machines set
      launched_at = launched_at - make_interval(secs => ${seconds}),
      alive_at = alive_at - make_interval(secs => ${seconds})`;
  await admin`
    select setval('quarry.leases_looked_until', greatest(0, last_value - ${seconds}::bigint))
    from quarry.leases_looked_until`;
}

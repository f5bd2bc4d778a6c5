// Fills Quarry's own tables as its functions would, in bulk: tenants, repositories, ready jobs, and
// what lies in a table that has been in use. Knows the schema; that is why it is one file.

import type { Sql } from "postgres";
import type { Backlog } from "./contender.ts";

/** Tenants whose jobs are ready; with 8 jobs each they never reach their plan's limit here. */
const TENANTS = 64;
/** What register and request_index allow. */
const REFS_PER_REPOSITORY_MAX = 16;
const REPOSITORIES_PER_TENANT_MAX = 2000;
/** Tenants that run as much as their plan allows. */
const FULL_TENANTS = 8;

/** Adds a tenant of the plan team with repositories; answers its id. */
export async function addTenant(sql: Sql, name: string, repositories: number): Promise<string> {
  const [row] = await sql<{ id: string }[]>`
    insert into quarry.tenants (name, plan) values (${name}, 'team') returning id`;
  if (row === undefined) throw new Error(`no tenant was made for ${name}`);
  await sql`
    insert into quarry.repositories (tenant_id, host_id, full_name, default_branch, visibility)
    select ${row.id}, n, ${name} || '/' || n, 'main', 'public' from generate_series(1, ${repositories}) n`;
  await sql`insert into quarry.tenant_queues (tenant_id) values (${row.id})`;
  return row.id;
}

/** As many ready jobs as asked for, one a repository, evenly over the tenants. */
export async function fillReady(sql: Sql, jobs: number): Promise<void> {
  const perTenant = Math.ceil(jobs / TENANTS);
  const [row] = await sql<{ count: number }[]>`
    select count(*)::integer as count from quarry.tenants where name like 'ready-%'`;
  for (let tenant = row?.count ?? 0; tenant < TENANTS; tenant += 1) {
    await addTenant(sql, `ready-${tenant}`, perTenant);
  }
  await sql`
    with queued as (
      insert into quarry.indexing_jobs (tenant_id, repository_id, kind, ref, requested_by)
      select r.tenant_id, r.id, 'index', 'refs/heads/main', 'bench'
      from quarry.repositories r join quarry.tenants t on t.id = r.tenant_id
      where t.name like 'ready-%' and r.host_id <= ${perTenant} and not exists (
        select from quarry.indexing_jobs j
        where j.repository_id = r.id and j.ref = 'refs/heads/main' and j.state in ('queued', 'running'))
      order by r.host_id, t.name
      returning id
    )
    insert into quarry.indexing_job_events (job_id, event, message) select id, 'queued', 'bench' from queued`;
}

/** Takes the ready jobs back. */
export async function clearReady(sql: Sql): Promise<void> {
  await sql`
    delete from quarry.indexing_jobs j using quarry.tenants t
    where t.id = j.tenant_id and t.name like 'ready-%' and j.state = 'queued' and j.wait_reason is null`;
}

/** Ready jobs of two tenants, in this order. Answers the tenants' ids. */
export async function fillTwoTenants(sql: Sql, tenants: readonly number[]): Promise<string[]> {
  const counts = [0, 1].map((tenant) => tenants.filter((each) => each === tenant).length);
  const ids: string[] = [];
  for (const [tenant, count] of counts.entries()) {
    ids.push(await addTenant(sql, `shared-${tenant}`, count));
  }
  const next = [0, 0];
  const order = tenants.map((tenant) => ({
    tenant_id: ids[tenant] ?? "",
    host_id: next[tenant] = (next[tenant] ?? 0) + 1,
  }));
  await sql`
    insert into quarry.indexing_jobs (tenant_id, repository_id, kind, ref, requested_by)
    select r.tenant_id, r.id, 'index', 'refs/heads/main', 'bench'
    from rows from (
      jsonb_to_recordset(${sql.json(order)}) as (tenant_id uuid, host_id bigint)
    ) with ordinality as o (tenant_id, host_id, n)
    join quarry.repositories r on r.tenant_id = o.tenant_id and r.host_id = o.host_id
    order by o.n`;
  return ids;
}

/**
 * Finished and failed jobs of the tenants that work, with their events. Blocked ones: half wait for
 * their host's rate limit, half belong to tenants at their plan's limit, behind running repositories
 * first.
 */
export async function addQuarryBacklog(sql: Sql, backlog: Backlog): Promise<void> {
  await sql`select setseed(0.5)`;
  await addEnded(sql, "completed", backlog.finished);
  await addEnded(sql, "failed", backlog.failed);
  const waiting = Math.floor(backlog.blocked / 2);
  await addRateLimited(sql, waiting);
  await addBehindLimits(sql, backlog.blocked - waiting);
}

async function addEnded(sql: Sql, state: "completed" | "failed", rows: number): Promise<void> {
  const error = { attempt: 5, code: "git_failed", message: "Fetching the repository failed." };
  const errors = state === "failed" ? [error] : [];
  // The count stands alone: a join on an expression of both sides would compare all with all.
  await sql`
    with ready as materialized (
      select r.id, r.tenant_id, row_number() over () as place
      from quarry.repositories r join quarry.tenants t on t.id = r.tenant_id where t.name like 'ready-%'
    ), ended as (
      insert into quarry.indexing_jobs (
        tenant_id, repository_id, kind, ref, requested_by, state, outcome, attempt, errors,
        queued_at, run_at, started_at, finished_at, progress)
      select r.tenant_id, r.id, 'index', 'refs/heads/main', 'bench', ${state},
        ${state === "completed" ? "unchanged" : null}, 1, ${sql.json(errors)},
        e.at, e.at, e.at + interval '1 second', e.at + interval '2 seconds', '{"percent": 100}'
      from (
        select n, now() - random() * interval '20 days' as at,
          row_number() over () as place from generate_series(1, ${rows}) n) e
      join ready r on r.place = e.place % (select count(*) from ready) + 1
      returning id, queued_at
    )
    insert into quarry.indexing_job_events (job_id, at, event)
    select id, queued_at + n * interval '1 second', event
    from ended, unnest(array['queued', 'claimed', ${state}]) with ordinality as e (event, n)`;
}

/** Of the tenants that work, so that their claims would meet them. */
async function addRateLimited(sql: Sql, rows: number): Promise<void> {
  const repositories = Math.ceil(rows / REFS_PER_REPOSITORY_MAX / TENANTS);
  await sql`
    insert into quarry.repositories (tenant_id, host_id, full_name, default_branch, visibility)
    select t.id, 1000000 + n, t.name || '/waits-' || n, 'main', 'public'
    from quarry.tenants t, generate_series(1, ${repositories}) n where t.name like 'ready-%'`;
  await sql`
    insert into quarry.indexing_jobs (tenant_id, repository_id, kind, ref, requested_by, attempt, run_at, wait_reason, queued_at)
    select r.tenant_id, r.id, 'index', 'refs/heads/b' || n, 'bench', 1, now() + interval '1 day', 'rate_limit',
      now() - interval '1 hour'
    from quarry.repositories r, generate_series(1, ${REFS_PER_REPOSITORY_MAX}) n
    where r.host_id > 1000000 order by random() limit ${rows}`;
}

/** Every tenant runs as many jobs as it may; whatever else it has must wait, though it is ready. */
async function addBehindLimits(sql: Sql, rows: number): Promise<void> {
  const perTenant = Math.ceil(rows / FULL_TENANTS);
  const repositories = Math.min(
    REPOSITORIES_PER_TENANT_MAX,
    Math.ceil(perTenant / REFS_PER_REPOSITORY_MAX),
  );
  for (let tenant = 0; tenant < FULL_TENANTS; tenant += 1) {
    const id = await addTenant(sql, `full-${tenant}`, repositories);
    await sql`
      insert into quarry.indexing_jobs (tenant_id, repository_id, kind, ref, requested_by, queued_at, run_at)
      select r.tenant_id, r.id, 'index', 'refs/heads/b' || n, 'bench', now() - interval '1 hour', now() - interval '1 hour'
      from quarry.repositories r, generate_series(1, ${REFS_PER_REPOSITORY_MAX}) n
      where r.tenant_id = ${id} order by r.host_id limit ${perTenant}`;
    await sql`
      insert into quarry.indexing_jobs (
        tenant_id, repository_id, kind, ref, requested_by, state, attempt, lease_token, lease_expires_at,
        queued_at, run_at, started_at)
      select r.tenant_id, r.id, 'index', 'refs/heads/runs', 'bench', 'running', 1, gen_random_uuid(),
        now() + interval '1 day', now() - interval '1 hour', now() - interval '1 hour', now()
      from quarry.repositories r, quarry.plans p
      where r.tenant_id = ${id} and p.plan = 'team' and r.host_id <= p.concurrent_jobs_max`;
  }
}

// What an operator does to a stack's database for the benchmark: gives its tenant a plan that allows the
// load, and has PostgreSQL tidy up at a known time instead of some time later.

import type { Sql } from "postgres";

/** More than the load needs in any minute. */
const REQUESTS_PER_MINUTE_MAX = 1_000_000;
const REPOSITORIES_MAX = 10_000;

/** Lifts the limits of a repository's tenant; answers who that is. */
export async function liftLimits(sql: Sql, repositoryId: string): Promise<string> {
  await sql`
    insert into quarry.plans (plan, concurrent_jobs_max, repositories_max, repository_bytes_max, requests_per_minute_max)
    select 'benchmark', concurrent_jobs_max, ${REPOSITORIES_MAX}, repository_bytes_max, ${REQUESTS_PER_MINUTE_MAX}
    from quarry.plans where plan = 'team'
    on conflict do nothing`;
  const [row] = await sql<{ id: string }[]>`
    update quarry.tenants t set plan = 'benchmark'
    from quarry.repositories r where r.id = ${repositoryId} and t.id = r.tenant_id
    returning t.id`;
  if (row === undefined) throw new Error(`repository ${repositoryId} belongs to nobody`);
  return row.id;
}

/** What autovacuum does within minutes: visibility maps and statistics of all that was written. */
export async function tidyUp(sql: Sql): Promise<void> {
  await sql`vacuum analyze`;
}

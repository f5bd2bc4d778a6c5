// What the sweep costs while nobody does anything, however much there is: it comes by every ten seconds.

import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../scripts/local/test_database.ts";
import * as seed from "./support/seed.ts";

const ROWS = 3000;
/** More than there are in a day of sweeps. */
const CRON_RUNS = 10_000;
/** Of each table: a few that it looks at each time. */
const READ_MAX = 30;

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  const tenantId = await seed.createTenant(database.admin);
  await database.admin`
    insert into quarry.repositories (tenant_id, host_id, full_name, default_branch, visibility, hook_state)
    select ${tenantId}, n, 'owner/name-' || n, 'main', 'public', 'active' from generate_series(1, ${ROWS}) n`;
  await database.admin.unsafe(`
    insert into quarry.trees (repository_id, ref, generation, oldest_generation, extractor_version, format_version, indexed_at)
    select id, 'refs/heads/main', 1, 1, 9, 9, now() - interval '1 hour' from quarry.repositories;
    update quarry.extraction set extractor_version = 9, format_version = 9;
    insert into quarry.segments (repository_id, job_id, lease_token, format_version, published_at)
    select id, gen_random_uuid(), gen_random_uuid(), 9, now() from quarry.repositories;
    insert into quarry.indexing_jobs (tenant_id, repository_id, kind, ref, requested_by, state, outcome, finished_at)
    select tenant_id, id, 'index', 'refs/heads/main', 'test', 'completed', 'unchanged', now() from quarry.repositories;
    insert into quarry.webhook_deliveries (repository_id, delivery_id, event, outcome)
    select id, 'd', 'push', 'enqueued' from quarry.repositories;
    insert into quarry.machines (name, state, launched_at, registered_at, gone_at)
    select 'machine ' || n, 'gone', now() - interval '2 days', now() - interval '2 days', now() - interval '1 day'
    from generate_series(1, ${ROWS}) n;
    -- As pg_cron leaves one that could not start, or that ran when the server fell: without a time.
    insert into cron.job_run_details (status) select 'failed' from generate_series(1, ${CRON_RUNS} + 500) n;
    analyze`);
  // Once an hour it looks for old jobs among all.
  await database.admin`select quarry.sweep()`;
});
afterAll(() => database.drop());

interface Read {
  readonly name: string;
  readonly rows: number;
}

test("a sweep reads a few rows of each table, however many there are", async () => {
  await database.admin.begin(async (sql) => {
    const readSoFar = () =>
      sql<Read[]>`
        select relname::text as name, (seq_tup_read + coalesce(idx_tup_fetch, 0))::integer as rows
        from pg_stat_xact_user_tables where schemaname in ('quarry', 'cron')`;
    const before = new Map((await readSoFar()).map(({ name, rows }) => [name, rows]));
    await sql`select quarry.sweep()`;
    const read = (await readSoFar())
      .map(({ name, rows }) => ({ name, rows: rows - (before.get(name) ?? 0) }));
    expect(read.filter(({ rows }) => rows > READ_MAX)).toEqual([]);
    const [sweep] = await sql`select last_error from quarry.sweeps`;
    expect(sweep).toEqual({ last_error: null });
  });
});

test("of what pg_cron has run, the last runs are kept, and no more", async () => {
  const [runs] = await database.admin`select count(*)::integer as kept from cron.job_run_details`;
  expect(runs).toEqual({ kept: CRON_RUNS });
});

test("the files of a tree that was published lately are found among all when their time has come", async () => {
  await database.admin`
    update quarry.trees set generation = 2, indexed_at = now() - interval '1 hour'
    where id = (select max(id) from quarry.trees)`;
  await database.admin`select quarry.sweep()`;
  expect(await database.admin`select from quarry.trees where oldest_generation < generation`)
    .toHaveLength(0);
});

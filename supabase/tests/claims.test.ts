// What a claim passes by, what it holds on to and what a row of the queue cannot be, on a real
// PostgreSQL. Waits are made with explicit locks: two connections, one step at a time.

import type { Sql } from "postgres";
import { expect, test } from "vitest";
import { database, worker } from "./support/queue_database.ts";
import * as seed from "./support/seed.ts";

async function registered() {
  const tenantId = await seed.createTenant(database.admin);
  const { job } = await seed.register(database.serviceRole, tenantId);
  return { tenantId, jobId: job.id };
}

function lockTenants(sql: Sql, tenantIds: readonly string[]) {
  return sql`select from quarry.tenant_queues where tenant_id = any(${tenantIds}::uuid[]) for update`;
}

test("a claim looks past the tenants that other claims hold, however many they are", async () => {
  const held = await Promise.all(Array.from({ length: 30 }, registered));
  const free = await registered();
  await database.admin.begin(async (holder) => {
    await lockTenants(holder as unknown as Sql, held.map(({ tenantId }) => tenantId));
    expect((await seed.claim(database.indexer, worker))?.job_id).toBe(free.jobId);
  });
});

test("a claim that waits for one tenant holds no other", async () => {
  const passed = await registered();
  const awaited = await registered();
  let claiming: Promise<seed.Claim | null> | undefined;
  await database.admin.begin(async (holder) => {
    // As a push that folds into the first tenant's job, and a claim that serves the second.
    await holder`select from quarry.indexing_jobs where id = ${passed.jobId} for update`;
    await lockTenants(holder as unknown as Sql, [awaited.tenantId]);
    claiming = seed.claim(database.indexer, worker);
    await expect.poll(async () =>
      (await database.admin`
        select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)
        .length
    ).toBe(1);
    const rows = await database.admin`
      select from quarry.tenant_queues where tenant_id = ${passed.tenantId} for update skip locked`;
    expect(rows).toHaveLength(1);
  });
  expect((await claiming)?.job_id).toBe(awaited.jobId);
});

test("a machine that claims is seen to live, whether or not it is given a job", async () => {
  const age = async () => {
    const [row] = await database.admin<{ state: string; seconds: number }[]>`
      select state, extract(epoch from clock_timestamp() - alive_at)::float8 as seconds from quarry.machines`;
    return row!;
  };
  const growOld = () =>
    database.admin`update quarry.machines set alive_at = alive_at - interval '30 seconds'`;
  await growOld();
  expect(await seed.claim(database.indexer, worker)).toBeNull();
  expect((await age()).state).toBe("idle");
  expect((await age()).seconds).toBeLessThan(29);
  await registered();
  await growOld();
  expect(await seed.claim(database.indexer, worker)).not.toBeNull();
  expect((await age()).state).toBe("busy");
  expect((await age()).seconds).toBeLessThan(29);
});

test("what a worker's calls write of its machine leaves no index entry behind", async () => {
  await registered();
  await database.admin.begin(async (transaction) => {
    const sql = transaction as unknown as Sql;
    const updates = async () => {
      const [row] = await sql<{ all: number; inPlace: number }[]>`
        select pg_stat_get_xact_tuples_updated('quarry.machines'::regclass)::int as all,
          pg_stat_get_xact_tuples_hot_updated('quarry.machines'::regclass)::int as "inPlace"`;
      return row!;
    };
    const before = await updates();
    const claim = (await seed.claim(sql, worker))!;
    await sql`select quarry.heartbeat_job(${claim.job_id}, ${claim.lease_token}, 'fetching', '{}')`;
    await sql`select quarry.complete_job(${claim.job_id}, ${claim.lease_token}, 'empty', null, '{}')`;
    expect(await seed.claim(sql, worker)).toBeNull();
    const after = await updates();
    expect(after.all - before.all).toBe(3);
    expect(after.inPlace - before.inPlace).toBe(3);
  });
});

test.each([
  ["state = 'lost'"],
  ["state = 'gone'"],
  ["gone_at = now()"],
  ["leftover = 'stopped'"],
  ["state = 'gone', gone_at = now(), leftover = 'ashes'"],
  ["state = 'gone', gone_at = now(), leftover = 'condemned', clean_at = null"],
  ["error = repeat('x', 1001)"],
])("a live machine cannot be given %s", async (change) => {
  await expect(database.admin.unsafe(`update quarry.machines set ${change}`))
    .rejects.toMatchObject({ code: "23514" });
});

test.each([
  ["state = 'lost'"],
  ["state = 'running'"],
  ["state = 'completed', finished_at = now()"],
  ["outcome = 'empty'"],
  ["lease_token = gen_random_uuid(), lease_expires_at = now()"],
  ["attempt = -1"],
  ["wait_reason = 'mood'"],
  ["errors = '{}'"],
])("a queued job cannot be given %s", async (change) => {
  await registered();
  await expect(database.admin.unsafe(`update quarry.indexing_jobs set ${change}`))
    .rejects.toMatchObject({ code: "23514" });
});

test("a launch that is not known is given no job", async () => {
  const tenantId = await seed.createTenant(database.admin);
  const { job } = await seed.register(database.serviceRole, tenantId);
  const unknown = "00000000-0000-4000-8000-000000000000";
  expect(await seed.claim(database.indexer, unknown)).toBeNull();
  const [row] = await database.indexer`select quarry.leave_or_take(${unknown}) as claim`;
  expect(row!["claim"]).toBeNull();
  expect((await seed.readJob(database.admin, job.id)).state).toBe("queued");
});

test("a worker's calls read no table of jobs from end to end, though it was small when they were planned", async () => {
  await database.admin`vacuum analyze quarry.indexing_jobs`;
  await Promise.all(Array.from({ length: 30 }, registered));
  await database.admin.begin(async (transaction) => {
    const sql = transaction as unknown as Sql;
    const reads: Record<string, number> = {};
    const rows = async () => {
      const [row] = await sql<{ count: number }[]>`
        select pg_stat_get_xact_tuples_returned('quarry.indexing_jobs'::regclass)::int as count`;
      return row!.count;
    };
    const noting = async <T>(name: string, call: PromiseLike<T>): Promise<T> => {
      const before = await rows();
      const answer = await call;
      reads[name] = await rows() - before;
      return answer;
    };
    const next = async () => (await noting("claim", seed.claim(sql, worker)))!;
    const first = await next();
    await noting(
      "heartbeat",
      sql`select quarry.heartbeat_job(${first.job_id}, ${first.lease_token}, 'fetching', '{}')`,
    );
    await noting(
      "note",
      sql`select quarry.note_job_event(${first.job_id}, ${first.lease_token}, 'noted', '', '{}')`,
    );
    const [row] = await noting(
      "complete and claim",
      sql<{ claim: seed.Claim }[]>`
      select quarry.complete_and_claim(${first.job_id}, ${first.lease_token}, 'unchanged', null, '{}', ${worker}) as claim`,
    );
    const second = row!.claim;
    await noting(
      "complete",
      sql`select quarry.complete_job(${second.job_id}, ${second.lease_token}, 'unchanged', null, '{}')`,
    );
    const third = await next();
    await noting("release", sql`select quarry.release_job(${third.job_id}, ${third.lease_token})`);
    const fourth = await next();
    await noting(
      "postpone",
      sql`select quarry.postpone_job(${fourth.job_id}, ${fourth.lease_token})`,
    );
    const fifth = await next();
    await noting(
      "fail",
      sql`
      select quarry.fail_job(${fifth.job_id}, ${fifth.lease_token}, 'retry', 'git_failed', 'm', null, null)`,
    );
    expect(reads).toEqual(Object.fromEntries(Object.keys(reads).map((name) => [name, 0])));
  });
});

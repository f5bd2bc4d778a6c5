// Whose turn it is, what a claim reads while an old transaction keeps every dead row, and the call that
// completes one job and takes the next.

import { expect, test } from "vitest";
import type { Sql } from "postgres";
import { database, worker } from "./support/queue_database.ts";
import * as seed from "./support/seed.ts";

/** A tenant with so many repositories, a queued job each. */
async function tenantWith(repositories: number): Promise<string> {
  const tenantId = await seed.createTenant(database.admin);
  for (let n = 0; n < repositories; n += 1) await seed.register(database.serviceRole, tenantId);
  return tenantId;
}

async function completeAndClaim(held: seed.Claim, launchId = worker): Promise<seed.Claim | null> {
  const [row] = await database.indexer<{ claim: seed.Claim | null }[]>`
    select quarry.complete_and_claim(
      ${held.job_id}, ${held.lease_token}, 'unchanged', null, '{}', ${launchId}) as claim`;
  return row!.claim;
}

async function tenantOf(claim: seed.Claim | null): Promise<string> {
  const [row] = await database.admin<{ tenant_id: string }[]>`
    select tenant_id from quarry.indexing_jobs where id = ${claim!.job_id}`;
  return row!.tenant_id;
}

/** A second goes by for the tenants: their hints are old. */
function ageHints() {
  return database
    .admin`update quarry.tenant_queues set served_at = served_at - interval '2 seconds'`;
}

test("one worker serves the tenants in turn, however much each has queued", async () => {
  const tenants = [await tenantWith(6), await tenantWith(2), await tenantWith(2)];
  const served: number[] = [];
  let claim = await seed.claim(database.indexer, worker);
  for (let n = 0; n < 6; n += 1) {
    served.push(tenants.indexOf(await tenantOf(claim)));
    claim = await completeAndClaim(claim!);
  }
  expect(served).toEqual([0, 1, 2, 0, 1, 2]);
});

test("a tenant's job that has waited longer goes first, at the latest a second after it is ready", async () => {
  const tenantId = await tenantWith(3);
  const first = (await seed.claim(database.indexer, worker))!;
  const late = (await database.admin<{ id: string }[]>`
    update quarry.indexing_jobs set run_at = run_at - interval '1 hour'
    where id = (select id from quarry.indexing_jobs where tenant_id = ${tenantId} and state = 'queued'
      order by run_at desc limit 1) returning id`)[0]!.id;
  await ageHints();
  expect((await completeAndClaim(first))?.job_id).toBe(late);
});

test("a job behind the place where claims begin to search is found when nothing else is there", async () => {
  const tenantId = await tenantWith(2);
  const first = (await seed.claim(database.indexer, worker))!;
  const [{ id }] = await database.admin<[{ id: string }]>`
    update quarry.indexing_jobs set run_at = run_at - interval '1 hour', priority = -1
    where tenant_id = ${tenantId} and state = 'queued' returning id`;
  expect((await completeAndClaim(first))?.job_id).toBe(id);
});

test("the plan's limit holds where the count begins at a bound", async () => {
  // The plan of a new tenant lets two run.
  await tenantWith(6);
  const long = (await seed.claim(database.indexer, worker))!;
  let short = (await seed.claim(database.indexer, await seed.startWorker(database.admin)))!;
  for (let n = 0; n < 3; n += 1) {
    await ageHints();
    short = (await completeAndClaim(short))!;
    expect(await seed.claim(database.indexer, await seed.startWorker(database.admin))).toBeNull();
  }
  await ageHints();
  expect(await completeAndClaim(long)).not.toBeNull();
  expect(await seed.claim(database.indexer, await seed.startWorker(database.admin))).toBeNull();
  expect(short.attempt).toBe(1);
});

/** The index entries of the queue that this session has read so far. */
async function readsOf(sql: Sql): Promise<number> {
  const [row] = await sql<{ reads: number }[]>`
    select sum(pg_stat_get_xact_tuples_returned(indexrelid))::int as reads from pg_index
    where indrelid in ('quarry.indexing_jobs'::regclass, 'quarry.tenant_queues'::regclass)`;
  return row!.reads;
}

/** Completes a job and takes the next; answers that, and how many index entries were read for it. */
async function countReads(held: seed.Claim): Promise<{ claim: seed.Claim; reads: number }> {
  return await database.admin.begin(async (transaction) => {
    const sql = transaction as unknown as Sql;
    const before = await readsOf(sql);
    const [row] = await sql<{ claim: seed.Claim }[]>`
      select quarry.complete_and_claim(
        ${held.job_id}, ${held.lease_token}, 'unchanged', null, '{}', ${worker}) as claim`;
    return { claim: row!.claim, reads: await readsOf(sql) - before };
  });
}

test("an old transaction that stays open does not make a claim read more", async () => {
  const jobs = 120;
  const tenantId = await tenantWith(1);
  await database.admin`
    insert into quarry.repositories (tenant_id, host_id, full_name, default_branch, visibility)
    select ${tenantId}, 500000 + n, 'acme/' || n, 'main', 'public' from generate_series(1, ${jobs}::int) n`;
  await database.admin`
    select quarry.enqueue_job(r.id, 'index', 'refs/heads/main', 'test')
    from quarry.repositories r where r.host_id > 500000`;
  let claim = (await seed.claim(database.indexer, worker))!;
  await database.admin.begin("isolation level repeatable read", async (holder) => {
    await holder`select pg_catalog.txid_current()`;
    for (let n = 0; n < jobs - 20; n += 1) claim = (await completeAndClaim(claim))!;
    // This one looks at all, and remembers where the next ones may begin.
    await ageHints();
    const looked = await countReads(claim);
    expect(looked.reads).toBeGreaterThan(jobs);
    expect((await countReads(looked.claim)).reads).toBeLessThan(jobs / 3);
  });
});

test("a claim that finds nothing has looked at each tenant once", async () => {
  const tenants = 5;
  for (let n = 0; n < tenants; n += 1) await tenantWith(1);
  await database.admin`delete from quarry.indexing_jobs`;
  await database.admin.begin(async (transaction) => {
    const looks = async () => {
      const [row] = await transaction<{ count: number }[]>`
        select pg_stat_get_xact_tuples_returned('quarry.tenant_queues_place_key'::regclass)::int as count`;
      return row!.count;
    };
    const before = await looks();
    expect(await seed.claim(transaction as unknown as Sql, worker)).toBeNull();
    expect(await looks() - before).toBe(tenants);
  });
});

test("completing takes the next job under the same commit, and says so in both histories", async () => {
  await tenantWith(2);
  const first = (await seed.claim(database.indexer, worker))!;
  const next = (await completeAndClaim(first))!;
  expect((await seed.readJob(database.admin, first.job_id)).state).toBe("completed");
  expect((await seed.readJob(database.admin, next.job_id)).state).toBe("running");
  expect(await seed.readEvents(database.admin, first.job_id))
    .toEqual(["queued", "claimed", "completed"]);
  expect(await seed.readEvents(database.admin, next.job_id)).toEqual(["queued", "claimed"]);
});

test("a newer request for the repository that was just completed may be the next", async () => {
  const tenantId = await seed.createTenant(database.admin);
  const { repository } = await seed.register(database.serviceRole, tenantId);
  const first = (await seed.claim(database.indexer, worker))!;
  await database.admin`
    select quarry.enqueue_job(${repository.id}, 'index', 'refs/heads/main', 'test')`;
  expect((await completeAndClaim(first))?.repository_id).toBe(repository.id);
});

test("who completes without the lease is given nothing", async () => {
  await tenantWith(2);
  const first = (await seed.claim(database.indexer, worker))!;
  await seed.expireLease(database.admin, first.job_id);
  await database.admin`select quarry.recover_expired_leases(1)`;
  await expect(completeAndClaim(first)).rejects.toMatchObject({ code: "QRY01" });
  const [row] = await database.admin`
    select count(*)::int as n from quarry.indexing_jobs where state = 'running'`;
  expect(row?.["n"]).toBe(0);
});

test("a machine that counts as gone completes its job and is given no other", async () => {
  await tenantWith(2);
  const first = (await seed.claim(database.indexer, worker))!;
  await database.admin`update quarry.machines set state = 'gone', gone_at = now()`;
  expect(await completeAndClaim(first)).toBeNull();
  expect((await seed.readJob(database.admin, first.job_id)).state).toBe("completed");
});

test("completing waits for no tenant: one that is locked is left to claim_job", async () => {
  await tenantWith(2);
  const first = (await seed.claim(database.indexer, worker))!;
  await database.admin.begin(async (sql) => {
    const holder = sql as unknown as Sql;
    await holder`select from quarry.tenant_queues for update`;
    expect(await completeAndClaim(first)).toBeNull();
  });
  expect((await seed.readJob(database.admin, first.job_id)).state).toBe("completed");
  expect(await seed.claim(database.indexer, worker)).not.toBeNull();
});

test("retention leaves the queue of a tenant that has just been given a job", async () => {
  const tenantId = await tenantWith(1);
  const first = (await seed.claim(database.indexer, worker))!;
  await completeAndClaim(first);
  await database.admin`update quarry.tenant_queues set active_at = now() - interval '11 minutes'`;
  let retention: Promise<unknown> | undefined;
  await database.admin.begin(async (holder) => {
    await holder`
      select quarry.enqueue_job(r.id, 'index', 'refs/heads/main', 'test')
      from quarry.repositories r where r.tenant_id = ${tenantId}`;
    // What the end of the transaction does first.
    await holder`set constraints all immediate`;
    retention = database.admin`select quarry.apply_retention()`.execute();
    await expect.poll(async () =>
      (await database.admin`
        select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)
        .length
    ).toBe(1);
  });
  await retention;
  expect(await seed.claim(database.indexer, worker)).not.toBeNull();
});

test("a tenant whose queue retention takes while it is given a job has one again", async () => {
  const tenantId = await tenantWith(1);
  await completeAndClaim((await seed.claim(database.indexer, worker))!);
  await database.admin`update quarry.tenant_queues set active_at = now() - interval '11 minutes'`;
  await database.admin.begin(async (holder) => {
    await holder`
      select quarry.enqueue_job(r.id, 'index', 'refs/heads/main', 'test')
      from quarry.repositories r where r.tenant_id = ${tenantId}`;
    await database.admin`select quarry.apply_retention()`;
    expect(await database.admin`select from quarry.tenant_queues`).toHaveLength(0);
  });
  expect(await seed.claim(database.indexer, worker)).not.toBeNull();
});

// What the model found, shown on the real functions: two connections, one step at a time.

import { beforeAll, expect, test } from "vitest";
import type { Sql } from "postgres";
import { database, worker } from "../support/queue_database.ts";
import * as seed from "../support/seed.ts";

beforeAll(async () => {
  await database.admin`select vault.create_secret('http://127.0.0.1:1/dispatch', 'dispatch_url')`;
  await database.admin`select vault.create_secret('the wake secret', 'wake_secret')`;
});

async function registered() {
  const tenantId = await seed.createTenant(database.admin);
  const { repository, job } = await seed.register(database.serviceRole, tenantId);
  return { tenantId, repositoryId: repository.id, jobId: job.id };
}

async function enqueue(sql: Sql, repositoryId: string, payload = {}, priority = 0) {
  const [row] = await sql<{ id: string }[]>`
    select id from quarry.enqueue_job(
      ${repositoryId}, 'index', 'refs/heads/main', 'test', ${sql.json(payload)}, ${priority})`;
  return row!.id;
}

async function planned(): Promise<number> {
  const [row] = await database.serviceRole<{ launches: unknown[] }[]>`
    select api.plan_launches(9, 'image') as launches`;
  return row!.launches.length;
}

async function wakes(): Promise<number> {
  const [row] = await database.admin<{ n: number }[]>`
    select count(*)::int as n from net.http_request_queue`;
  return row!.n;
}

/** Waits until that many connections of this database wait for a lock. */
async function untilWaiting(count: number) {
  await expect.poll(async () =>
    (await database.admin`
      select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)
      .length
  ).toBe(count);
}

test("a push that coalesces into a job and a claim of that job do not lock each other out", async () => {
  const { tenantId, repositoryId, jobId } = await registered();
  await database.admin.begin(async (sql) => {
    const pushing = sql as unknown as Sql;
    // The push stands between the job's row and the tenant's row when the claim comes.
    await pushing`select from quarry.indexing_jobs where id = ${jobId} for update`;
    const claiming = seed.claim(database.indexer, worker);
    await Promise.race([untilWaiting(1), claiming]);
    await pushing`set local lock_timeout = '5s'`;
    await enqueue(pushing, repositoryId);
    expect(await claiming).toBeNull();
  });
  expect((await seed.claim(database.indexer, worker))?.job_id).toBe(jobId);
  expect(tenantId).toBeDefined();
});

test("a job that folds into a newer request hands on its wish for a full index, its priority and its errors", async () => {
  const { repositoryId, jobId } = await registered();
  const claim = (await seed.claim(database.indexer, worker))!;
  const sibling = await enqueue(database.admin, repositoryId, { commit_oid: "a" });
  await database.admin`update quarry.indexing_jobs set priority = 3 where id = ${jobId}`;
  await database.indexer`
    select quarry.fail_job(${jobId}, ${claim.lease_token}, 'retry', 'some_code', 'm', null, null)`;
  const folded = await seed.readJob(database.admin, jobId);
  expect(folded.outcome).toBe("superseded");
  expect(folded.errors.map((error) => error.code)).toEqual(["some_code"]);
  expect((await seed.readJob(database.admin, sibling)).payload).toEqual({
    commit_oid: "a",
    full: true,
  });
  const [row] = await database
    .admin`select priority from quarry.indexing_jobs where id = ${sibling}`;
  expect(row!["priority"]).toBe(3);
});

test("a machine that counts as gone is given no job", async () => {
  const { jobId } = await registered();
  await database.admin`update quarry.machines set alive_at = alive_at - interval '61 seconds'`;
  await database.admin`select quarry.forget_lost_machines()`;
  expect(await seed.claim(database.indexer, worker)).toBeNull();
  const [row] = await database.indexer`select quarry.leave_or_take(${worker}) as claim`;
  expect(row!["claim"]).toBeNull();
  expect((await seed.readJob(database.admin, jobId)).state).toBe("queued");
});

test("a machine cannot be declared gone while its claim is deciding", async () => {
  const { tenantId, jobId } = await registered();
  let claiming: Promise<seed.Claim | null> | undefined;
  await database.admin.begin(async (holder) => {
    await holder`select from quarry.tenant_queues where tenant_id = ${tenantId} for update`;
    claiming = seed.claim(database.indexer, worker);
    await untilWaiting(1);
    await database.admin`update quarry.machines set alive_at = alive_at - interval '61 seconds'
      where launch_id <> ${worker}`;
    const [row] = await database.admin`
      with lost as (select launch_id from quarry.machines for update skip locked)
      select count(*)::int as n from lost`;
    expect(row!["n"]).toBe(0);
  });
  expect((await claiming)?.job_id).toBe(jobId);
});

test("a worker that is asked to stop wakes another one for the work it leaves (invariant 7)", async () => {
  const { jobId } = await registered();
  const claim = (await seed.claim(database.indexer, worker))!;
  await database.indexer`select quarry.release_job(${jobId}, ${claim.lease_token})`;
  await database.admin`delete from net.http_request_queue`;
  await database.indexer`select quarry.leave(${worker})`;
  expect(await wakes()).toBe(1);
  expect(await planned()).toBe(1);
});

test("a worker that leaves nothing behind wakes nobody", async () => {
  await database.admin`delete from net.http_request_queue`;
  await database.indexer`select quarry.leave(${worker})`;
  expect(await wakes()).toBe(0);
});

test("an idle worker that is asked to stop does not take the place of a machine (invariant 7)", async () => {
  let planning: Promise<number> | undefined;
  await database.indexer.begin(async (leaving) => {
    await leaving`select quarry.leave(${worker})`;
    await registered();
    // Without the fleet lock the planner would count the worker that is leaving as available.
    planning = planned();
    await Promise.race([untilWaiting(1), planning]);
  });
  expect(await planning).toBe(1);
});

test("plan_launches asks for one machine where two refs of one repository wait", async () => {
  const { tenantId, repositoryId } = await registered();
  await database.admin`update quarry.machines set state = 'gone', gone_at = now()`;
  await database.serviceRole`
    select api.request_index(${tenantId}, ${repositoryId}, 'refs/heads/other', false, 'test')`;
  expect(await planned()).toBe(1);
});

test("a lease publishes once, even when there is no segment to tell the second time by", async () => {
  const { jobId } = await registered();
  const { lease_token } = (await seed.claim(database.indexer, worker))!;
  const publish = () =>
    database
      .indexer`select quarry.publish_index(${jobId}, ${lease_token}, 'oid', '{}', null, '{}', 1, 1)`;
  await publish();
  await expect(publish()).rejects.toMatchObject({ code: "QRY01" });
});

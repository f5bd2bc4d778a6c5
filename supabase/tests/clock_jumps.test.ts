// What holds when a clock is wrong: the database's, which jumps back by an hour so that all that it wrote
// down lies ahead, and a worker's or a host's, from which only durations are taken.

import { beforeEach, expect, test } from "vitest";
import { database, worker } from "./support/queue_database.ts";
import * as seed from "./support/seed.ts";

const HOUR = 3600;

beforeEach(async () => {
  await database.admin`update quarry.fleet_pause set paused_until = '-infinity', refusals = 0`;
});

function jumpBack(): Promise<void> {
  return seed.passTime(database.admin, -HOUR);
}

async function registered(tenantId?: string) {
  const { job } = await seed.register(
    database.serviceRole,
    tenantId ?? await seed.createTenant(database.admin),
  );
  return job.id;
}

async function planLaunches() {
  const [row] = await database.serviceRole<
    { launches: { launch_id: string; machine_id: string | null }[] }[]
  >`
    select api.plan_launches(5, 'image') as launches`;
  return row!.launches;
}

async function failLimited(claim: seed.Claim, seconds: number): Promise<number> {
  await database.indexer`
    select quarry.fail_job(${claim.job_id}, ${claim.lease_token}, 'retry', 'rate_limited', 'm', ${seconds}, null)`;
  const job = await seed.readJob(database.admin, claim.job_id);
  expect(job).toMatchObject({ state: "queued", attempt: 0, wait_reason: "rate_limit" });
  return job.due_in_seconds;
}

test("a job of high priority goes first, though what was served last lies ahead", async () => {
  const tenantId = await seed.createTenant(database.admin);
  for (let n = 0; n < 3; n += 1) await registered(tenantId);
  const first = (await seed.claim(database.indexer, worker))!;
  await jumpBack();
  const urgent = await registered(tenantId);
  await database.admin`update quarry.indexing_jobs set priority = 100 where id = ${urgent}`;
  await database.indexer`
    select quarry.complete_job(${first.job_id}, ${first.lease_token}, 'unchanged', 'oid', '{}')`;
  expect((await seed.claim(database.indexer, worker))?.job_id).toBe(urgent);
});

test("a dead worker's lease ends a minute after the jump, and a living one's is kept", async () => {
  const dead = await registered();
  const alive = await registered();
  const claims = [
    (await seed.claim(database.indexer, worker))!,
    (await seed.claim(database.indexer, await seed.startWorker(database.admin)))!,
  ];
  await jumpBack();
  const next = await seed.startWorker(database.admin);
  expect(await seed.claim(database.indexer, next)).toBeNull();
  await seed.passTime(database.admin, 61);
  const held = claims.find(({ job_id }) => job_id === alive)!;
  const [row] = await database.indexer<{ verdict: string }[]>`
    select quarry.heartbeat_job(${held.job_id}, ${held.lease_token}, null, '{}') as verdict`;
  expect(row!.verdict).toBe("continue");
  expect(await seed.claim(database.indexer, next)).toMatchObject({ job_id: dead, attempt: 2 });
});

test("the sweep ends such a lease too", async () => {
  const jobId = await registered();
  await seed.claim(database.indexer, worker);
  await jumpBack();
  await database.admin`select quarry.sweep()`;
  await seed.passTime(database.admin, 61);
  await database.admin`select quarry.sweep()`;
  expect((await seed.readJob(database.admin, jobId)).state).toBe("queued");
});

test("no backoff and no rate limit is waited for longer than an hour", async () => {
  const ids = [await registered(), await registered()];
  const [one, two] = [
    (await seed.claim(database.indexer, worker))!,
    (await seed.claim(database.indexer, await seed.startWorker(database.admin)))!,
  ];
  await failLimited(one, 60);
  await database.indexer`
    select quarry.fail_job(${two.job_id}, ${two.lease_token}, 'retry', 'git_failed', 'm', null, null)`;
  await seed.passTime(database.admin, -HOUR - 120);
  const next = await seed.startWorker(database.admin);
  await database.admin`update quarry.machines set alive_at = alive_at - interval '2 seconds'`;
  const claimed = [
    await seed.claim(database.indexer, next),
    await seed.claim(database.indexer, await seed.startWorker(database.admin)),
  ];
  expect(new Set(claimed.map((claim) => claim?.job_id))).toEqual(new Set(ids));
});

test("a worker that claims is seen to live, and a dead one is missed a minute later", async () => {
  await jumpBack();
  const dead = await seed.startWorker(database.admin);
  await database.admin`
    update quarry.machines set alive_at = alive_at + interval '1 hour' where launch_id = ${dead}`;
  expect(await seed.claim(database.indexer, worker)).toBeNull();
  const [row] = await database.admin<{ ahead: boolean }[]>`
    select alive_at > clock_timestamp() as ahead from quarry.machines where launch_id = ${worker}`;
  expect(row!.ahead).toBe(false);
  await database.admin`select quarry.sweep()`;
  await database.admin`
    update quarry.machines set alive_at = alive_at - interval '61 seconds' where launch_id = ${dead}`;
  await database.admin`select quarry.sweep()`;
  const [lost] = await database.admin`
    select state from quarry.machines where launch_id = ${dead}`;
  expect(lost).toEqual({ state: "gone" });
});

test("a stopped machine that is started again is known, though its former launch lies ahead", async () => {
  await registered();
  await database.admin`delete from quarry.machines`;
  const [former] = await database.admin<{ launch_id: string }[]>`
    insert into quarry.machines (name, state, machine_id, image, leftover, gone_at, clean_at, launched_at)
    values ('former', 'gone', 'fly1', 'image', 'stopped', now() + interval '50 minutes',
      now() + interval '51 minutes', now() + interval '30 minutes') returning launch_id`;
  const [launch] = await planLaunches();
  expect(launch).toMatchObject({ machine_id: "fly1" });
  const [row] = await database.indexer<{ launch_id: string | null }[]>`
    select quarry.register_worker(${former!.launch_id}, gen_random_uuid(), 'fly1') as launch_id`;
  expect(row!.launch_id).toBe(launch!.launch_id);
  const [condemned] = await database.admin`
    select count(*)::int as count from quarry.machines where leftover = 'condemned'`;
  expect(condemned).toEqual({ count: 0 });
});

test("launches do not wait for a pause that lies further ahead than any is long", async () => {
  await registered();
  await database.admin`delete from quarry.machines`;
  await database.admin`
    update quarry.fleet_pause set paused_until = clock_timestamp() + interval '1 hour'`;
  expect(await planLaunches()).toHaveLength(1);
});

test("a condemned machine does not wait out the jump", async () => {
  await database.admin`
    insert into quarry.machines (name, state, machine_id, leftover, gone_at, clean_at)
    values ('condemned', 'gone', 'fly1', 'condemned', now(), now() + interval '1 hour')`;
  const [row] = await database.serviceRole<{ due: unknown[] }[]>`
    select api.plan_cleaning('image') as due`;
  expect(row!.due).toHaveLength(1);
});

test("a webhook that is to be made does not wait out the jump", async () => {
  await registered();
  await database.admin`
    update quarry.repositories set hook_retry_at = clock_timestamp() + interval '90 minutes'`;
  const [row] = await database.serviceRole<{ due: unknown[] }[]>`
    select api.take_pending_hooks(null, 1) as due`;
  expect(row!.due).toHaveLength(1);
});

test("a machine that came to be after it was given up and no more looked for is destroyed", async () => {
  const [launch] = await database.admin<{ launch_id: string }[]>`
    insert into quarry.machines (name, state, gone_at) values ('late', 'gone', now()) returning launch_id`;
  const leftover = async () =>
    (await database.admin`
      select leftover from quarry.machines where launch_id = ${launch!.launch_id}`)[0]!["leftover"];
  await database.serviceRole`
    select api.record_launch(${launch!.launch_id}, null, null, 'no capacity')`;
  expect(await leftover()).toBeNull();
  await database.serviceRole`select api.record_launch(${launch!.launch_id}, 'fly1', 'fra', null)`;
  expect(await leftover()).toBe("condemned");
});

test("health believes no sweep that is still to come", async () => {
  await database.admin`update quarry.sweeps set swept_at = clock_timestamp() + interval '1 hour'`;
  const health = async () =>
    (await database.serviceRole<{ health: { status: string } }[]>`
      select api.health(false) as health`)[0]!.health.status;
  expect(await health()).toBe("unavailable");
  await database.admin`select quarry.sweep()`;
  expect(await health()).toBe("ok");
});

test.each([
  [-10_800, 5],
  [0, 5],
  [90, 90],
  [10_800, 3600],
])("a rate limit of %i s, as a wrong clock may make it, is waited for %i s", async (said, wait) => {
  await registered();
  const seconds = await failLimited((await seed.claim(database.indexer, worker))!, said);
  expect(seconds).toBeGreaterThan(wait - 2);
  expect(seconds).toBeLessThanOrEqual(wait);
});

test("a rate limit after failures of other kinds is waited for as the host says", async () => {
  const { job, repository } = await seed.register(
    database.serviceRole,
    await seed.createTenant(database.admin),
  );
  for (let n = 0; n < 11; n += 1) {
    const claim = (await seed.claim(database.indexer, worker))!;
    await database.indexer`
      select quarry.fail_job(${claim.job_id}, ${claim.lease_token}, 'retry', 'host_unreachable', 'm', null, null)`;
    await database.serviceRole`
      select api.record_delivery(${repository.id}, gen_random_uuid()::text, 'push', 'refs/heads/main', 'oid', null, null)`;
  }
  const claim = (await seed.claim(database.indexer, worker))!;
  expect(claim.job_id).toBe(job.id);
  expect(Math.round(await failLimited(claim, 30))).toBe(30);
});

test("waits for a host that goes on limiting grow, though none costs an attempt", async () => {
  const jobId = await registered();
  const waits: number[] = [];
  for (let n = 0; n < 12; n += 1) {
    const claim = (await seed.claim(database.indexer, await seed.startWorker(database.admin)))!;
    expect(claim.job_id).toBe(jobId);
    waits.push(Math.round(await failLimited(claim, 1)));
    await seed.passTime(database.admin, HOUR);
  }
  expect(waits).toEqual([5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]);
});

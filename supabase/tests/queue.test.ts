// The queue's functions under the indexer's role on a real PostgreSQL: claim, fence, retry,
// coalescing, recovery. Interleavings are explicit: two connections, one step at a time.

import { expect, test } from "vitest";
import { database, worker } from "./support/queue_database.ts";
import * as seed from "./support/seed.ts";

async function registered() {
  const tenantId = await seed.createTenant(database.admin);
  const { repository, job } = await seed.register(database.serviceRole, tenantId);
  return { tenantId, repositoryId: repository.id, jobId: job.id };
}

async function enqueue(
  repositoryId: string,
  payload: { commit_oid?: string; full?: boolean } = {},
) {
  const [row] = await database.admin<{ id: string }[]>`
    select id from quarry.enqueue_job(${repositoryId}, 'index', 'refs/heads/main', 'test', ${
    database.admin.json(payload)
  })`;
  return row!.id;
}

function fail(claim: seed.Claim, jobClass: string, seconds: number | null = null) {
  return database.indexer`
    select quarry.fail_job(${claim.job_id}, ${claim.lease_token}, ${jobClass}, 'some_code', 'what happened', ${seconds}, 'a stack')`;
}

test("claim_job gives one job to one worker", async () => {
  const { jobId } = await registered();
  const [first, second] = await Promise.all([
    seed.claim(database.indexer, worker),
    seed.claim(database.indexer, await seed.startWorker(database.admin)),
  ]);
  expect([first?.job_id, second?.job_id].filter((id) => id !== undefined)).toEqual([jobId]);
});

test("a job's id is a UUID of version 7: it begins with the milliseconds of its time, and no two are the same", async () => {
  const ids = await database.admin<{ id: string; before: string; after: string }[]>`
    select s.before, quarry.new_job_id() as id, floor(extract(epoch from clock_timestamp()) * 1000) + 1 as after
    from (
      select floor(extract(epoch from clock_timestamp()) * 1000) as before from generate_series(1, 1000) offset 0) s`;
  for (const { id, before, after } of ids) {
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const milliseconds = parseInt(id.replaceAll("-", "").slice(0, 12), 16);
    expect(milliseconds).toBeGreaterThanOrEqual(Number(before));
    expect(milliseconds).toBeLessThanOrEqual(Number(after));
  }
  expect(new Set(ids.map(({ id }) => id)).size).toBe(1000);
});

test("claim_job never hands out a repository whose job is running", async () => {
  const { repositoryId } = await registered();
  await seed.claim(database.indexer, worker);
  const sibling = await enqueue(repositoryId);
  expect(await seed.claim(database.indexer, worker)).toBeNull();
  expect((await seed.readJob(database.admin, sibling)).state).toBe("queued");
});

test("claim_job serves the tenant that runs least, whatever another has queued before", async () => {
  const busy = await seed.createTenant(database.admin, "busy");
  for (let i = 0; i < 5; i++) await seed.register(database.serviceRole, busy);
  await seed.claim(database.indexer, worker);
  const small = await registered();
  expect((await seed.claim(database.indexer, worker))?.job_id).toBe(small.jobId);
});

test("claim_job keeps to the plan's limit under concurrent claims", async () => {
  const tenantId = await seed.createTenant(database.admin);
  for (let i = 0; i < 6; i++) await seed.register(database.serviceRole, tenantId);
  const workers = database.as("quarry_indexer", 6);
  const launchIds = await Promise.all(
    Array.from({ length: 6 }, () => seed.startWorker(database.admin)),
  );
  const claims = await Promise.all(launchIds.map((launchId) => seed.claim(workers, launchId)));
  expect(claims.filter((claim) => claim !== null)).toHaveLength(2);
});

test("claim_job waits for a tenant that another claim holds rather than say that there is nothing", async () => {
  const { tenantId, jobId } = await registered();
  let release = () => {};
  const held = new Promise<void>((resolve) => release = resolve);
  let locked = () => {};
  const isLocked = new Promise<void>((resolve) => locked = resolve);
  const holder = database.admin.begin(async (sql) => {
    await sql`select from quarry.tenant_queues where tenant_id = ${tenantId} for update`;
    locked();
    await held;
  });
  await isLocked;
  const claiming = seed.claim(database.indexer, worker);
  release();
  await holder;
  expect((await claiming)?.job_id).toBe(jobId);
});

test("a claim carries the repository's own token to the worker and to nobody else", async () => {
  const tenantId = await seed.createTenant(database.admin);
  const { job } = await seed.register(database.serviceRole, tenantId, {
    token: "token-of-the-tenant",
  });
  expect((await seed.claim(database.indexer, worker))?.git_token).toBe("token-of-the-tenant");
  const [row] = await database.serviceRole`select api.get_job(${tenantId}, ${job.id})::text as job`;
  expect(row!["job"]).not.toContain("token-of-the-tenant");
});

test("a push that arrives while its repository's job runs leaves exactly one queued job behind it", async () => {
  const { repositoryId } = await registered();
  await seed.claim(database.indexer, worker);
  const first = await enqueue(repositoryId, { commit_oid: "a" });
  const second = await enqueue(repositoryId, { commit_oid: "b" });
  expect(second).toBe(first);
  expect((await seed.readJob(database.admin, first)).payload).toEqual({
    commit_oid: "b",
    announced: ["a"],
  });
  expect(await seed.readEvents(database.admin, first)).toEqual(["queued", "coalesced"]);
});

test("a request for a full index is not weakened by a push that coalesces into it", async () => {
  const { jobId, repositoryId } = await registered();
  expect(await enqueue(repositoryId, { commit_oid: "a", full: false })).toBe(jobId);
  expect((await seed.readJob(database.admin, jobId)).payload).toEqual({
    commit_oid: "a",
    full: true,
  });
});

test("a push cuts a backoff short and gives fresh attempts, but waits out a rate limit", async () => {
  const { jobId, repositoryId } = await registered();
  await fail((await seed.claim(database.indexer, worker))!, "retry");
  expect(await seed.readJob(database.admin, jobId)).toMatchObject({
    state: "queued",
    attempt: 1,
    wait_reason: "backoff",
  });
  await enqueue(repositoryId);
  const renewed = await seed.readJob(database.admin, jobId);
  expect(renewed).toMatchObject({ attempt: 0, wait_reason: null });
  expect(renewed.due_in_seconds).toBeLessThanOrEqual(0);

  await fail((await seed.claim(database.indexer, worker))!, "retry", 3600);
  await enqueue(repositoryId);
  const limited = await seed.readJob(database.admin, jobId);
  expect(limited).toMatchObject({ attempt: 0, wait_reason: "rate_limit" });
  expect(limited.due_in_seconds).toBeGreaterThan(3000);
});

test("every write of a worker whose lease is over is refused", async () => {
  const { jobId } = await registered();
  const old = (await seed.claim(database.indexer, worker))!;
  await seed.expireLease(database.admin, jobId);
  await database.admin`select quarry.recover_expired_leases(10)`;
  await seed.makeDue(database.admin, jobId);
  const current = (await seed.claim(database.indexer, worker))!;
  expect(current.job_id).toBe(old.job_id);
  const writes = [
    database
      .indexer`select quarry.complete_job(${old.job_id}, ${old.lease_token}, 'indexed', null, '{}')`,
    database
      .indexer`select quarry.fail_job(${old.job_id}, ${old.lease_token}, 'retry', 'c', 'm', null, null)`,
    database.indexer`select quarry.release_job(${old.job_id}, ${old.lease_token})`,
    database.indexer`select quarry.open_segment(${old.job_id}, ${old.lease_token}, 1)`,
    database
      .indexer`select quarry.note_job_event(${old.job_id}, ${old.lease_token}, 'e', 'm', '{}')`,
    database
      .indexer`select quarry.publish_index(${old.job_id}, ${old.lease_token}, 'oid', '{}', null, '{}', 1, 1)`,
  ];
  for (const write of writes) await expect(write).rejects.toMatchObject({ code: "QRY01" });
  const [verdict] = await database
    .indexer`select quarry.heartbeat_job(${old.job_id}, ${old.lease_token}, null, null) as verdict`;
  expect(verdict!["verdict"]).toBe("lease_lost");
  expect((await seed.readJob(database.admin, jobId)).state).toBe("running");
});

test("an expired lease is recovered by the next claim, without any sweep", async () => {
  const { jobId } = await registered();
  await seed.claim(database.indexer, worker);
  await seed.expireLease(database.admin, jobId);
  expect(await seed.claim(database.indexer, worker)).toMatchObject({ job_id: jobId, attempt: 2 });
  const job = await seed.readJob(database.admin, jobId);
  expect(job.errors.map((error) => error.code)).toEqual(["lease_expired"]);
});

test("a job that kills its machine again and again ends failed with its history", async () => {
  const { jobId } = await registered();
  for (let attempt = 1; attempt <= 5; attempt++) {
    expect((await seed.claim(database.indexer, worker))?.attempt).toBe(attempt);
    await seed.expireLease(database.admin, jobId);
    await database.admin`select quarry.recover_expired_leases(10)`;
    await seed.makeDue(database.admin, jobId);
  }
  const job = await seed.readJob(database.admin, jobId);
  expect(job.state).toBe("failed");
  expect(job.errors.map((error) => error.attempt)).toEqual([1, 2, 3, 4, 5]);
  expect(await seed.claim(database.indexer, worker)).toBeNull();
});

test("a running job that must go back while a sibling waits folds into it", async () => {
  const { jobId, repositoryId } = await registered();
  await seed.claim(database.indexer, worker);
  const sibling = await enqueue(repositoryId);
  await seed.expireLease(database.admin, jobId);
  await database.admin`select quarry.recover_expired_leases(10)`;
  expect(await seed.readJob(database.admin, jobId)).toMatchObject({
    state: "completed",
    outcome: "superseded",
  });
  expect((await seed.claim(database.indexer, worker))?.job_id).toBe(sibling);
});

test("a job given back at shutdown does not lose an attempt", async () => {
  const { jobId } = await registered();
  const claim = (await seed.claim(database.indexer, worker))!;
  await database.indexer`select quarry.release_job(${claim.job_id}, ${claim.lease_token})`;
  expect(await seed.readJob(database.admin, jobId)).toMatchObject({
    state: "queued",
    attempt: 0,
    errors: [],
  });
  expect((await seed.claim(database.indexer, worker))?.attempt).toBe(1);
});

test("an error that cannot pass ends the job at its first attempt and keeps the stack from the tenant", async () => {
  const { jobId, tenantId } = await registered();
  await fail((await seed.claim(database.indexer, worker))!, "give_up");
  expect(await seed.readJob(database.admin, jobId)).toMatchObject({ state: "failed", attempt: 1 });
  const [row] = await database.serviceRole`
    select api.list_job_events(${tenantId}, ${jobId}, 50, null)::text as events`;
  expect(row!["events"]).toContain("what happened");
  expect(row!["events"]).not.toContain("a stack");
});

test("a running job hears of its cancellation at the next heartbeat and ends cancelled", async () => {
  const { jobId, tenantId } = await registered();
  const claim = (await seed.claim(database.indexer, worker))!;
  const [answer] = await database
    .serviceRole`select api.cancel_job(${tenantId}, ${jobId}) as answer`;
  expect(answer!["answer"]).toMatchObject({ outcome: "requested" });
  const [verdict] = await database.indexer`
    select quarry.heartbeat_job(${claim.job_id}, ${claim.lease_token}, 'parsing', '{"percent": 40}') as verdict`;
  expect(verdict!["verdict"]).toBe("cancelled");
  await fail(claim, "cancelled");
  expect((await seed.readJob(database.admin, jobId)).state).toBe("cancelled");
});

test("a job that ended well is shown as done, whatever its last heartbeat had seen", async () => {
  const { jobId, tenantId } = await registered();
  const claim = (await seed.claim(database.indexer, worker))!;
  const seen = { percent: 40, files_done: 4, files_total: 10, bytes_done: 7, bytes_total: 90 };
  await database.indexer`
    select quarry.heartbeat_job(${claim.job_id}, ${claim.lease_token}, 'parsing', ${
    database.indexer.json(seen)
  })`;
  await database.indexer`
    select quarry.complete_job(${claim.job_id}, ${claim.lease_token}, 'indexed', null, '{}')`;
  const [row] = await database.serviceRole<{ answer: unknown }[]>`
    select api.get_job(${tenantId}, ${jobId}) as answer`;
  expect(row!.answer).toMatchObject({
    state: "completed",
    phase: "publishing",
    progress: { percent: 100, files_done: 10, files_total: 10, bytes_done: 90, bytes_total: 90 },
  });
});

test("a failed job is redriven as a new one, and the failed one keeps its history", async () => {
  const { jobId, tenantId } = await registered();
  await fail((await seed.claim(database.indexer, worker))!, "give_up");
  const [row] = await database.serviceRole<{ answer: { outcome: string; job: { id: string } } }[]>`
    select api.redrive_job(${tenantId}, ${jobId}, 'key 1') as answer`;
  expect(row!.answer.outcome).toBe("enqueued");
  expect(row!.answer.job.id).not.toBe(jobId);
  expect((await seed.readJob(database.admin, jobId)).errors).toHaveLength(1);
  expect((await seed.claim(database.indexer, worker))?.job_id).toBe(row!.answer.job.id);
});

test("one row that cannot be recovered does not stop the recovery of the others", async () => {
  const bad = await registered();
  const good = await registered();
  for (let i = 0; i < 2; i++) await seed.claim(database.indexer, worker);
  for (const { jobId } of [bad, good]) await seed.expireLease(database.admin, jobId);
  await database.admin.unsafe(`
    create function public.refuse() returns trigger language plpgsql as 'begin raise exception ''refused''; end';
    create trigger refuse before update on quarry.indexing_jobs for each row
      when (old.id = '${bad.jobId}') execute function public.refuse()`);
  try {
    await database.admin`select quarry.recover_expired_leases(10)`;
  } finally {
    await database.admin`drop function public.refuse cascade`;
  }
  expect((await seed.readJob(database.admin, good.jobId)).state).toBe("queued");
  expect((await seed.readJob(database.admin, bad.jobId)).state).toBe("running");
  expect(await seed.readEvents(database.admin, bad.jobId)).toContain("recovery_failed");
});

test.each([
  ["the job itself", "delete from quarry.indexing_jobs where tenant_id = $1"],
  ["its repository", "delete from quarry.repositories where tenant_id = $1"],
  ["its tenant", "delete from quarry.tenants where id = $1"],
])("a job's history goes with it and no other does: deleted is %s", async (_, statement) => {
  const deleted = await registered();
  const kept = await registered();
  await database.admin.unsafe(statement, [deleted.tenantId]);
  expect(await seed.readEvents(database.admin, deleted.jobId)).toEqual([]);
  expect(await seed.readEvents(database.admin, kept.jobId)).toEqual(["queued"]);
});

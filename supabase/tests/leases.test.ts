// What becomes of a lease that nobody keeps, however late it is noticed and whoever notices, on a real
// PostgreSQL without its sweep.

import type { Sql } from "postgres";
import { expect, test } from "vitest";
import { database, worker } from "./support/queue_database.ts";
import * as seed from "./support/seed.ts";

async function registered() {
  const tenantId = await seed.createTenant(database.admin);
  const { job, repository } = await seed.register(database.serviceRole, tenantId);
  return { jobId: job.id, repositoryId: repository.id };
}

/** A job whose worker died: its lease is over by so many seconds, in which nobody has looked. */
async function abandoned(seconds: number) {
  const one = await registered();
  const launchId = await seed.startWorker(database.admin);
  const claim = (await seed.claim(database.indexer, launchId))!;
  expect(claim.job_id).toBe(one.jobId);
  await database.admin`delete from quarry.machines where launch_id = ${launchId}`;
  await seed.passTime(database.admin, 60 + seconds);
  // The other one has lived on.
  await database.admin`update quarry.machines set alive_at = clock_timestamp()`;
  return { ...one, claim };
}

async function leaveOrTake(): Promise<seed.Claim | null> {
  const [row] = await database.indexer<{ claim: seed.Claim | null }[]>`
    select quarry.leave_or_take(${worker}) as claim`;
  return row!.claim;
}

async function planLaunches(): Promise<unknown[]> {
  const [row] = await database.serviceRole<{ launches: unknown[] }[]>`
    select api.plan_launches(5, 'image') as launches`;
  return row!.launches;
}

test.each([1, 61, 3600, 86_400])(
  "a lease that has been over for %i s is recovered by the next claim",
  async (seconds) => {
    const { jobId } = await abandoned(seconds);
    expect(await seed.claim(database.indexer, worker)).toMatchObject({ job_id: jobId, attempt: 2 });
  },
);

test("a lease that has long been over is recovered by a worker that was about to leave", async () => {
  const { jobId } = await abandoned(61);
  expect(await leaveOrTake()).toMatchObject({ job_id: jobId, attempt: 2 });
});

test("a lease that has long been over is recovered while other work is there", async () => {
  const { jobId } = await abandoned(61);
  await registered();
  await registered();
  await database.admin`update quarry.machines set alive_at = alive_at - interval '2 seconds'`;
  await seed.claim(database.indexer, worker);
  expect((await seed.readJob(database.admin, jobId)).errors).toMatchObject([
    { code: "lease_expired" },
  ]);
});

test("a push to a repository whose worker died has a machine launched for it", async () => {
  const { repositoryId } = await abandoned(61);
  await database.admin`delete from quarry.machines`;
  await database
    .admin`select quarry.enqueue_job(${repositoryId}, 'index', 'refs/heads/main', 'test')`;
  expect(await planLaunches()).toHaveLength(1);
});

test("claims that found every lease alive do not hide one that ends while nobody looks", async () => {
  const { jobId } = await registered();
  await seed.claim(database.indexer, worker);
  for (let n = 0; n < 3; n += 1) {
    await database.admin`update quarry.machines set alive_at = alive_at - interval '2 seconds'`;
    expect(await seed.claim(database.indexer, await seed.startWorker(database.admin))).toBeNull();
  }
  await seed.passTime(database.admin, 3600);
  expect(await seed.claim(database.indexer, await seed.startWorker(database.admin)))
    .toMatchObject({ job_id: jobId, attempt: 2 });
});

test("a claim looks at no lease that ended before the last look, but for a minute", async () => {
  await registered();
  await seed.claim(database.indexer, worker);
  await database.admin`update quarry.machines set alive_at = alive_at - interval '2 seconds'`;
  expect(await seed.claim(database.indexer, worker)).toBeNull();
  const [row] = await database.admin<{ seconds: number }[]>`
    select extract(epoch from clock_timestamp())::int - last_value::int as seconds
    from quarry.leases_looked_until`;
  expect(row!.seconds).toBeGreaterThanOrEqual(60);
  expect(row!.seconds).toBeLessThan(90);
});

/** Does it and undoes it, as a statement that takes too long or whose server falls. */
async function undone(work: (sql: Sql) => Promise<unknown>): Promise<void> {
  const undo = new Error("undone");
  await expect(database.admin.begin(async (transaction) => {
    await work(transaction as unknown as Sql);
    throw undo;
  })).rejects.toBe(undo);
}

const recoveries: readonly [string, (sql: Sql) => Promise<unknown>][] = [
  ["a sweep", (sql) => sql`select quarry.sweep()`],
  [
    "a last call for work, which finds none since this was the last attempt",
    async (sql) => {
      await sql`update quarry.indexing_jobs set attempt = max_attempts`;
      await sql`select quarry.leave_or_take(${worker})`;
    },
  ],
];

test.each(recoveries)(
  "a lease that has long been over is recovered after %s was undone",
  async (_, recover) => {
    const { jobId } = await abandoned(540);
    await undone(recover);
    expect(await seed.claim(database.indexer, worker)).toMatchObject({ job_id: jobId, attempt: 2 });
  },
);

test("a machine is launched for a lease that has long been over, though a sweep was undone", async () => {
  await abandoned(540);
  await database.admin`delete from quarry.machines`;
  await undone((sql) => sql`select quarry.sweep()`);
  expect(await planLaunches()).toHaveLength(1);
});

async function heartbeat({ job_id, lease_token }: seed.Claim): Promise<string> {
  const [row] = await database.indexer<{ verdict: string }[]>`
    select quarry.heartbeat_job(${job_id}, ${lease_token}, 'parsing', '{}') as verdict`;
  return row!.verdict;
}

/** Seconds from the beginning of the attempt to the end of its lease. */
async function leaseEnd(): Promise<number> {
  const [row] = await database.admin<{ seconds: number }[]>`
    select extract(epoch from lease_expires_at - claimed_at)::float8 as seconds from quarry.indexing_jobs`;
  return row!.seconds;
}

/** The attempt began so many seconds ago. */
async function runFor(seconds: number): Promise<void> {
  await database.admin`
    update quarry.indexing_jobs set claimed_at = clock_timestamp() - make_interval(secs => ${seconds})
    where state = 'running'`;
}

test.each([
  ["an hour", null, 3600],
  ["as its worker is configured", 7200, 7200],
])(
  "a job may take %s, and a minute more to stop: then no heartbeat holds it",
  async (_, told, limit) => {
    const { job } = await seed.register(
      database.serviceRole,
      await seed.createTenant(database.admin),
    );
    await database.admin`update quarry.machines set state = 'launching'`;
    await database.indexer`
    select quarry.register_worker(${worker}, p_job_seconds_max => ${told ?? 3600})`;
    const claim = (await seed.claim(database.indexer, worker))!;
    await runFor(limit + 30);
    expect(await heartbeat(claim)).toBe("continue");
    expect(await leaseEnd()).toBe(limit + 60);
    await runFor(limit + 60);
    expect(await heartbeat(claim)).toBe("lease_lost");
    await seed.passTime(database.admin, 61);
    expect(await seed.claim(database.indexer, await seed.startWorker(database.admin)))
      .toMatchObject({ job_id: job.id, attempt: 2 });
  },
);

test("a second attempt has its own time", async () => {
  await registered();
  await seed.claim(database.indexer, worker);
  await runFor(3700);
  await seed.passTime(database.admin, 61);
  const claim = (await seed.claim(database.indexer, await seed.startWorker(database.admin)))!;
  expect(await heartbeat(claim)).toBe("continue");
});

/** Rows that cannot be recovered, by a trigger that refuses to let them out of their state. */
async function refuseRecovery(jobIds: readonly string[], what: string): Promise<void> {
  await database.admin.unsafe(`
    create function public.refuse() returns trigger language plpgsql as 'begin raise exception ''refused''; end';
    create trigger refuse before update on quarry.indexing_jobs for each row
      when (${what} old.id in ('${jobIds.join("','")}')) execute function public.refuse()`);
}

test.each([
  ["cannot be recovered", "new.state <> 'running' and"],
  ["cannot even be changed", ""],
])("rows that %s leave the others their turn, and say so once", async (_, what) => {
  const bad = await Promise.all(Array.from({ length: 7 }, registered));
  const good = await registered();
  for (let n = 0; n <= bad.length; n += 1) await seed.claim(database.indexer, worker);
  await seed.passTime(database.admin, 120);
  await database.admin`
    update quarry.indexing_jobs set lease_expires_at = lease_expires_at + interval '1 second'
    where id = ${good.jobId}`;
  await refuseRecovery(bad.map(({ jobId }) => jobId), what);
  try {
    for (let n = 0; n < 3; n += 1) await database.admin`select quarry.sweep()`;
    const claim = await seed.claim(database.indexer, await seed.startWorker(database.admin));
    expect(claim).toMatchObject({ job_id: good.jobId });
  } finally {
    await database.admin`drop function public.refuse cascade`;
  }
  for (const { jobId } of bad) {
    const events = await seed.readEvents(database.admin, jobId);
    expect(events.filter((event) => event === "recovery_failed")).toHaveLength(1);
  }
});

test("a heartbeat does not wait for a publish of its own worker, which extends the lease as it ends", async () => {
  const { jobId } = await registered();
  const claim = (await seed.claim(database.indexer, worker))!;
  const beat = async () => {
    const [row] = await database.indexer<{ verdict: string }[]>`
      select quarry.heartbeat_job(${jobId}, ${claim.lease_token}, null, null) as verdict`;
    return row?.verdict;
  };
  const leaseSeconds = async () => {
    const [row] = await database.admin<{ seconds: number }[]>`
      select extract(epoch from lease_expires_at - clock_timestamp())::float as seconds
      from quarry.indexing_jobs where id = ${jobId}`;
    return row?.seconds;
  };
  await database.admin.begin(async (publish) => {
    await publish`
      select quarry.publish_index(${jobId}, ${claim.lease_token}, 'oid', '{}'::bigint[], null, '{}', 1, 1)`;
    expect(await beat()).toBe("continue");
    // The publish took so long that the lease would be over.
    await publish`
      update quarry.indexing_jobs set lease_expires_at = clock_timestamp() - interval '1 second' where id = ${jobId}`;
    await publish`select quarry.extend_lease(j) from quarry.indexing_jobs j where j.id = ${jobId}`;
    await database.admin`select quarry.recover_expired_leases(10)`;
  });
  expect(await leaseSeconds()).toBeGreaterThan(50);
  expect((await seed.readJob(database.admin, jobId)).state).toBe("running");
  expect(await beat()).toBe("continue");
});

test("a publish extends the lease that it holds", async () => {
  const { jobId } = await registered();
  const claim = (await seed.claim(database.indexer, worker))!;
  await seed.passTime(database.admin, 50);
  await database.indexer`
    select quarry.publish_index(${jobId}, ${claim.lease_token}, 'oid', '{}'::bigint[], null, '{}', 1, 1)`;
  await seed.passTime(database.admin, 50);
  await database.admin`select quarry.recover_expired_leases(10)`;
  expect((await seed.readJob(database.admin, jobId)).state).toBe("running");
});

// What an idle worker is told when a job is queued, and the claim that goes straight to that tenant.

import type { Sql } from "postgres";
import { expect, test } from "vitest";
import { database, worker } from "./support/queue_database.ts";
import * as seed from "./support/seed.ts";

async function machineState(launchId: string): Promise<string> {
  const [row] = await database.admin<{ state: string }[]>`
    select state from quarry.machines where launch_id = ${launchId}`;
  return row!.state;
}

async function tenantWith(repositories: number): Promise<string> {
  const tenantId = await seed.createTenant(database.admin);
  for (let n = 0; n < repositories; n += 1) await seed.register(database.serviceRole, tenantId);
  return tenantId;
}

test("whoever listens is told whose job has become ready, and of no further request for it", async () => {
  const told: string[] = [];
  const listening = await database.admin.listen("quarry_jobs", (text) => void told.push(text));
  const first = await seed.createTenant(database.admin);
  const { repository } = await seed.register(database.serviceRole, first);
  await database.admin`
    select quarry.enqueue_job(${repository.id}, 'index', 'refs/heads/main', 'test')`;
  const second = await tenantWith(1);
  await expect.poll(() => told).toEqual([first, second]);
  await listening.unlisten();
});

test("a worker that was told of a tenant gets that tenant's job, and is busy", async () => {
  await tenantWith(1);
  const told = await tenantWith(1);
  const claim = await seed.claim(database.indexer, worker, told);
  const [job] = await database.admin`
    select tenant_id, state, attempt, launch_id from quarry.indexing_jobs where id = ${
    claim!.job_id
  }`;
  expect(job).toEqual({ tenant_id: told, state: "running", attempt: 1, launch_id: worker });
  expect(await machineState(worker)).toBe("busy");
  expect(await seed.readEvents(database.admin, claim!.job_id)).toEqual(["queued", "claimed"]);
});

test("a tenant that runs something is not served by being told of, so that nobody is overtaken", async () => {
  const told = await tenantWith(2);
  await seed.claim(database.indexer, await seed.startWorker(database.admin), told);
  expect(await seed.claim(database.indexer, worker, told)).toBeNull();
  expect(await machineState(worker)).toBe("idle");
  expect(await seed.claim(database.indexer, worker)).not.toBeNull();
});

test("the round goes on behind the tenant that was served by being told of", async () => {
  const tenants = [await tenantWith(2), await tenantWith(2), await tenantWith(2)];
  const served: number[] = [];
  for (const told of [tenants[1]!, null]) {
    const launchId = await seed.startWorker(database.admin);
    const claim = await seed.claim(database.indexer, launchId, told);
    const [job] = await database.admin`
      select tenant_id from quarry.indexing_jobs where id = ${claim!.job_id}`;
    served.push(tenants.indexOf(job?.["tenant_id"] as string));
  }
  expect(served).toEqual([1, 2]);
});

test("of several workers that were told one gets the job, and none waits for another", async () => {
  const told = await tenantWith(1);
  const others = await Promise.all([1, 2, 3].map(() => seed.startWorker(database.admin)));
  const claims = await Promise.all(
    [worker, ...others].map((launchId) => seed.claim(database.admin, launchId, told)),
  );
  expect(claims.filter((claim) => claim !== null)).toHaveLength(1);
  const [row] = await database.admin`
    select count(*) filter (where state = 'busy')::int as busy, count(*) filter (where state = 'idle')::int as idle
    from quarry.machines`;
  expect(row).toEqual({ busy: 1, idle: 3 });
});

test("a worker that was told does not wait for a tenant that another claim holds", async () => {
  const told = await tenantWith(1);
  await database.admin.begin(async (sql) => {
    const holder = sql as unknown as Sql;
    await holder`select from quarry.tenant_queues for update`;
    expect(await seed.claim(database.indexer, worker, told)).toBeNull();
  });
  expect(await seed.claim(database.indexer, worker, told)).not.toBeNull();
});

test("a machine that counts as gone, one that is busy and an unknown one get nothing by being told", async () => {
  const told = await tenantWith(1);
  const gone = await seed.startWorker(database.admin);
  await database
    .admin`update quarry.machines set state = 'gone', gone_at = now() where launch_id = ${gone}`;
  const busy = await seed.startWorker(database.admin);
  await database.admin`update quarry.machines set state = 'busy' where launch_id = ${busy}`;
  for (const launchId of [gone, busy, crypto.randomUUID()]) {
    expect(await seed.claim(database.indexer, launchId, told)).toBeNull();
  }
  expect(await machineState(gone)).toBe("gone");
});

test("while the fleet drains nobody gets a job by being told", async () => {
  const told = await tenantWith(1);
  await database.admin`update quarry.fleet_drain set draining_since = now()`;
  try {
    expect(await seed.claim(database.indexer, worker, told)).toBeNull();
  } finally {
    await database.admin`update quarry.fleet_drain set draining_since = null`;
  }
  expect(await seed.claim(database.indexer, worker, told)).not.toBeNull();
});

test("a tenant that is not there, or has nothing to claim, leaves the worker idle", async () => {
  const told = await tenantWith(1);
  await database
    .admin`update quarry.indexing_jobs set wait_reason = 'backoff', run_at = now() + interval '1 hour'`;
  for (const tenantId of [told, crypto.randomUUID()]) {
    expect(await seed.claim(database.indexer, worker, tenantId)).toBeNull();
    expect(await machineState(worker)).toBe("idle");
  }
});

// What a claim passes by, what it holds on to and what a row of the queue cannot be, on a real
// PostgreSQL. Waits are made with explicit locks: two connections, one step at a time.

import type { Sql } from "postgres";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../scripts/local/test_database.ts";
import * as seed from "./support/seed.ts";

let database: TestDatabase;
let worker: string;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.admin`truncate quarry.tenants, quarry.machines cascade`;
  worker = await seed.startWorker(database.admin);
});

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
      (await database.admin`select from pg_locks where locktype = 'transactionid' and not granted`)
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

// Draining: nothing is claimed and nothing launched, what runs goes on to its end, and a resume wakes
// whoever is needed. The same on a running stack is shown by the command's own test.

import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../scripts/local/test_database.ts";
import * as seed from "./support/seed.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.admin`truncate quarry.tenants, quarry.machines cascade`;
  await database.admin`delete from vault.secrets`;
  await database.admin`delete from net.http_request_queue`;
  await database.postgres`select quarry.resume_fleet()`;
});

interface Drain {
  readonly draining_since: string | null;
  readonly reason: string;
  readonly queued: number;
  readonly running: number;
  readonly live_machines: number;
}

async function drain(reason: string | null = null): Promise<Drain> {
  const [row] = await database.postgres<{ answer: Drain }[]>`
    select quarry.drain_fleet(${reason}) as answer`;
  return row!.answer;
}

async function resume(): Promise<Drain> {
  const [row] = await database.postgres<{ answer: Drain }[]>`
    select quarry.resume_fleet() as answer`;
  return row!.answer;
}

async function launches(): Promise<number> {
  const [row] = await database.serviceRole<{ count: number }[]>`
    select jsonb_array_length(api.plan_launches(5, 'image')) as count`;
  return row!.count;
}

const register = async () =>
  await seed.register(database.serviceRole, await seed.createTenant(database.admin));

/** Runs `act` in a transaction that is undone, and answers how many wakes it asked for. */
async function wakesAskedFor(act: (sql: TestDatabase["admin"]) => Promise<unknown>) {
  let count = 0;
  const undone = new Error("undone");
  await database.admin.begin(async (sql) => {
    await sql`select vault.create_secret('http://127.0.0.1:1/dispatch', 'dispatch_url')`;
    await sql`select vault.create_secret('the wake secret', 'wake_secret')`;
    await act(sql as unknown as TestDatabase["admin"]);
    count = (await sql`select from net.http_request_queue`).length;
    throw undone;
  }).catch((error: unknown) => {
    if (error !== undone) throw error;
  });
  return count;
}

test("a draining fleet claims nothing and launches nothing, and takes up all of it when resumed", async () => {
  const worker = await seed.startWorker(database.admin);
  await register();
  await register();
  expect(await drain("maintenance")).toMatchObject({
    reason: "maintenance",
    queued: 2,
    running: 0,
  });
  expect(await seed.claim(database.indexer, worker)).toBeNull();
  expect(await launches()).toBe(0);
  expect(await resume()).toMatchObject({ draining_since: null, reason: "", queued: 2 });
  expect(await launches()).toBe(1);
  expect(await seed.claim(database.indexer, worker)).not.toBeNull();
});

test("a job that runs when the drain begins goes on: heartbeat, completion, and no job after it", async () => {
  const worker = await seed.startWorker(database.admin);
  await register();
  const claim = (await seed.claim(database.indexer, worker))!;
  await register();
  expect(await drain()).toMatchObject({ queued: 1, running: 1, live_machines: 1 });
  const [beat] = await database.indexer`
    select quarry.heartbeat_job(${claim.job_id}, ${claim.lease_token}, 'parsing', null) as verdict`;
  expect(beat).toEqual({ verdict: "continue" });
  await database.indexer`
    select quarry.complete_job(${claim.job_id}, ${claim.lease_token}, 'unchanged', null, '{}')`;
  const [left] = await database.indexer`select quarry.leave_or_take(${worker}) as claim`;
  expect(left).toEqual({ claim: null });
  expect(await drain()).toMatchObject({ queued: 1, running: 0, live_machines: 0 });
});

test("jobs are queued while the fleet drains, and nobody is woken for them until it resumes", async () => {
  await drain();
  await register();
  // A hook to be created is another reason for a wake.
  await database.admin`update quarry.repositories set hook_state = 'active'`;
  expect(await wakesAskedFor((sql) => sql`select quarry.sweep()`)).toBe(0);
  expect(await wakesAskedFor((sql) => sql`select quarry.resume_fleet()`)).toBe(1);
});

test("a worker that leaves a draining fleet wakes nobody", async () => {
  const worker = await seed.startWorker(database.admin);
  await register();
  await drain();
  expect(await wakesAskedFor((sql) => sql`select quarry.leave(${worker})`)).toBe(0);
});

test("a drain asked for twice keeps its beginning, and its reason unless another is given", async () => {
  const first = await drain("maintenance");
  expect(await drain()).toMatchObject({
    draining_since: first.draining_since,
    reason: "maintenance",
  });
  expect(await drain("upgrade")).toMatchObject({
    draining_since: first.draining_since,
    reason: "upgrade",
  });
});

test("a drain waits for launches that are being planned", async () => {
  await register();
  let draining: Promise<Drain> | undefined;
  await database.serviceRole.begin(async (planning) => {
    await planning`select api.plan_launches(5, 'image')`;
    draining = drain();
    await expect.poll(async () =>
      (await database.admin`select from pg_locks where locktype = 'advisory' and not granted`)
        .length
    ).toBe(1);
  });
  expect(await draining).toMatchObject({ live_machines: 1 });
});

test("nobody but the owner may drain or resume", async () => {
  for (const sql of [database.serviceRole, database.indexer]) {
    await expect(sql`select quarry.drain_fleet('x')`).rejects.toThrow(/permission denied/);
    await expect(sql`select quarry.resume_fleet()`).rejects.toThrow(/permission denied/);
  }
});

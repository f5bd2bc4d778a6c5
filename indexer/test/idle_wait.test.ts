// What an idle worker hears while it waits, and whose job it claims then.

import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../scripts/local/test_database.ts";
import * as seed from "../../supabase/tests/support/seed.ts";
import { Connection } from "../src/store/connection.ts";
import { JobStore } from "../src/store/job_store.ts";

const WAIT_MILLISECONDS_MAX = 30_000;
const never = new AbortController().signal;

let database: TestDatabase;
let work: Connection;
let heartbeat: Connection;
beforeAll(async () => {
  database = await createTestDatabase();
  const url = database.url("quarry_indexer");
  work = new Connection({ url, applicationName: "work" });
  heartbeat = new Connection({ url, applicationName: "heartbeat" });
});
afterAll(async () => {
  await Promise.all([work.close(), heartbeat.close()]);
  await database.drop();
});

test("an idle worker claims the job that it was told of, and then whatever waits longer", async () => {
  const launchId = await seed.startWorker(database.admin);
  const bootId = randomUUID();
  const identity = { launchId, bootId, machineId: null, jobSecondsMax: 3600 };
  const store = new JobStore(work, heartbeat, identity);
  const longer = await seed.register(
    database.serviceRole,
    await seed.createTenant(database.admin),
  );
  // The first wait begins to listen, and ends at once.
  await store.waitForJob(WAIT_MILLISECONDS_MAX, never);
  const told = await seed.register(database.serviceRole, await seed.createTenant(database.admin));
  await store.waitForJob(WAIT_MILLISECONDS_MAX, never);
  expect(await store.claim()).toMatchObject({ repositoryId: told.repository.id });
  expect(await store.claim()).toMatchObject({ repositoryId: longer.repository.id });
});

test("words on the channel that are no tenant's id are no more than a reason to look", async () => {
  const launchId = await seed.startWorker(database.admin);
  const identity = { launchId, bootId: randomUUID(), machineId: null, jobSecondsMax: 3600 };
  const store = new JobStore(work, heartbeat, identity);
  const { repository } = await seed.register(
    database.serviceRole,
    await seed.createTenant(database.admin),
  );
  for (const words of ["", "no id", randomUUID()]) {
    await database.admin.notify("quarry_jobs", words);
    await store.waitForJob(WAIT_MILLISECONDS_MAX, never);
  }
  expect(await store.claim()).toMatchObject({ repositoryId: repository.id });
});

test("a worker of another image than the current one is dismissed", async () => {
  const launchId = await seed.startWorker(database.admin);
  const identity = { launchId, bootId: randomUUID(), machineId: null, jobSecondsMax: 3600 };
  const store = new JobStore(work, heartbeat, identity);
  expect(await store.claim()).toBeNull();
  await database.admin`update quarry.machines set is_outdated = true where launch_id = ${launchId}`;
  expect(await store.claim()).toBe("dismissed");
});

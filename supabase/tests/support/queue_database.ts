// What tests of the queue begin with: a database of the file's own, emptied before each test, and one idle
// worker in it. Importing it is enough.

import { afterAll, beforeAll, beforeEach } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../scripts/local/test_database.ts";
import { startWorker } from "./seed.ts";

/** Both are there in every test and hook of the file. */
export let database: TestDatabase;
export let worker: string;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.admin`truncate quarry.tenants, quarry.machines cascade`;
  worker = await startWorker(database.admin);
});

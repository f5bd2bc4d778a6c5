// What a new version of the indexer has to do, as the sweep looks for it every ten seconds.

import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../scripts/local/test_database.ts";
import * as seed from "./support/seed.ts";

const CURRENT = 9;
const TREES = 2000;

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.admin`truncate quarry.tenants cascade`;
  const tenantId = await seed.createTenant(database.admin);
  const { repository } = await seed.register(database.serviceRole, tenantId);
  await database.admin`
    insert into quarry.trees (repository_id, ref, generation, extractor_version, format_version)
    select ${repository.id}, 'refs/heads/' || n, n, ${CURRENT}, ${CURRENT} from generate_series(1, ${TREES}) n`;
  await database.admin`
    update quarry.extraction set extractor_version = ${CURRENT}, format_version = ${CURRENT}`;
  await database.admin`analyze quarry.trees`;
});

/** How many are queued, and how many rows of the trees it takes to know that. */
async function upgrade(): Promise<{ queued: number; read: number }> {
  return await database.admin.begin(async (sql) => {
    const readSoFar = async () => {
      const [rows] = await sql<{ read: number }[]>`
        select coalesce(sum(seq_tup_read + idx_tup_fetch), 0)::integer as read
        from pg_stat_xact_user_tables where relid = 'quarry.trees'::regclass`;
      return rows!.read;
    };
    // This connection's own of before are among them.
    const before = await readSoFar();
    const [done] = await sql<{ count: number }[]>`select quarry.enqueue_upgrades(5) as count`;
    return { queued: done!.count, read: await readSoFar() - before };
  });
}

test("of refs that the newest indexer has extracted none is read to know that none is to do", async () => {
  expect(await upgrade()).toEqual({ queued: 0, read: 0 });
});

test("refs that an older one has extracted are found among many others, some at a time and each once", async () => {
  await database.admin`update quarry.trees set extractor_version = ${
    CURRENT - 1
  } where generation <= 7`;
  const { queued, read } = await upgrade();
  expect(queued).toBe(5);
  expect(read).toBeLessThan(50);
  expect((await upgrade()).queued).toBe(2);
  expect((await upgrade()).queued).toBe(0);
});

test("refs that nobody has access to are passed, and not looked at again by every sweep", async () => {
  await database.admin`
    update quarry.trees set extractor_version = ${CURRENT - 1} where generation <= 60`;
  await database.admin`update quarry.repositories set access_lost_at = now()`;
  expect((await upgrade()).queued).toBe(0);
  expect((await upgrade()).queued).toBe(0);
  await database.admin`update quarry.repositories set access_lost_at = null`;
  expect((await upgrade()).queued).toBe(0);
});

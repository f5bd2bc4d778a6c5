import type { Sql } from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lastingClient } from "./lasting_client.ts";
import { createTestDatabase, type TestDatabase } from "../test_database.ts";

let database: TestDatabase;
let sql: Sql;

beforeAll(async () => {
  database = await createTestDatabase({ migrated: false });
  sql = lastingClient(database.url("postgres"), { max: 1 });
});
afterAll(async () => {
  await sql.end({ timeout: 1 });
  await database.drop();
});

/** Ends the session in the middle of an answer, some of whose rows have arrived. */
async function cutOff(more: () => Promise<unknown>[]): Promise<PromiseSettledResult<unknown>[]> {
  const gate = await database.admin.reserve();
  await gate`select pg_advisory_lock(1)`;
  const asked = Promise.allSettled([
    // Each row is more than the server keeps back.
    sql`
      select repeat('x', 10000), case when n > 5 then pg_advisory_xact_lock(1) end
      from generate_series(1, 10) as n`.execute(),
    ...more(),
  ]);
  const waiting = () =>
    database.admin<{ pid: number }[]>`
      select pid from pg_stat_activity
      where datname = current_database() and usename = 'postgres' and wait_event = 'advisory'`;
  await expect.poll(waiting).toHaveLength(1);
  await database.admin`
    select pg_terminate_backend(pid, 5000) from pg_stat_activity
    where datname = current_database() and usename = 'postgres' and wait_event = 'advisory'`;
  await gate`select pg_advisory_unlock(1)`;
  gate.release();
  return await asked;
}

test("an answer has no rows of the one before, which was cut off", async () => {
  for (let round = 0; round < 3; round += 1) {
    const [answer] = await cutOff(() => []);
    expect(answer?.status).toBe("rejected");
    expect([...await sql`select 1 as one`]).toEqual([{ one: 1 }]);
  }
});

test("what waits for a connection that ends is answered or fails", async () => {
  const answers = await cutOff(() => Array.from({ length: 5 }, () => sql`select ${1} as one`));
  expect(answers).toHaveLength(6);
  expect([...await sql`select ${2} as two`]).toEqual([{ two: "2" }]);
});

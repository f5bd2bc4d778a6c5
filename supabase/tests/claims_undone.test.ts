// What a crash of the server leaves of a completion that took the next job, whose commit does not wait
// for the disk. On a server of its own, as durable as a hosted one.

import path from "node:path";
import postgres, { type Sql } from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { applyMigrations, readMigrations } from "../../scripts/local/migrations.ts";
import { type PostgresServer, startPostgres } from "../../scripts/local/postgres.ts";
import * as seed from "./support/seed.ts";

const MIGRATIONS = path.join(import.meta.dirname, "..", "migrations");
/** That a commit reaches the disk by itself just before the crash is rare. */
const CRASHES_MAX = 5;

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
  await as("postgres", async (sql) => {
    await applyMigrations(sql, await readMigrations(MIGRATIONS));
  });
  await as("supabase_admin", async (sql) => {
    // Until then the server writes what was committed only when somebody waits for it.
    await sql`alter system set wal_writer_delay = '10s'`;
    await sql`select pg_reload_conf()`;
  });
}, 60_000);
afterAll(() => server.stop());

/** A connection of its own: none outlives a crash. */
async function as<T>(role: string, work: (sql: Sql) => Promise<T>): Promise<T> {
  const sql = postgres(server.url(role), { max: 1, onnotice: () => undefined });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 0 });
  }
}

test(
  "a crash undoes completion and claim together, and the completion can be made again",
  async () => {
    const { launchId, former } = await as("supabase_admin", async (sql) => {
      const tenantId = await seed.createTenant(sql);
      for (let n = 0; n < CRASHES_MAX + 1; n += 1) await seed.register(sql, tenantId);
      const launch = await seed.startWorker(sql);
      const claim = (await seed.claim(sql, launch))!;
      // A commit that waits for the disk takes those before it along.
      await seed.startWorker(sql);
      return { launchId: launch, former: claim };
    });
    let held = former;
    let next = former;
    const stateOf = (id: string) => as("supabase_admin", (sql) => seed.readJob(sql, id));
    for (let n = 0; n < CRASHES_MAX; n += 1) {
      next = await as("quarry_indexer", async (sql) => {
        const [row] = await sql<{ claim: seed.Claim }[]>`
        select quarry.complete_and_claim(
          ${held.job_id}, ${held.lease_token}, 'unchanged', null, '{}', ${launchId}) as claim`;
        await server.crash();
        return row!.claim;
      });
      if ((await stateOf(held.job_id)).state === "running") break;
      expect((await stateOf(next.job_id)).state).toBe("running");
      held = next;
    }
    expect((await stateOf(next.job_id)).state).toBe("queued");
    await as("quarry_indexer", async (sql) => {
      const [beat] = await sql<{ verdict: string }[]>`
      select quarry.heartbeat_job(${next.job_id}, ${next.lease_token}, null, null) as verdict`;
      expect(beat!.verdict).toBe("lease_lost");
      await sql`select quarry.complete_job(${held.job_id}, ${held.lease_token}, 'unchanged', null, '{}')`;
    });
    expect(await stateOf(held.job_id)).toMatchObject({ state: "completed", attempt: 1 });
  },
  60_000,
);

test("a completion that brings no other job waits for the disk", async () => {
  await as("supabase_admin", async (sql) => {
    await sql`truncate quarry.tenants, quarry.machines cascade`;
    await seed.register(sql, await seed.createTenant(sql));
    const launchId = await seed.startWorker(sql);
    const held = (await seed.claim(sql, launchId))!;
    await sql.begin(async (transaction) => {
      const [row] = await transaction`
        select quarry.complete_and_claim(
          ${held.job_id}, ${held.lease_token}, 'unchanged', null, '{}', ${launchId}) as claim`;
      expect(row!.claim).toBeNull();
      expect(await transaction`show synchronous_commit`).toEqual([{ synchronous_commit: "on" }]);
    });
  });
});

// What a crash of the server leaves of completions that took the next job, whose commits do not wait
// for the disk. On a server of its own, as durable as a hosted one.

import path from "node:path";
import postgres, { type Sql } from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { applyMigrations, readMigrations } from "../../scripts/local/database/migrations.ts";
import { type PostgresServer, startPostgres } from "../../scripts/local/database/postgres.ts";
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

/** Completes so many jobs, each of which brings the next one: the first claim and those brought. */
async function completeInTurn(first: seed.Claim, count: number, launchId: string) {
  const claims = [first];
  await as("quarry_indexer", async (sql) => {
    for (let n = 0; n < count; n += 1) {
      const { job_id, lease_token } = claims.at(-1)!;
      const [row] = await sql<{ claim: seed.Claim }[]>`
        select quarry.complete_and_claim(
          ${job_id}, ${lease_token}, 'unchanged', null, '{}', ${launchId}) as claim`;
      claims.push(row!.claim);
    }
    await server.crash();
  });
  return claims;
}

test.each([1, 2])(
  "a crash undoes %i completions with their claims, and only the oldest can be made again",
  async (count) => {
    const { launchId, first } = await as("supabase_admin", async (sql) => {
      await sql`truncate quarry.tenants, quarry.machines cascade`;
      const tenantId = await seed.createTenant(sql);
      for (let n = 0; n < CRASHES_MAX * count + 1; n += 1) await seed.register(sql, tenantId);
      const launch = await seed.startWorker(sql);
      const claim = (await seed.claim(sql, launch))!;
      // A commit that waits for the disk takes those before it along.
      await seed.startWorker(sql);
      return { launchId: launch, first: claim };
    });
    const stateOf = ({ job_id }: seed.Claim) =>
      as("supabase_admin", (sql) => seed.readJob(sql, job_id));
    let claims = await completeInTurn(first, count, launchId);
    for (let crashes = 1; (await stateOf(claims[0]!)).state !== "running"; crashes += 1) {
      expect(crashes).toBeLessThan(CRASHES_MAX);
      const states = await Promise.all(claims.map(stateOf));
      const held = claims[states.findIndex(({ state }) => state === "running")]!;
      claims = await completeInTurn(held, count, launchId);
    }
    const [oldest, ...undone] = claims;
    for (const each of undone) expect((await stateOf(each)).state).toBe("queued");
    await as("quarry_indexer", async (sql) => {
      const { job_id, lease_token } = undone.at(-1)!;
      const [beat] = await sql<{ verdict: string }[]>`
        select quarry.heartbeat_job(${job_id}, ${lease_token}, null, null) as verdict`;
      expect(beat!.verdict).toBe("lease_lost");
      const complete = (lease: seed.Claim) =>
        sql`select quarry.complete_job(
          ${lease.job_id}, ${lease.lease_token}, 'unchanged', null, '{}')`;
      for (const each of undone.slice(0, -1).toReversed()) {
        await expect(complete(each)).rejects.toMatchObject({ code: "QRY01" });
      }
      await complete(oldest!);
    });
    expect(await stateOf(oldest!)).toMatchObject({ state: "completed", attempt: 1 });
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

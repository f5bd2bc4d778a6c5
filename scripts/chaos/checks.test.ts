// A check that cannot fail says nothing: each finds the mistake that is planted for it in a world where
// it found none.

import { rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Check, checksAfterADay, checksAtRest, findLostJobs } from "./checks.ts";
import { restForADay, settle, unrest } from "./settle.ts";
import { findHeldByTheDead, settleUnaided } from "./unaided.ts";
import { registerAll } from "./workload.ts";
import { World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await World.create({ tenants: 2, repositories: 1 }, os.tmpdir(), () => undefined);
  await registerAll(world);
  expect(await settle(world)).toEqual([]);
  const [hosted] = world.hosted;
  await hosted?.copy.write("second.ts", "export const second = 2;\n");
  await hosted?.copy.commit("Second");
  await hosted?.copy.push("main");
  await world.stack.github.webhooks.idle();
  expect(await settle(world)).toEqual([]);
  expect(await restForADay(world)).toEqual([]);
}, 120_000);
afterAll(() => world[Symbol.asyncDispose]());

const lostPushes: Check = { name: "no push is lost (invariant 1)", find: findLostJobs };
const allChecks = [lostPushes, ...checksAtRest, ...checksAfterADay];

/** What a check finds, by its name up to the invariant it guards. */
async function find(name: string): Promise<readonly string[]> {
  const check = allChecks.find((each) => each.name.startsWith(name));
  if (check === undefined) throw new Error(`no check ${name}`);
  return await check.find(world);
}

interface Mistake {
  readonly check: string;
  readonly what: string;
  readonly plant: () => Promise<unknown>;
  readonly mend: () => Promise<unknown>;
}

const repositoryId = () => world.registrations[0]?.repositoryId ?? "";
const strayFile = () => path.join(world.workDirectory, "left");
let connection: ReturnType<typeof postgres> | null = null;

const mistakes: readonly Mistake[] = [
  {
    check: "no push is lost",
    what: "a tree that stayed behind the host",
    plant: () =>
      world.stack.sql`update quarry.trees set commit_oid = reverse(commit_oid)
        where repository_id = ${repositoryId()}`,
    mend: () =>
      world.stack.sql`update quarry.trees set commit_oid = reverse(commit_oid)
        where repository_id = ${repositoryId()}`,
  },
  {
    check: "every head is reached",
    what: "a tree without a commit",
    plant: () =>
      world.stack.sql`update quarry.trees set oldest_generation = generation, commit_oid = null
        where repository_id = ${repositoryId()}`,
    mend: () =>
      world.stack.sql`update quarry.trees t set commit_oid = (
        select j.commit_oid from quarry.indexing_jobs j where j.repository_id = t.repository_id
        order by j.finished_at desc limit 1) where repository_id = ${repositoryId()}`,
  },
  {
    check: "one publish per job and lease",
    what: "a job that published twice",
    plant: () =>
      world.stack.sql`insert into quarry.indexing_job_events (job_id, event, message)
        select job_id, 'published', 'planted' from quarry.indexing_job_events
        where event = 'published' limit 1`,
    mend: () => world.stack.sql`delete from quarry.indexing_job_events where message = 'planted'`,
  },
  {
    check: "no job is stuck",
    what: "a job that nobody takes",
    plant: () =>
      world.stack.sql`insert into quarry.indexing_jobs
        (tenant_id, repository_id, kind, ref, requested_by, run_at, wait_reason)
        select tenant_id, id, 'index', 'refs/heads/planted', 'planted', now() + interval '30 minutes', 'backoff'
        from quarry.repositories where id = ${repositoryId()}`,
    mend: () => world.stack.sql`delete from quarry.indexing_jobs where requested_by = 'planted'`,
  },
  {
    check: "no machine is left",
    what: "a machine that never left",
    plant: () =>
      world.stack.sql`insert into quarry.machines (name, state) values ('planted', 'idle')`,
    mend: () => world.stack.sql`delete from quarry.machines where name = 'planted'`,
  },
  {
    check: "no segment is left",
    what: "a segment that was never published",
    plant: () =>
      world.stack
        .sql`insert into quarry.segments (repository_id, job_id, lease_token, format_version)
        values (${repositoryId()}, gen_random_uuid(), gen_random_uuid(), 0)`,
    mend: () => world.stack.sql`delete from quarry.segments where format_version = 0`,
  },
  {
    check: "no connection is left",
    what: "a session of the indexer's role",
    plant: async () => {
      connection = postgres(world.stack.postgres.url("quarry_indexer"), { max: 1 });
      await connection`select 1`;
    },
    mend: () => connection?.end() ?? Promise.resolve(),
  },
  {
    check: "no file is left",
    what: "a file in the work area",
    plant: () => writeFile(strayFile(), "left"),
    mend: () => rm(strayFile()),
  },
  {
    check: "every index equals a fresh one",
    what: "a file that the index forgot",
    plant: () =>
      world.stack.sql`delete from quarry.tree_files f using quarry.trees t
        where t.id = f.tree_id and t.repository_id = ${repositoryId()} and f.path_text = 'second.ts'`,
    mend: () => Promise.resolve(),
  },
];

test.each(mistakes)("$check: it finds $what", async ({ check, plant, mend }) => {
  expect(await find(check)).toEqual([]);
  await plant();
  try {
    expect(await find(check)).not.toEqual([]);
  } finally {
    await mend();
  }
}, 60_000);

/** A job as somebody asks for it, and then as it is to stand there. */
async function plant(state: string): Promise<void> {
  const { sql } = world.stack;
  const [job] = await sql<{ id: string }[]>`
    select id from quarry.enqueue_job(${repositoryId()}, 'index', 'refs/heads/main', 'planted')`;
  await sql.unsafe(`update quarry.indexing_jobs set ${state} where id = '${job!.id}'`);
}

/** While a function of the queue does nothing. */
async function without(name: string, args: string, look: () => Promise<void>): Promise<void> {
  const { sql } = world.stack;
  const [original] = await sql<{ text: string }[]>`
    select pg_get_functiondef(${`quarry.${name}`}::regproc) as text`;
  await sql.unsafe(`create or replace function quarry.${name}(${args}) returns integer
    language sql security definer as 'select 0'`);
  try {
    await look();
  } finally {
    await sql.unsafe(original!.text);
  }
}

test(
  "a lease that nobody recovers is found once lease and sweep are over, and only then",
  async () => {
    await plant(`state = 'running', attempt = 1, claimed_at = clock_timestamp(),
    lease_token = gen_random_uuid(), lease_expires_at = clock_timestamp() + interval '60 seconds'`);
    const args = "p_jobs_max integer, p_after timestamptz default '-infinity'";
    await without("recover_expired_leases", args, async () => {
      expect(await findHeldByTheDead(world)).not.toEqual([]);
    });
    expect(await findHeldByTheDead(world)).toEqual([]);
    expect(await settleUnaided(world)).toEqual([]);
  },
  120_000,
);

test("work that nobody takes up by itself is found, though help would end it", async () => {
  await plant("run_at = clock_timestamp() + interval '1 minute', wait_reason = 'backoff'");
  await without("promote_due_jobs", "p_jobs_max integer", async () => {
    expect(await settleUnaided(world, 2)).not.toEqual([]);
  });
  expect(await settleUnaided(world)).toEqual([]);
  expect(await settle(world)).toEqual([]);
}, 120_000);

test("a day is not over while a machine that stopped before it waits to be destroyed", async () => {
  const { sql } = world.stack;
  await sql`
    insert into quarry.machines (name, state, gone_at, leftover)
    values ('planted', 'gone', clock_timestamp() - interval '25 hours', 'stopped')`;
  expect(await unrest(world)).toEqual(["1 machines"]);
  await sql`delete from quarry.machines where name = 'planted'`;
  expect(await unrest(world)).toEqual([]);
});

test("every check has had a mistake to find", () => {
  expect(allChecks.map(({ name }) => mistakes.some(({ check }) => name.startsWith(check))))
    .not.toContain(false);
});

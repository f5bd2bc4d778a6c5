import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { applyMigrations, readMigrations } from "../../scripts/local/database/migrations.ts";
import { type PostgresServer, startPostgres } from "../../scripts/local/database/postgres.ts";
import { git } from "../../scripts/local/github/git_process.ts";
import { createTestDatabase, type TestDatabase } from "../../scripts/local/test_database.ts";
import { startCuttingProxy } from "./support/cutting_proxy.ts";
import { type DumpedTree, dumpIndex } from "./support/dump.ts";
import { commitFiles, file } from "./support/hosted_commits.ts";
import { createIndexing, type Indexing, type RegisteredRepository } from "./support/indexing.ts";

const migrations = fileURLToPath(new URL("../../supabase/migrations", import.meta.url));
const before = new Map([["a.ts", file("let before;\n")], ["gone.ts", file("let gone;\n")]]);
const after = new Map([["a.ts", file("let after;\n")], ["new.py", file("def fresh(): pass\n")]]);
const LOCK = 71_940;

/** Of this file alone, and with its durability on: it falls, and has to keep what it said was committed. */
let server: PostgresServer;
let database: TestDatabase;
let indexing: Indexing;
let hosted: Awaited<ReturnType<Indexing["createHosted"]>>;
let oids: { readonly before: string; readonly after: string };
let expected: DumpedTree[];

beforeAll(async () => {
  server = await startPostgres();
  const owner = postgres(server.url("postgres"), { max: 1, onnotice: () => undefined });
  await applyMigrations(owner, await readMigrations(migrations));
  await owner.end();
  database = await createTestDatabase({ port: server.port, migrated: false });
  indexing = await createIndexing(database);
  hosted = await indexing.createHosted();
  oids = {
    before: await commitFiles(hosted.directory, before),
    after: await commitFiles(hosted.directory, after),
  };
  const fresh = await indexing.register(hosted);
  await indexing.work();
  expected = await dumpIndex(database.admin, fresh);
  // Whoever is about to write an event that is trapped waits here; nobody does while nobody holds the lock.
  await database.admin.unsafe(`
    create table public.trapped (event text primary key);
    create function public.wait_in_trap() returns trigger language plpgsql security definer as $$
    begin
      if exists (select from public.trapped t where t.event = new.event) then
        perform pg_advisory_xact_lock(${LOCK});
      end if;
      return new;
    end $$;
    create trigger trap before insert on quarry.indexing_job_events
      for each row execute function public.wait_in_trap()`);
});
afterAll(async () => {
  await indexing[Symbol.asyncDispose]();
  await server.stop();
});

/** A repository with the first commit indexed and a job for the second one queued. */
async function pushed(): Promise<RegisteredRepository> {
  await git(hosted.directory, "update-ref", "refs/heads/main", oids.before);
  const repository = await indexing.register(hosted);
  await indexing.work();
  await git(hosted.directory, "update-ref", "refs/heads/main", oids.after);
  await indexing.push(repository, oids.after);
  return repository;
}

async function eventsOf(repository: RegisteredRepository): Promise<string[]> {
  const { id } = await indexing.lastJob(repository);
  // A note of how far it was may be undone: its commit waits for no disk.
  const rows = await database.admin<{ event: string }[]>`
    select event from quarry.indexing_job_events
    where job_id = ${id} and event not in ('fetched', 'diffed', 'written') order by id`;
  return rows.map(({ event }) => event);
}

const ONCE = ["queued", "claimed", "published", "completed"];

/** Starts a worker and lets PostgreSQL fall when it is about to commit what writes such an event; `meanwhile` while it is. */
async function fallAt(
  event: string,
  signal: "SIGKILL" | "SIGQUIT",
  { meanwhile = () => Promise.resolve(), textFirstBytesMin = 1 }: {
    readonly meanwhile?: () => Promise<void>;
    readonly textFirstBytesMin?: number;
  } = {},
): Promise<unknown> {
  const holder = postgres(database.url("supabase_admin"), { max: 1, onnotice: () => undefined });
  await holder`insert into public.trapped values (${event})`;
  await holder`select pg_advisory_lock(${LOCK})`;
  const worker = await indexing.start({ textFirstBytesMin });
  await expect.poll(
    () => holder`select from pg_locks where locktype = 'advisory' and not granted`,
    { timeout: 20_000 },
  ).toHaveLength(1);
  await meanwhile();
  await server.crash(signal);
  await holder.end({ timeout: 0 });
  const { code } = await worker.ended;
  await database.admin`delete from public.trapped`;
  return code;
}

test.each(
  [
    ["SIGQUIT", "claimed"],
    ["SIGQUIT", "published"],
    ["SIGQUIT", "completed"],
    ["SIGKILL", "published"],
  ] as const,
)(
  "invariants 1 to 3: PostgreSQL that falls (%s) as it has not yet committed what is %s does it once, after that",
  async (signal, event) => {
    const repository = await pushed();
    const old = await dumpIndex(database.admin, repository);
    let seen: DumpedTree[] = [];
    const code = await fallAt(event, signal, {
      meanwhile: async () => {
        seen = await dumpIndex(database.admin, repository);
      },
    });
    expect(code).toBe(0);
    expect(seen).toEqual(event === "completed" ? expected : old);
    expect(await dumpIndex(database.admin, repository)).toEqual(expected);
    expect(await indexing.lastJob(repository))
      .toMatchObject({ state: "completed", outcome: "indexed", attempt: 1, errors: [] });
    expect(await eventsOf(repository)).toEqual(ONCE);
  },
  60_000,
);

test.each(["text_published", "published"] as const)(
  "invariants 1 to 3: so it does in a first index that publishes its text before, at %s",
  async (event) => {
    await git(hosted.directory, "update-ref", "refs/heads/main", oids.after);
    const repository = await indexing.register(hosted);
    expect(await fallAt(event, "SIGQUIT", { textFirstBytesMin: 0 })).toBe(0);
    expect(await dumpIndex(database.admin, repository)).toEqual(expected);
    expect(await indexing.lastJob(repository)).toMatchObject({ state: "completed", attempt: 1 });
    expect(await eventsOf(repository))
      .toEqual(["queued", "claimed", "text_published", "published", "completed"]);
  },
  60_000,
);

test.each(["SIGQUIT", "SIGKILL"] as const)(
  "invariants 2 and 3: a publish that PostgreSQL has committed as it falls (%s) is there, and is not done twice",
  async (signal) => {
    const repository = await pushed();
    const databaseUrl = database.url("quarry_indexer");
    using proxy = await startCuttingProxy(databaseUrl, "publish_index", async () => {
      if (!(await eventsOf(repository)).includes("published")) return false;
      await server.crash(signal);
      return true;
    });
    const { ended } = await indexing.start({ environment: { DATABASE_URL: proxy.url } });
    expect(await ended).toMatchObject({ code: 0 });
    expect(proxy.isCut).toBe(true);
    expect(await dumpIndex(database.admin, repository)).toEqual(expected);
    expect(await indexing.lastJob(repository))
      .toMatchObject({ state: "completed", outcome: "indexed", attempt: 1, errors: [] });
    expect(await eventsOf(repository)).toEqual(ONCE);
  },
  60_000,
);

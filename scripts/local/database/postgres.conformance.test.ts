// What the local database promises to be: a hosted project's database on its first day.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { applyMigrations, readMigrations } from "./migrations.ts";
import { createTestDatabase, type TestDatabase } from "../test_database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ migrated: false });
});
afterAll(() => database.drop());

test("postgres owns the database and is nearly a superuser", async () => {
  const [role] = await database.postgres`
    select rolsuper, rolcreaterole, rolcreatedb, rolbypassrls,
      (select pg_get_userbyid(datdba) from pg_database where datname = current_database()) as owner
    from pg_roles where rolname = current_user`;
  expect(role).toEqual({
    rolsuper: false,
    rolcreaterole: true,
    rolcreatedb: true,
    rolbypassrls: true,
    owner: "postgres",
  });
});

test("an API role has no right on a new table unless it is granted", async () => {
  await database.postgres`create table public.ungranted (id int)`;
  await expect(database.serviceRole`select * from public.ungranted`).rejects.toMatchObject({
    code: "42501",
  });
});

test("a session of an API role is authenticator's, with its time limits", async () => {
  const [session] = await database.serviceRole`
    select session_user, current_user, current_setting('statement_timeout') as timeout`;
  expect(session).toEqual({
    session_user: "authenticator",
    current_user: "service_role",
    timeout: "8s",
  });
});

test("postgres, no superuser, creates the extensions our migrations want", async () => {
  const sql = database.postgres;
  await sql.unsafe(`
    create extension if not exists pg_net with schema extensions;
    create extension if not exists pg_cron with schema pg_catalog;
    create extension if not exists supabase_vault with schema vault;
    create extension if not exists pg_trgm with schema extensions;
    create extension if not exists intarray with schema extensions;
    create extension if not exists btree_gin with schema extensions`).simple();
  const rows = await sql`select extname from pg_extension order by 1`;
  expect(rows.map((row) => row["extname"])).toEqual([
    "btree_gin",
    "intarray",
    "pg_cron",
    "pg_net",
    "pg_stat_statements",
    "pg_trgm",
    "pgcrypto",
    "plpgsql",
    "supabase_vault",
    "uuid-ossp",
  ]);
});

test("a second session skips rows that the first has locked", async () => {
  await database.postgres`create table public.queue as select generate_series(1, 2) as id`;
  const claim = "select id from public.queue order by id limit 1 for update skip locked";
  await database.postgres.begin(async (first) => {
    expect(await first.unsafe(claim)).toMatchObject([{ id: 1 }]);
    await database.postgres.begin(async (second) => {
      expect(await second.unsafe(claim)).toMatchObject([{ id: 2 }]);
    });
  });
});

test("migrations are applied once, in order, and noted where the CLI looks", async () => {
  await using fresh = await createTestDatabase({ migrated: false });
  const directory = await mkdtemp(path.join(os.tmpdir(), "quarry-migrations-"));
  await writeFile(path.join(directory, "20260102000000_fill.sql"), "insert into t values (1);");
  await writeFile(path.join(directory, "20260101000000_table.sql"), "create table t (id int);");
  await writeFile(path.join(directory, "README.md"), "not a migration");
  const migrations = await readMigrations(directory);
  await rm(directory, { recursive: true });
  expect(await applyMigrations(fresh.postgres, migrations)).toHaveLength(2);
  expect(await applyMigrations(fresh.postgres, migrations)).toHaveLength(0);
  expect(
    await fresh.postgres`select version, name, statements from supabase_migrations.schema_migrations
      order by version`,
  ).toEqual([
    { version: "20260101000000", name: "table", statements: ["create table t (id int);"] },
    { version: "20260102000000", name: "fill", statements: ["insert into t values (1);"] },
  ]);
});

test("a failing migration leaves nothing behind and names its line", async () => {
  await using fresh = await createTestDatabase({ migrated: false });
  const text = "create table half (id int);\nselect nonsense;";
  const broken = { version: "1", name: "broken", text };
  await expect(applyMigrations(fresh.postgres, [broken])).rejects.toThrow(
    'migration 1_broken: column "nonsense" does not exist (line 2)',
  );
  expect(await fresh.postgres`select to_regclass('half') as half`).toEqual([{ half: null }]);
});

test("the migrations of this repository apply", async () => {
  await using migrated = await createTestDatabase();
  const [row] = await migrated.postgres`
    select count(*)::int as count from supabase_migrations.schema_migrations`;
  expect(row?.["count"]).toBeGreaterThan(0);
});

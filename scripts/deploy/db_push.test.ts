import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readRepository } from "../check/repository.ts";
import { createTestDatabase, type TestDatabase } from "../local/test_database.ts";
import { catalogOf } from "./catalog.ts";
import { type AppliedMigration, migrationDrift } from "./migration_drift.ts";

const root = path.resolve(import.meta.dirname, "../..");
let folder: string;
let pushed: TestDatabase;
let migrated: TestDatabase;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "quarry-push-"));
  // The CLI writes beside the migrations and into the home folder.
  await mkdir(path.join(folder, "home"));
  await cp(path.join(root, "supabase/migrations"), path.join(folder, "supabase/migrations"), {
    recursive: true,
  });
  await cp(path.join(root, "supabase/config.toml"), path.join(folder, "supabase/config.toml"));
  [pushed, migrated] = await Promise.all([
    createTestDatabase({ migrated: false }),
    createTestDatabase(),
  ]);
});

afterAll(async () => {
  await Promise.all([pushed?.drop(), migrated?.drop()]);
  await rm(folder, { recursive: true, force: true });
});

/** `supabase db push` on a database of this run; the server has no TLS. */
async function push(database: TestDatabase): Promise<string> {
  const url = `${database.url("postgres")}?sslmode=disable`;
  const cli = path.join(root, "node_modules/.bin/supabase");
  const { stdout, stderr } = await promisify(execFile)(
    cli,
    ["db", "push", "--db-url", url, "--yes"],
    {
      cwd: folder,
      env: {
        PATH: process.env["PATH"],
        HOME: path.join(folder, "home"),
        SUPABASE_TELEMETRY_DISABLED: "1",
      },
      timeout: 60_000,
    },
  );
  return stdout + stderr;
}

test("what the CLI pushes is what our own runner applies", async () => {
  await push(pushed);
  const [byCli, byRunner] = await Promise.all([catalogOf(pushed.admin), catalogOf(migrated.admin)]);
  expect(byRunner.length).toBeGreaterThan(100);
  expect(byCli).toEqual(byRunner);
});

test("after our own runner the CLI finds nothing to do", async () => {
  expect(await push(migrated)).toContain("up to date");
});

test("neither way of applying them looks like a drift", async () => {
  const files = await readRepository(root);
  for (const database of [pushed, migrated]) {
    const applied = await database.postgres<AppliedMigration[]>`
      select version, statements from supabase_migrations.schema_migrations`;
    expect(applied.length).toBeGreaterThan(0);
    expect(migrationDrift(applied, files)).toEqual([]);
  }
});

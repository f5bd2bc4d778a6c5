// Vitest's global setup: one PostgreSQL for the whole run, without durability since it is thrown
// away, and in it one template database per kind that test_database.ts clones.

import { fileURLToPath } from "node:url";
import postgres from "postgres";
import type { TestProject } from "vitest/node";
import { applyMigrations, readMigrations } from "./database/migrations.ts";
import { startPostgres } from "./database/postgres.ts";

const migrationsDirectory = fileURLToPath(
  new URL("../../supabase/migrations", import.meta.url),
);

declare module "vitest" {
  interface ProvidedContext {
    /** The port of the run's PostgreSQL server. */
    postgresPort: number;
    /** Why the migrations did not apply, or null. Told to the tests that need them. */
    migrationsError: string | null;
  }
}

/** Starts the server, builds the migrated template, and returns what stops it all. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres({ durable: false });
  const admin = postgres(server.url("supabase_admin"), { max: 1, onnotice: () => undefined });
  await admin`create database template_migrated template postgres owner postgres`;
  await admin.end();
  project.provide("postgresPort", server.port);
  project.provide("migrationsError", await migrate(server.url("postgres", "template_migrated")));
  return () => server.stop();
}

/** Not thrown: a broken migration should fail the tests of the database, not those of a parser. */
async function migrate(url: string): Promise<string | null> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    await applyMigrations(sql, await readMigrations(migrationsDirectory));
    return null;
  } catch (error) {
    return String(error);
  } finally {
    await sql.end();
  }
}

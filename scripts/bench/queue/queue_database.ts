// One PostgreSQL for all contenders, as durable as a hosted one, and a database of it for each.

import path from "node:path";
import postgres, { type Sql } from "postgres";
import { applyMigrations, readMigrations } from "../../local/database/migrations.ts";
import type { PostgresServer } from "../../local/database/postgres.ts";

/** A database and the superuser's connection to it. */
export interface QueueDatabase extends AsyncDisposable {
  readonly sql: Sql;
  readonly url: (role: string) => string;
}

/** What a hosted project holds on its first day, under a name of its own. */
export async function createQueueDatabase(
  server: PostgresServer,
  name: string,
): Promise<QueueDatabase> {
  const maintenance = postgres(server.url("supabase_admin", "template1"), { max: 1 });
  try {
    await maintenance.unsafe(
      `create database ${name} template postgres owner postgres strategy file_copy`,
    );
  } finally {
    await maintenance.end();
  }
  const url = (role: string) => server.url(role, name);
  const sql = postgres(url("supabase_admin"), { max: 2, onnotice: () => undefined });
  return { sql, url, [Symbol.asyncDispose]: () => sql.end() };
}

/** Applies the migrations of a checkout, as a deployment does. */
export async function migrate(database: QueueDatabase, root: string): Promise<void> {
  const sql = postgres(database.url("postgres"), { max: 1, onnotice: () => undefined });
  try {
    await applyMigrations(sql, await readMigrations(path.join(root, "supabase/migrations")));
  } finally {
    await sql.end();
  }
}

/**
 * Statistics and dead rows as autovacuum would leave them, and what was loaded on the disk, or the
 * checkpoint that writes it goes on for minutes beside what is measured: so measurements start alike.
 */
export async function settle({ sql }: { readonly sql: Sql }): Promise<void> {
  await sql`vacuum (analyze)`;
  await sql`checkpoint`;
}

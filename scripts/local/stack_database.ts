// Brings the stack's database to where a deployment brings a project's: migrations, the indexer's
// password, the two Vault secrets; and makes tenants with keys. Does not know processes or ports.

import { fileURLToPath } from "node:url";
import postgres, { type Sql } from "postgres";
import { applyMigrations, readMigrations } from "./database/migrations.ts";
import type { PostgresServer } from "./database/postgres.ts";
import { newApiKey } from "../api_key.ts";
import type { StackSecrets } from "./stack_environment.ts";

const migrationsDirectory = fileURLToPath(
  new URL("../../supabase/migrations", import.meta.url),
);

/** A tenant and a key of its own. */
export interface Tenant {
  readonly tenantId: string;
  readonly apiKey: string;
}

/** What the commands of docs/deploy.md do to the database, as the same role. */
export async function deployDatabase(
  server: PostgresServer,
  dispatchUrl: string,
  { wakeSecret, indexerPassword }: StackSecrets,
): Promise<void> {
  const sql = postgres(server.url("postgres"), { max: 1, onnotice: () => undefined });
  try {
    await applyMigrations(sql, await readMigrations(migrationsDirectory));
    // A utility statement takes no parameters; the password is base64url and holds no quote.
    await sql.unsafe(`alter role quarry_indexer password '${indexerPassword}'`);
    await sql`
      select vault.create_secret(${dispatchUrl}, 'dispatch_url'),
             vault.create_secret(${wakeSecret}, 'wake_secret')`;
  } finally {
    await sql.end();
  }
}

/** Makes a tenant with one API key, which nobody can read again. */
export async function createTenant(sql: Sql, name: string): Promise<Tenant> {
  const { apiKey, keyHash } = newApiKey();
  const [row] = await sql<{ id: string }[]>`select quarry.create_tenant(${name}) as id`;
  if (row === undefined) throw new Error(`no tenant was made for ${name}`);
  await sql`select quarry.create_api_key(${row.id}, 'local', ${keyHash})`;
  return { tenantId: row.id, apiKey };
}

// A fresh database for a test file, cloned from the template of the run's server in about 0.1 s,
// with connections under the real roles. Knows vitest; nothing else in this folder may.

import postgres, { type Sql } from "postgres";
import { inject } from "vitest";

let count = 0;

export interface TestDatabaseOptions {
  /** False: only what a hosted project holds before its first migration. Default true. */
  migrated?: boolean;
  /** Of a server of the test's own. Default: the run's, which all tests share. */
  port?: number;
}

/** A database of its own. `await using`, or call drop. */
export interface TestDatabase extends AsyncDisposable {
  readonly name: string;
  /** A connection URL for a role (quarry_indexer, postgres, authenticator, supabase_admin). */
  readonly url: (role: string) => string;
  /**
   * A pool of connections under a role, closed with the database. API roles cannot log in: for
   * them, as for PostgREST, the session is authenticator's with the role set.
   */
  readonly as: (role: string, connectionsMax?: number) => Sql;
  /** The superuser: sees and may do everything. */
  readonly admin: Sql;
  /** The owner of the schema, whom migrations run as. */
  readonly postgres: Sql;
  /** Whom edge functions are, behind the secret key. */
  readonly serviceRole: Sql;
  /** Whom the indexer is. */
  readonly indexer: Sql;
  drop(): Promise<void>;
}

const API_ROLES = new Set(["anon", "authenticated", "service_role"]);

/** Clones a template of the server that test_setup.ts started. */
export async function createTestDatabase(
  options: TestDatabaseOptions = {},
): Promise<TestDatabase> {
  const migrated = options.migrated ?? true;
  const failure = inject("migrationsError");
  if (migrated && failure !== null) throw new Error(`the migrations do not apply: ${failure}`);
  const name = `test_${process.pid}_${count += 1}`;
  const template = migrated ? "template_migrated" : "postgres";
  const port = options.port ?? inject("postgresPort");
  const url = (role: string, database = name) =>
    `postgresql://${role}@127.0.0.1:${port}/${database}`;
  const maintenance = url("supabase_admin", "template1");
  await runOnce(
    maintenance,
    `create database ${name} template ${template} owner postgres strategy file_copy`,
  );
  const pools = new Map<string, Sql>();
  const as = (role: string, connectionsMax = 4) => {
    const pool = pools.get(role) ?? connect(url, role, connectionsMax);
    pools.set(role, pool);
    return pool;
  };
  const drop = async () => {
    await Promise.all([...pools.values()].map((pool) => pool.end({ timeout: 1 })));
    await runOnce(maintenance, `drop database if exists ${name} with (force)`);
  };
  return {
    name,
    url,
    as,
    get admin() {
      return as("supabase_admin");
    },
    get postgres() {
      return as("postgres");
    },
    get serviceRole() {
      return as("service_role");
    },
    get indexer() {
      return as("quarry_indexer");
    },
    drop,
    [Symbol.asyncDispose]: drop,
  };
}

function connect(url: (role: string) => string, role: string, max: number): Sql {
  const quiet = { max, onnotice: () => undefined };
  if (!API_ROLES.has(role)) return postgres(url(role), quiet);
  return postgres(url("authenticator"), { ...quiet, connection: { role } });
}

async function runOnce(url: string, statement: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    await sql.unsafe(statement);
  } finally {
    await sql.end();
  }
}

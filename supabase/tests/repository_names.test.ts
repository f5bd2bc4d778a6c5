// How a repository is named where it is read: OWNER/NAME in any case, or its id.

import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../scripts/local/test_database.ts";
import * as seed from "./support/seed.ts";

const REPOSITORIES = 500;

let database: TestDatabase;
let tenantId: string;
let repositoryId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  tenantId = await seed.createTenant(database.admin);
  const { repository } = await seed.register(database.serviceRole, tenantId, {
    name: "Owner/Last",
  });
  repositoryId = repository.id;
  await database.admin`
    insert into quarry.repositories (tenant_id, host_id, full_name, default_branch, visibility, created_at)
    select ${tenantId}, n, 'Many/r' || n, 'main', 'public', now() - interval '1 day' from generate_series(1, ${REPOSITORIES}) n`;
  await database.admin`analyze quarry.repositories`;
});
afterAll(() => database.drop());

/** Which repository each kind of read takes it for, by name; null: none. */
async function named(name: string, tenant = tenantId) {
  const [row] = await database.admin`
    select (select full_name from quarry.tree_of(${tenant}, ${name}, null)) as tree,
      (quarry.text_scope(${tenant}, ${name}, '{}') ->> 'repositories')::integer as scope`;
  return row;
}

test("a repository is read by its name in any case, and by its id", async () => {
  for (const name of ["Owner/Last", "owner/LAST", repositoryId, repositoryId.toUpperCase()]) {
    expect(await named(name)).toEqual({ tree: "Owner/Last", scope: 1 });
  }
});

test("what names none of the tenant's leads to none", async () => {
  const stranger = await seed.createTenant(database.admin, "stranger");
  for (
    const name of ["owner/lost", "last", "", "x".repeat(36), "00000000-0000-4000-8000-000000000000"]
  ) {
    expect(await named(name)).toEqual({ tree: null, scope: 0 });
  }
  for (const name of ["Owner/Last", repositoryId]) {
    expect(await named(name, stranger)).toEqual({ tree: null, scope: 0 });
  }
});

test("one is found without a look at the tenant's others, by its name and by its id", async () => {
  for (const name of ["owner/last", repositoryId]) {
    const read = await database.admin.begin(async (sql) => {
      const readSoFar = async () => {
        const [rows] = await sql<{ read: number }[]>`
          select coalesce(sum(seq_tup_read + idx_tup_fetch), 0)::integer as read
          from pg_stat_xact_user_tables where relid = 'quarry.repositories'::regclass`;
        return rows!.read;
      };
      const before = await readSoFar();
      await sql`select full_name from quarry.tree_of(${tenantId}, ${name}, null)`;
      return await readSoFar() - before;
    });
    expect(read, name).toBeLessThan(5);
  }
});

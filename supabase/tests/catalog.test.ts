// What must hold of every object in the schemas, whoever adds one: row-level security, grants,
// search paths, comments. Reads the catalogue only.

import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../scripts/local/test_database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** Functions of ours, with who may execute them. */
async function functionGrants(): Promise<{ name: string; roles: string[] }[]> {
  return await database.admin<{ name: string; roles: string[] }[]>`
    select p.oid::regprocedure::text as name,
      array(select r.rolname::text from (values ('anon'), ('authenticated'), ('service_role'), ('quarry_indexer')) as r (rolname)
        where has_function_privilege(r.rolname, p.oid, 'execute') order by 1) as roles
    from pg_proc p where p.pronamespace in ('quarry'::regnamespace, 'api'::regnamespace) order by 1`;
}

test("every table of the schemas has row-level security on", async () => {
  const rows = await database.admin`
    select c.oid::regclass::text as name from pg_class c
    where c.relnamespace in ('quarry'::regnamespace, 'api'::regnamespace) and c.relkind in ('r', 'p') and not c.relrowsecurity`;
  expect(rows.map((row) => row["name"])).toEqual([]);
});

test("the exposed schema holds functions only", async () => {
  const rows = await database
    .admin`select relname from pg_class where relnamespace = 'api'::regnamespace`;
  expect(rows).toHaveLength(0);
});

test("every function has an empty search_path and a comment", async () => {
  const rows = await database.admin`
    select p.oid::regprocedure::text as name from pg_proc p
    where p.pronamespace in ('quarry'::regnamespace, 'api'::regnamespace)
      and (not coalesce('search_path=""' = any(p.proconfig), false) or obj_description(p.oid, 'pg_proc') is null)`;
  expect(rows.map((row) => row["name"])).toEqual([]);
});

test("no read of a tenant's is compiled, nor what a wake waits for: that takes longer than all that they do", async () => {
  const rows = await database.admin`
    select p.oid::regprocedure::text as name from pg_proc p
    where (p.pronamespace = 'api'::regnamespace and p.provolatile <> 'v' and 'p_tenant_id' = any(p.proargnames)
        or p.oid = 'quarry.machines_wanted()'::regprocedure)
      and not coalesce('jit=off' = any(p.proconfig), false)`;
  expect(rows.map((row) => row["name"])).toEqual([]);
});

test("the secret key may execute the api schema and nothing else, browsers nothing at all", async () => {
  for (const { name, roles } of await functionGrants()) {
    const isApi = name.startsWith("api.");
    expect(roles.includes("service_role"), name).toBe(isApi);
    expect(roles.filter((role) => role === "anon" || role === "authenticated"), name).toEqual([]);
  }
});

test("the indexer may execute exactly the functions of its protocol", async () => {
  const granted = (await functionGrants()).filter(({ roles }) => roles.includes("quarry_indexer"));
  expect(granted.map(({ name }) => name.replace(/\(.*/s, ""))).toEqual([
    "quarry.claim_job",
    "quarry.close_segment",
    "quarry.complete_and_claim",
    "quarry.complete_job",
    "quarry.complete_segment",
    "quarry.delete_ref_data",
    "quarry.delete_repository_data",
    "quarry.drop_merged_segments",
    "quarry.fail_job",
    "quarry.find_blobs",
    "quarry.heartbeat_job",
    "quarry.is_dismissed",
    "quarry.leave",
    "quarry.leave_or_take",
    "quarry.list_blobs_to_merge",
    "quarry.lock_segment",
    "quarry.note_default_branch",
    "quarry.note_job_event",
    "quarry.open_segment",
    "quarry.postpone_job",
    "quarry.publish_compaction",
    "quarry.publish_index",
    "quarry.publish_text",
    "quarry.read_base",
    "quarry.read_stored_blobs",
    "quarry.read_tree",
    "quarry.read_tree_files",
    "quarry.read_tree_packs",
    "quarry.register_worker",
    "quarry.release_job",
    "quarry.store_tree_pack",
  ]);
});

test("no role of the outside has a right on a table, but for the indexer's INSERT on segment rows", async () => {
  const rows = await database.admin`
    select r.rolname::text as role, c.oid::regclass::text as table,
      array(select v.right from (values ('select'), ('insert'), ('update'), ('delete'), ('truncate')) as v ("right")
        where has_table_privilege(r.rolname, c.oid, v.right) order by 1) as rights
    from pg_class c, (values ('anon'), ('authenticated'), ('service_role'), ('quarry_indexer')) as r (rolname)
    where c.relnamespace = 'quarry'::regnamespace and c.relkind in ('r', 'v')
    order by 1, 2`;
  const rights = rows.filter((row) => row["rights"].length > 0)
    .map((row) => `${row["role"]} ${row["table"]} ${row["rights"].join()}`);
  expect(rights).toEqual(
    [
      "blob_chunks",
      "blobs",
      "gram_pages",
      "symbol_pages",
      "term_pages",
      "tree_changes",
      "use_pages",
    ]
      .map((table) => `quarry_indexer quarry.${table} insert`),
  );
});

test("a leaked secret key reads no table", async () => {
  await expect(database.serviceRole`select * from quarry.api_keys`).rejects.toThrow(
    /permission denied/,
  );
  await expect(database.serviceRole`select quarry.read_setting('wake_secret')`).rejects.toThrow(
    /permission denied/,
  );
});

test("what a worker does is read committed and never compiled, whatever the database has by default", async () => {
  await database.admin.unsafe(`
    alter database ${database.name} set default_transaction_isolation = 'repeatable read';
    alter database ${database.name} set jit = on`);
  const settings = (role: string) =>
    database.as(role)`
      select current_setting('transaction_isolation') as isolation, current_setting('jit') as jit`;
  expect(await settings("quarry_indexer")).toEqual([{ isolation: "read committed", jit: "off" }]);
  expect(await settings("postgres")).toEqual([{ isolation: "repeatable read", jit: "on" }]);
});

// Many repositories out of a few that real jobs have indexed: their published rows are copied within the
// database, under new ids and names. What a copy answers is what its original answers. Knows which tables
// refer to a segment or a tree by the names of their columns, not one by one.

import type { Sql, TransactionSql } from "postgres";

/** How many copies of each original, and whose they become. */
export interface CopyPlan {
  readonly repositoryIds: readonly string[];
  readonly copiesEach: number;
  /** The copies go round these tenants. */
  readonly tenantIds: readonly string[];
  /** Owner part of the copies' names: no two calls may use the same. */
  readonly owner: string;
}

/** Makes the copies in one transaction; answers how many there are. */
export async function copyRepositories(sql: Sql, plan: CopyPlan): Promise<number> {
  return await sql.begin(async (transaction) => {
    const count = await copyRegistrations(transaction, plan);
    await copyOwners(transaction, "trees", "tree_map");
    await copyOwners(transaction, "segments", "segment_map");
    for (const table of await tablesOfContents(transaction)) {
      await copyContents(transaction, table);
    }
    return count;
  });
}

/** The copies' rows in repositories, and a temporary table of who is whose copy. */
async function copyRegistrations(sql: TransactionSql, plan: CopyPlan): Promise<number> {
  await sql`
    create temp table repository_map on commit drop as
    select r.id as old_id, gen_random_uuid() as new_id, c.copy::integer as copy,
      (${
    sql.array([...plan.tenantIds])
  }::uuid[])[1 + (c.copy + o.ordinality) % ${plan.tenantIds.length}] as tenant_id,
      ${`${plan.owner}/copy-`} || o.ordinality || '-' || c.copy as full_name
    from unnest(${sql.array([...plan.repositoryIds])}::uuid[]) with ordinality o (id, ordinality)
    join quarry.repositories r on r.id = o.id
    cross join generate_series(1, ${plan.copiesEach}) c (copy)`;
  const { count } = await sql`
    insert into quarry.repositories (id, tenant_id, host_id, full_name, default_branch, visibility, hook_state)
    select m.new_id, m.tenant_id,
      -- Numbers that no host has given away.
      (select coalesce(max(host_id), 0) from quarry.repositories) + 1000000 + row_number() over (),
      m.full_name, r.default_branch, r.visibility, 'active'
    from repository_map m join quarry.repositories r on r.id = m.old_id`;
  return count;
}

/** Trees or segments: rows of a repository with an id of their own that other rows refer to. */
async function copyOwners(
  sql: TransactionSql,
  table: "trees" | "segments",
  map: "tree_map" | "segment_map",
): Promise<void> {
  await sql`
    create temp table ${sql(map)} on commit drop as
    select t.id as old_id, m.copy, m.new_id as repository_id,
      nextval(pg_get_serial_sequence(${`quarry.${table}`}, 'id')) as new_id
    from repository_map m join quarry.${sql(table)} t on t.repository_id = m.old_id`;
  const columns = await columnsOf(sql, table);
  const values = columns.map((name) => {
    if (name === "id") return "m.new_id";
    return name === "repository_id" ? "m.repository_id" : `t.${quoted(name)}`;
  });
  await sql.unsafe(`
    insert into quarry.${quoted(table)} (${columns.map(quoted).join(", ")}) overriding system value
    select ${values.join(", ")} from ${map} m join quarry.${quoted(table)} t on t.id = m.old_id`);
}

/** The tables whose rows belong to a segment or a tree. */
async function tablesOfContents(sql: TransactionSql): Promise<string[]> {
  const tables = await sql<{ name: string }[]>`
    select distinct c.relname as name
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'quarry'
    join pg_attribute a on a.attrelid = c.oid and a.attname in ('segment_id', 'tree_id') and not a.attisdropped
    where c.relkind in ('r', 'p') and not c.relispartition
    order by 1`;
  return tables.map(({ name }) => name);
}

async function copyContents(sql: TransactionSql, table: string): Promise<void> {
  const columns = await columnsOf(sql, table);
  const ofTree = columns.includes("tree_id");
  const ofSegment = columns.includes("segment_id");
  const values = columns.map((name) => {
    if (name === "tree_id") return "t.new_id";
    return name === "segment_id" ? "s.new_id" : `x.${quoted(name)}`;
  });
  const trees = "join tree_map t on t.old_id = x.tree_id";
  // A file that was skipped has a tree but no segment.
  const segments = ofTree
    ? "left join segment_map s on s.old_id = x.segment_id and s.copy = t.copy"
    : "join segment_map s on s.old_id = x.segment_id";
  await sql.unsafe(`
    insert into quarry.${quoted(table)} (${columns.map(quoted).join(", ")})
    select ${values.join(", ")} from quarry.${quoted(table)} x
    ${ofTree ? trees : ""} ${ofSegment ? segments : ""}`);
}

async function columnsOf(sql: TransactionSql, table: string): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select a.attname as name from pg_attribute a
    where a.attrelid = ${`quarry.${table}`}::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    order by a.attnum`;
  return rows.map(({ name }) => name);
}

/** A name of the catalogue within SQL text. */
function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * What the tests compare of an index: its logical content, and what a lost lease left of one.
 */
import type { Sql } from "postgres";

export { type DumpedFile, type DumpedTree, dumpIndex } from "../../../scripts/chaos/index_dump.ts";

/** How many rows there are that no published tree can reach through a published segment. */
export async function unpublishedRows(sql: Sql): Promise<Readonly<Record<string, number>>> {
  const [row] = await sql<Record<string, number>[]>`
    select
      (select count(*)::int from quarry.segments where published_at is null) as segments,
      (select count(*)::int from quarry.tree_changes) as tree_changes`;
  return row ?? {};
}

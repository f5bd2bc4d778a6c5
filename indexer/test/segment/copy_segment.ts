/**
 * Copies the rows of a segment into a database, as the store does but without a lease.
 */
import type { Sql } from "postgres";
import { COPY_COLUMNS, type CopyTable } from "../../src/segment/copy_rows.ts";
import type { FinishedSegment, SegmentTable } from "../../src/segment/segment_builder.ts";

const SEGMENT_TABLES: readonly SegmentTable[] = [
  "blobs",
  "blob_chunks",
  "term_pages",
  "gram_pages",
  "symbol_pages",
  "use_pages",
];

/** Copies one stream into its table. */
export async function copyRows(
  sql: Sql,
  table: CopyTable,
  pieces: readonly Uint8Array[],
): Promise<void> {
  const columns = COPY_COLUMNS[table].join(", ");
  const statement = `copy quarry.${table} (${columns}) from stdin (format binary)`;
  const stream = await sql.unsafe(statement).writable();
  await new Promise<void>((resolve, reject) => {
    stream.on("error", reject).on("finish", resolve);
    for (const piece of pieces) stream.write(piece);
    stream.end();
  });
}

/** Copies every table of a segment. */
export async function copySegment(sql: Sql, tables: FinishedSegment["tables"]): Promise<void> {
  for (const table of SEGMENT_TABLES) await copyRows(sql, table, tables[table]);
}

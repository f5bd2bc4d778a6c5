// The logical content of a repository's index, without ids, numbers of ours or times: two indexes of
// the same commits are equal when their dumps are. Looks at tables, as only a check may.

import type { Sql } from "postgres";
import {
  readText,
  TEXT_BYTES_MAX,
  unpackBytes,
} from "../../supabase/functions/_shared/segment/stored_text.ts";

type Chunk = readonly [firstLine: number, text: string];

/** A file as the index has it. */
export interface DumpedFile {
  readonly path: string;
  readonly mode: number;
  readonly oid: string;
  readonly language: string;
  readonly marks: number;
  readonly skip_reason: string | null;
  readonly blob: Readonly<Record<string, unknown>> | null;
  readonly chunks: readonly Chunk[] | null;
  readonly terms: readonly unknown[] | null;
  readonly symbols: readonly unknown[] | null;
  readonly uses: readonly unknown[] | null;
}

export interface DumpedTree {
  readonly ref: string;
  readonly commit_oid: string | null;
  readonly features: readonly string[];
  readonly file_count: number;
  readonly skipped_count: number;
  readonly files: readonly DumpedFile[];
}

/** Everything that readers of the repository can see. */
export async function dumpIndex(
  sql: Sql,
  repository: { readonly id: string },
): Promise<DumpedTree[]> {
  const trees = await sql<(Omit<DumpedTree, "files"> & { id: string })[]>`
    select id, ref, commit_oid, features, file_count, skipped_count
    from quarry.trees where repository_id = ${repository.id} order by ref`;
  return await Promise.all(trees.map(async ({ id, ...tree }) => ({
    ...tree,
    files: await dumpFiles(sql, id),
  })));
}

/** Texts and outlines, and not how well they were packed. */
async function dumpFiles(sql: Sql, treeId: string): Promise<DumpedFile[]> {
  const files = await storedFiles(sql, treeId);
  return files.map(({ blob, chunks, ...file }) => ({
    ...file,
    blob: blob === null ? null : { ...blob, outline: unpackedHex(blob["outline"]) },
    chunks: chunks?.map(([firstLine, stored]) => [firstLine, readText(stored)] as const) ?? null,
  }));
}

/** An outline as JSON has it: in hex behind `\\x`. */
function unpackedHex(outline: unknown): string | null {
  if (typeof outline !== "string") return null;
  const packed = Buffer.from(outline.slice("\\x".length), "hex");
  return Buffer.from(unpackBytes(packed, TEXT_BYTES_MAX)).toString("hex");
}

/** The files with their chunks and outlines as they are stored. */
async function storedFiles(sql: Sql, treeId: string): Promise<readonly DumpedFile[]> {
  return await sql<DumpedFile[]>`
      with files as materialized (
        select * from quarry.tree_files f where f.tree_id = ${treeId} and f.generation_to is null
      ), terms as materialized (
        select c.segment_id, c.blob_no,
          jsonb_agg(jsonb_build_array(c.first_line, t.term) order by c.chunk_no, t.term) as terms
        from quarry.term_pages p
        cross join lateral unnest(
          string_to_array(p.terms, chr(10)), p.list_starts, p.list_starts[2:]) t (term, first, last)
        cross join lateral unnest(p.chunk_nos[t.first + 1 : t.last]) n (chunk_no)
        join quarry.blob_chunks c on c.segment_id = p.segment_id and c.chunk_no = n.chunk_no
        where p.segment_id in (select f.segment_id from files f)
        group by c.segment_id, c.blob_no
      ), symbols as materialized (
        select p.segment_id, d.blob_no, jsonb_agg(jsonb_build_object(
            'symbol_no', d.symbol_no, 'kind', (quarry.symbol_kinds())[d.kind],
            'name', (string_to_array(p.names, chr(10)))[d.name_no],
            'name_folded', (string_to_array(p.names_folded, chr(10)))[d.name_no],
            'humps', (string_to_array(p.humps, chr(10)))[d.name_no])
          order by d.symbol_no) as symbols
        from quarry.symbol_pages p
        cross join lateral unnest(
          p.name_nos, p.kinds, p.blob_nos, p.symbol_nos) d (name_no, kind, blob_no, symbol_no)
        where p.segment_id in (select f.segment_id from files f)
        group by p.segment_id, d.blob_no
      ), uses as materialized (
        select p.segment_id, n.blob_no,
          jsonb_agg(jsonb_build_array(p.use, w.word) order by p.use, w.word) as uses
        from quarry.use_pages p
        cross join lateral unnest(
          string_to_array(p.words, chr(10)), p.list_starts, p.list_starts[2:]) w (word, first, last)
        cross join lateral unnest(p.blob_nos[w.first + 1 : w.last]) n (blob_no)
        where p.segment_id in (select f.segment_id from files f)
        group by p.segment_id, n.blob_no
      )
      select encode(f.path, 'escape') as path, f.mode,
        encode(coalesce(f.blob_oid, (select b.blob_oid from quarry.blobs b
          where b.segment_id = f.segment_id and b.blob_no = f.blob_no)), 'hex') as oid,
        f.language, f.marks, f.skip_reason,
        (select to_jsonb(b) - 'segment_id' - 'blob_no' from quarry.blobs b
          where b.segment_id = f.segment_id and b.blob_no = f.blob_no) as blob,
        (select jsonb_agg(jsonb_build_array(c.first_line, encode(c.content, 'base64')) order by c.chunk_no)
          from quarry.blob_chunks c
          where c.segment_id = f.segment_id and c.blob_no = f.blob_no) as chunks,
        t.terms, s.symbols, u.uses
      from files f
      left join terms t on t.segment_id = f.segment_id and t.blob_no = f.blob_no
      left join symbols s on s.segment_id = f.segment_id and s.blob_no = f.blob_no
      left join uses u on u.segment_id = f.segment_id and u.blob_no = f.blob_no
      order by f.path`;
}

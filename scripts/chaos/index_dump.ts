// The logical content of a repository's index, without ids, numbers of ours or times: two indexes of
// the same commits are equal when their dumps are. Looks at tables, as only a check may.

import type { Sql } from "postgres";

/** A file as the index has it. */
export interface DumpedFile {
  readonly path: string;
  readonly mode: number;
  readonly oid: string;
  readonly language: string;
  readonly skip_reason: string | null;
  readonly blob: Readonly<Record<string, unknown>> | null;
  readonly chunks: readonly unknown[] | null;
  readonly terms: readonly unknown[] | null;
  readonly symbols: readonly unknown[] | null;
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

async function dumpFiles(sql: Sql, treeId: string): Promise<DumpedFile[]> {
  return [
    ...await sql<DumpedFile[]>`
      select encode(f.path, 'escape') as path, f.mode, encode(f.blob_oid, 'hex') as oid,
        f.language, f.skip_reason,
        (select to_jsonb(b) - 'segment_id' - 'blob_no' from quarry.blobs b
          where b.segment_id = f.segment_id and b.blob_no = f.blob_no) as blob,
        (select jsonb_agg(jsonb_build_array(c.first_line, c.content) order by c.chunk_no)
          from quarry.blob_chunks c
          where c.segment_id = f.segment_id and c.blob_no = f.blob_no) as chunks,
        (select jsonb_agg(jsonb_build_array(c.first_line, t.term) order by c.chunk_no, t.term)
          from quarry.blob_chunks c join quarry.terms t
            on t.segment_id = c.segment_id and c.chunk_no = any (t.chunk_nos)
          where c.segment_id = f.segment_id and c.blob_no = f.blob_no) as terms,
        (select jsonb_agg((to_jsonb(s) - 'segment_id' - 'blob_no') || jsonb_build_object(
            'in_dictionary', exists (select from quarry.terms t
              where t.segment_id = s.segment_id and t.term = s.name_folded))
          order by s.symbol_no)
          from quarry.symbols s
          where s.segment_id = f.segment_id and s.blob_no = f.blob_no) as symbols
      from quarry.tree_files f
      where f.tree_id = ${treeId} and f.generation_to is null
      order by f.path`,
  ];
}

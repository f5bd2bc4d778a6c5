/**
 * A batch of candidate files as the database hands it out becomes matching lines, the best first.
 */
import { type BatchBlob, type SearchBatchAnswer } from "../_shared/runtime/search_batch_answer.ts";
import { wordsOf } from "../_shared/search/batch_plan.ts";
import { type ChunkText } from "../_shared/search/chunk_text.ts";
import { type CompiledQuery, type FileFacts } from "../_shared/search/condition.ts";
import { type FacetCounter } from "../_shared/search/facets.ts";
import { FileSearch, type MatchedLine } from "../_shared/search/file_search.ts";
import { Ranking, type Score } from "../_shared/search/rank.ts";
import { type Outline } from "../_shared/segment/outline.ts";
import { readOutline } from "./outline_reader.ts";

/** A file that matches, with all that is known of it. */
export interface FoundFile extends FileFacts {
  readonly commitOid: string;
  readonly score: Score;
  readonly outline: Outline;
  readonly chunks: readonly ChunkText[];
}

/** A matching line of a file. */
export interface FoundLine {
  readonly file: FoundFile;
  readonly match: MatchedLine;
}

type Batch = Extract<SearchBatchAnswer, { outcome: "ok" }>;

/** The lines of a batch, by the score of their files, then as the ranking of lines has them. */
export function rankBatch(
  compiled: CompiledQuery,
  { blobs, trees }: Batch,
  facets: FacetCounter,
): FoundLine[] {
  const ranking = new Ranking(compiled);
  const words = wordsOf(compiled);
  const found: { readonly file: FoundFile; readonly lines: readonly MatchedLine[] }[] = [];
  for (const blob of blobs) {
    const tree = trees[String(blob.tree)];
    if (tree === undefined) continue;
    const outline = readOutline(blob.outline);
    const search = new FileSearch(compiled, { chunks: blob.chunks, outline });
    for (const path of blob.paths) {
      const facts = { repository: tree.repository, ref: tree.ref, path, language: blob.language };
      const lines = search.matchedLines(facts);
      if (lines === null) continue;
      facets.add(facts, lines.length);
      const definedLeaves = leavesOf(blob, words);
      const score = ranking.score({ path, lines, definedLeaves });
      const { chunks } = search;
      const file = { ...facts, commitOid: tree.commit_oid, score, outline, chunks };
      found.push({ file, lines: ranking.order(lines) });
    }
  }
  return found.toSorted(byScore)
    .flatMap(({ file, lines }) => lines.map((match) => ({ file, match })));
}

interface Scored {
  readonly file: FoundFile;
}

/** Equal ones by name, so that it does not matter how they are stored. */
function byScore({ file: a }: Scored, { file: b }: Scored): number {
  return b.score.total - a.score.total || compare(a.repository, b.repository) ||
    compare(a.path, b.path) || compare(a.ref, b.ref);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function leavesOf({ defines }: BatchBlob, words: ReturnType<typeof wordsOf>): Set<number> {
  return new Set(defines.flatMap((index) => words[index]?.leaves ?? []));
}

/**
 * A batch of candidate files as the database hands it out becomes matching lines, the best first:
 * as much of it as there is time for.
 */
import { readOutline } from "../../_shared/runtime/outlines.ts";
import {
  type BatchBlob,
  type BatchPosition,
  type SearchBatchAnswer,
} from "../../_shared/runtime/search_batch_answer.ts";
import { wordsOf } from "../../_shared/search/batch_plan.ts";
import { type ChunkText } from "../../_shared/search/chunk_text.ts";
import { type CompiledQuery, type FileFacts } from "../../_shared/search/condition.ts";
import { type FacetCounter } from "../../_shared/search/facets.ts";
import {
  type CandidateChunk,
  FileSearch,
  type MatchedLine,
} from "../../_shared/search/file_search.ts";
import { Ranking, type Score } from "../../_shared/search/rank.ts";
import { LineTooLong, OutOfTime, type TimeLimit } from "../../_shared/search/time_limit.ts";
import { marksOfPath } from "../../_shared/text/path_marks.ts";
import { type Outline } from "../../_shared/segment/outline_entries.ts";

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

/** What a batch came to. */
export interface RankedBatch {
  /** By the score of their files, then as the ranking of lines has them. */
  readonly lines: readonly FoundLine[];
  /** Texts that were given up: each takes more time than there is, or has too long a line. */
  readonly passedOver: number;
  /** Whether time was over before the end; `end`: the last text that was verified or given up. */
  readonly isCut: boolean;
  readonly end: BatchPosition | null;
}

/**
 * Ranks what there is time for. `chunks`: the text of each blob; `isFirst`: its first text has all the
 * time that a search gives.
 */
export function rankBatch(
  compiled: CompiledQuery,
  { blobs, trees }: Batch,
  chunks: readonly (readonly CandidateChunk[])[],
  facets: FacetCounter,
  limit: TimeLimit,
  isFirst: boolean,
): RankedBatch {
  const ranking = new Ranking(compiled);
  const words = wordsOf(compiled);
  const found: RankedFile[] = [];
  let passedOver = 0;
  let isCut = false;
  let end: BatchPosition | null = null;
  for (const [index, blob] of blobs.entries()) {
    const tree = trees[String(blob.tree)];
    if (tree === undefined) continue;
    try {
      limit();
      const matching = matchingFiles(compiled, blob, chunks[index] ?? [], tree, limit);
      for (const file of matching) {
        facets.add(file, file.matched.length);
        const { path, matched } = file;
        const marks = marksOfPath(path) | blob.marks;
        const definedLeaves = leavesOf(blob, words);
        const score = ranking.score({ path, marks, lines: matched, definedLeaves });
        found.push({ file: { ...file, score }, lines: ranking.order(matched) });
      }
    } catch (error) {
      isCut = error instanceof OutOfTime;
      if (!isCut && !(error instanceof LineTooLong)) throw error;
      // What had all the time there is would not be done in the next search either.
      if (isCut && !(isFirst && end === null)) break;
      passedOver += 1;
    }
    end = { tier: blob.tier, tree: blob.tree, segment: blob.segment, blob: blob.blob };
    if (isCut) break;
  }
  const lines = found.toSorted(byScore)
    .flatMap(({ file, lines: own }) => own.map((match) => ({ file, match })));
  return { lines, passedOver, isCut, end };
}

interface RankedFile {
  readonly file: FoundFile;
  readonly lines: readonly MatchedLine[];
}

/** The files that have a text and satisfy the query. */
function matchingFiles(
  compiled: CompiledQuery,
  blob: BatchBlob,
  chunks: readonly CandidateChunk[],
  tree: Batch["trees"][string],
  limit: TimeLimit,
) {
  const outline = readOutline(blob.outline);
  const search = new FileSearch(compiled, { chunks, outline }, limit);
  return blob.paths.flatMap((path) => {
    const facts = { repository: tree.repository, ref: tree.ref, path, language: blob.language };
    const matched = search.matchedLines(facts);
    if (matched === null) return [];
    return [{ ...facts, commitOid: tree.commit_oid, outline, chunks: search.chunks, matched }];
  });
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

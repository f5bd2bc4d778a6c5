/**
 * Runs a search: asks the database for batches of candidate files, verifies and ranks each, and stops
 * when the page is full or the work is enough. The one engine behind every mode.
 */
import { z } from "zod";
import {
  SEARCH_CHUNKS_MAX,
  SEARCH_VERIFY_AGAIN_MILLISECONDS_MAX,
  SEARCH_VERIFY_MILLISECONDS_MAX,
  SEARCH_WORK_MILLISECONDS_MAX,
  SEARCHES_IN_FULL_MAX,
} from "../../_shared/contracts/limits.ts";
import { type Query } from "../../_shared/query/expression.ts";
import { type Database } from "../../_shared/runtime/database.ts";
import { type BatchRequest } from "../../_shared/runtime/database_index_functions.ts";
import {
  type BatchPins,
  batchPins,
  type BatchPosition,
  batchPosition,
  type SearchBatchAnswer,
} from "../../_shared/runtime/search_batch_answer.ts";
import { type WorkShare } from "../../_shared/runtime/work_share.ts";
import { type BatchPlan, planBatches, type Wishes } from "../../_shared/search/batch_plan.ts";
import { compileQuery } from "../../_shared/search/condition.ts";
import { type KeptChunks, SearchChunks } from "../../_shared/search/kept_chunks.ts";
import { FacetCounter, type Facets } from "../../_shared/search/facets.ts";
import { type CandidateChunk } from "../../_shared/search/file_search.ts";
import { timeLimit } from "../../_shared/search/time_limit.ts";
import { type FoundLine, rankBatch, type RankedBatch } from "./ranked_batch.ts";

/**
 * Where a page ended: in the batch from one position until another (null: a new one), after so many of
 * its lines; `seen` counts those of the batches before it, which were all shown, and `passedOver` the
 * texts among them that were given up.
 */
export const searchPosition = z.object({
  from: batchPosition.nullable(),
  until: batchPosition.nullable(),
  pins: batchPins,
  skip: z.int().nonnegative(),
  seen: z.int().nonnegative(),
  passedOver: z.int().nonnegative(),
});
export type SearchPosition = z.infer<typeof searchPosition>;

/** What to search for, and how much of it. */
export interface SearchRequest {
  readonly tenantId: string;
  readonly repository: string | null;
  readonly query: Query;
  readonly wishes: Wishes;
  readonly position: SearchPosition | null;
  /** Lines wanted. */
  readonly limit: number;
  /** Whether to go on counting when there are enough. */
  readonly countsAll: boolean;
}

type Scope = Pick<
  Extract<SearchBatchAnswer, { outcome: "ok" }>,
  "unindexed" | "symbols_pending" | "skipped" | "access_lost"
>;

/** What was found. */
export type SearchOutcome =
  | { readonly outcome: "not_found" | "cursor_expired" }
  | {
    readonly outcome: "ok";
    readonly lines: readonly FoundLine[];
    readonly next: SearchPosition | null;
    readonly reason: "page_full" | "work_budget" | null;
    readonly total: { readonly count: number; readonly is_lower_bound: boolean };
    readonly facets: Facets;
    readonly scope: Scope;
  };

/** The first batch is small, for a page is soon full; one that narrows by several leaves is not. */
const FIRST_BATCH_CHUNKS = 64;
const FIRST_BATCH_CHUNKS_OF_SEVERAL = 192;
const BATCH_CHUNKS_MAX = 512;
/** Later chunks may have fewer lines than the first, and another batch is dearer than some chunks more. */
const YIELD_SLACK = 1.25;
/** A batch that was asked for in vain is dearer than one that is waited for. */
const AHEAD_SLACK = 2;

const START: SearchPosition = {
  from: null,
  until: null,
  pins: {},
  skip: 0,
  seen: 0,
  passedOver: 0,
};

/** A batch, and the text of each of its blobs. */
interface Asked {
  readonly answer: SearchBatchAnswer;
  readonly chunks: readonly (readonly CandidateChunk[])[];
}

interface SearchDependencies {
  readonly database: Pick<Database, "searchBatch">;
  readonly reads: Pick<WorkShare, "running">;
  readonly keptChunks: KeptChunks;
  readonly now: () => number;
}

/** Searches until the page is full, everything was read, or the work is enough. */
export async function runSearch(
  dependencies: SearchDependencies,
  request: SearchRequest,
): Promise<SearchOutcome> {
  const found = await searchOnce(dependencies, request);
  // Segments were merged between its batches, or symbols came: only a caller's own cursor is a reason to refuse.
  return found.outcome === "cursor_expired" && request.position === null
    ? await searchOnce(dependencies, request)
    : found;
}

/** Asks for batches, and opens their texts as soon as they are there. */
function batchAsker(
  { database, keptChunks }: Pick<SearchDependencies, "database" | "keptChunks">,
  { tenantId, repository }: SearchRequest,
  plan: BatchPlan,
  texts: SearchChunks,
) {
  return async (cursor: BatchRequest["cursor"], weightMax: number): Promise<Asked> => {
    const held = keptChunks.hold(tenantId);
    try {
      const wanted = { plan, repository, cursor, weightMax, held: held.stated };
      const answer = await database.searchBatch(tenantId, wanted);
      const blobs = answer.outcome === "ok" ? answer.blobs : [];
      const chunks = blobs.map((blob) => texts.open(held, blob.segment, blob.chunks));
      return { answer, chunks };
    } finally {
      held.release();
    }
  };
}

async function searchOnce(
  { database, reads, keptChunks, now }: SearchDependencies,
  request: SearchRequest,
): Promise<SearchOutcome> {
  const compiled = compileQuery(request.query);
  const run = new SearchRun(request);
  const plan = planBatches(request.query, compiled, request.wishes);
  const texts = new SearchChunks(keptChunks);
  const ask = batchAsker({ database, keptChunks }, request, plan, texts);
  const started = now();
  const severalLeaves = plan.leaves.length > 1;
  let verifyEnd = Infinity;
  let isFirst = true;
  let weightMax = severalLeaves ? FIRST_BATCH_CHUNKS_OF_SEVERAL : FIRST_BATCH_CHUNKS;
  let known: string | null = null;
  let ahead: ReturnType<typeof ask> | null = null;
  for (;;) {
    const { from, until, pins } = run.position;
    const cursor: BatchRequest["cursor"] = run.position === START
      ? null
      : { from, until, pins, known };
    const { answer, chunks }: Asked = await (ahead ?? ask(cursor, weightMax));
    if (answer.outcome !== "ok") return answer;
    ({ known } = answer);
    const weightNext = run.nextWeight(weightMax);
    const share = Math.min(1, SEARCHES_IN_FULL_MAX / reads.running);
    ahead = share === 1 && run.wantsMoreThan(answer)
      ? ask(
        { from: answer.at, until: null, pins: pinsAt(answer.pins, answer.at), known },
        weightNext,
      )
      : null;
    if (ahead !== null) {
      // Whether it failed matters only if it is needed. It leaves when this turn is over.
      ahead.catch(() => undefined);
      await new Promise<void>((resolve) => void setTimeout(resolve, 0));
    }
    // The time of verifying begins with the first text: one is done, or given up, in any case.
    if (isFirst) verifyEnd = now() + verifyMilliseconds(until);
    const limit = timeLimit(now, verifyEnd);
    const found = rankBatch(compiled, answer, chunks, run.facets, limit, isFirst);
    texts.keep();
    isFirst &&= answer.blobs.length === 0;
    // Lines that were shown are counted in the order of the whole, which there is no time for.
    if (found.isCut && until !== null) return { outcome: "cursor_expired" };
    run.take(answer, found);
    if (run.isEnough || found.isCut) return run.outcome();
    const isSpent = run.weight >= SEARCH_CHUNKS_MAX ||
      now() - started >= SEARCH_WORK_MILLISECONDS_MAX * share;
    if (isSpent) return run.outcome();
    weightMax = ahead === null ? run.nextWeight(weightMax) : weightNext;
  }
}

function verifyMilliseconds(until: BatchPosition | null): number {
  return until === null ? SEARCH_VERIFY_MILLISECONDS_MAX : SEARCH_VERIFY_AGAIN_MILLISECONDS_MAX;
}

/** What a search has come to so far. */
class SearchRun {
  readonly #request: SearchRequest;
  readonly #lines: FoundLine[] = [];
  readonly facets = new FacetCounter();
  /** Where the page ends; null as long as it is not full. */
  #pageEnd: SearchPosition | null = null;
  #isDone = false;
  #scope: Scope = { unindexed: 0, symbols_pending: 0, skipped: 0, access_lost: 0 };
  position: SearchPosition;
  weight = 0;

  constructor(request: SearchRequest) {
    this.#request = request;
    this.position = request.position ?? START;
  }

  get isEnough(): boolean {
    return this.#isDone || (this.#pageEnd !== null && !this.#request.countsAll);
  }

  /** Twice as much as before; where the yield so far says that less will do for the page, that. */
  nextWeight(weight: number): number {
    const doubled = Math.min(weight * 2, BATCH_CHUNKS_MAX);
    const found = this.#lines.length;
    if (this.#request.countsAll || found === 0) return doubled;
    const wanted = this.#request.limit - found;
    const needed = Math.ceil(wanted * (this.weight / found) * YIELD_SLACK);
    return Math.min(doubled, Math.max(needed, FIRST_BATCH_CHUNKS));
  }

  /**
   * Whether the page will want the batch after this one too, so that it can be asked for while this one is
   * verified: when this one gives twice as much as those before, there is still not enough. Of the first nobody knows.
   */
  wantsMoreThan(batch: Extract<SearchBatchAnswer, { outcome: "ok" }>): boolean {
    const weight = this.weight + batch.weight;
    if (batch.done || this.weight === 0 || weight >= SEARCH_CHUNKS_MAX) return false;
    const expected = this.#lines.length * (weight / this.weight) * AHEAD_SLACK;
    return this.#request.countsAll || expected < this.#request.limit;
  }

  /** Takes in a batch, and moves on behind it, or behind what there was time for. */
  take(
    batch: Extract<SearchBatchAnswer, { outcome: "ok" }>,
    { lines: found, passedOver, isCut, end }: RankedBatch,
  ): void {
    const { position } = this;
    this.#scope = batch;
    if (isCut && end === null) return;
    const at = isCut ? end : batch.at;
    this.#isDone = batch.done && !isCut;
    this.weight += batch.weight;
    if (this.#pageEnd === null) {
      const rest = found.slice(position.skip);
      const taken = rest.slice(0, this.#request.limit - this.#lines.length);
      this.#lines.push(...taken);
      if (taken.length < rest.length) {
        const skip = position.skip + taken.length;
        this.#pageEnd = { ...position, until: at, pins: batch.pins, skip };
      }
    }
    this.position = {
      from: at,
      until: null,
      pins: pinsAt(batch.pins, at),
      skip: 0,
      seen: position.seen + found.length,
      passedOver: position.passedOver + passedOver,
    };
    const isFull = this.#lines.length >= this.#request.limit;
    if (isFull && !this.#isDone) this.#pageEnd ??= this.position;
  }

  outcome(): SearchOutcome {
    const hasMore = !this.#isDone;
    const isPartial = hasMore || this.position.passedOver > 0;
    const next = this.#pageEnd ?? (hasMore ? this.position : null);
    const reason = this.#pageEnd !== null ? "page_full" : isPartial ? "work_budget" : null;
    return {
      outcome: "ok",
      lines: this.#lines,
      next,
      reason,
      total: { count: this.position.seen, is_lower_bound: isPartial },
      facets: this.facets.facets,
      scope: this.#scope,
    };
  }
}

/** The pins that count at a position: of the trees that were shown something of, and of its own. */
function pinsAt(pins: BatchPins, at: BatchPosition | null): BatchPins {
  // A cut batch may have gone further: what tier 0 has of those trees is still to be shown.
  const isBefore = (tree: string) => at === null || at.tier === 1 || Number(tree) < at.tree;
  return Object.fromEntries(
    Object.entries(pins).filter(([tree, [, , isShown]]) =>
      tree === String(at?.tree) || (isShown && isBefore(tree))
    ),
  );
}

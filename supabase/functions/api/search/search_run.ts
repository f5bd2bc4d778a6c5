/**
 * What a search has come to: the lines of a page and where the next one begins, batch by batch. Asks nobody.
 */
import { z } from "zod";
import { SEARCH_CHUNKS_MAX } from "../../_shared/contracts/limits.ts";
import { type Query } from "../../_shared/query/expression.ts";
import {
  type BatchPins,
  batchPins,
  type BatchPosition,
  batchPosition,
  type SearchBatchAnswer,
} from "../../_shared/runtime/search_batch_answer.ts";
import { type Wishes } from "../../_shared/search/batch_plan.ts";
import { FacetCounter, type Facets } from "../../_shared/search/facets.ts";
import { type FoundLine, type RankedBatch } from "./ranked_batch.ts";

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
  /** Of a page that is there already and holds as long as this does; null: there is none. */
  readonly state: string | null;
}

type Scope = Pick<
  Extract<SearchBatchAnswer, { outcome: "ok" }>,
  "unindexed" | "symbols_pending" | "skipped" | "access_lost"
>;

/** What was found. */
export type SearchOutcome =
  | { readonly outcome: "unchanged" | "not_found" | "cursor_expired" }
  | {
    readonly outcome: "ok";
    /** As long as it is the same, so is the page; null where it was another one meanwhile, or time decided what is on it. */
    readonly state: string | null;
    readonly lines: readonly FoundLine[];
    readonly next: SearchPosition | null;
    readonly reason: "page_full" | "work_budget" | null;
    readonly total: { readonly count: number; readonly is_lower_bound: boolean };
    readonly facets: Facets;
    readonly scope: Scope;
  };

/** A batch is small where a page is soon full; of several leaves one is not, for few chunks have all. */
const BATCH_CHUNKS_MIN = 64;
const FIRST_BATCH_CHUNKS_MAX = 128;
const FIRST_BATCH_CHUNKS_OF_SEVERAL = 192;
const BATCH_CHUNKS_MAX = 512;
/** Of a common word, so that its page takes one batch. */
const LINES_OF_CHUNK = 1.5;
/** Later chunks may have fewer lines than the first, and another batch is dearer than some chunks more. */
const YIELD_SLACK = 1.25;
/** A batch that was asked for in vain is dearer than one that is waited for. */
const AHEAD_SLACK = 2;

/** Before the first batch. */
export const START: SearchPosition = {
  from: null,
  until: null,
  pins: {},
  skip: 0,
  seen: 0,
  passedOver: 0,
};

/** How many chunks the first batch is about. */
export function firstWeight(leafCount: number, limit: number): number {
  if (leafCount > 1) return FIRST_BATCH_CHUNKS_OF_SEVERAL;
  const needed = Math.ceil(limit / LINES_OF_CHUNK);
  return Math.min(FIRST_BATCH_CHUNKS_MAX, Math.max(needed, BATCH_CHUNKS_MIN));
}

/** What a search has come to so far. */
export class SearchRun {
  readonly #request: SearchRequest;
  readonly #lines: FoundLine[] = [];
  readonly facets = new FacetCounter();
  /** Where the page ends; null as long as it is not full. */
  #pageEnd: SearchPosition | null = null;
  #isDone = false;
  readonly #states = new Set<string>();
  #isTimed = false;
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

  /**
   * Twice as much as before, and twice that while there is nothing; where the yield so far says that less
   * will do for the page, that.
   */
  nextWeight(weight: number): number {
    const found = this.#lines.length;
    const more = Math.min(weight * (found === 0 ? 4 : 2), BATCH_CHUNKS_MAX);
    if (this.#request.countsAll || found === 0) return more;
    const wanted = this.#request.limit - found;
    const needed = Math.ceil(wanted * (this.weight / found) * YIELD_SLACK);
    return Math.min(more, Math.max(needed, BATCH_CHUNKS_MIN));
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
    this.#states.add(batch.state);
    this.#isTimed ||= isCut;
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

  /** Ends the search where there is no time for more. */
  stop(): SearchOutcome {
    this.#isTimed = true;
    return this.outcome();
  }

  outcome(): SearchOutcome {
    const [state = null] = this.#isTimed || this.#states.size > 1 ? [] : this.#states;
    const hasMore = !this.#isDone;
    const isPartial = hasMore || this.position.passedOver > 0;
    const next = this.#pageEnd ?? (hasMore ? this.position : null);
    const reason = this.#pageEnd !== null ? "page_full" : isPartial ? "work_budget" : null;
    return {
      outcome: "ok",
      state,
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
export function pinsAt(pins: BatchPins, at: BatchPosition | null): BatchPins {
  // A cut batch may have gone further: what tier 0 has of those trees is still to be shown.
  const isBefore = (tree: string) => at === null || at.tier === 1 || Number(tree) < at.tree;
  return Object.fromEntries(
    Object.entries(pins).filter(([tree, [, , isShown]]) =>
      tree === String(at?.tree) || (isShown && isBefore(tree))
    ),
  );
}

// What the search benchmark asks: something that answers the first lines of a query.

import type { BenchQuery } from "./queries.ts";

/** Lines that an answer has at most: the first page of everybody. */
export const ANSWER_LINES_MAX = 200;

/** One answer, and how long it took from the question to its last byte. */
export interface SearchRun {
  readonly milliseconds: number;
  readonly lines: number;
  /** It says itself that it stopped before it had looked everywhere, though the page has room. */
  readonly isCut?: boolean;
}

/** Something to ask. */
export interface Searcher {
  readonly name: string;
  /** Null: it does not offer such queries. An error is an error. */
  search(query: BenchQuery): Promise<SearchRun | null>;
}

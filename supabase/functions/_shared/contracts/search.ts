/**
 * What a text search answers. Lines and columns are 1-based; column and length count UTF-16 units.
 */
import { z } from "zod";
import { oid } from "./ids.ts";
import { MATCH_TEXT_UNITS_MAX } from "./limits.ts";

/** Modes of a search. Only literal exists so far. */
export const searchModes = ["query", "literal"] as const;

/**
 * Why an answer is not all there is. not_indexed: a ref in scope has no index yet; work_budget:
 * stopped early, next_cursor goes on; more_results: the page is full, next_cursor goes on;
 * access_lost: the host no longer lets us see a repository in scope, so that its index stays at the
 * commit it names; skipped_files: some files in scope are not in the index.
 */
export const incompleteReasons = [
  "not_indexed",
  "work_budget",
  "more_results",
  "access_lost",
  "skipped_files",
] as const;
export type IncompleteReason = (typeof incompleteReasons)[number];

/** The first place of the query in a line, and the line. */
export const match = z.object({
  repository: z.string(),
  ref: z.string(),
  commit_oid: oid,
  path: z.string(),
  line: z.number().int(),
  column: z.number().int(),
  text: z.string(),
});

/** A match as it is answered. */
export type Match = z.infer<typeof match> & { readonly length: number };

/** What every answer of a search says of itself. */
export const completeness = {
  complete: z.boolean(),
  incomplete_reason: z.enum(incompleteReasons).nullable(),
  next_cursor: z.string().nullable(),
};

/** The answer of GET /search. */
export const searchAnswer = z.object({
  matches: z.array(match.extend({ length: z.number().int() })).readonly(),
  ...completeness,
});
export type SearchAnswer = z.infer<typeof searchAnswer>;

/** Cuts a line's text for an answer, never through a surrogate pair. */
export function cutText(text: string): string {
  if (text.length <= MATCH_TEXT_UNITS_MAX) return text;
  const cut = text.slice(0, MATCH_TEXT_UNITS_MAX);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}

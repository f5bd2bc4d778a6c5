/**
 * What a text search answers. Lines and columns are 1-based; column and length count UTF-16 units.
 */
import { z } from "zod";
import { oid } from "./ids.ts";
import { MATCH_TEXT_UNITS_MAX } from "./limits.ts";

/** How q is read: as a query of the language in docs/query.md, or as one line of text. */
export const searchModes = ["query", "literal"] as const;

/** How matches are shown: as a flat list of lines, or grouped by file with all that is known. */
export const searchViews = ["lines", "files"] as const;

/**
 * Why an answer is not all there is. not_indexed: a ref in scope has no index yet; symbols_pending: of one
 * the text alone is indexed so far, so that definitions are neither found nor put first; work_budget:
 * stopped early, next_cursor goes on, and without one files were passed over whose verifying takes longer
 * than a search may; more_results: the page is full, next_cursor goes on;
 * access_lost: the host no longer lets us see a repository in scope, so that its index stays at the
 * commit it names; skipped_files: some files in scope are not in the index.
 */
export const incompleteReasons = [
  "not_indexed",
  "symbols_pending",
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

/** What every answer of a search says of itself. */
export const completeness = {
  complete: z.boolean(),
  incomplete_reason: z.enum(incompleteReasons).nullable(),
  next_cursor: z.string().nullable(),
};

/** Why something stands where it does: parts of its file's score. */
export const scorePart = z.object({ name: z.string(), score: z.number() });

/** A matching line of the flat view; a file that matches as a whole shows its first line, length 0. */
export const searchMatch = match.extend({
  length: z.number().int(),
  /** With explain=true. */
  score: z.number().optional(),
  explain: z.array(scorePart).readonly().optional(),
});

/** A match as it is answered. */
export type Match = z.infer<typeof searchMatch>;

/**
 * A place in a line: in UTF-16 units, and in bytes of UTF-8; both 1-based, and both of the whole line, of
 * which the answer may show a part. What is no UTF-8 in a file reads as U+FFFD, which has three bytes: behind it on its line a
 * byte's number is not that in the file.
 */
export const matchRange = z.object({
  column: z.number().int(),
  length: z.number().int(),
  byte_column: z.number().int(),
  byte_length: z.number().int(),
});

/** The innermost definition around a line. */
export const enclosingDefinition = z.object({
  name: z.string(),
  kind: z.string(),
  line: z.number().int(),
});

/** A matching line of the view by file; ranges that begin beyond the cut text are left out. */
export const fileMatch = z.object({
  line: z.number().int(),
  ranges: z.array(matchRange).readonly(),
  text: z.string(),
  text_column: z.int().meta({
    description:
      "Where text begins in its line, in UTF-16 units from 1: above 1 where a long line is cut around " +
      "its first range. Columns of ranges are those of the line.",
  }),
  before: z.array(z.string()).readonly(),
  after: z.array(z.string()).readonly(),
  enclosing: enclosingDefinition.nullable(),
});

/** A file with its matching lines on this page, the best first. */
export const searchFile = z.object({
  repository: z.string(),
  ref: z.string(),
  commit_oid: oid,
  path: z.string(),
  language: z.string(),
  score: z.number(),
  explain: z.array(scorePart).readonly().optional(),
  matches: z.array(fileMatch).readonly(),
});
export type SearchFile = z.infer<typeof searchFile>;

/** How many matching lines have a value, the commonest first. */
const facet = z.array(z.object({ value: z.string(), count: z.number().int() })).readonly();

/** Matching lines by repository, language and folder at the top. */
export const searchFacets = z.object({ repository: facet, language: facet, folder: facet }).meta({
  description:
    "With facets=true, on the first page: of the lines that its total counts, and of each the 20 " +
    "commonest values.",
});

/** The answer of GET /search. */
export const searchAnswer = z.object({
  matches: z.array(searchMatch).readonly(),
  /** With view=files, in place of matches, which then is empty. */
  files: z.array(searchFile).readonly().optional(),
  total: z.object({ count: z.number().int(), is_lower_bound: z.boolean() }).meta({
    description:
      "Matching lines, or how many there are at least: also those that count: of the query leaves out.",
  }),
  facets: searchFacets.optional(),
  ...completeness,
});
export type SearchAnswer = z.infer<typeof searchAnswer>;

/** Cuts a line's text for an answer, never through a surrogate pair. */
export function cutText(text: string): string {
  return cutAround(text, null, MATCH_TEXT_UNITS_MAX).text;
}

/** A part of a line. */
export interface LinePart {
  readonly text: string;
  /** Where it begins in the line, in UTF-16 units from 0. */
  readonly start: number;
}

/** A place in a line, in UTF-16 units from 0. */
export interface LinePlace {
  readonly start: number;
  readonly length: number;
}

/** Of what is shown of a long line, this part is before the place that it is shown for. */
const SHARE_BEFORE_PLACE = 0.25;

/**
 * Up to so many units of a line, with a place of it: from the beginning where the place is in reach of that.
 * Never through a surrogate pair.
 */
export function cutAround(text: string, place: LinePlace | null, unitsMax: number): LinePart {
  if (text.length <= unitsMax) return { text, start: 0 };
  const { start: placeStart, length } = place ?? { start: 0, length: 0 };
  const end = placeStart + length;
  const before = Math.max(placeStart - Math.floor(unitsMax * SHARE_BEFORE_PLACE), end - unitsMax);
  const wished = end <= unitsMax ? 0 : Math.min(placeStart, before, text.length - unitsMax);
  const start = wished + (splitsPair(text, wished) ? 1 : 0);
  const until = wished + unitsMax;
  return { text: text.slice(start, until - (splitsPair(text, until) ? 1 : 0)), start };
}

function splitsPair(text: string, at: number): boolean {
  return /^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(Math.max(0, at - 1), at + 1));
}

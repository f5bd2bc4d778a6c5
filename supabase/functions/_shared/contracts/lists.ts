/**
 * Lists and what is listed of a tree. A list's cursor is opaque to everybody but its route.
 */
import { z } from "zod";
import { oid } from "./ids.ts";

/** A page of a list as the API answers it. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next_cursor: string | null;
}

/** A page of a list, as a schema. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), next_cursor: z.string().nullable() });
}

/** Why search cannot see a file, or why its symbols are missing. */
export const skipReasons = [
  "binary",
  "too_large",
  "symlink",
  "submodule",
  "path_too_long",
] as const;
export const symbolsSkipReasons = [
  "unknown_language",
  "too_large_to_parse",
  "parse_timeout",
  "parse_failed",
] as const;
/** Why a file shows no symbols: symbols_pending while the text of its ref alone is indexed. */
export const missingSymbolsReasons = [...symbolsSkipReasons, "symbols_pending"] as const;
export type SkipReason = (typeof skipReasons)[number];
export type SymbolsSkipReason = (typeof symbolsSkipReasons)[number];

/** A file that search does not see, or sees without symbols. */
export const skippedFile = z.object({
  path: z.string(),
  reason: z.enum([...skipReasons, ...symbolsSkipReasons]),
  text_searchable: z.boolean(),
});
export type SkippedFile = z.infer<typeof skippedFile>;

/** Which tree a list of skipped files speaks of. */
export const skippedFilesHead = z.object({ ref: z.string(), commit_oid: oid.nullable() });

/**
 * Writes what a segment lists, cut into pages: its terms, their grams, its names and their uses. Pure;
 * does not know where they come from.
 */
import type { CopyEncoder } from "./copy_encoder.ts";
import { writeGramPage, writeSymbolPage, writeTermPage, writeUsePage } from "./copy_rows.ts";
import { buildGrams, GRAM_TERMS_MIN } from "./grams.ts";
import {
  cutPages,
  eachPage,
  GRAM_PAGE_ENTRIES,
  TERM_PAGE_ENTRIES,
  USE_PAGE_ENTRIES,
} from "./pages.ts";
import type { PostingsBuilder } from "./postings.ts";
import type { SymbolPagesBuilder } from "./symbol_pages.ts";
import type { UsePagesBuilder } from "./use_pages.ts";

/** Where the rows of these tables go. */
export type PageEncoders = Readonly<
  Record<"term_pages" | "gram_pages" | "symbol_pages" | "use_pages", CopyEncoder>
>;

/** Writes the dictionary and, if it is large, its grams; answers how many there are of each. */
export function writeDictionary(
  encoders: PageEncoders,
  segmentId: bigint,
  postings: PostingsBuilder,
): { readonly terms: number; readonly grams: number } {
  const terms = postings.finish();
  const cuts = cutPages(terms, TERM_PAGE_ENTRIES);
  eachPage(terms, cuts, (page, pageNo) => {
    writeTermPage(encoders.term_pages, segmentId, pageNo, page);
  });
  if (terms.entries.length < GRAM_TERMS_MIN) return { terms: terms.entries.length, grams: 0 };
  const grams = buildGrams(terms.entries, cuts);
  eachPage(grams, cutPages(grams, GRAM_PAGE_ENTRIES), (page) => {
    writeGramPage(encoders.gram_pages, segmentId, page);
  });
  return { terms: terms.entries.length, grams: grams.entries.length };
}

/** Writes names and uses; answers how many definitions and words there are. */
export function writeNames(
  encoders: PageEncoders,
  segmentId: bigint,
  symbols: SymbolPagesBuilder,
  uses: UsePagesBuilder,
): { readonly symbols: number; readonly uses: number } {
  for (const page of symbols.finish()) writeSymbolPage(encoders.symbol_pages, segmentId, page);
  let words = 0;
  for (const { use, listed } of uses.finish()) {
    words += listed.entries.length;
    eachPage(listed, cutPages(listed, USE_PAGE_ENTRIES), (page) => {
      writeUsePage(encoders.use_pages, segmentId, use, page);
    });
  }
  return { symbols: symbols.symbolCount, uses: words };
}

/**
 * Cuts sorted entries, each with a list of numbers, into pages: a page is a row, so that a
 * dictionary costs a row for a hundred entries, and a lookup reads a few kilobytes. Knows nothing
 * of what the entries are.
 */
import type { ListPage } from "./copy_rows.ts";

/**
 * Entries of a page. More cost fewer rows and bytes, fewer cost a lookup less. Names have as many that
 * nearly all pages stay below the 4 kB from which PostgreSQL puts columns elsewhere.
 */
export const TERM_PAGE_ENTRIES = 32;
export const GRAM_PAGE_ENTRIES = 64;
export const SYMBOL_PAGE_ENTRIES = 24;
export const USE_PAGE_ENTRIES = 64;

/** Numbers of a page, unless one list alone has more: what a lookup reads beside its own list. */
export const PAGE_NUMBERS_MAX = 8192;

/**
 * Pages that are full of entries: their numbers have two bytes, and less than a fifth as many
 * again are cut by the numbers in them. A dictionary of random words has larger pages.
 */
const FULL_PAGES_MAX = 24_000;

/** Entries in order; the numbers of entry n are `numbers` from `starts[n]` up to `ends[n]`. */
export interface ListedEntries {
  readonly entries: readonly string[];
  readonly numbers: Int32Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** How many entries a page takes at most, of so many: more than are wanted where pages would have no numbers left. */
export function entriesOfPage(wanted: number, count: number): number {
  return Math.max(wanted, Math.ceil(count / FULL_PAGES_MAX));
}

/** The first entry of each page of about so many, and at the end the number of entries. */
export function cutPages(
  { entries, starts, ends }: ListedEntries,
  pageEntries: number,
): number[] {
  const entriesMax = entriesOfPage(pageEntries, entries.length);
  const cuts = [];
  let numbers = 0;
  for (let entry = 0; entry < entries.length; entry++) {
    const own = (ends[entry] ?? 0) - (starts[entry] ?? 0);
    const first = cuts.at(-1);
    if (
      first === undefined || entry - first >= entriesMax || numbers + own > PAGE_NUMBERS_MAX
    ) {
      cuts.push(entry);
      numbers = 0;
    }
    numbers += own;
  }
  cuts.push(entries.length);
  return cuts;
}

/** The page of the entries from `first` up to `end`. */
export function pageOf(listed: ListedEntries, first: number, end: number): ListPage {
  const starts = [0];
  let count = 0;
  for (let entry = first; entry < end; entry++) {
    count += (listed.ends[entry] ?? 0) - (listed.starts[entry] ?? 0);
    starts.push(count);
  }
  const numbers = new Int32Array(count);
  for (let entry = first; entry < end; entry++) {
    const list = listed.numbers.subarray(listed.starts[entry], listed.ends[entry]);
    numbers.set(list, starts[entry - first]);
  }
  return { entries: listed.entries.slice(first, end), starts, numbers };
}

/** Every page, with its number. */
export function eachPage(
  listed: ListedEntries,
  cuts: readonly number[],
  write: (page: ListPage, pageNo: number) => void,
): void {
  for (let pageNo = 0; pageNo + 1 < cuts.length; pageNo++) {
    write(pageOf(listed, cuts[pageNo] ?? 0, cuts[pageNo + 1] ?? 0), pageNo);
  }
}

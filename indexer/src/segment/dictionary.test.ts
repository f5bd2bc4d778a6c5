import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arbitraryLine } from "../../../supabase/functions/_shared/text/arbitrary_text.ts";
import { termGrams } from "../../../supabase/functions/_shared/text/literal.ts";
import { termsOf } from "../../../supabase/functions/_shared/text/terms.ts";
import { codePointOrder, compareCodePoints } from "./code_point_order.ts";
import { buildGrams } from "./grams.ts";
import { InvertedLists } from "./inverted_lists.ts";
import {
  cutPages,
  type ListedEntries,
  PAGE_NUMBERS_MAX,
  pageOf,
  TERM_PAGE_ENTRIES,
} from "./pages.ts";
import { PostingsBuilder } from "./postings.ts";

function listsOf({ entries, numbers, starts, ends }: ListedEntries): Map<string, number[]> {
  return new Map(
    entries.map((entry, no) => [entry, [...numbers.subarray(starts[no], ends[no])]]),
  );
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

describe("codePointOrder", () => {
  test("puts surrogate pairs after U+E000 to U+FFFF, unlike JavaScript's own order", () => {
    const texts = [
      "\u{10000}",
      "\uffff",
      "\ue000",
      "\ud7ff",
      "a\u{10000}",
      "a\uff00",
      "a",
      "ab",
      "",
    ];
    const ordered = codePointOrder(texts).map((index) => texts[index]);
    expect(ordered).toEqual(texts.toSorted(byBytes));
    expect(ordered).not.toEqual(texts.toSorted());
  });

  test("orders any texts as their UTF-8 bytes are ordered", () => {
    const start = fc.constantFrom("", "a", "ab", "abc", "abcd", "\u007f", "é", "\u0000", "😀");
    const text = fc.tuple(start, arbitraryLine).map(([first, rest]) => first + rest);
    fc.assert(fc.property(fc.uniqueArray(text, { maxLength: 60 }), (texts) => {
      const ordered = codePointOrder(texts).map((index) => texts[index]);
      expect(ordered).toEqual(texts.toSorted(byBytes));
    }));
  });

  test("is the order of UTF-8 bytes", () => {
    fc.assert(
      fc.property(arbitraryLine, arbitraryLine, fc.nat(20), (a, b, shared) => {
        const c = Array.from(a).slice(0, shared).join("") + b;
        expect(Math.sign(compareCodePoints(a, b))).toBe(byBytes(a, b));
        expect(Math.sign(compareCodePoints(a, c))).toBe(byBytes(a, c));
      }),
      { numRuns: 1000 },
    );
  });
});

describe("InvertedLists", () => {
  test("groups items by list, each once, and has empty lists for the rest", () => {
    const lists = new InvertedLists();
    for (const [list, item] of [[2, 0], [0, 0], [2, 0], [2, 3], [0, 5], [5000, 5]] as const) {
      lists.add(list, item);
    }
    const { offsets, items } = lists.finish(5001);
    const listOf = (list: number) => [...items.subarray(offsets[list], offsets[list + 1])];
    expect([listOf(0), listOf(1), listOf(2), listOf(5000)]).toEqual([[0, 5], [], [0, 3], [5]]);
  });
});

describe("PostingsBuilder", () => {
  function readDictionary(postings: PostingsBuilder): Map<string, number[]> {
    return listsOf(postings.finish());
  }

  test("maps every term of any chunks to the chunks that have it, in order", () => {
    fc.assert(
      fc.property(fc.array(arbitraryLine), (chunks) => {
        const postings = new PostingsBuilder();
        const expected = new Map<string, number[]>();
        for (const [chunkNo, chunk] of chunks.entries()) {
          // A chunk is a part of a text: what stands around it does not count.
          postings.addChunk(chunkNo, `ab${chunk}ab`, 2, 2 + chunk.length);
          for (const term of new Set(termsOf(chunk))) {
            expected.set(term, [...(expected.get(term) ?? []), chunkNo]);
          }
        }
        const dictionary = readDictionary(postings);
        expect(dictionary).toEqual(expected);
        expect([...dictionary.keys()]).toEqual([...expected.keys()].toSorted(byBytes));
      }),
      { numRuns: 500 },
    );
  });

  test("keeps a large dictionary apart term by term", () => {
    const postings = new PostingsBuilder();
    const count = 50_000;
    for (let chunkNo = 0; chunkNo < count; chunkNo++) {
      const text = `common t${chunkNo} ${"w".repeat(chunkNo % 60)}`;
      postings.addChunk(chunkNo, text, 0, text.length);
    }
    const dictionary = readDictionary(postings);
    expect(dictionary.size).toBe(1 + count + 59);
    expect(dictionary.get("common")).toHaveLength(count);
    expect(dictionary.get("t777")).toEqual([777]);
    expect(dictionary.get("w".repeat(59))?.slice(0, 2)).toEqual([59, 119]);
  });
});

describe("buildGrams", () => {
  test("inverts the anchored grams that the query side asks for", () => {
    fc.assert(
      fc.property(fc.uniqueArray(arbitraryLine, { minLength: 1, maxLength: 20 }), (lines) => {
        const terms = [...new Set(lines.flatMap(termsOf))].toSorted(byBytes);
        const cuts = [...new Set([0, Math.floor(terms.length / 2), terms.length])];
        const expected = new Map<string, number[]>();
        for (const [termNo, term] of terms.entries()) {
          const page = cuts.findLastIndex((cut) => cut <= termNo);
          for (const gram of termGrams(term)) {
            expected.set(gram, [...new Set([...(expected.get(gram) ?? []), page])]);
          }
        }
        const lists = listsOf(buildGrams(terms, cuts));
        expect(lists).toEqual(expected);
        expect([...lists.keys()]).toEqual([...expected.keys()].toSorted(byBytes));
      }),
    );
  });
});

describe("pages", () => {
  /** One entry for each length, with as many numbers. */
  function listed(lengths: readonly number[]): ListedEntries {
    const ends = Int32Array.from(lengths);
    for (let index = 1; index < ends.length; index++) {
      ends[index] = (ends[index] ?? 0) + (ends[index - 1] ?? 0);
    }
    return {
      entries: lengths.map((_, index) => `t${index}`),
      numbers: Int32Array.from({ length: ends.at(-1) ?? 0 }, (_, index) => index),
      starts: Int32Array.from(lengths, (length, index) => (ends[index] ?? 0) - length),
      ends,
    };
  }

  test("have every entry with its numbers, in order, and no more than a page takes", () => {
    const length = fc.oneof(fc.nat(20), fc.nat(PAGE_NUMBERS_MAX * 2));
    fc.assert(fc.property(fc.array(length, { maxLength: 400 }), (lengths) => {
      const all = listed(lengths);
      const cuts = cutPages(all, TERM_PAGE_ENTRIES);
      const pages = cuts.slice(1).map((end, index) => pageOf(all, cuts[index] ?? 0, end));
      const read = pages.flatMap(({ entries, starts, numbers }) =>
        entries.map((entry, index): [string, number[]] => [
          entry,
          Array.from(numbers).slice(starts[index], starts[index + 1]),
        ])
      );
      expect(read).toEqual([...listsOf(all)]);
      for (const { entries, numbers } of pages) {
        expect(entries.length).toBeGreaterThan(0);
        expect(entries.length).toBeLessThanOrEqual(TERM_PAGE_ENTRIES);
        expect(entries.length === 1 || numbers.length <= PAGE_NUMBERS_MAX).toBe(true);
      }
    }));
  });

  test("are numbered below 32,768, however many words a segment has", () => {
    const words = 7_000_000;
    const all = {
      entries: Array<string>(words).fill("abcd"),
      numbers: Int32Array.from({ length: words }),
      starts: Int32Array.from({ length: words }, (_, index) => index),
      ends: Int32Array.from({ length: words }, (_, index) => index + 1),
    };
    expect(cutPages(all, TERM_PAGE_ENTRIES).length).toBeLessThan(32_768);
  });
});

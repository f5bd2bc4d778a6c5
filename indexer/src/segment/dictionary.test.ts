import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arbitraryLine } from "../../../supabase/functions/_shared/text/arbitrary_text.ts";
import { termGrams } from "../../../supabase/functions/_shared/text/literal.ts";
import { termsOf } from "../../../supabase/functions/_shared/text/terms.ts";
import { codePointOrder, compareCodePoints } from "./code_point_order.ts";
import { buildGrams } from "./grams.ts";
import { InvertedLists } from "./inverted_lists.ts";
import { PostingsBuilder } from "./postings.ts";

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
    const { terms, chunkNos, starts, ends } = postings.finish();
    return new Map(
      terms.map((term, no) => [term, [...chunkNos.subarray(starts[no], ends[no])]]),
    );
  }

  test("maps every term of any chunks to the chunks that have it, in order", () => {
    fc.assert(
      fc.property(fc.array(arbitraryLine), arbitraryLine, (chunks, name) => {
        const postings = new PostingsBuilder();
        const expected = new Map<string, number[]>();
        for (const [chunkNo, chunk] of chunks.entries()) {
          // A chunk is a part of a text: what stands around it does not count.
          postings.addChunk(chunkNo, `ab${chunk}ab`, 2, 2 + chunk.length);
          for (const term of new Set(termsOf(chunk))) {
            expected.set(term, [...(expected.get(term) ?? []), chunkNo]);
          }
        }
        if (name !== "") {
          postings.addTerm(name);
          expected.set(name, expected.get(name) ?? []);
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
        const expected = new Map<string, number[]>();
        for (const [termNo, term] of terms.entries()) {
          for (const gram of termGrams(term)) {
            expected.set(gram, [...(expected.get(gram) ?? []), termNo]);
          }
        }
        const { grams, termNos, starts, ends } = buildGrams(terms);
        expect(grams).toEqual([...expected.keys()].toSorted(byBytes));
        for (const [gramNo, gram] of grams.entries()) {
          expect([...termNos.subarray(starts[gramNo], ends[gramNo])]).toEqual(expected.get(gram));
        }
      }),
    );
  });
});

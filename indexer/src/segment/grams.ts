/**
 * The grams of a dictionary: every three code points in a row of a term with its marks, and the
 * pages whose terms have them. They find the pages of an infix or a suffix without a scan of the
 * dictionary; the page's text says which of its terms it is.
 */
import {
  GRAM_CODE_POINTS,
  TERM_END,
  TERM_START,
} from "../../../supabase/functions/_shared/text/literal.ts";
import { codePointOrder } from "./code_point_order.ts";
import { InvertedLists } from "./inverted_lists.ts";
import type { ListedEntries } from "./pages.ts";

/** Smaller dictionaries have no grams: a scan of so few pages is as fast. */
export const GRAM_TERMS_MIN = 4096;

/** Three ASCII characters fit into this many bits: their grams are numbered by a table. */
const ASCII_GRAM_BITS = 21;
const ASCII_BITS = 7;
const ASCII_GRAM_MASK = (1 << ASCII_GRAM_BITS) - 1;

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) >= 1 << ASCII_BITS) return false;
  }
  return true;
}

/** Numbers grams as they come and keeps their text. */
class GramNumbers {
  readonly grams: string[] = [];
  /** By the bits of an ASCII gram: its number plus one. */
  readonly #ascii = new Int32Array(1 << ASCII_GRAM_BITS);
  readonly #others = new Map<string, number>();

  ofAscii(bits: number): number {
    const known = this.#ascii[bits] ?? 0;
    if (known > 0) return known - 1;
    const units = [bits >> (2 * ASCII_BITS), (bits >> ASCII_BITS) & 0x7f, bits & 0x7f];
    this.grams.push(String.fromCharCode(...units));
    this.#ascii[bits] = this.grams.length;
    return this.grams.length - 1;
  }

  of(gram: string): number {
    if (isAscii(gram)) {
      const [a = 0, b = 0, c = 0] = Array.from(gram, (character) => character.charCodeAt(0));
      return this.ofAscii((a << (2 * ASCII_BITS)) | (b << ASCII_BITS) | c);
    }
    const known = this.#others.get(gram);
    if (known !== undefined) return known;
    this.grams.push(gram);
    this.#others.set(gram, this.grams.length - 1);
    return this.grams.length - 1;
  }
}

/** Inverts the terms of a dictionary that is cut into pages: entries are grams, numbers pages. */
export function buildGrams(terms: readonly string[], cuts: readonly number[]): ListedEntries {
  const numbers = new GramNumbers();
  const lists = new InvertedLists();
  let page = 0;
  for (const [termNo, term] of terms.entries()) {
    if (termNo === cuts[page + 1]) page++;
    const marked = TERM_START + term + TERM_END;
    if (isAscii(term)) {
      let bits = (marked.charCodeAt(0) << ASCII_BITS) | marked.charCodeAt(1);
      for (let index = 2; index < marked.length; index++) {
        bits = ((bits << ASCII_BITS) | marked.charCodeAt(index)) & ASCII_GRAM_MASK;
        lists.add(numbers.ofAscii(bits), page);
      }
      continue;
    }
    const characters = Array.from(marked);
    for (let start = 0; start + GRAM_CODE_POINTS <= characters.length; start++) {
      const gram = characters.slice(start, start + GRAM_CODE_POINTS).join("");
      lists.add(numbers.of(gram), page);
    }
  }
  const { offsets, items } = lists.finish(numbers.grams.length);
  const order = codePointOrder(numbers.grams);
  return {
    entries: order.map((gram) => numbers.grams[gram] ?? ""),
    numbers: items,
    starts: Int32Array.from(order, (gram) => offsets[gram] ?? 0),
    ends: Int32Array.from(order, (gram) => offsets[gram + 1] ?? 0),
  };
}

/**
 * The grams of a dictionary: every three code points in a row of a term with its marks, and the
 * terms that have them. They find the terms of an infix or a suffix without a scan of the
 * dictionary.
 */
import {
  GRAM_CODE_POINTS,
  TERM_END,
  TERM_START,
} from "../../../supabase/functions/_shared/text/literal.ts";
import { codePointOrder } from "./code_point_order.ts";
import { InvertedLists } from "./inverted_lists.ts";

/** Smaller dictionaries have no grams: a scan of so few terms is as fast. */
export const GRAM_TERMS_MIN = 2000;

/** Three ASCII characters fit into this many bits: their grams are numbered by a table. */
const ASCII_GRAM_BITS = 21;
const ASCII_BITS = 7;
const ASCII_GRAM_MASK = (1 << ASCII_GRAM_BITS) - 1;

/** The finished grams. */
export interface GramIndex {
  /** In code point order. */
  readonly grams: readonly string[];
  /** The terms of gram n are `termNos` from `starts[n]` up to `ends[n]`, ascending. */
  readonly termNos: Int32Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

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

/** Inverts the terms of a dictionary, given in the order of their numbers. */
export function buildGrams(terms: readonly string[]): GramIndex {
  const numbers = new GramNumbers();
  const lists = new InvertedLists();
  for (const [termNo, term] of terms.entries()) {
    const marked = TERM_START + term + TERM_END;
    if (isAscii(term)) {
      let bits = (marked.charCodeAt(0) << ASCII_BITS) | marked.charCodeAt(1);
      for (let index = 2; index < marked.length; index++) {
        bits = ((bits << ASCII_BITS) | marked.charCodeAt(index)) & ASCII_GRAM_MASK;
        lists.add(numbers.ofAscii(bits), termNo);
      }
      continue;
    }
    const characters = Array.from(marked);
    for (let start = 0; start + GRAM_CODE_POINTS <= characters.length; start++) {
      const gram = characters.slice(start, start + GRAM_CODE_POINTS).join("");
      lists.add(numbers.of(gram), termNo);
    }
  }
  const { offsets, items } = lists.finish(numbers.grams.length);
  const order = codePointOrder(numbers.grams);
  return {
    grams: order.map((gram) => numbers.grams[gram] ?? ""),
    termNos: items,
    starts: Int32Array.from(order, (gram) => offsets[gram] ?? 0),
    ends: Int32Array.from(order, (gram) => offsets[gram + 1] ?? 0),
  };
}

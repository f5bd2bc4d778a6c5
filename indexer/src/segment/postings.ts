/**
 * The term dictionary of a segment under construction: which chunks have which term. Indexing
 * spends its time here, so terms are folded, hashed and compared as units in typed arrays; a string
 * is made of each distinct term, once, at the end.
 */
import { fold, foldCodePoint } from "../../../supabase/functions/_shared/text/fold.ts";
import {
  classOf,
  SPACE,
  splitRun,
  TERM_CODE_POINTS_MAX,
} from "../../../supabase/functions/_shared/text/terms.ts";
import { codePointOrder } from "./code_point_order.ts";
import { grown, InvertedLists } from "./inverted_lists.ts";
import { TextUnits } from "../parse/tokens/text_units.ts";
import type { ListedEntries } from "./pages.ts";

const INITIAL_TERMS = 4096;
/** Numbers of a slot. */
const SLOT = 2;

/** FNV-1a, of 16-bit units. */
const HASH_START = 0x811c9dc5;
const HASH_PRIME = 0x01000193;

const ASCII_END = 0x80;
/** By unit: its class, and in the bits below what it is folded to. */
const ASCII = Uint16Array.from(
  { length: ASCII_END },
  (_, unit) => classOf(unit) * ASCII_END + foldCodePoint(unit),
);
const FOLD_MASK = ASCII_END - 1;
const CLASS_SHIFT = 7;

/** As classOf. */
function classOfUnit(unit: number): number {
  return unit < ASCII_END ? (ASCII[unit] ?? 0) >> CLASS_SHIFT : classOf(unit);
}

/** Builds the dictionary of one segment. */
export class PostingsBuilder {
  /**
   * The units of all distinct terms, one after the other; beyond #unitsEnd is room for the next.
   */
  #units = new Uint16Array(INITIAL_TERMS * 16);
  #unitsEnd = 0;
  /** By term: where its units begin; one more entry than there are terms. */
  #starts = new Int32Array(INITIAL_TERMS);
  #termCount = 0;
  /**
   * Open addressing by hash, at most half full: a slot is the term's hash, and its number plus one, 0
   * when free. Side by side, since what is looked up lies nowhere near what was looked up before.
   */
  #slots = new Int32Array(INITIAL_TERMS * 2 * SLOT);
  readonly #lists = new InvertedLists();
  readonly #source = new TextUnits();

  get termCount(): number {
    return this.#termCount;
  }

  /**
   * Adds the terms of a chunk, the part of a text between two positions. Chunks must not descend.
   * Cuts, folds and hashes ASCII runs in one go, by the rules of visitRuns.
   */
  addChunk(chunkNo: number, text: string, from: number, to: number): void {
    const source = this.#source.of(text);
    let position = from;
    while (position < to) {
      const unit = source[position] ?? 0;
      const kind = classOfUnit(unit);
      if (kind === SPACE) position += 1;
      else if (unit < ASCII_END) position = this.#addAscii(chunkNo, text, position, to, kind);
      else position = this.#addRun(chunkNo, text, position, to, kind);
    }
  }

  /** Puts a folded text into the dictionary, whether or not a chunk has it as a term. */
  addTerm(term: string): void {
    this.#findFolded(term);
  }

  /** Adds the run at `start` as long as it is short and ASCII; answers with its end. */
  #addAscii(chunkNo: number, text: string, start: number, to: number, kind: number): number {
    this.#reserveUnits(TERM_CODE_POINTS_MAX);
    const source = this.#source.units;
    const units = this.#units;
    const end = Math.min(to, start + TERM_CODE_POINTS_MAX);
    let unitsEnd = this.#unitsEnd;
    let hash = HASH_START;
    let position = start;
    for (; position < end; position++) {
      const unit = source[position] ?? 0;
      if (unit >= ASCII_END) break;
      const entry = ASCII[unit] ?? 0;
      if (entry >> CLASS_SHIFT !== kind) break;
      const folded = entry & FOLD_MASK;
      units[unitsEnd++] = folded;
      hash = Math.imul(hash ^ folded, HASH_PRIME);
    }
    if (position < to) {
      const goesOn = classOfUnit(source[position] ?? 0) === kind;
      if (goesOn) return this.#addRun(chunkNo, text, start, to, kind);
    }
    this.#lists.add(this.#findReserved(hash, position - start), chunkNo);
    return position;
  }

  /** Adds any run; answers with its end. */
  #addRun(chunkNo: number, text: string, start: number, to: number, kind: number): number {
    const source = this.#source.units;
    let end = start + 1;
    while (end < to && classOf(source[end] ?? 0) === kind) end += 1;
    for (const piece of splitRun(text.slice(start, end))) {
      this.#lists.add(this.#findFolded(fold(piece)), chunkNo);
    }
    return end;
  }

  #findFolded(term: string): number {
    this.#reserveUnits(term.length);
    let hash = HASH_START;
    for (let position = 0; position < term.length; position++) {
      const unit = term.charCodeAt(position);
      this.#units[this.#unitsEnd + position] = unit;
      hash = Math.imul(hash ^ unit, HASH_PRIME);
    }
    return this.#findReserved(hash, term.length);
  }

  #reserveUnits(length: number): void {
    if (this.#unitsEnd + length <= this.#units.length) return;
    const larger = new Uint16Array(this.#units.length * 2 + length);
    larger.set(this.#units);
    this.#units = larger;
  }

  /** The number of the term whose units lie beyond #unitsEnd; they become a new one if need be. */
  #findReserved(hash: number, length: number): number {
    const slots = this.#slots;
    const mask = slots.length - SLOT;
    let slot = ((hash ^ (hash >>> 15)) * SLOT) & mask;
    for (;;) {
      const taken = slots[slot + 1] ?? 0;
      if (taken === 0) break;
      if (slots[slot] === hash && this.#hasUnits(taken - 1, length)) return taken - 1;
      slot = (slot + SLOT) & mask;
    }
    const term = this.#termCount++;
    if (term + 1 >= this.#starts.length) this.#starts = grown(this.#starts, 0);
    this.#unitsEnd += length;
    this.#starts[term + 1] = this.#unitsEnd;
    slots[slot] = hash;
    slots[slot + 1] = term + 1;
    if (this.#termCount * 2 * SLOT > slots.length) this.#rehash();
    return term;
  }

  #hasUnits(term: number, length: number): boolean {
    const start = this.#starts[term] ?? 0;
    if ((this.#starts[term + 1] ?? 0) - start !== length) return false;
    for (let index = 0; index < length; index++) {
      if (this.#units[start + index] !== this.#units[this.#unitsEnd + index]) return false;
    }
    return true;
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - SLOT;
    for (let from = 0; from < this.#slots.length; from += SLOT) {
      const taken = this.#slots[from + 1] ?? 0;
      if (taken === 0) continue;
      const hash = this.#slots[from] ?? 0;
      let slot = ((hash ^ (hash >>> 15)) * SLOT) & mask;
      while (slots[slot + 1] !== 0) slot = (slot + SLOT) & mask;
      slots[slot] = hash;
      slots[slot + 1] = taken;
    }
    this.#slots = slots;
  }

  /**
   * Sorts the dictionary: entries are terms, numbers chunks. The builder must not be used any more.
   */
  finish(): ListedEntries {
    const units = Buffer.from(this.#units.buffer, 0, this.#unitsEnd * 2).toString("utf16le");
    const unsorted = Array.from(
      { length: this.#termCount },
      (_, term) => units.slice(this.#starts[term], this.#starts[term + 1]),
    );
    const { offsets, items } = this.#lists.finish(this.#termCount);
    const order = codePointOrder(unsorted);
    return {
      entries: order.map((term) => unsorted[term] ?? ""),
      numbers: items,
      starts: Int32Array.from(order, (term) => offsets[term] ?? 0),
      ends: Int32Array.from(order, (term) => offsets[term + 1] ?? 0),
    };
  }
}

/**
 * Gives each distinct word of a source a small number, without making a string of every occurrence:
 * an open hash table over the text itself. The words that a language reserves come first, so that a
 * number below their count is a keyword. Knows nothing of tokens.
 */
import { NumberSet } from "./number_set.ts";

const SLOTS_MIN = 1024;

/** FNV-1a, over UTF-16 units. */
const HASH_START = 0x811c9dc5;
const HASH_FACTOR = 0x01000193;

/** One step of the hash of a word. */
export function hashUnit(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, HASH_FACTOR);
}

/** The hash of no units. */
export const HASH_EMPTY = HASH_START;

/** Whether a word begins with a capital letter. */
export function isCapital(word: string): boolean {
  const unit = word.charCodeAt(0);
  if (unit < 0x80) return unit >= 0x41 && unit <= 0x5a;
  return /^\p{Lu}/u.test(word);
}

/** A capital letter and a small one: `Reader`, `IOError`, not `MAX`. */
export function looksLikeType(word: string): boolean {
  return /^_*\p{Lu}.*\p{Ll}|^\p{Lu}$/u.test(word);
}

function hashOf(word: string): number {
  let hash = HASH_START;
  for (let index = 0; index < word.length; index++) hash = hashUnit(hash, word.charCodeAt(index));
  return hash;
}

/** The words of one source after another; `begin` forgets all but the keywords. */
export class Identifiers {
  readonly #keywords: readonly string[];
  readonly #keywordIds: ReadonlyMap<string, number>;
  /** The units of the keywords, one after the other. */
  readonly #keywordUnits: Uint16Array;
  /** The table with the keywords alone, from which every source begins. */
  readonly #emptySlots: Int32Array<ArrayBuffer>;
  #text = "";
  #units: Uint16Array = new Uint16Array();
  #count = 0;
  /** By number: where the word first stands, among the keywords or in the source. */
  #starts = new Int32Array(SLOTS_MIN);
  #lengths = new Int32Array(SLOTS_MIN);
  #hashes = new Int32Array(SLOTS_MIN);
  /** By number: the word, and empty until somebody asks for it. */
  readonly #words: string[];
  #slots = new Int32Array(SLOTS_MIN * 2);

  constructor(keywords: readonly string[]) {
    this.#keywords = keywords;
    this.#words = [...keywords];
    this.#keywordIds = new Map(keywords.map((word, id) => [word, id]));
    const units = keywords.flatMap((word) =>
      Array.from({ length: word.length }, (_, index) => word.charCodeAt(index))
    );
    this.#keywordUnits = Uint16Array.from(units);
    this.#units = this.#keywordUnits;
    let start = 0;
    for (const word of keywords) this.idOf(start, start += word.length, hashOf(word));
    this.#emptySlots = this.#slots.slice();
  }

  /** Numbers below this are keywords. */
  get keywordCount(): number {
    return this.#keywords.length;
  }

  /** How many numbers have been given. */
  get count(): number {
    return this.#count;
  }

  /** The word of a number. */
  word(id: number): string {
    const known = this.#words[id];
    if (known !== "") return known ?? "";
    const start = this.#starts[id] ?? 0;
    return this.#words[id] = this.#text.slice(start, start + (this.#lengths[id] ?? 0));
  }

  /** The number of a keyword; -1 for a word that is none. */
  keyword(word: string): number {
    return this.#keywordIds.get(word) ?? -1;
  }

  /** The number of a word of this source or of a keyword; -1 where the source has no such word. */
  numberOf(word: string): number {
    const hash = hashOf(word);
    const mask = this.#slots.length - 1;
    for (let slot = (hash ^ (hash >>> 15)) & mask;; slot = (slot + 1) & mask) {
      const id = (this.#slots[slot] ?? 0) - 1;
      if (id === -1) return -1;
      if (this.#hashes[id] === hash && this.word(id) === word) return id;
    }
  }

  /** The numbers of those words that are keywords. */
  keywords(words: readonly string[] = []): NumberSet {
    return new NumberSet(words.map((word) => this.keyword(word)));
  }

  /** Forgets the words of the last source; `units` are those of the text of the next one. */
  begin(text: string, units: Uint16Array): void {
    this.#text = text;
    this.#units = units;
    this.#count = this.#keywords.length;
    this.#words.length = this.#count;
    // A table that one large source made large would be cleared for each of the small ones.
    if (this.#slots.length !== this.#emptySlots.length) this.#slots = this.#emptySlots.slice();
    else this.#slots.set(this.#emptySlots);
  }

  /** The number of the word between two places of the source. */
  idBetween(start: number, end: number): number {
    return this.idOf(start, end, hashOf(this.#text.slice(start, end)));
  }

  /** The number of the word between two places of the source; `hash` is that of its units. */
  idOf(start: number, end: number, hash: number): number {
    const mask = this.#slots.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (;;) {
      const entry = this.#slots[slot] ?? 0;
      if (entry === 0) return this.#add(start, end, hash, slot);
      const id = entry - 1;
      if (this.#hashes[id] === hash && this.#isWord(id, start, end)) return id;
      slot = (slot + 1) & mask;
    }
  }

  #isWord(id: number, start: number, end: number): boolean {
    const length = end - start;
    if (this.#lengths[id] !== length) return false;
    const units = this.#units;
    const known = id < this.#keywords.length ? this.#keywordUnits : units;
    const first = this.#starts[id] ?? 0;
    for (let index = 0; index < length; index++) {
      if (known[first + index] !== units[start + index]) return false;
    }
    return true;
  }

  #add(start: number, end: number, hash: number, slot: number): number {
    const id = this.#count;
    if (id * 2 >= this.#slots.length) {
      this.#grow();
      return this.idOf(start, end, hash);
    }
    this.#count = id + 1;
    if (id >= this.#keywords.length) this.#words.push("");
    this.#starts[id] = start;
    this.#lengths[id] = end - start;
    this.#hashes[id] = hash;
    this.#slots[slot] = id + 1;
    return id;
  }

  #grow(): void {
    this.#slots = new Int32Array(this.#slots.length * 2);
    if (this.#count === this.#hashes.length) {
      this.#starts = doubled(this.#starts);
      this.#lengths = doubled(this.#lengths);
      this.#hashes = doubled(this.#hashes);
    }
    const mask = this.#slots.length - 1;
    for (let id = 0; id < this.#count; id++) {
      const hash = this.#hashes[id] ?? 0;
      let slot = (hash ^ (hash >>> 15)) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = id + 1;
    }
  }
}

function doubled(numbers: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(numbers.length * 2);
  larger.set(numbers);
  return larger;
}

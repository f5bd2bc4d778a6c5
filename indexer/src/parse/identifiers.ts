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

function hashOf(word: string): number {
  let hash = HASH_START;
  for (let index = 0; index < word.length; index++) hash = hashUnit(hash, word.charCodeAt(index));
  return hash;
}

/** The words of one source after another; `reset` forgets all but the keywords. */
export class Identifiers {
  readonly #keywords: readonly string[];
  readonly #keywordIds: ReadonlyMap<string, number>;
  /** The table with the keywords alone, from which every source begins. */
  readonly #emptyHashes: Int32Array<ArrayBuffer>;
  readonly #emptySlots: Int32Array<ArrayBuffer>;
  #words: string[] = [];
  #hashes = new Int32Array(SLOTS_MIN);
  #slots = new Int32Array(SLOTS_MIN * 2);

  constructor(keywords: readonly string[]) {
    this.#keywords = keywords;
    this.#keywordIds = new Map(keywords.map((word, id) => [word, id]));
    for (const word of keywords) this.idOf(word, 0, word.length, hashOf(word));
    this.#emptyHashes = this.#hashes.slice();
    this.#emptySlots = this.#slots.slice();
  }

  /** Numbers below this are keywords. */
  get keywordCount(): number {
    return this.#keywords.length;
  }

  /** How many numbers have been given. */
  get count(): number {
    return this.#words.length;
  }

  /** The word of a number. */
  word(id: number): string {
    return this.#words[id] ?? "";
  }

  /** The number of a keyword; -1 for a word that is none. */
  keyword(word: string): number {
    return this.#keywordIds.get(word) ?? -1;
  }

  /** The numbers of those words that are keywords. */
  keywords(words: readonly string[] = []): NumberSet {
    return new NumberSet(words.map((word) => this.keyword(word)));
  }

  /** Forgets the words of the last source. */
  reset(): void {
    this.#words = [...this.#keywords];
    // A table that one large source made large would be cleared for each of the small ones.
    if (this.#slots.length !== this.#emptySlots.length) {
      this.#hashes = this.#emptyHashes.slice();
      this.#slots = this.#emptySlots.slice();
    } else this.#slots.set(this.#emptySlots);
  }

  /** The number of the word that stands in `text`; `hash` is that of its units. */
  idOf(text: string, start: number, end: number, hash: number): number {
    const mask = this.#slots.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (;;) {
      const entry = this.#slots[slot] ?? 0;
      if (entry === 0) return this.#add(text.slice(start, end), hash, slot);
      const id = entry - 1;
      if (this.#hashes[id] === hash && this.#isWord(id, text, start, end)) return id;
      slot = (slot + 1) & mask;
    }
  }

  #isWord(id: number, text: string, start: number, end: number): boolean {
    const word = this.#words[id] ?? "";
    if (word.length !== end - start) return false;
    for (let index = 0; index < word.length; index++) {
      if (word.charCodeAt(index) !== text.charCodeAt(start + index)) return false;
    }
    return true;
  }

  #add(word: string, hash: number, slot: number): number {
    const id = this.#words.length;
    if (id >= this.#hashes.length) {
      this.#grow();
      return this.idOf(word, 0, word.length, hash);
    }
    this.#words.push(word);
    this.#hashes[id] = hash;
    this.#slots[slot] = id + 1;
    return id;
  }

  #grow(): void {
    const hashes = new Int32Array(this.#hashes.length * 2);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
    this.#slots = new Int32Array(hashes.length * 2);
    const mask = this.#slots.length - 1;
    for (let id = 0; id < this.#words.length; id++) {
      const hash = hashes[id] ?? 0;
      let slot = (hash ^ (hash >>> 15)) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = id + 1;
    }
  }
}

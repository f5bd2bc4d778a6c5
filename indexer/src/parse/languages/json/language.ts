/**
 * JSON, with comments too: the keys of its objects. What is in arrays is data, however it is nested, and
 * so are the records behind the first one of a file that has a value on each line.
 */
import { declareEntries, ENTRIES_MAX, type Entry, ENTRY_DEPTH_MAX } from "../structure/outline.ts";
import type { LanguageSupport } from "../language_support.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const SLASH = 0x2f;
const STAR = 0x2a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** The index of the quote that ends the string which begins at `start`. */
function stringEnd(text: string, start: number): number {
  let index = start + 1;
  while (index < text.length) {
    const unit = text.charCodeAt(index);
    if (unit === QUOTE || unit === 0x0a) return index;
    index += unit === BACKSLASH ? 2 : 1;
  }
  return text.length;
}

/** The index behind the comment at `start`; `start` itself where there is none. */
function commentEnd(text: string, start: number): number {
  const next = text.charCodeAt(start + 1);
  if (next !== SLASH && next !== STAR) return start;
  const mark = next === SLASH ? "\n" : "*/";
  const end = text.indexOf(mark, start + 2);
  return end === -1 ? text.length : end + (next === SLASH ? 0 : mark.length);
}

class KeyScanner {
  readonly entries: Entry[] = [];
  readonly #text: string;
  /** The objects around: the key whose value each is, or null for the top. */
  readonly #open: (Entry | null)[] = [];
  #key: Entry | null = null;
  #arrays = 0;
  #deeper = 0;
  /** Whether the object that is the file, or its first record, has ended. */
  #isOver = false;

  constructor(text: string) {
    this.#text = text;
  }

  scan(): readonly Entry[] {
    const text = this.#text;
    let index = 0;
    while (index < text.length && this.entries.length < ENTRIES_MAX) {
      const unit = text.charCodeAt(index);
      if (unit === QUOTE) index = this.#string(index);
      else if (unit === SLASH) index = Math.max(commentEnd(text, index), index + 1);
      else {
        this.#mark(unit, index);
        index += 1;
      }
    }
    for (const entry of [...this.#open, this.#key]) if (entry !== null) entry.end = index;
    return this.entries;
  }

  /** A string that a colon follows is a key. */
  #string(start: number): number {
    const text = this.#text;
    const end = stringEnd(text, start);
    const depth = this.#open.length - 1;
    const isPlace = this.#arrays === 0 && this.#deeper === 0 && depth >= 0 && this.#key === null;
    if (!isPlace) return end + 1;
    let colon = end + 1;
    while (/\s/.test(text.charAt(colon))) colon += 1;
    if (text.charCodeAt(colon) !== COLON) return end + 1;
    this.#key = {
      kind: "key",
      depth,
      nameStart: start + 1,
      nameEnd: end,
      start,
      end: end + 1,
    };
    this.entries.push(this.#key);
    return colon + 1;
  }

  #mark(unit: number, index: number): void {
    const isInData = this.#arrays > 0 || this.#deeper > 0;
    if (unit === OPEN_BRACKET) this.#arrays += 1;
    else if (unit === CLOSE_BRACKET) this.#arrays = Math.max(0, this.#arrays - 1);
    else if (unit === OPEN_BRACE) this.#openObject(isInData);
    else if (unit === CLOSE_BRACE) this.#closeObject(index);
    else if (unit === COMMA && !isInData) this.#endKey(index);
  }

  #openObject(isInData: boolean): void {
    if (isInData || this.#isOver || this.#open.length >= ENTRY_DEPTH_MAX) {
      this.#deeper += 1;
      return;
    }
    this.#open.push(this.#key);
    this.#key = null;
  }

  #closeObject(index: number): void {
    if (this.#deeper > 0) {
      this.#deeper -= 1;
      return;
    }
    this.#endKey(index);
    this.#key = this.#open.pop() ?? null;
    this.#isOver = this.#open.length === 0;
    if (this.#key !== null) this.#key.end = index + 1;
  }

  /** The value ends before the white space in front of a comma or a brace. */
  #endKey(index: number): void {
    if (this.#key === null) return;
    const from = this.#key.end;
    this.#key.end = from + this.#text.slice(from, index).trimEnd().length;
    this.#key = null;
  }
}

/** JSON, as it is and with comments. */
export const json: LanguageSupport = {
  grammar: null,
  scan(collector) {
    declareEntries(new KeyScanner(collector.text).scan(), collector);
  },
};

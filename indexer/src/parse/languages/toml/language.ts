/**
 * TOML: its tables and keys. What is inside of a value, inline tables included, is data.
 */
import type { LanguageSupport } from "../language_support.ts";
import { declareEntries, ENTRIES_MAX, type Entry } from "../structure/outline.ts";

/** One part of a dotted key: `a`, `"b.c"`, `'d'`. */
const KEY_PART = /[ \t]*(?:"((?:[^"\\\n]|\\.)*)"|'([^'\n]*)'|([\w-]+))[ \t]*/y;

interface Key {
  readonly path: readonly string[];
  readonly nameStart: number;
  readonly nameEnd: number;
  /** Behind the key and the white space after it. */
  readonly end: number;
}

function readKey(text: string, start: number): Key | null {
  const path: string[] = [];
  let end = start;
  for (;;) {
    KEY_PART.lastIndex = end;
    const part = KEY_PART.exec(text);
    if (part === null) return null;
    const name = part[1] ?? part[2] ?? part[3] ?? "";
    const nameStart = text.indexOf(
      name,
      end + (part[3] === undefined ? part[0].search(/["']/) + 1 : 0),
    );
    end = KEY_PART.lastIndex;
    if (text[end] !== ".") return { path, nameStart, nameEnd: nameStart + name.length, end };
    path.push(name);
    end += 1;
  }
}

const STRINGS = ['"""', "'''", '"', "'"];

/** Behind the string that begins at `start`; the quote that opens it says how it ends. */
function stringEnd(text: string, start: number): number {
  const quote = STRINGS.find((mark) => text.startsWith(mark, start)) ?? '"';
  let index = start + quote.length;
  while (index < text.length && !text.startsWith(quote, index)) {
    if (quote.length === 1 && text[index] === "\n") return index;
    index += quote.startsWith('"') && text[index] === "\\" ? 2 : 1;
  }
  return Math.min(text.length, index + quote.length);
}

/** Behind the value that begins at `start`: the end of its line unless brackets or quotes go on. */
function valueEnd(text: string, start: number): number {
  let depth = 0;
  let index = start;
  while (index < text.length) {
    const unit = text[index];
    if (unit === '"' || unit === "'") {
      index = stringEnd(text, index);
      continue;
    }
    if (unit === "#") {
      const end = text.indexOf("\n", index);
      index = end === -1 ? text.length : end;
      continue;
    }
    if (unit === "\n" && depth === 0) return index;
    if (unit === "[" || unit === "{") depth += 1;
    else if (unit === "]" || unit === "}") depth = Math.max(0, depth - 1);
    index += 1;
  }
  return text.length;
}

const LINE_START = /[ \t]*/y;
const TABLE = /\[\[?/y;

class TableScanner {
  readonly #text: string;
  readonly #entries: Entry[] = [];
  #table: Entry | null = null;

  constructor(text: string) {
    this.#text = text;
  }

  scan(): readonly Entry[] {
    const text = this.#text;
    let index = 0;
    while (index < text.length && this.#entries.length < ENTRIES_MAX) {
      LINE_START.lastIndex = index;
      LINE_START.exec(text);
      index = this.#line(LINE_START.lastIndex) + 1;
    }
    return this.#entries;
  }

  /** Reads what begins at `start` and answers with the end of its last line. */
  #line(start: number): number {
    const text = this.#text;
    const lineFeed = text.indexOf("\n", start);
    const lineEnd = lineFeed === -1 ? text.length : lineFeed;
    TABLE.lastIndex = start;
    const isTable = TABLE.test(text);
    const key = readKey(text, isTable ? TABLE.lastIndex : start);
    if (key === null || key.end > lineEnd) return lineEnd;
    if (isTable) this.#addTable(key, start, lineEnd);
    else if (text[key.end] === "=") return this.#addPair(key, start);
    return lineEnd;
  }

  #addTable({ path, nameStart, nameEnd }: Key, start: number, lineEnd: number): void {
    const end = start + this.#text.slice(start, lineEnd).trimEnd().length;
    this.#table = { kind: "section", depth: 0, path, nameStart, nameEnd, start, end };
    this.#entries.push(this.#table);
  }

  #addPair({ path, nameStart, nameEnd, end: keyEnd }: Key, start: number): number {
    const valueStop = valueEnd(this.#text, keyEnd + 1);
    const end = start + this.#text.slice(start, valueStop).trimEnd().length;
    const depth = this.#table === null ? 0 : 1;
    this.#entries.push({ kind: "key", depth, path, nameStart, nameEnd, start, end });
    if (this.#table !== null) this.#table.end = end;
    return valueStop;
  }
}

/** TOML. */
export const toml: LanguageSupport = {
  grammar: null,
  scan(collector) {
    declareEntries(new TableScanner(collector.text).scan(), collector);
  },
};

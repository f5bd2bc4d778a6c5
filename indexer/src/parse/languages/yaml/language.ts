/**
 * YAML: the keys of its block mappings, told by their indentation. What is in sequences, in flow
 * collections and in scalars of several lines is data.
 */
import type { LanguageSupport } from "../language_support.ts";
import { declareEntries, ENTRIES_MAX, type Entry, ENTRY_DEPTH_MAX } from "../structure/outline.ts";

/** A key and its colon: quoted, or plain text that no sign of YAML begins. */
const KEY =
  /(?:"((?:[^"\\]|\\.)*)"|'((?:[^']|'')*)'|([^\s#&*!|>%@`{}[\],"'?-][^\n]{0,200}?|[?-][^\s][^\n]{0,200}?))[ \t]*:(?=\s|$)/y;

/** A value that goes on below its line whatever the indentation says: how it begins. */
const VALUE = /[ \t]*(?:[&!][^\s]*[ \t]+)*([|>"'{[])?/y;

interface Mapping extends Entry {
  readonly indent: number;
}

class KeyScanner {
  readonly #text: string;
  readonly #entries: Mapping[] = [];
  readonly #open: Mapping[] = [];
  /** Deeper lines than this are data: a sequence's, a scalar's, or of keys that are too deep. */
  #dataIndent: number | null = null;
  #contentEnd = 0;

  constructor(text: string) {
    this.#text = text;
  }

  scan(): readonly Entry[] {
    const text = this.#text;
    let start = 0;
    while (start < text.length && this.#entries.length < ENTRIES_MAX) {
      const lineFeed = text.indexOf("\n", start);
      const end = lineFeed === -1 ? text.length : lineFeed;
      const line = text.slice(start, end);
      const next = line.trim() === "" ? end : this.#line(line, start, end);
      start = next + 1;
    }
    this.#close(0);
    return this.#entries;
  }

  /** Reads a line and answers with the end of the last one that belongs to it. */
  #line(line: string, start: number, end: number): number {
    const indent = line.length - line.trimStart().length;
    const isComment = line[indent] === "#";
    const contentEnd = start + line.trimEnd().length;
    if (this.#dataIndent !== null && indent > this.#dataIndent) {
      this.#contentEnd = contentEnd;
      return end;
    }
    if (isComment) return end;
    this.#dataIndent = null;
    if (indent === 0 && /^(?:---|\.\.\.)(?:\s|$)/.test(line)) {
      this.#close(0);
      return end;
    }
    if (/^-(?:\s|$)/.test(line.slice(indent))) {
      // A sequence may stand as far left as the key that it belongs to.
      this.#dataIndent = indent;
      this.#contentEnd = contentEnd;
      return end;
    }
    this.#close(indent);
    this.#contentEnd = contentEnd;
    return this.#key(start + indent, indent, end);
  }

  #key(start: number, indent: number, lineEnd: number): number {
    const text = this.#text;
    KEY.lastIndex = start;
    const key = KEY.exec(text);
    const depth = this.#open.length;
    if (key === null || KEY.lastIndex > lineEnd) return lineEnd;
    const valueEnd = this.#skipValue(KEY.lastIndex, indent, lineEnd);
    const name = key[1] ?? key[2] ?? key[3] ?? "";
    const nameStart = start + (key[3] === undefined ? 1 : 0);
    if (depth >= ENTRY_DEPTH_MAX) this.#dataIndent = indent;
    else if (name !== "" && name !== "<<") {
      const end = this.#contentEnd;
      const nameEnd = nameStart + name.length;
      const entry: Mapping = { kind: "key", depth, indent, nameStart, nameEnd, start, end };
      this.#entries.push(entry);
      this.#open.push(entry);
    }
    return valueEnd;
  }

  /** The end of the last line of a value; scalars in block style are left to their indentation. */
  #skipValue(start: number, indent: number, lineEnd: number): number {
    const text = this.#text;
    VALUE.lastIndex = start;
    const opening = VALUE.exec(text)?.[1];
    const from = VALUE.lastIndex - 1;
    if (opening === undefined || from >= lineEnd) return lineEnd;
    if (opening === "|" || opening === ">") {
      this.#dataIndent = indent;
      return lineEnd;
    }
    const end = opening === "{" || opening === "[" ? flowEnd(text, from) : quotedEnd(text, from);
    if (end <= lineEnd) return lineEnd;
    this.#contentEnd = end;
    const lineFeed = text.indexOf("\n", end);
    return lineFeed === -1 ? text.length : lineFeed;
  }

  /** Ends the keys that stand as far right as this, or further. */
  #close(indent: number): void {
    for (let last = this.#open.at(-1); last !== undefined && last.indent >= indent;) {
      last.end = Math.max(last.end, this.#contentEnd);
      this.#open.pop();
      last = this.#open.at(-1);
    }
  }
}

/** A longer value is not looked through for its end. */
const VALUE_UNITS_MAX = 64 * 1024;

/** Behind the quoted scalar that begins at `start`; its line where nothing ends it. */
function quotedEnd(text: string, start: number): number {
  const quote = text.charAt(start);
  const limit = Math.min(text.length, start + VALUE_UNITS_MAX);
  let index = start + 1;
  while (index < limit && text[index] !== quote) {
    index += quote === '"' && text[index] === "\\" ? 2 : 1;
  }
  return index < limit ? index + 1 : start;
}

/** Behind the flow collection that begins at `start`; its line where nothing ends it. */
function flowEnd(text: string, start: number): number {
  const limit = Math.min(text.length, start + VALUE_UNITS_MAX);
  let depth = 0;
  let index = start;
  while (index < limit) {
    const unit = text[index];
    if (unit === '"' || unit === "'") {
      index = Math.max(quotedEnd(text, index), index + 1);
      continue;
    }
    if (unit === "{" || unit === "[") depth += 1;
    if (unit === "}" || unit === "]") depth -= 1;
    index += 1;
    if (depth === 0) return index;
  }
  return start;
}

/** YAML. */
export const yaml: LanguageSupport = {
  grammar: null,
  scan(collector) {
    declareEntries(new KeyScanner(collector.text).scan(), collector);
  },
};

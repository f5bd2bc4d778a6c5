/**
 * Markdown: its headings, by number signs or underlined, each inside of the one above it. No grammar
 * of it comes as WebAssembly, and headings need no more than a look at each line: fenced code, HTML and
 * the front matter have none.
 */
import type { SymbolCollector } from "../../symbol.ts";
import type { LanguageSupport } from "../language_support.ts";
import { declareEntries, ENTRIES_MAX, type Entry } from "../structure/outline.ts";

const FENCE = /^ {0,3}(`{3,}(?!.*?`)|~{3,})/;
const ATX_START = /^ {0,3}(#{1,6})(?=[ \t]|\r?$)(?!.*\r.)/;
/** Signs that close a heading: a word of their own. */
const ATX_END = /(?<![^ \t])#+$/;
const UNDERLINE = /^ {0,3}(=+|-+)[ \t\r]*$/;

/** Lines that cannot be the text above an underline: lists, quotes, tables, code, what is empty. */
const NO_PARAGRAPH = /^(?:[ \t\r]*$| {4}|\t| {0,3}(?:[>|<]|[-*+][ \t]|\d+[.)][ \t]))/;

/** What ends with its own closing tag, and what ends with an empty line: as CommonMark has blocks of HTML. */
const RAW_TAG = /^ {0,3}<(script|pre|style|textarea)(?=[\s>]|$)/i;
const BLOCK_TAG =
  /^ {0,3}<\/?(?:address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|menuitem|nav|noframes|ol|optgroup|option|p|param|search|section|summary|table|tbody|td|tfoot|th|thead|title|tr|track|ul)(?=[\s/>]|$)/i;
/** Any other tag, alone on its line. */
const LONE_TAG = /^ {0,3}<(?:[a-z][a-z\d-]*(?:\s[^<>]*)?\/?|\/[a-z][a-z\d-]*\s*)>[ \t\r]*$/i;
const EMPTY_LINE = /^[ \t\r]*$/;

/** What ends the HTML that begins with a line; null where none begins. */
function endOfHtml(line: string, isInParagraph: boolean): RegExp | null {
  const raw = RAW_TAG.exec(line)?.[1];
  if (raw !== undefined) return new RegExp(`</${raw}>`, "i");
  if (BLOCK_TAG.test(line)) return EMPTY_LINE;
  return !isInParagraph && LONE_TAG.test(line) ? EMPTY_LINE : null;
}

/** A longer line is no heading. */
const HEADING_LINE_UNITS_MAX = 1000;

interface Heading extends Entry {
  readonly level: number;
}

class HeadingScanner {
  readonly #text: string;
  readonly #headings: Heading[] = [];
  readonly #open: Heading[] = [];
  /** What ends the part without headings that the scan is in. */
  #closing: RegExp | null = null;
  /** Where the lines begin and end that an underline may make a heading of. */
  #paragraph: { readonly start: number; readonly end: number } | null = null;
  #contentEnd = 0;

  constructor(text: string) {
    this.#text = text;
  }

  scan(): readonly Entry[] {
    const text = this.#text;
    let start = 0;
    while (start < text.length && this.#headings.length < ENTRIES_MAX) {
      const lineFeed = text.indexOf("\n", start);
      const end = lineFeed === -1 ? text.length : lineFeed;
      const line = text.slice(start, end);
      if (line.length <= HEADING_LINE_UNITS_MAX) this.#line(line, start);
      else this.#paragraph = null;
      if (line.trim() !== "") this.#contentEnd = start + line.trimEnd().length;
      start = end + 1;
    }
    this.#close(0);
    return this.#headings;
  }

  #line(line: string, start: number): void {
    if (this.#closing !== null) {
      if (this.#closing.test(line)) this.#closing = null;
      return;
    }
    const paragraph = this.#paragraph;
    this.#paragraph = null;
    const opening = this.#closingOf(line, start, paragraph !== null);
    if (opening !== null) {
      this.#closing = opening;
      return;
    }
    const heading = ATX_START.exec(line);
    if (heading !== null) return this.#atx(heading, line, start);
    const underline = UNDERLINE.exec(line)?.[1];
    if (underline !== undefined && paragraph !== null) {
      const level = underline.startsWith("=") ? 1 : 2;
      return this.#add(level, paragraph.start, paragraph.end - paragraph.start);
    }
    if (NO_PARAGRAPH.test(line)) return;
    const textStart = start + line.length - line.trimStart().length;
    const end = start + line.trimEnd().length;
    this.#paragraph = { start: paragraph?.start ?? textStart, end };
  }

  /** What ends the part without headings that begins with this line; null where none does. */
  #closingOf(line: string, start: number, isInParagraph: boolean): RegExp | null {
    if (start === 0 && /^---[ \t\r]*$/.test(line)) return /^(?:---|\.\.\.)[ \t\r]*$/;
    if (/^ {0,3}<!--(?!.*-->)/.test(line)) return /-->/;
    const html = line.includes("<") ? endOfHtml(line, isInParagraph) : null;
    if (html !== null) return html.test(line) ? null : html;
    const fence = FENCE.exec(line)?.[1];
    if (fence === undefined) return null;
    return new RegExp(`^ {0,3}${fence.charAt(0)}{${fence.length},}[ \\t\\r]*$`);
  }

  #atx(heading: RegExpExecArray, line: string, start: number): void {
    const [before = "", marks = ""] = heading;
    const name = line.slice(before.length).trim().replace(ATX_END, "").trimEnd();
    // `# #` is a heading without a name.
    if (name === "" || /^#+$/.test(name)) return;
    const nameStart = line.indexOf(name, before.length);
    this.#add(marks.length, start + nameStart, name.length);
  }

  #add(level: number, nameStart: number, length: number): void {
    this.#close(level);
    const heading: Heading = {
      kind: "section",
      depth: this.#open.length,
      level,
      nameStart,
      nameEnd: nameStart + length,
      start: this.#text.lastIndexOf("\n", nameStart - 1) + 1,
      end: nameStart + length,
    };
    this.#headings.push(heading);
    this.#open.push(heading);
  }

  /** Ends the headings of this level and of those below it. */
  #close(level: number): void {
    for (let last = this.#open.at(-1); last !== undefined && last.level >= level;) {
      last.end = Math.max(last.end, this.#contentEnd);
      this.#open.pop();
      last = this.#open.at(-1);
    }
  }
}

/** Markdown. */
export const markdown: LanguageSupport = {
  grammar: null,
  scan(collector: SymbolCollector) {
    declareEntries(new HeadingScanner(collector.text).scan(), collector);
  },
};

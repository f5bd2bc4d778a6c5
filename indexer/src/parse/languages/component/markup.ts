/**
 * The elements and the text of a component file, by a look at its markup: where scripts, attributes and
 * expressions stand. Knows no framework, and takes any text: what is not closed ends with the file.
 */

/** A part of a text, from `start` up to `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** `name="value"`; without a value that is where the name ends. */
export interface Attribute extends Range {
  readonly name: string;
  /** What stands between the quotes, or behind the equals sign without any. */
  readonly value: Range | null;
}

/** What a scan meets, in the order of the text. */
export type Markup =
  | {
    readonly kind: "tag";
    readonly name: string;
    readonly start: number;
    readonly attributes: readonly Attribute[];
  }
  /** What scripts, styles and templates in another language hold is theirs. */
  | {
    readonly kind: "raw";
    readonly name: string;
    readonly attributes: readonly Attribute[];
    readonly content: Range;
  }
  | { readonly kind: "text" } & Range;

export interface MarkupRules {
  /** Whether braces hold expressions, in which signs of markup mean nothing. */
  readonly hasBraces: boolean;
}

const TAG = /<([A-Za-z][\w.:-]*)/y;
const ATTRIBUTE_NAME = /[^\s"'<>/={}][^\s"'<>/={}]*/y;
const SPACES = /\s*/y;
const UNQUOTED = /[^\s"'<>`{}]+/y;
const QUOTE = /["']/;

/** Behind what `pattern` matches at `at`; -1 where it does not. */
function behind(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : -1;
}

/** Behind `sought`, or the end of the text. */
function behindNext(text: string, sought: string, from: number): number {
  const at = text.indexOf(sought, from);
  return at === -1 ? text.length : at + sought.length;
}

/**
 * Behind the string, the comment or the pattern of code that begins at `at`; that itself where none does. A
 * string or pattern that its line does not close ends with it.
 */
export function behindLiteral(code: string, at: number): number {
  const sign = code[at];
  if (sign === '"' || sign === "'" || sign === "`") return behindString(code, at, sign);
  if (sign !== "/") return at;
  if (code[at + 1] === "*") return behindNext(code, "*/", at + 2);
  if (code[at + 1] === "/") return behindNext(code, "\n", at);
  return isPattern(code, at) ? behindPattern(code, at) : at;
}

/** A slash behind one of these does not divide. Behind `{` it may be the end of a block of Svelte's. */
const BEFORE_PATTERN = /(?:[(,=:[!&|?;+>]|\b(?:return|if))$/;

/** Whether the slash at `at` begins a regular expression, by what stands before it. */
function isPattern(code: string, at: number): boolean {
  let end = at;
  while (end > 0 && (code[end - 1] ?? "").trim() === "") end -= 1;
  return BEFORE_PATTERN.test(code.slice(Math.max(0, end - "return".length - 1), end));
}

function behindPattern(code: string, open: number): number {
  let inClass = false;
  for (let at = open + 1; at < code.length; at++) {
    const sign = code[at];
    if (sign === "\\") at += 1;
    else if (sign === "[") inClass = true;
    else if (sign === "]") inClass = false;
    else if (sign === "\n" || (sign === "/" && !inClass)) return at + 1;
  }
  return code.length;
}

function behindString(code: string, open: number, quote: string): number {
  for (let at = open + 1; at < code.length; at++) {
    const sign = code[at];
    if (sign === "\\") at += 1;
    else if (sign === quote || (sign === "\n" && quote !== "`")) return at + 1;
  }
  return code.length;
}

/** The brace that closes the one at `open`; the end where none does. */
export function closingBrace(code: string, open: number, end: number = code.length): number {
  let depth = 0;
  for (let at = open; at < end;) {
    const behind = behindLiteral(code, at);
    const sign = behind === at ? code[at] : "";
    if (sign === "{") depth += 1;
    else if (sign === "}" && --depth === 0) return at;
    at = Math.max(behind, at + 1);
  }
  return end;
}

/** Reads the attributes of tags, one after the other. */
class TagReader {
  readonly #text: string;
  readonly #hasBraces: boolean;
  at = 0;

  constructor(text: string, { hasBraces }: MarkupRules) {
    this.#text = text;
    this.#hasBraces = hasBraces;
  }

  /** The attributes from `from` on; ends behind the tag. */
  read(from: number): Attribute[] {
    const text = this.#text;
    const attributes: Attribute[] = [];
    this.at = from;
    while (this.at < text.length) {
      this.at = behind(SPACES, text, this.at);
      const sign = text[this.at];
      if (sign === ">") {
        this.at += 1;
        return attributes;
      }
      // A tag that was never closed: the next one begins.
      if (sign === "<") return attributes;
      if (sign === "{" && this.#hasBraces) attributes.push(this.#braces());
      else attributes.push(...this.#attribute());
    }
    return attributes;
  }

  /** `{...props}` and `{name}`: what is called nothing. */
  #braces(): Attribute {
    const start = this.at;
    const end = closingBrace(this.#text, start);
    this.at = end + 1;
    return {
      name: "",
      start,
      end: this.at,
      value: { start, end: Math.min(this.at, this.#text.length) },
    };
  }

  #attribute(): Attribute[] {
    const start = this.at;
    const end = behind(ATTRIBUTE_NAME, this.#text, start);
    if (end === -1) {
      this.at += 1;
      return [];
    }
    const equals = behind(SPACES, this.#text, end);
    this.at = end;
    const name = this.#text.slice(start, end);
    if (this.#text[equals] !== "=") return [{ name, start, end, value: null }];
    const value = this.#value(behind(SPACES, this.#text, equals + 1));
    return [{ name, start, end: this.at, value }];
  }

  #value(start: number): Range {
    const text = this.#text;
    const quote = text[start] ?? "";
    if (QUOTE.test(quote)) {
      const end = this.#quoteEnd(start, quote);
      this.at = end + 1;
      return { start: start + 1, end };
    }
    if (quote === "{" && this.#hasBraces) {
      this.at = Math.min(closingBrace(text, start) + 1, text.length);
      return { start, end: this.at };
    }
    this.at = Math.max(start, behind(UNQUOTED, text, start));
    return { start, end: this.at };
  }

  #quoteEnd(open: number, quote: string): number {
    const text = this.#text;
    for (let at = open + 1; at < text.length; at++) {
      if (text[at] === quote) return at;
      if (text[at] === "{" && this.#hasBraces) at = closingBrace(text, at);
    }
    return text.length;
  }
}

const RAW = /^(?:script|style)$/i;

/** Whether what an element holds is in a language of its own. */
function isRaw(name: string, attributes: readonly Attribute[], text: string): boolean {
  if (RAW.test(name)) return true;
  const lang = attributes.find((each) => each.name === "lang")?.value ?? null;
  return name === "template" && lang !== null && text.slice(lang.start, lang.end) !== "html";
}

/** Where the content ends of an element whose content begins at `from`. */
function rawEnd(text: string, name: string, from: number): number {
  const close = new RegExp(`</${name}\\s*>`, "gi");
  close.lastIndex = from;
  return close.exec(text)?.index ?? text.length;
}

/** What a text consists of. */
export function* scanMarkup(text: string, rules: MarkupRules): Generator<Markup> {
  const reader = new TagReader(text, rules);
  let textStart = 0;
  for (let at = 0; at < text.length;) {
    const sign = text[at];
    if (sign === "{" && rules.hasBraces) {
      at = closingBrace(text, at) + 1;
      continue;
    }
    const name = sign === "<" ? nameOfTag(text, at) : null;
    if (name === null && !text.startsWith("<!--", at)) {
      at += 1;
      continue;
    }
    if (textStart < at) yield { kind: "text", start: textStart, end: at };
    if (name === null) {
      at = behindNext(text, "-->", at);
    } else {
      const start = at + 1;
      const attributes = reader.read(start + name.length);
      at = reader.at;
      if (isRaw(name, attributes, text) && text[at - 2] !== "/") {
        const content = { start: at, end: rawEnd(text, name, at) };
        at = content.end;
        yield { kind: "raw", name: name.toLowerCase(), attributes, content };
      } else {
        yield { kind: "tag", name, start, attributes };
      }
    }
    textStart = at;
  }
  if (textStart < text.length) yield { kind: "text", start: textStart, end: text.length };
}

function nameOfTag(text: string, at: number): string | null {
  TAG.lastIndex = at;
  return TAG.exec(text)?.[1] ?? null;
}

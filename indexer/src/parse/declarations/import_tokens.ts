/**
 * The tokens of a source for those who look for imports that stand where no declaration walk goes: in
 * the bodies of functions and among values. Adds what they find, but for what the walk found. Knows
 * tokens and no language.
 */
import type { FileCollector } from "./collector.ts";
import type { Identifiers } from "../tokens/identifiers.ts";
import type { ImportDeclaration, Span } from "../symbol.ts";
import { TOKEN, type Tokens } from "../tokens/tokens.ts";
import { DOT } from "../tokens/signs.ts";

const QUOTES = `"'\``;

/** The text of a literal in equal quotes; null for numbers and for a piece of a longer one. */
function quoted(literal: string): string | null {
  const [quote = ""] = literal;
  const isWhole = quote !== "" && QUOTES.includes(quote) && literal.length >= 2 &&
    literal.endsWith(quote);
  return isWhole ? literal.slice(1, -1) : null;
}

/** What an import by tokens says; `specifier` is written from one token to another. */
type FoundImport = Omit<ImportDeclaration, "specifier">;

/** The tokens of one source. */
export class ImportTokens {
  readonly count: number;
  readonly #tokens: Tokens;
  readonly #identifiers: Identifiers;
  readonly #to: FileCollector;
  /** Where the specifiers stand that are known already. */
  readonly #known: ReadonlySet<number>;
  #line = 0;
  #lineStart = 0;

  constructor(tokens: Tokens, identifiers: Identifiers, to: FileCollector) {
    this.count = tokens.count;
    this.#tokens = tokens;
    this.#identifiers = identifiers;
    this.#to = to;
    this.#known = new Set(to.importStarts);
  }

  /** The tokens of some words, in the order of the source. */
  *positionsOf(...words: readonly string[]): Generator<number> {
    const ids = words.map((word) => this.#identifiers.numberOf(word)).filter((id) => id !== -1);
    if (ids.length === 0) return;
    const { kinds, values } = this.#tokens;
    for (let index = 0; index < this.count; index++) {
      if (kinds[index] === TOKEN.word && ids.includes(values[index] ?? -1)) yield index;
    }
  }

  /** The code unit of a sign; 0 for any other token and beyond the ends. */
  sign(index: number): number {
    return this.#tokens.sign(index);
  }

  /** The text of a word; empty for any other token and beyond the ends. */
  word(index: number): string {
    const id = this.#tokens.word(index);
    return id === -1 ? "" : this.#identifiers.word(id);
  }

  /** A word that is not reserved. */
  isName(index: number): boolean {
    return this.#tokens.word(index) >= this.#identifiers.keywordCount;
  }

  /** The text in a string without code in it; null for any other token. */
  string(index: number): string | null {
    if (this.#tokens.kinds[index] !== TOKEN.literal) return null;
    return quoted(this.slice(index, index));
  }

  /** The source from one token to another. */
  slice(first: number, last: number): string {
    return this.#to.text.slice(this.start(first), this.end(last));
  }

  start(index: number): number {
    return this.#tokens.starts[index] ?? 0;
  }

  end(index: number): number {
    return this.#tokens.ends[index] ?? 0;
  }

  /** Whether a token is the first on its line, or beyond the last one. */
  isFirst(index: number): boolean {
    return index >= this.count || this.#tokens.breaks[index] === 1;
  }

  /** Whether a word is a member of something: behind one dot, but not behind the three of a spread. */
  isMember(index: number): boolean {
    if (this.sign(index - 1) !== DOT) return false;
    return this.sign(index - 2) !== DOT || this.sign(index - 3) !== DOT;
  }

  /** The names of the modules that are written around a token, the outermost first. */
  modulesAround(index: number): readonly string[] {
    const at = this.start(index);
    return this.#to.spans.flatMap(({ kind, start, end }, ordinal) =>
      kind === "module" && start < at && at < end ? this.#to.symbols[ordinal]?.name ?? [] : []
    );
  }

  /** Adds an import whose specifier stands in a string, of several tokens where there is code in it. */
  addString(first: number, found: FoundImport, last = first): void {
    this.#add(this.start(first) + 1, this.end(last) - 1, found);
  }

  /** Adds an import whose specifier stands from one token to another. */
  addTokens(first: number, last: number, found: FoundImport): void {
    this.#add(this.start(first), this.end(last), found);
  }

  #add(startIndex: number, endIndex: number, found: FoundImport): void {
    if (this.#known.has(startIndex)) return;
    const row = this.#rowOf(startIndex);
    const column = startIndex - this.#lineStart;
    const specifier: Span = { startIndex, endIndex, startPosition: { row, column } };
    this.#to.addImport({ ...found, specifier });
  }

  #rowOf(index: number): number {
    if (index < this.#lineStart) this.#line = this.#lineStart = 0;
    const { text } = this.#to;
    for (;;) {
      const end = text.indexOf("\n", this.#lineStart);
      if (end === -1 || end >= index) return this.#line;
      this.#line += 1;
      this.#lineStart = end + 1;
    }
  }
}

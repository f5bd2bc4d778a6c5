/**
 * The tokens of a source as a reader of declarations asks for them: signs, words, and places in the
 * text. Knows no syntax.
 */
import type { Identifiers } from "./identifiers.ts";
import type { WholeSpan } from "../symbol.ts";
import { TOKEN, type Tokens } from "./tokens.ts";

/** The tokens of one source. */
export class TokenView {
  readonly text: string;
  readonly count: number;
  protected readonly tokens: Tokens;
  readonly #identifiers: Identifiers;
  readonly #lineStarts: number[] = [0];

  constructor(text: string, tokens: Tokens, identifiers: Identifiers) {
    this.text = text;
    this.count = tokens.count;
    this.tokens = tokens;
    this.#identifiers = identifiers;
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) {
      this.#lineStarts.push(at + 1);
    }
  }

  /** The code unit of a sign; 0 for any other token and beyond the ends. */
  sign(index: number): number {
    return index < this.count ? this.tokens.sign(index) : 0;
  }

  /** The text of a word; empty for any other token and beyond the ends. */
  word(index: number): string {
    if (index >= this.count) return "";
    const id = this.tokens.word(index);
    return id === -1 ? "" : this.#identifiers.word(id);
  }

  isWord(index: number): boolean {
    return index < this.count && this.tokens.kinds[index] === TOKEN.word;
  }

  isLiteral(index: number): boolean {
    return index < this.count && this.tokens.kinds[index] === TOKEN.literal;
  }

  /** The first code unit of a token. */
  unit(index: number): number {
    return this.text.charCodeAt(this.start(index));
  }

  /** Whether a token is the first on its line. */
  isFirst(index: number): boolean {
    return this.tokens.breaks[index] === 1;
  }

  /** Whether nothing stands between a token and the one before. */
  touches(index: number): boolean {
    return this.start(index) === this.end(index - 1);
  }

  start(index: number): number {
    return this.tokens.starts[index] ?? 0;
  }

  end(index: number): number {
    return this.tokens.ends[index] ?? 0;
  }

  /** The place of the tokens from `first` to `last`. */
  span(first: number, last: number): WholeSpan {
    return this.spanOf(this.start(first), this.end(last));
  }

  /** The place of a part of the text. */
  spanOf(startIndex: number, endIndex: number): WholeSpan {
    const startPosition = this.#positionOf(startIndex);
    return { startIndex, endIndex, startPosition, endPosition: this.#positionOf(endIndex) };
  }

  slice(first: number, last: number): string {
    return this.text.slice(this.start(first), this.end(last));
  }

  #positionOf(index: number): { row: number; column: number } {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#lineStarts[middle] ?? 0) <= index) low = middle;
      else high = middle - 1;
    }
    return { row: low, column: index - (this.#lineStarts[low] ?? 0) };
  }
}

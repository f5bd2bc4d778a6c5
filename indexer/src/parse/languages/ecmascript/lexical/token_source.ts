/**
 * A source as tokens whose brackets fit together, with what a reader of declarations asks of it: the
 * next token on the same level, words, and places in the text. Knows brackets and templates, and no
 * syntax beyond them.
 */
import type { Identifiers } from "../../../identifiers.ts";
import {
  CLOSE,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  DOT,
  GREATER,
  LESS,
  MINUS,
  OPEN,
  OPEN_BRACE,
  OPEN_BRACKET,
  PLUS,
} from "../../../signs.ts";
import type { WholeSpan } from "../../../symbol.ts";
import { TOKEN, type Tokens } from "../../../tokens.ts";

/** The tokens do not say enough: only a grammar can. */
class Unsure extends Error {
  override readonly name = "Unsure";
}

// One for all: what throws it is no mistake, so nobody reads its stack.
const UNSURE = new Unsure();

/** Gives the source up. */
export function giveUp(): never {
  throw UNSURE;
}

/** Whether something was thrown by giveUp. */
export function isUnsure(error: unknown): boolean {
  return error === UNSURE;
}

const BACKTICK = 0x60;
const QUOTES: ReadonlySet<number> = new Set([0x22, 0x27, BACKTICK]);

/** Words behind which a value begins: an angle bracket there opens an element of JSX. */
const BEFORE_VALUE: ReadonlySet<string> = new Set(["return", "default", "yield", "case", "else"]);

function closerOf(sign: number): number {
  if (sign === OPEN) return CLOSE;
  return sign === OPEN_BRACE ? CLOSE_BRACE : CLOSE_BRACKET;
}

/** A source whose brackets fit together. */
export class TokenSource {
  readonly text: string;
  readonly count: number;
  /** Whether it may have type annotations. */
  readonly hasTypes: boolean;
  readonly #tokens: Tokens;
  readonly #identifiers: Identifiers;
  /** By what opens, a bracket or the first piece of a template, the token that closes it. */
  readonly #closes: Int32Array;
  readonly #lineStarts: number[] = [0];

  /** Gives up where brackets do not fit, or where there may be JSX, whose text has no tokens. */
  constructor(text: string, tokens: Tokens, identifiers: Identifiers, hasTypes: boolean) {
    this.text = text;
    this.count = tokens.count;
    this.hasTypes = hasTypes;
    this.#tokens = tokens;
    this.#identifiers = identifiers;
    this.#closes = new Int32Array(tokens.count);
    this.#matchBrackets();
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) {
      this.#lineStarts.push(at + 1);
    }
  }

  /** The code unit of a sign; 0 for any other token and beyond the ends. */
  sign(index: number): number {
    return index < this.count ? this.#tokens.sign(index) : 0;
  }

  /** The text of a word; empty for any other token and beyond the ends. */
  word(index: number): string {
    if (index >= this.count) return "";
    const id = this.#tokens.word(index);
    return id === -1 ? "" : this.#identifiers.word(id);
  }

  isWord(index: number): boolean {
    return index < this.count && this.#tokens.kinds[index] === TOKEN.word;
  }

  isLiteral(index: number): boolean {
    return index < this.count && this.#tokens.kinds[index] === TOKEN.literal;
  }

  /** A literal in quotes. */
  isString(index: number): boolean {
    if (!this.isLiteral(index)) return false;
    const unit = this.unit(index);
    return unit === 0x22 || unit === 0x27;
  }

  /** The first code unit of a token. */
  unit(index: number): number {
    return this.text.charCodeAt(this.start(index));
  }

  /** Whether a token is the first on its line. */
  isFirst(index: number): boolean {
    return this.#tokens.breaks[index] === 1;
  }

  /** Whether nothing stands between a token and the one before. */
  touches(index: number): boolean {
    return this.start(index) === this.end(index - 1);
  }

  start(index: number): number {
    return this.#tokens.starts[index] ?? 0;
  }

  end(index: number): number {
    return this.#tokens.ends[index] ?? 0;
  }

  /** The token that closes what `index` opens. */
  close(index: number): number {
    return this.#closes[index] ?? 0;
  }

  /** The next token on the same level: behind the other end of what `index` opens. */
  after(index: number): number {
    const close = this.#closes[index] ?? 0;
    return close > index ? close + 1 : index + 1;
  }

  /** `=>` */
  isArrow(index: number): boolean {
    return this.sign(index) === 0x3d && this.sign(index + 1) === GREATER && this.touches(index + 1);
  }

  /** `=`, and neither a comparison nor an arrow. */
  isAssignment(index: number): boolean {
    if (this.sign(index) !== 0x3d) return false;
    const next = this.sign(index + 1);
    return !(this.touches(index + 1) && (next === 0x3d || next === GREATER));
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

  #matchBrackets(): void {
    const open: number[] = [];
    for (let index = 0; index < this.count; index++) {
      const kind = this.#tokens.kinds[index];
      if (kind === TOKEN.literal) this.#matchTemplate(index, open);
      else if (kind === TOKEN.sign) this.#matchSign(index, this.#tokens.sign(index), open);
    }
    if (open.length > 0) giveUp();
  }

  #matchSign(index: number, sign: number, open: number[]): void {
    if (sign === OPEN || sign === OPEN_BRACE || sign === OPEN_BRACKET) open.push(index);
    else if (sign === CLOSE || sign === CLOSE_BRACE || sign === CLOSE_BRACKET) {
      const opener = open.pop();
      if (opener === undefined || closerOf(this.sign(opener)) !== sign) giveUp();
      this.#closes[opener] = index;
    } else if (QUOTES.has(sign) || (sign === LESS && !this.hasTypes && this.#opensElement(index))) {
      giveUp();
    }
  }

  /** A template falls into literals around the code in it. */
  #matchTemplate(index: number, open: number[]): void {
    const unit = this.unit(index);
    if (unit !== BACKTICK && unit !== CLOSE_BRACE) return;
    const goesOn = this.text.startsWith("${", this.end(index));
    if (unit === BACKTICK && goesOn) open.push(index);
    if (unit === BACKTICK || goesOn) return;
    const opener = open.pop();
    if (opener === undefined || !this.isLiteral(opener)) giveUp();
    this.#closes[opener] = index;
  }

  #opensElement(index: number): boolean {
    const isName = this.isWord(index + 1) || this.sign(index + 1) === GREATER;
    if (!isName || index === 0) return isName;
    const before = this.sign(index - 1);
    // `1 << b`, `a++ < b`
    const isDoubled = (before === PLUS || before === MINUS) && this.sign(index - 2) === before &&
      this.touches(index - 1);
    if (before === LESS || isDoubled) return false;
    if (before !== 0) return before !== CLOSE && before !== CLOSE_BRACKET && before !== CLOSE_BRACE;
    // `a.default < b`
    return BEFORE_VALUE.has(this.word(index - 1)) && this.sign(index - 2) !== DOT;
  }
}

/**
 * A source as tokens whose brackets fit together, with the next token on the same level. Knows brackets and
 * templates, and no syntax beyond them.
 */
import type { Identifiers } from "../../../tokens/identifiers.ts";
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
} from "../../../tokens/signs.ts";
import { TokenView } from "../../../tokens/token_view.ts";
import { TOKEN, type Tokens } from "../../../tokens/tokens.ts";

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
export class TokenSource extends TokenView {
  /** Whether it may have type annotations. */
  readonly hasTypes: boolean;
  /** By what opens, a bracket or the first piece of a template, the token that closes it. */
  readonly #closes: Int32Array;

  /** Gives up where brackets do not fit, or where there may be JSX, whose text has no tokens. */
  constructor(text: string, tokens: Tokens, identifiers: Identifiers, hasTypes: boolean) {
    super(text, tokens, identifiers);
    this.hasTypes = hasTypes;
    this.#closes = new Int32Array(tokens.count);
    this.#matchBrackets();
  }

  /** A literal in quotes. */
  isString(index: number): boolean {
    if (!this.isLiteral(index)) return false;
    const unit = this.unit(index);
    return unit === 0x22 || unit === 0x27;
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

  #matchBrackets(): void {
    const open: number[] = [];
    for (let index = 0; index < this.count; index++) {
      const kind = this.tokens.kinds[index];
      if (kind === TOKEN.literal) this.#matchTemplate(index, open);
      else if (kind === TOKEN.sign) this.#matchSign(index, this.tokens.sign(index), open);
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

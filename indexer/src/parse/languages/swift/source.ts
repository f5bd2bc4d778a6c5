/**
 * A Swift source as tokens on levels of brackets, and where its declarations may begin and end. Knows no kind
 * of declaration.
 */
import type { Identifiers } from "../../tokens/identifiers.ts";
import {
  AT,
  BACKTICK,
  BANG,
  CLOSE_BRACE,
  COMMA,
  GREATER,
  OPEN,
  OPEN_BRACE,
  openerOf,
  OPENING,
  QUESTION,
  SEMICOLON,
} from "../../tokens/signs.ts";
import { TokenView } from "../../tokens/token_view.ts";
import type { Tokens } from "../../tokens/tokens.ts";

/** Signs that end a value or a type where they touch it. */
const POSTFIX: ReadonlySet<number> = new Set([QUESTION, BANG, GREATER]);

/** Brackets that one which closes may pass by. */
const UNCLOSED_MAX = 32;

/** A declaration has fewer tokens, but for what stands in brackets: each looks for its end from its start. */
export const STEPS_MAX = 500;

/** Words that go on with what the line before began. */
const CONTINUING: ReadonlySet<string> = new Set(
  "as is in where async throws rethrows else catch".split(" "),
);

/** The tokens of a Swift source. Brackets need not fit: what is open at the end goes to the end. */
export class SwiftSource extends TokenView {
  /** By what opens the token that closes it. */
  readonly #closes: Int32Array;

  constructor(text: string, tokens: Tokens, identifiers: Identifiers) {
    super(text, tokens, identifiers);
    this.#closes = new Int32Array(tokens.count);
    this.#matchBrackets();
  }

  /** The token that closes what `index` opens; 0 where none does. */
  close(index: number): number {
    return this.#closes[index] ?? 0;
  }

  /** The next token on the same level: behind the other end of what `index` opens. */
  after(index: number): number {
    const close = this.#closes[index] ?? 0;
    return close > index ? Math.min(close + 1, this.count) : index + 1;
  }

  /** The word of a name at `index`, which may be in backticks; -1 where there is none. */
  nameAt(index: number): number {
    const name = this.sign(index) === BACKTICK ? index + 1 : index;
    return this.isWord(name) ? name : -1;
  }

  /** Whether a statement may begin with a token. */
  mayBegin(index: number): boolean {
    if (index === 0 || this.isFirst(index)) return true;
    const before = this.sign(index - 1);
    return before === SEMICOLON || before === OPEN_BRACE || before === CLOSE_BRACE;
  }

  /** Whether what stands before a token ends there: at a sign, or with its line. */
  endsBefore(index: number): boolean {
    const sign = this.sign(index);
    if (sign === SEMICOLON || sign === CLOSE_BRACE || index >= this.count) return true;
    if (!this.isFirst(index) || !this.#canEnd(index - 1)) return false;
    if (this.isWord(index)) return !CONTINUING.has(this.word(index));
    return this.isLiteral(index) || sign === AT || sign === OPEN || sign === BACKTICK;
  }

  /** The next token of the same level at which `isEnd` holds or a declaration ends; at most `end`. */
  find(from: number, end: number, isEnd: (sign: number) => boolean): number {
    let index = from;
    for (let steps = 0; steps < STEPS_MAX && index < end; steps++) {
      if (isEnd(this.sign(index)) || this.endsBefore(index)) break;
      index = this.after(index);
    }
    return Math.min(index, end);
  }

  #canEnd(index: number): boolean {
    if (this.isWord(index)) return !/^(?:in|return|throw|try|await|as|is)$/.test(this.word(index));
    const sign = this.sign(index);
    if (sign === 0 || openerOf(sign) !== 0 || sign === BACKTICK) return true;
    // The arguments of a type may end on a line of their own.
    if (sign === GREATER && this.isFirst(index)) return true;
    return POSTFIX.has(sign) && this.touches(index) && this.sign(index - 1) !== COMMA;
  }

  #matchBrackets(): void {
    const open: number[] = [];
    for (let index = 0; index < this.count; index++) {
      const sign = this.sign(index);
      if (OPENING.has(sign)) open.push(index);
      const opener = openerOf(sign);
      if (opener === 0) continue;
      let at = open.length - 1;
      const last = Math.max(0, open.length - UNCLOSED_MAX);
      while (at >= last && this.sign(open[at] ?? 0) !== opener) at -= 1;
      if (at < last) continue;
      const [own = 0, ...unclosed] = open.splice(at);
      this.#closes[own] = index;
      for (const each of unclosed) this.#leaveOpen(each, index - 1);
    }
    for (const each of open) this.#leaveOpen(each, this.count);
  }

  /** A block that is not closed goes as far as what is around it; a parenthesis may be a slip. */
  #leaveOpen(index: number, end: number): void {
    if (this.sign(index) === OPEN_BRACE) this.#closes[index] = end;
  }
}

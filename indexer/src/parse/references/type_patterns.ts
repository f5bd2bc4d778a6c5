/**
 * Tells a pattern that takes a tuple struct or a variant apart, `Some(x) =>`, from a call that makes one, and a type
 * like `Fn(A)` from a call. Knows tokens and no language.
 */
import type { Definitions } from "../declarations/definitions.ts";
import { type Identifiers, isCapital } from "../tokens/identifiers.ts";
import { type LambdaWords, lambdaWords, namesWithin } from "./lambdas.ts";
import type { Locals } from "./locals.ts";
import type { ReferenceRules } from "../reference_rules.ts";
import {
  BAR,
  CLOSE,
  CLOSING,
  COLON,
  COMMA,
  DOT,
  EQUALS,
  GREATER,
  LESS,
  OPEN,
  OPEN_BRACE,
  OPEN_BRACKET,
  OPENING,
  SEMICOLON,
  unitsOf,
} from "../tokens/signs.ts";
import type { Tokens } from "../tokens/tokens.ts";

/** A pattern with all that is around it is no longer than this, on either side. */
const PATTERN_TOKENS_MAX = 120;

/** What a pattern of a case may stand behind: the case before it, or what it is a part of. */
const BEFORE_CASE = unitsOf("{},|([]&@");

/** The patterns in the tokens of one file after another. */
export class TypePatterns {
  readonly #tokens: Tokens;
  readonly #identifiers: Identifiers;
  readonly #isKnown: boolean;
  readonly #locals: Locals;
  readonly #words: LambdaWords;
  readonly #let: number;
  readonly #if: number;
  readonly #in: number;
  readonly #any: number;
  readonly #for: number;
  readonly #functionTypes: ReadonlySet<string>;

  constructor(
    rules: ReferenceRules,
    tokens: Tokens,
    identifiers: Identifiers,
    locals: Locals,
  ) {
    this.#tokens = tokens;
    this.#identifiers = identifiers;
    this.#isKnown = rules.typePatterns === true;
    this.#locals = locals;
    this.#words = lambdaWords(identifiers);
    this.#let = identifiers.keyword("let");
    this.#if = identifiers.keyword("if");
    this.#in = identifiers.keyword("in");
    // `a.map(B(_))` calls in Scala.
    this.#any = rules.casePatterns === true ? -1 : identifiers.keyword("_");
    this.#for = identifiers.keyword("for");
    this.#functionTypes = new Set(rules.functionTypes);
  }

  /** Whether a word begins a pattern or such a type: it is no call, and no variable. Learns what that binds in a function. */
  learn(index: number, ordinal: number): boolean {
    if (!this.#isKnown) return false;
    const tokens = this.#tokens;
    const next = tokens.sign(index + 1);
    if (next !== OPEN) {
      // `let Shape::Dot`, `let Point { x, y }`
      if (this.#let < 0 || tokens.word(index - 1) !== this.#let) return false;
      return next === COLON ? tokens.sign(index + 2) === COLON : next === OPEN_BRACE;
    }
    if (!this.#isCapital(index)) return false;
    if (this.#functionTypes.has(this.#identifiers.word(tokens.word(index)))) return true;
    if (!this.#takesApart(index)) return false;
    const names = namesWithin(tokens, this.#closeOf(index + 1), this.#words);
    for (const at of names) this.#locals.learnName(at, ordinal);
    return true;
  }

  /** Learns the variables of the pattern behind a `let` or a `for`, in a function. */
  learnBehind(index: number, id: number, definitions: Definitions): void {
    if (!this.#isKnown || id !== this.#let && id !== this.#for) return;
    const ordinal = definitions.around(this.#tokens.starts[index] ?? 0);
    for (const at of this.#boundBehind(index, id === this.#for)) {
      this.#locals.learnName(at, ordinal);
    }
  }

  /** The names up to the value or the type of a `let`, or to the `in` of a `for`; none where that is no loop. */
  #boundBehind(start: number, isLoop: boolean): readonly number[] {
    const tokens = this.#tokens;
    const limit = Math.min(tokens.count, start + PATTERN_TOKENS_MAX);
    const names: number[] = [];
    for (let index = start + 1, depth = 0; index < limit; index++) {
      const sign = tokens.sign(index);
      if (OPENING.has(sign)) depth += 1;
      else if (CLOSING.has(sign)) depth -= 1;
      const word = tokens.word(index);
      if (isLoop && word >= 0 && word === this.#in) return names;
      // `impl A for B {`, `for<'a>`
      if (isLoop && (sign === LESS || depth > 0 && sign === OPEN_BRACE)) return [];
      const ends = sign === EQUALS || sign === SEMICOLON ||
        sign === COLON && !this.#isInPath(index);
      if (!isLoop && depth === 0 && ends) return names;
      if (word >= this.#identifiers.keywordCount && this.#isBound(index, depth > 0)) {
        names.push(index);
      }
    }
    return [];
  }

  /** Whether a colon is one of two. */
  #isInPath(colon: number): boolean {
    return this.#tokens.sign(colon + 1) === COLON || this.#tokens.sign(colon - 1) === COLON;
  }

  /** Whether a name in a pattern is a variable: no type, no part of a path, and not the `a` of `{ a: b }`. */
  #isBound(index: number, isInBrackets: boolean): boolean {
    const tokens = this.#tokens;
    const next = tokens.sign(index + 1);
    if (next === COLON && (isInBrackets || this.#isInPath(index + 1))) return false;
    const isInPath = tokens.sign(index - 1) === COLON && this.#isInPath(index - 1);
    return !isInPath && next !== OPEN && !this.#isCapital(index);
  }

  /** By what stands behind it, or behind what it is a part of. */
  #takesApart(index: number): boolean {
    const tokens = this.#tokens;
    const limit = index - PATTERN_TOKENS_MAX;
    let first = this.#pathStart(index);
    let close = this.#closeOf(index + 1);
    if (close !== -1 && this.#takesAny(index + 2, close)) return true;
    while (close !== -1 && first > limit) {
      const next = this.#behindAlternatives(close + 1);
      const sign = tokens.sign(next);
      const second = tokens.sign(next + 1);
      const word = tokens.word(next);
      if (word >= 0) return word === this.#if || word === this.#in;
      if (sign === EQUALS && second === GREATER) return this.#mayBeginCase(first);
      if (sign === EQUALS) return second !== EQUALS;
      if (sign === COLON) return second !== COLON;
      if (sign !== COMMA && !CLOSING.has(sign)) return false;
      const open = this.#openAround(first - 1);
      const owner = this.#ownerOf(open);
      if (owner === -1) return false;
      first = owner;
      close = this.#closeOf(open);
    }
    return false;
  }

  #isCapital(index: number): boolean {
    const word = this.#tokens.word(index);
    return word >= this.#identifiers.keywordCount && isCapital(this.#identifiers.word(word));
  }

  /** The first name of `a::b::Name`. */
  #pathStart(index: number): number {
    const tokens = this.#tokens;
    let first = index;
    while (
      tokens.sign(first - 1) === COLON && tokens.sign(first - 2) === COLON &&
      tokens.word(first - 3) >= 0
    ) first -= 3;
    return first;
  }

  /** `(_)`, `(..)` and `(_, ..)` are of no call. */
  #takesAny(first: number, close: number): boolean {
    for (let index = first; index < close; index++) {
      const sign = this.#tokens.sign(index);
      const isAny = this.#tokens.word(index) === this.#any && this.#any >= 0;
      if (!isAny && sign !== DOT && sign !== COMMA) return false;
    }
    return close > first;
  }

  /** A comparison ends before an arrow too: `x if x == Some(y) =>`. */
  #mayBeginCase(first: number): boolean {
    const word = this.#tokens.word(first - 1);
    if (word >= 0) return word < this.#identifiers.keywordCount && word !== this.#if;
    return BEFORE_CASE.has(this.#tokens.sign(first - 1));
  }

  /** Behind the other patterns of a choice: `| None | Other(y)`. */
  #behindAlternatives(start: number): number {
    const tokens = this.#tokens;
    let next = start;
    while (tokens.sign(next) === BAR && tokens.word(next + 1) >= 0) {
      next += 2;
      while (tokens.sign(next) === COLON && tokens.word(next + 2) >= 0) next += 3;
      if (!OPENING.has(tokens.sign(next))) continue;
      const close = this.#closeOf(next);
      if (close === -1) return next;
      next = close + 1;
    }
    return next;
  }

  /** The bracket that closes one; -1: it is too far. */
  #closeOf(open: number): number {
    const limit = Math.min(this.#tokens.count, open + PATTERN_TOKENS_MAX);
    for (let index = open, depth = 0; index < limit; index++) {
      const sign = this.#tokens.sign(index);
      if (OPENING.has(sign)) depth += 1;
      else if (CLOSING.has(sign) && --depth === 0) return index;
    }
    return -1;
  }

  /** The bracket around a token; -1: it is too far. */
  #openAround(from: number): number {
    for (let index = from, depth = 0; index > from - PATTERN_TOKENS_MAX && index >= 0; index--) {
      const sign = this.#tokens.sign(index);
      if (CLOSING.has(sign)) depth += 1;
      else if (OPENING.has(sign) && --depth < 0) return index;
    }
    return -1;
  }

  /** Where the pattern begins whose bracket it may be; -1: it is the bracket of something else. */
  #ownerOf(open: number): number {
    if (open === -1) return -1;
    const tokens = this.#tokens;
    const word = tokens.word(open - 1);
    const sign = tokens.sign(open);
    if (word >= this.#identifiers.keywordCount) {
      return sign !== OPEN_BRACKET && this.#isCapital(open - 1) ? this.#pathStart(open - 1) : -1;
    }
    // A tuple or a slice, and no call of what a call gives.
    return sign === OPEN_BRACE || tokens.sign(open - 1) === CLOSE ? -1 : open;
  }
}

/**
 * What is declared in objects, their types and tuples, in languages that write these in braces and
 * brackets: `{ run() {} }`, `{ size: number; }`, `[start: number]`. Its members are of something without a name.
 * Knows tokens and the words of JavaScript.
 */
import type { Identifiers } from "../tokens/identifiers.ts";
import type { NumberSet } from "../tokens/number_set.ts";
import type { ReferenceRules } from "../reference_rules.ts";
import {
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
  QUESTION,
  SEMICOLON,
  STAR,
  unitsOf,
} from "../tokens/signs.ts";
import type { Statement } from "./statement.ts";
import type { Tokens } from "../tokens/tokens.ts";

/** The parameters of a method are no longer than this. */
const PARAMETER_TOKENS_MAX = 200;

/** The first member of a type is no longer than this. */
const MEMBER_TOKENS_MAX = 60;

/** Signs behind which a member begins. */
const BEFORE_MEMBER = unitsOf("{},;");

/** Signs that the first of some parameters may begin with, and signs behind its name. */
const BEFORE_PARAMETER = unitsOf("){[.@");
const BEHIND_PARAMETER = unitsOf("),:?=");

/** Signs behind which a line is not the first of a member. */
const GOES_ON = unitsOf(",?:{");

/** The members of objects in the tokens of one file after another. */
export class Objects {
  readonly #tokens: Tokens;
  readonly #isOn: boolean;
  readonly #keywordCount: number;
  readonly #modifiers: NumberSet;
  readonly #primitives: NumberSet;

  constructor(rules: ReferenceRules, tokens: Tokens, identifiers: Identifiers) {
    this.#tokens = tokens;
    this.#isOn = rules.objects === true;
    this.#keywordCount = identifiers.keywordCount;
    const modifiers = "async get set static readonly public private protected override abstract";
    this.#modifiers = identifiers.keywords(modifiers.split(" "));
    const primitives = "any bigint boolean never number object string symbol unknown";
    this.#primitives = identifiers.keywords(primitives.split(" "));
  }

  /** Whether a name is that of a method of an object, with its body. */
  isMethod(index: number): boolean {
    const tokens = this.#tokens;
    const next = tokens.sign(index + 1);
    if (!this.#isOn || (next !== OPEN && next !== LESS)) return false;
    let first = index;
    while (this.#isModifier(first - 1)) first -= 1;
    if (tokens.breaks[first] !== 1 && !BEFORE_MEMBER.has(tokens.sign(first - 1))) return false;
    if (next === OPEN && !this.#beginsParameter(index + 2)) return false;
    const close = this.#parametersEnd(index + 1);
    if (close === -1) return false;
    if (tokens.breaks[close + 1] === 1) return false;
    const behind = tokens.sign(close + 1);
    // `run(): Result {`
    const isTyped = behind === COLON && tokens.sign(first - 1) !== QUESTION;
    return isTyped || behind === OPEN_BRACE;
  }

  /** Whether a name is that of a member of a type or of a tuple, or a label; `isTyped`: it is in a type. */
  isMember(index: number, { bracket, opening }: Statement, isTyped: boolean): boolean {
    const tokens = this.#tokens;
    if (!this.#isOn) return false;
    const isOptional = tokens.sign(index + 1) === QUESTION;
    const colon = isOptional ? index + 2 : index + 1;
    if (tokens.sign(colon) !== COLON) return false;
    const first = this.#isModifier(index - 1) ? index - 1 : index;
    const before = tokens.sign(first - 1);
    if (bracket === OPEN_BRACKET) {
      return before === OPEN_BRACKET || before === COMMA || before === DOT;
    }
    if (before === SEMICOLON) return true;
    if (tokens.breaks[first] === 1 && tokens.word(first - 1) < 0 && !GOES_ON.has(before)) {
      return true;
    }
    if (bracket !== OPEN_BRACE) return false;
    if (tokens.breaks[first] === 1 && before !== OPEN_BRACE && !GOES_ON.has(before)) return true;
    if (first - 1 !== opening) return false;
    return isTyped || isOptional || first !== index || this.#isType(colon);
  }

  #isModifier(index: number): boolean {
    return this.#modifiers.has(this.#tokens.word(index)) || this.#tokens.sign(index) === STAR;
  }

  /** Whether what is in parentheses may be parameters: `(a, `, `({ a }`, but neither `("a"` nor `(a.b`. */
  #beginsParameter(first: number): boolean {
    const tokens = this.#tokens;
    if (tokens.word(first) < 0) return BEFORE_PARAMETER.has(tokens.sign(first));
    return BEHIND_PARAMETER.has(tokens.sign(first + 1)) || this.#isModifier(first);
  }

  /** The end of parameters, with those of types in front; -1 where they are too many. */
  #parametersEnd(open: number): number {
    const tokens = this.#tokens;
    const limit = Math.min(tokens.count, open + PARAMETER_TOKENS_MAX);
    let index = open;
    for (let angles = 0; index < limit && (angles > 0 || tokens.sign(index) !== OPEN); index++) {
      const sign = tokens.sign(index);
      if (sign === LESS) angles += 1;
      else if (sign === GREATER && tokens.sign(index - 1) !== EQUALS) angles -= 1;
      if (angles === 0 && tokens.sign(index + 1) !== OPEN) return -1;
    }
    for (let depth = 0; index < limit; index++) {
      const sign = tokens.sign(index);
      if (OPENING.has(sign)) depth += 1;
      else if (CLOSING.has(sign) && --depth === 0) return index;
    }
    return -1;
  }

  /** Whether the value of the first member of braces, behind its colon, is a type. */
  #isType(colon: number): boolean {
    const tokens = this.#tokens;
    const isCalled = tokens.sign(colon + 2) === OPEN;
    if (this.#primitives.has(tokens.word(colon + 1)) && !isCalled) return true;
    const limit = Math.min(tokens.count, colon + MEMBER_TOKENS_MAX);
    for (let index = colon + 1, depth = 0; index < limit; index++) {
      const sign = tokens.sign(index);
      if (OPENING.has(sign)) depth += 1;
      else if (CLOSING.has(sign)) depth -= 1;
      if (depth > 0) continue;
      if (depth < 0 || sign === COMMA) return false;
      if (sign === SEMICOLON) return true;
      if (this.#beginsMember(index + 1)) return true;
    }
    return false;
  }

  /** Whether a line begins with the name of a member, without a comma in front. */
  #beginsMember(index: number): boolean {
    const tokens = this.#tokens;
    if (tokens.breaks[index] !== 1 || tokens.word(index) < this.#keywordCount) return false;
    const next = tokens.sign(index + 1);
    return next === COLON || (next === QUESTION && tokens.sign(index + 2) === COLON);
  }
}

/**
 * Variables with their type in front: `Type name =`, and what is declared beside them: `Type a, *b;`.
 * Knows tokens and a language's rules. Where stars and angles may be operators too, spaces tell.
 */
import type { Identifiers } from "../tokens/identifiers.ts";
import { LIST_TOKENS_MAX } from "./introductions.ts";
import { isArrayType, isBehindNullable, pathStart } from "./named_types.ts";
import type { NumberSet } from "../tokens/number_set.ts";
import type { ReferenceRules } from "../reference_rules.ts";
import {
  AMPERSAND,
  CLOSE_BRACKET,
  CLOSING,
  COLON,
  COMMA,
  EQUALS,
  GREATER,
  LESS,
  MINUS,
  OPEN,
  OPEN_BRACKET,
  OPENING,
  QUESTION,
  SEMICOLON,
  STAR,
  unitsOf,
} from "../tokens/signs.ts";
import type { Tokens } from "../tokens/tokens.ts";

/** What stands behind the name of a variable that has its type in front. */
const AFTER_VARIABLE = unitsOf("=;,):[{");
/** What stands behind one that others may follow, and behind those. */
const AFTER_LISTED = unitsOf("=;,[{(");
/** What stands behind the last one of a list, or the only one. */
const AFTER_LAST = unitsOf(";):");
/** What a statement may begin behind. */
const BEFORE_STATEMENT = unitsOf(";{}");
/** Nobody writes more stars or angles than this. */
const SIGNS_MAX = 8;

/** The variables in the tokens of one file after another. */
export class TypedVariables {
  readonly #tokens: Tokens;
  readonly #keywordCount: number;
  readonly #in: number;
  /** Words before a type, behind which a name is its variable. */
  readonly #typeWords: NumberSet;
  /** Whether a question mark may end a type: `Type? name`. */
  readonly #nullables: boolean;
  /** Words after which no variable is declared: `return x;` */
  readonly #beforeValue: NumberSet;

  constructor(rules: ReferenceRules, tokens: Tokens, identifiers: Identifiers) {
    this.#tokens = tokens;
    this.#keywordCount = identifiers.keywordCount;
    this.#in = identifiers.keyword("in");
    this.#typeWords = identifiers.keywords(rules.typeWords);
    this.#nullables = rules.memberArrows !== true;
    this.#beforeValue = identifiers.keywords(rules.lexis.beforeValue);
  }

  /** `Type name =`, `Type *name;`, `List<Type> name,` */
  hasTypeBefore(at: number): boolean {
    const tokens = this.#tokens;
    const next = tokens.sign(at + 1);
    // `Type::name`
    const isPath = next === COLON && tokens.sign(at + 2) === COLON;
    // `foreach (Type name in names)`
    const isEach = this.#in >= 0 && tokens.word(at + 1) === this.#in;
    if (isPath) return false;
    const before = tokens.word(at - 1);
    if (!isEach && !AFTER_VARIABLE.has(next)) return before >= 0 && this.#isInPattern(at);
    if (isArrayType(tokens, at)) return false;
    if (before >= 0) return !this.#beforeValue.has(before);
    const sign = tokens.sign(at - 1);
    if (sign === GREATER) return !this.#tokens.touches(at) && this.#endsArguments(at - 1);
    if (sign === CLOSE_BRACKET) return tokens.sign(at - 2) === OPEN_BRACKET;
    // `Type? name =`, but not `a ? b : c`
    if (sign === QUESTION) return this.#nullables && next !== COLON && isBehindNullable(tokens, at);
    return (sign === STAR || sign === AMPERSAND) && this.#isPointer(at);
  }

  /** `is a.Type name && name.isReady` */
  #isInPattern(at: number): boolean {
    const tokens = this.#tokens;
    if (tokens.word(at + 1) >= 0 || tokens.breaks[at] === 1) return false;
    const word = tokens.word(pathStart(tokens, at - 1) - 1);
    return word >= 0 && this.#typeWords.has(word);
  }

  /** The names that are declared beside one: `b` and `c` of `int a = f(1, 2), *b, c[3];`. */
  listedBehind(at: number): readonly number[] {
    const tokens = this.#tokens;
    const names: number[] = [];
    if (AFTER_LAST.has(tokens.sign(at + 1))) return names;
    const limit = Math.min(tokens.count, at + LIST_TOKENS_MAX);
    for (let index = at + 1, depth = 0, angles = 0; index < limit; index++) {
      const sign = tokens.sign(index);
      if (OPENING.has(sign)) depth += 1;
      else if (CLOSING.has(sign) && --depth < 0) return names;
      if (depth > 0) continue;
      if (sign === SEMICOLON) return names;
      if (sign === LESS && this.#tokens.touches(index)) angles += 1;
      else if (sign === GREATER && angles > 0) angles -= 1;
      if (sign !== COMMA || angles > 0) continue;
      const name = this.#declaredAt(index + 1);
      if (name === -1) return names;
      names.push(name);
    }
    return names;
  }

  /** The name that a part of a list declares: `a`, `*a = 1`, `*const a`; -1 where it declares none. */
  #declaredAt(first: number): number {
    const tokens = this.#tokens;
    let name = first;
    while (name < first + SIGNS_MAX) {
      const sign = tokens.sign(name);
      const word = tokens.word(name);
      const isPointing = sign === STAR || sign === AMPERSAND;
      if (!isPointing && (word < 0 || word >= this.#keywordCount)) break;
      name += 1;
    }
    const isNamed = tokens.word(name) >= this.#keywordCount;
    return isNamed && AFTER_LISTED.has(tokens.sign(name + 1)) ? name : -1;
  }

  /** Whether an angle ends the arguments of a type rather than compares: `A<B *>`, but neither `a > b` nor `->`. */
  #endsArguments(close: number): boolean {
    const tokens = this.#tokens;
    let first = close;
    while (
      first > close - SIGNS_MAX && tokens.sign(first - 1) === GREATER && this.#tokens.touches(first)
    ) {
      first -= 1;
    }
    const before = tokens.sign(first - 1);
    return before !== MINUS && before !== EQUALS && this.#tokens.touches(first);
  }

  /** `Type *name`, `a::Type &name`, `List<Type>* name`, but not `f(a * b)`. */
  #isPointer(at: number): boolean {
    const tokens = this.#tokens;
    let star = at - 1;
    while (star > at - SIGNS_MAX && tokens.sign(star - 1) === tokens.sign(star)) star -= 1;
    const type = star - 1;
    if (tokens.sign(type) === GREATER) {
      return this.#tokens.touches(star) && this.#endsArguments(type);
    }
    if (tokens.word(type) < 0) return false;
    const first = pathStart(tokens, type);
    if (tokens.breaks[first] === 1) return true;
    const before = tokens.word(first - 1);
    if (before >= 0) return before < this.#keywordCount && !this.#beforeValue.has(before);
    const sign = tokens.sign(first - 1);
    if (sign === OPEN || sign === COMMA) {
      return this.#tokens.touches(star) || this.#tokens.touches(at);
    }
    return BEFORE_STATEMENT.has(sign);
  }
}

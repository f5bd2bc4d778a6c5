/**
 * Which names are parameters and variables of the function around, by the look of their declarations
 * among the tokens. A guess that costs little: a name that is missed is a reference too many, and
 * members and calls are never taken for locals.
 */
import { isBound, isModifier } from "./argument_names.ts";
import { isArrayType, isBehindType } from "./named_types.ts";
import { type Identifiers, isCapital } from "../tokens/identifiers.ts";
import { Introductions, LIST_TOKENS_MAX } from "./introductions.ts";
import type { NumberSet } from "../tokens/number_set.ts";
import type { ReferenceRules } from "../reference_rules.ts";
import type { Statement } from "./statement.ts";
import type { Tokens } from "../tokens/tokens.ts";
import {
  AMPERSAND,
  CLOSE,
  CLOSE_BRACE,
  CLOSE_BRACKET,
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
import { isDeclaredName, isTypeBehind } from "./type_places.ts";
import { TypedVariables } from "./typed_variables.ts";
import { WordNumbers } from "../tokens/word_numbers.ts";

/** Parameters are not looked for beyond so many tokens. */
const PARAMETER_TOKENS_MAX = 400;
/** A receiver with the parameters of its type is no longer than this. */
const RECEIVER_TOKENS_MAX = 20;

/** Signs behind which a parameter begins. */
const STARTS_PARAMETER = unitsOf("(,{[");

/** What an ordinal is kept as: 0 is of no function, and -1 stands for the file itself. */
const FIRST = 2;

/** The locals of the functions of one file after another. */
export class Locals {
  readonly #rules: ReferenceRules;
  readonly #tokens: Tokens;
  readonly #identifiers: Identifiers;
  readonly #keywordCount: number;
  readonly #introductions: Introductions;
  readonly #typed: TypedVariables;
  readonly #any: number;
  readonly #typeWords: NumberSet;
  readonly #for: number;
  /** For each word, the function in which it is local: its ordinal plus FIRST. */
  readonly #functionOf = new WordNumbers();

  constructor(rules: ReferenceRules, tokens: Tokens, identifiers: Identifiers) {
    this.#rules = rules;
    this.#tokens = tokens;
    this.#identifiers = identifiers;
    this.#introductions = new Introductions(rules, tokens, identifiers);
    this.#typed = new TypedVariables(rules, tokens, identifiers);
    this.#for = identifiers.keyword("for");
    this.#any = identifiers.keyword("_");
    this.#typeWords = identifiers.keywords(rules.typeWords);
    this.#keywordCount = identifiers.keywordCount;
  }

  /** Begins with a file, whose tokens are there. */
  begin(): void {
    this.#functionOf.begin(this.#identifiers.count);
    this.#introductions.begin();
  }

  /** Whether a word is local in a function. */
  has(word: number, ordinal: number): boolean {
    return this.#functionOf.of(word) === ordinal + FIRST;
  }

  /** Learns the parameters of the function whose name is the token `at`, of types too. */
  learnParameters(at: number, ordinal: number): void {
    const tokens = this.#tokens;
    const limit = Math.min(tokens.count, at + PARAMETER_TOKENS_MAX);
    this.#learnReceiver(at, ordinal);
    let index = at + 1;
    for (let angles = 0; index < limit && tokens.sign(index) !== OPEN; index++) {
      const sign = tokens.sign(index);
      // A value may be a call, and its arguments are no parameters.
      const isValue = (sign === EQUALS || sign === OPEN_BRACE) && angles <= 0;
      if (isValue || sign === SEMICOLON || tokens.breaks[index] === 1) return;
      if (sign === LESS || sign === OPEN_BRACKET) angles += 1;
      else if (sign === GREATER || sign === CLOSE_BRACKET) angles -= 1;
      // What follows belongs to the next one of a list.
      else if (angles <= 0 && (sign === COMMA || sign === CLOSE)) return;
    }
    // Braces, and whether they are a pattern: those of a type hold no parameters.
    const patterns: boolean[] = [];
    if (tokens.sign(index + 1) === CLOSE && this.#namesResults(index + 1)) index += 2;
    if (!this.#hasNames(index)) return;
    for (let depth = 0, angles = 0, squares = 0; index < limit; index++) {
      const sign = tokens.sign(index);
      if (sign === LESS) angles += 1;
      else if (sign === GREATER && angles > 0) angles -= 1;
      // `dict[str, int]`, `a: [A, B]`
      const isTyped = patterns.length === 0 && tokens.sign(index - 1) === COLON;
      const isType = squares > 0 || isTyped || tokens.word(index - 1) >= 0;
      if (sign === OPEN_BRACKET && isType) squares += 1;
      else if (sign === CLOSE_BRACKET && squares > 0) squares -= 1;
      if (sign === OPEN_BRACE) patterns.push(this.#beginsPattern(index, patterns.at(-1) === true));
      else if (sign === CLOSE_BRACE) patterns.pop();
      if (OPENING.has(sign)) depth += 1;
      else if (CLOSING.has(sign) && --depth === 0 && !this.#namesResults(index)) return;
      if (tokens.word(index) < this.#keywordCount || angles + squares > 0) continue;
      // Those of a function's type are its own.
      if (depth > 1 && this.#rules.typePlaces === true) continue;
      const pattern = patterns.at(-1);
      const isParameter = pattern === undefined || this.#rules.order === "type"
        ? this.#isParameter(index)
        : pattern && isBound(this.#tokens, index);
      if (isParameter) this.#learn(index, ordinal);
    }
  }

  /** Whether a brace among parameters takes a value apart, rather than saying its type. */
  #beginsPattern(open: number, isInPattern: boolean): boolean {
    const before = this.#tokens.sign(open - 1);
    if (this.#rules.objects !== true) return before !== COLON;
    return STARTS_PARAMETER.has(before) || (before === COLON && isInPattern);
  }

  /** Whether a list of results with names follows, as in `f(a int) (b int, err error)`. */
  #namesResults(close: number): boolean {
    const tokens = this.#tokens;
    const isList = this.#rules.typePlaces === true && tokens.sign(close + 1) === OPEN &&
      !tokens.touches(close + 1);
    return isList && this.#hasNames(close + 1);
  }

  /** Learns a parameter by its name. */
  learnName(at: number, ordinal: number): void {
    // What a file calls a module is everybody's in it.
    const isModule = ordinal === -1 && this.#introductions.isModule(at);
    if (this.#tokens.word(at) >= this.#keywordCount && !isModule) this.#learn(at, ordinal);
  }

  /** Learns the parameters of a method in a function or a block, `def a(b)`, if its name is the token `at`. */
  learnsMethod(at: number, ordinal: number): boolean {
    const last = this.#introductions.methodEnd(at);
    if (last !== -1) this.learnParameters(last, ordinal);
    return last !== -1;
  }

  /** `c` of Go's `func (c *Client) Get`. */
  #learnReceiver(at: number, ordinal: number): void {
    const tokens = this.#tokens;
    if (this.#rules.order !== "name" || tokens.sign(at - 1) !== CLOSE) return;
    let index = at - 2;
    while (index > at - RECEIVER_TOKENS_MAX && tokens.sign(index) !== OPEN) index -= 1;
    const word = tokens.word(index + 1);
    const isNamed = tokens.word(index + 2) >= 0 || tokens.sign(index + 2) === STAR;
    if (word >= this.#keywordCount && isNamed) this.#learn(index + 1, ordinal);
  }

  /** Whether a word stands in front of the token `at` that a type follows. */
  isBehindTypeWord(at: number): boolean {
    const before = this.#tokens.word(at - 1);
    return before >= 0 && this.#typeWords.has(before);
  }

  /** Whether a word stands in front of the token `at` that introduces a name. */
  isIntroduced(at: number): boolean {
    return this.#introductions.isIntroduced(at);
  }

  /** Whether a word that may be a name introduces one. */
  introduces(at: number): boolean {
    return this.#introductions.introduces(at);
  }

  /** Learns the variables that the token `at` declares or begins to declare in a function, if it does. */
  learnVariable(at: number, ordinal: number, { bracket, opening }: Statement): void {
    const isGrouped = bracket === OPEN && this.#introductions.isGrouped(at, opening);
    if (isGrouped || this.#declares(at, bracket)) this.#learn(at, ordinal);
    else if (this.#rules.order === "type" && this.#typed.hasTypeBefore(at)) {
      this.#learn(at, ordinal);
      // What a comma follows in parentheses is an argument, but for the head of a loop.
      if (bracket === OPEN && this.#tokens.word(opening - 1) !== this.#for) return;
      for (const name of this.#typed.listedBehind(at)) this.#learn(name, ordinal);
    }
  }

  #learn(at: number, ordinal: number): void {
    this.#functionOf.set(this.#tokens.word(at), ordinal + FIRST);
  }

  /** Names first: what a comma, a colon or a type follows, and no struct. Types first: what they precede. */
  #isParameter(index: number): boolean {
    const { variableSign } = this.#rules;
    if (variableSign !== undefined) {
      return this.#identifiers.word(this.#tokens.word(index)).startsWith(variableSign);
    }
    const next = this.#tokens.sign(index + 1);
    const ends = next === COMMA || next === CLOSE || next === EQUALS || next === CLOSE_BRACKET;
    if (this.#rules.order === "type") {
      const isArray = next === OPEN_BRACKET && !isArrayType(this.#tokens, index);
      return (ends || isArray) && isBehindType(this.#tokens, index);
    }
    const before = this.#tokens.sign(index - 1);
    if (this.#rules.bareCalls) {
      const isStruct = isCapital(this.#identifiers.word(this.#tokens.word(index)));
      return before !== DOT && next !== OPEN && !isStruct;
    }
    if (!this.#mayBeginParameter(index) || this.#introductions.isPointed(index - 1)) return false;
    // `a?: string`
    const isOptional = next === QUESTION && this.#tokens.sign(index + 2) === COLON;
    const isAnnotated = next === COLON && this.#tokens.sign(index + 2) !== COLON;
    const isTyped = this.#rules.objects !== true && isTypeBehind(this.#tokens, index);
    return ends || isOptional || isAnnotated || isTyped;
  }

  /** Behind what begins a parameter, a modifier, or a sign that marks one. */
  #mayBeginParameter(index: number): boolean {
    const tokens = this.#tokens;
    const word = tokens.word(index - 1);
    // `from start: Int`
    const isLabelled = word >= this.#keywordCount && this.#rules.labels === true;
    if (isLabelled) return this.#mayBeginParameter(index - 1);
    if (word >= 0 && this.#rules.typePlaces === true) return false;
    if (word >= 0) return isModifier(tokens, index - 1, this.#keywordCount);
    const before = tokens.sign(index - 1);
    if (STARTS_PARAMETER.has(before)) return true;
    if (before === DOT) return tokens.sign(index - 2) === DOT && this.#rules.typePlaces !== true;
    const isMarked = before === STAR || before === AMPERSAND;
    return isMarked &&
      (STARTS_PARAMETER.has(tokens.sign(index - 2)) || tokens.sign(index - 2) === before);
  }

  /** Whether parameters have names: of Go's `func(Reader, int)` there are only types. */
  #hasNames(open: number): boolean {
    if (this.#rules.typePlaces !== true) return true;
    const tokens = this.#tokens;
    const limit = Math.min(tokens.count, open + PARAMETER_TOKENS_MAX);
    for (let index = open, depth = 0; index < limit; index++) {
      const sign = tokens.sign(index);
      if (OPENING.has(sign)) depth += 1;
      else if (CLOSING.has(sign) && --depth === 0) return false;
      const mayBe = depth === 1 && tokens.word(index) >= this.#keywordCount;
      if (mayBe && this.#mayBeginParameter(index) && isTypeBehind(this.#tokens, index)) return true;
    }
    return false;
  }

  /** `const { a, b }`, `a := 1`, `a = 1` and `a, b = …` where that declares; a word in front of it does not. */
  #declares(at: number, bracket: number): boolean {
    const tokens = this.#tokens;
    const isFirst = bracket === 0 && tokens.breaks[at] === 1;
    if (this.#rules.annotates !== undefined && isFirst && tokens.sign(at + 1) === COLON) {
      return true;
    }
    const limit = at + LIST_TOKENS_MAX;
    let index = at + 1;
    while (index < limit && tokens.sign(index) === COMMA) {
      // `a, *b = c`
      const name = this.#rules.assigns && tokens.sign(index + 1) === STAR ? index + 2 : index + 1;
      if (!this.#mayBeListed(name)) break;
      index = name + 1;
    }
    if (this.#rules.typePlaces === true && isDeclaredName(tokens, at, index - 1)) return true;
    const next = tokens.sign(index);
    const second = tokens.sign(index + 1);
    if (this.#introductions.isSet(at)) return true;
    const isArgument = this.#rules.namedArguments && bracket === OPEN;
    const isGiven = next === EQUALS && second !== EQUALS && second !== GREATER && !isArgument;
    if (next === COLON && second === EQUALS) return true;
    if (next === LESS && this.#introductions.isGenerator(index)) return true;
    if (this.#rules.assigns && isGiven && !this.#rules.bareCalls) {
      const first = tokens.sign(at - 1) === STAR ? at - 1 : at;
      const before = tokens.sign(first - 1);
      // `a = b = 1`
      const isChained = before === EQUALS && bracket === 0 &&
        (tokens.word(first - 2) >= 0 || tokens.sign(first - 2) === CLOSE_BRACKET);
      return tokens.breaks[first] === 1 || before === COMMA || isChained;
    }
    return this.#rules.objects !== true && this.#introductions.isInPattern(at);
  }

  /** A name, or the one of what nobody names: `a, _ = f()`. */
  #mayBeListed(index: number): boolean {
    const word = this.#tokens.word(index);
    return word >= this.#keywordCount || (word >= 0 && word === this.#any);
  }
}

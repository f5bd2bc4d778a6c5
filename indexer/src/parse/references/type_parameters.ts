/**
 * Which names are parameters of types in a file, by the look of their declarations among the tokens.
 * They are known from there to the end of the file: such names mean nothing outside, and what is
 * inside of a type would have to be told apart from what is behind it. Knows no language.
 */
import type { Identifiers } from "../tokens/identifiers.ts";
import type { NumberSet } from "../tokens/number_set.ts";
import type { ReferenceRules } from "../reference_rules.ts";
import {
  CLOSING,
  COMMA,
  EQUALS,
  GREATER,
  LESS,
  OPEN,
  OPEN_BRACKET,
  unitsOf,
} from "../tokens/signs.ts";
import type { Tokens } from "../tokens/tokens.ts";

/** A list of parameters is no longer than this. */
const PARAMETER_TOKENS_MAX = 800;

/** Signs in front of parameters that have no name in front. */
const BEFORE_ALONE = unitsOf("{(,;:=|&?>");

const OPENING = unitsOf("([{<");

/** The parameters of the types of one file after another. */
export class TypeParameters {
  readonly #tokens: Tokens;
  readonly #keywordCount: number;
  readonly #behindNames: boolean;
  readonly #behindWords: NumberSet;
  readonly #isAlone: boolean;
  readonly #hasTags: boolean;
  readonly #extends: number;
  readonly #infer: number;
  readonly #in: number;
  readonly #words = new Set<number>();

  constructor({ typeParameters, tags }: ReferenceRules, tokens: Tokens, identifiers: Identifiers) {
    this.#tokens = tokens;
    this.#keywordCount = identifiers.keywordCount;
    this.#behindNames = typeParameters?.behindNames === true;
    this.#isAlone = typeParameters?.alone === true;
    this.#hasTags = tags === true;
    this.#extends = identifiers.keyword("extends");
    this.#infer = identifiers.keyword("infer");
    this.#in = identifiers.keyword("in");
    this.#behindWords = identifiers.keywords(typeParameters?.words);
  }

  /** Forgets those of the last file. */
  begin(): void {
    this.#words.clear();
  }

  /** Whether the word at a token is one of them. */
  has(index: number, word: number): boolean {
    if (this.#isAlone && this.#isDeclared(index)) this.#words.add(word);
    return this.#words.size > 0 && this.#words.has(word);
  }

  /** `infer T`, and `K` of `[K in keyof T]` */
  #isDeclared(index: number): boolean {
    const tokens = this.#tokens;
    const before = tokens.word(index - 1);
    if (before >= 0) return before === this.#infer;
    return tokens.sign(index - 1) === OPEN_BRACKET && tokens.word(index + 1) === this.#in &&
      this.#in >= 0;
  }

  /** Learns those of `<T>(a: T) => T` and `new <T>(a: T)`, whose angle is at a token. */
  learnAlone(open: number): void {
    if (!this.#isAlone || !this.#mayOpen(open)) return;
    const tokens = this.#tokens;
    const next = tokens.sign(open + 2);
    const isBound = next === COMMA ||
      (tokens.word(open + 2) === this.#extends && this.#extends >= 0);
    const isShort = !this.#hasTags &&
      (next === EQUALS || next === GREATER && tokens.sign(open + 3) === OPEN);
    if (isBound || isShort) this.#learn(open);
  }

  /** Whether no value stands in front of an angle, and a name behind it. */
  #mayOpen(open: number): boolean {
    const tokens = this.#tokens;
    if (tokens.word(open + 1) < this.#keywordCount) return false;
    if (tokens.breaks[open] === 1) return true;
    const before = tokens.word(open - 1);
    return before >= 0 ? before < this.#keywordCount : BEFORE_ALONE.has(tokens.sign(open - 1));
  }

  /** Learns those behind the name of a definition that ends with the token `name`. */
  learnBehindName(name: number): void {
    if (this.#behindNames) this.#learn(name + 1);
  }

  /** Learns those behind a keyword, if it is one that they follow. */
  learnBehindKeyword(at: number): void {
    if (this.#behindWords.has(this.#tokens.word(at))) this.#learn(at + 1);
  }

  #learn(open: number): void {
    const tokens = this.#tokens;
    const touches = tokens.touches(open);
    const isBracket = tokens.sign(open) === OPEN_BRACKET && touches;
    if (tokens.sign(open) !== LESS && !isBracket) return;
    const limit = Math.min(tokens.count, open + PARAMETER_TOKENS_MAX);
    for (let index = open, depth = 0; index < limit; index++) {
      const sign = tokens.sign(index);
      if (OPENING.has(sign)) depth += 1;
      // `=>`
      else if (sign === GREATER && tokens.sign(index - 1) === EQUALS) continue;
      else if ((sign === GREATER || CLOSING.has(sign)) && --depth === 0) return;
      const word = tokens.word(index);
      if (depth !== 1 || word < this.#keywordCount) continue;
      // `<typename T, in R>`
      const before = tokens.word(index - 1);
      const first = before >= 0 && before < this.#keywordCount ? index - 1 : index;
      if (first - 1 === open || tokens.sign(first - 1) === COMMA) this.#words.add(word);
    }
  }
}

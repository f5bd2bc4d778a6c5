/**
 * Which names are parameters of types in a file, by the look of their declarations among the tokens.
 * They are known from there to the end of the file: such names mean nothing outside, and what is
 * inside of a type would have to be told apart from what is behind it. Knows no language.
 */
import type { Identifiers } from "./identifiers.ts";
import type { NumberSet } from "./number_set.ts";
import type { ReferenceRules } from "./reference_rules.ts";
import { CLOSING, COMMA, GREATER, LESS, OPEN_BRACKET, unitsOf } from "./signs.ts";
import type { Tokens } from "./tokens.ts";

/** A list of parameters is no longer than this. */
const PARAMETER_TOKENS_MAX = 200;

const OPENING = unitsOf("([{<");

/** The parameters of the types of one file after another. */
export class TypeParameters {
  readonly #tokens: Tokens;
  readonly #keywordCount: number;
  readonly #behindNames: boolean;
  readonly #behindWords: NumberSet;
  readonly #words = new Set<number>();

  constructor({ typeParameters }: ReferenceRules, tokens: Tokens, identifiers: Identifiers) {
    this.#tokens = tokens;
    this.#keywordCount = identifiers.keywordCount;
    this.#behindNames = typeParameters?.behindNames === true;
    this.#behindWords = identifiers.keywords(typeParameters?.words);
  }

  /** Forgets those of the last file. */
  begin(): void {
    this.#words.clear();
  }

  /** Whether a word is one of them. */
  has(word: number): boolean {
    return this.#words.size > 0 && this.#words.has(word);
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
    const touches = tokens.starts[open] === tokens.ends[open - 1];
    const isBracket = tokens.sign(open) === OPEN_BRACKET && touches;
    if (tokens.sign(open) !== LESS && !isBracket) return;
    const limit = Math.min(tokens.count, open + PARAMETER_TOKENS_MAX);
    for (let index = open, depth = 0; index < limit; index++) {
      const sign = tokens.sign(index);
      if (OPENING.has(sign)) depth += 1;
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

/**
 * Where a statement may begin, so that a word like `import` or `use` is one and no name. Knows tokens and a
 * language's rules.
 */
import type { Identifiers } from "../tokens/identifiers.ts";
import type { NumberSet } from "../tokens/number_set.ts";
import type { ReferenceRules } from "../reference_rules.ts";
import { CLOSE, CLOSE_BRACE, COLON, DOT, OPEN, OPEN_BRACE, SEMICOLON } from "../tokens/signs.ts";
import type { Tokens } from "../tokens/tokens.ts";

/** What a modifier says in parentheses is no longer than this: `pub(in a::b::c)`. */
const MODIFIER_TOKENS_MAX = 20;

/** The starts of statements in one file after another. */
export class StatementStarts {
  readonly #tokens: Tokens;
  readonly #keywordCount: number;
  readonly #beforeValue: NumberSet;
  readonly #isBehindColons: boolean;
  readonly #static: number;

  constructor(rules: ReferenceRules, tokens: Tokens, identifiers: Identifiers) {
    this.#tokens = tokens;
    this.#keywordCount = identifiers.keywordCount;
    this.#beforeValue = identifiers.keywords(rules.lexis.beforeValue);
    this.#static = identifiers.keyword("static");
    this.#isBehindColons = rules.statementsBehindColons === true;
  }

  /** Whether the token is the first of a statement, but for a modifier. */
  begins(index: number): boolean {
    if (this.#isFirst(index)) return true;
    const modifier = this.#modifierAt(index - 1);
    const word = this.#tokens.word(modifier);
    // `yield from` is no import.
    return word >= 0 && word < this.#keywordCount && this.#isFirst(modifier) &&
      !this.#beforeValue.has(word);
  }

  /** Whether the word of an import is in front of a variable: `using var a = …`, `using a.Type b = …`, not `using static A`. */
  isVariable(first: number): boolean {
    const tokens = this.#tokens;
    const word = tokens.word(first);
    if (word < this.#keywordCount) return word !== this.#static;
    let last = first;
    while (tokens.sign(last + 1) === DOT && tokens.word(last + 2) >= 0) last += 2;
    return tokens.word(last + 1) >= this.#keywordCount && tokens.breaks[last + 1] !== 1;
  }

  /** The word of a modifier that ends with a token: `pub` of `pub(crate)`. */
  #modifierAt(last: number): number {
    const tokens = this.#tokens;
    if (tokens.sign(last) !== CLOSE) return last;
    let open = last;
    while (open > last - MODIFIER_TOKENS_MAX && tokens.sign(open) !== OPEN) open -= 1;
    return open - 1;
  }

  /** At the start of a line, or behind another statement or the head of a block. */
  #isFirst(index: number): boolean {
    const tokens = this.#tokens;
    if (tokens.breaks[index] === 1) return true;
    const sign = tokens.sign(index - 1);
    if (sign === COLON) return this.#isBehindColons;
    return sign === SEMICOLON || sign === OPEN_BRACE || sign === CLOSE_BRACE;
  }
}

/**
 * Reserved words that are names where they stand: members in many languages, and those of types and accessors,
 * which functions, macros, methods and modules are called by as well: `string()`, `get(a)`, `str!`, `a.bool(b)`,
 * `use std::f64`. Knows tokens.
 */
import type { Identifiers } from "../tokens/identifiers.ts";
import type { NumberSet } from "../tokens/number_set.ts";
import type { ReferenceRules } from "../reference_rules.ts";
import { BANG, DOT, LESS, OPEN, OPENING } from "../tokens/signs.ts";
import type { Statement } from "./statement.ts";
import type { Tokens } from "../tokens/tokens.ts";

/** The reserved words that are names in the tokens of one file after another. */
export class KeywordNames {
  readonly #tokens: Tokens;
  readonly #areMembers: boolean;
  readonly #types: NumberSet;

  constructor(rules: ReferenceRules, tokens: Tokens, identifiers: Identifiers) {
    this.#tokens = tokens;
    this.#areMembers = rules.keywordMembers === true;
    this.#types = identifiers.keywords(rules.wordsOfTypes);
  }

  /** Whether the word `id` at a token is a name though it may be reserved. */
  isName(index: number, id: number, isMember: boolean, { mode }: Statement): boolean {
    if (this.#areMembers && isMember) return true;
    if (!this.#types.has(id)) return false;
    const tokens = this.#tokens;
    const next = tokens.sign(index + 1);
    if ((next === OPEN || next === LESS) && tokens.touches(index + 1)) return true;
    if (tokens.sign(index - 1) === DOT) return next === OPEN;
    const isMacro = next === BANG && tokens.touches(index + 1);
    // `import { from } from "a"`
    const isImported = mode === "import" && (next !== 0 || tokens.word(index + 1) >= 0);
    return isImported || isMacro && OPENING.has(tokens.sign(index + 2));
  }
}

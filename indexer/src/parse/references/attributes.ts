/**
 * The words in Rust's attributes that name nothing: keys, options, and all within those of the language itself,
 * as in `#[cfg(feature = "x")]` and `#[serde(default)]`. Knows tokens, and which attributes the language has.
 */
import { closingBehind } from "../tokens/brackets.ts";
import { type Identifiers, isCapital } from "../tokens/identifiers.ts";
import { words } from "../tokens/lexis.ts";
import type { ReferenceRules } from "../reference_rules.ts";
import {
  BANG,
  CLOSING,
  COMMA,
  EQUALS,
  OPEN,
  OPEN_BRACKET,
  OPENING,
  unitsOf,
} from "../tokens/signs.ts";
import type { Tokens } from "../tokens/tokens.ts";

/** One that is longer is taken for code. */
const ATTRIBUTE_TOKENS_MAX = 400;

/** By the language's reference; of those with a path, the first word. */
const OF_LANGUAGE = new Set(words(
  "allow automatically_derived bench cfg cfg_attr clippy cold crate_name crate_type deny deprecated derive " +
    "diagnostic doc expect export_name feature forbid global_allocator ignore inline link link_name " +
    "link_section macro_export macro_use must_use no_main no_mangle no_std non_exhaustive panic_handler " +
    "path proc_macro proc_macro_attribute proc_macro_derive recursion_limit repr rustfmt should_panic " +
    "target_feature test track_caller type_length_limit used warn windows_subsystem",
));

/** Signs behind an option: `#[arg(long)]`, `#[arg(value(1))]`. */
const BEHIND_OPTION = unitsOf(",)(");

/** The attributes among the tokens of one file after another. */
export class Attributes {
  readonly #tokens: Tokens;
  readonly #identifiers: Identifiers;
  readonly #isOn: boolean;
  #open = 0;
  #end = 0;

  constructor(rules: ReferenceRules, tokens: Tokens, identifiers: Identifiers) {
    this.#tokens = tokens;
    this.#identifiers = identifiers;
    this.#isOn = rules.hashAttributes === true;
  }

  /** Begins with a file. */
  begin(): void {
    this.#end = 0;
  }

  /** Learns of the attribute that a number sign begins, if it does: `#[…]`, `#![…]`. */
  learn(at: number): void {
    if (!this.#isOn) return;
    const tokens = this.#tokens;
    const open = tokens.sign(at + 1) === BANG ? at + 2 : at + 1;
    if (tokens.sign(open) !== OPEN_BRACKET) return;
    this.#open = open;
    this.#end = closingBehind(tokens, open, open + ATTRIBUTE_TOKENS_MAX);
  }

  /** Whether a word stands in an attribute and names nothing there. */
  isWord(index: number): boolean {
    if (index >= this.#end) return false;
    const tokens = this.#tokens;
    const around = this.#openAround(index);
    // `#[path = "x"]`
    if (around === this.#open) return tokens.sign(index + 1) === EQUALS;
    if (this.#wordAt(around - 1) === "derive") return false;
    if (OF_LANGUAGE.has(this.#wordAt(this.#open + 1))) return true;
    const before = tokens.sign(index - 1);
    const next = tokens.sign(index + 1);
    if (before !== OPEN && before !== COMMA) return false;
    if (next === EQUALS) return tokens.sign(index + 2) !== EQUALS;
    return BEHIND_OPTION.has(next) && !isCapital(this.#wordAt(index));
  }

  #wordAt(index: number): string {
    const word = this.#tokens.word(index);
    return word < 0 ? "" : this.#identifiers.word(word);
  }

  /** The bracket around a token of the attribute. */
  #openAround(index: number): number {
    let at = index - 1;
    for (let depth = 0; at > this.#open; at--) {
      const sign = this.#tokens.sign(at);
      if (CLOSING.has(sign)) depth += 1;
      else if (OPENING.has(sign) && --depth < 0) break;
    }
    return at;
  }
}

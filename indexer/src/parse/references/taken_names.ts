/**
 * The names in patterns: `const { a, b: c } = d`. Some bind variables, others are uses of what the value has.
 * Those that are taken out of a module, as of `require("m")` and of what an import calls a module as a whole,
 * are both. Knows tokens and the words of JavaScript.
 */
import type { Identifiers } from "../tokens/identifiers.ts";
import type { ReferenceRules } from "../reference_rules.ts";
import {
  CLOSE,
  CLOSING,
  COLON,
  COMMA,
  DOT,
  EQUALS,
  OPEN,
  OPEN_BRACE,
  OPEN_BRACKET,
  OPENING,
  STAR,
  unitsOf,
} from "../tokens/signs.ts";
import type { ReferenceRole } from "../symbol.ts";
import { TOKEN, type Tokens } from "../tokens/tokens.ts";

/** A pattern is no longer than this. */
const PATTERN_TOKENS_MAX = 400;

/** What is done with a name in a pattern, and whether it is a variable from there on. */
export interface TakenName {
  readonly role: ReferenceRole | null;
  readonly binds: boolean;
}

/** Signs in front of a name in a pattern. */
const BEFORE_NAME = unitsOf("{[,:.");

/** Signs behind a name that make another value of it. */
const GOES_ON = unitsOf(".([?");

/** The names that are taken in the tokens of one file after another. */
export class TakenNames {
  readonly #tokens: Tokens;
  readonly #identifiers: Identifiers;
  readonly #isOn: boolean;
  readonly #await: number;
  readonly #import: number;
  readonly #variables: ReadonlySet<number>;
  #require = -1;
  /** The words that stand for a module. */
  readonly #modules = new Set<number>();
  /** By token. */
  readonly #names = new Map<number, TakenName>();

  constructor(rules: ReferenceRules, tokens: Tokens, identifiers: Identifiers) {
    this.#tokens = tokens;
    this.#identifiers = identifiers;
    this.#isOn = rules.objects === true;
    this.#await = identifiers.keyword("await");
    this.#import = identifiers.keyword("import");
    this.#variables = new Set(["const", "let", "var"].map((word) => identifiers.keyword(word)));
  }

  /** Begins with a file, whose tokens are there. */
  begin(): void {
    this.#modules.clear();
    this.#names.clear();
    this.#require = this.#isOn ? this.#identifiers.numberOf("require") : -1;
  }

  /** What the name at a token is in a pattern; null where it is in none. */
  at(index: number): TakenName | null {
    return this.#names.size === 0 ? null : this.#names.get(index) ?? null;
  }

  /** Learns what the declaration or the import that begins with a keyword takes. */
  learn(index: number, id: number): void {
    if (!this.#isOn) return;
    if (id === this.#import) return this.#learnImport(index);
    if (!this.#variables.has(id)) return;
    const tokens = this.#tokens;
    const next = tokens.sign(index + 1);
    if (next === OPEN_BRACE || next === OPEN_BRACKET) return this.#learnPattern(index + 1);
    const isModule = tokens.sign(index + 2) === EQUALS && this.#isModule(index + 3);
    if (isModule) this.#modules.add(tokens.word(index + 1));
  }

  /** `import * as a`, `import b, * as a` */
  #learnImport(index: number): void {
    const tokens = this.#tokens;
    const star = tokens.sign(index + 2) === COMMA ? index + 3 : index + 1;
    if (tokens.sign(star) === STAR) this.#modules.add(tokens.word(star + 2));
  }

  /** `require("m")`, `await import("m")` */
  #isModule(index: number): boolean {
    const tokens = this.#tokens;
    const isImport = tokens.word(index) === this.#await && tokens.word(index + 1) === this.#import;
    const isRequire = this.#require >= 0 && tokens.word(index) === this.#require;
    const open = isImport ? index + 2 : index + 1;
    return (isImport || isRequire) && tokens.sign(open) === OPEN &&
      tokens.kinds[open + 1] === TOKEN.literal && tokens.sign(open + 2) === CLOSE &&
      (tokens.breaks[open + 3] === 1 || !GOES_ON.has(tokens.sign(open + 3)));
  }

  /** A word that stands for a module, and nothing of it. */
  #isKnown(index: number): boolean {
    const tokens = this.#tokens;
    return this.#modules.has(tokens.word(index)) &&
      (tokens.breaks[index + 1] === 1 || !GOES_ON.has(tokens.sign(index + 1)));
  }

  #learnPattern(open: number): void {
    const tokens = this.#tokens;
    const limit = Math.min(tokens.count, open + PATTERN_TOKENS_MAX);
    const names: number[] = [];
    let depth = 0;
    let close = open;
    // How deep the value is that a name has where there is no other; 0 in none.
    for (let valueDepth = 0; close < limit; close++) {
      const sign = tokens.sign(close);
      if (OPENING.has(sign)) depth += 1;
      else if (CLOSING.has(sign) && --depth === 0) break;
      if (sign === EQUALS && valueDepth === 0) valueDepth = depth;
      const ends = depth < valueDepth || (sign === COMMA && depth === valueDepth);
      if (ends) valueDepth = 0;
      if (valueDepth === 0 && this.#isInPattern(close)) names.push(close);
    }
    if (depth !== 0) return;
    const module = this.#roleOfValue(close + 1);
    for (const name of names) {
      const isKey = tokens.sign(name + 1) === COLON;
      const isTaken = module !== null && this.#isDirect(name, open);
      const role = isTaken ? module : isKey ? "read" : null;
      this.#names.set(name, { role, binds: !isKey });
    }
  }

  /** A name behind what begins a part of a pattern, or behind the key of one. */
  #isInPattern(index: number): boolean {
    const tokens = this.#tokens;
    if (tokens.word(index) < this.#identifiers.keywordCount) {
      // `type` and `get` are names here.
      if (tokens.word(index) < 0 || tokens.sign(index - 1) === DOT) return false;
    }
    return BEFORE_NAME.has(tokens.sign(index - 1));
  }

  /** What is done with names by taking them out of the module that stands behind a pattern, if it does. */
  #roleOfValue(equals: number): ReferenceRole | null {
    if (this.#tokens.sign(equals) !== EQUALS) return null;
    if (this.#isModule(equals + 1)) return "import";
    return this.#isKnown(equals + 1) ? "read" : null;
  }

  /** Whether a name is that of a member of the value itself. */
  #isDirect(name: number, open: number): boolean {
    const tokens = this.#tokens;
    const before = tokens.sign(name - 1);
    if (before === COLON || before === DOT) return false;
    let depth = 0;
    for (let index = open; index < name; index++) {
      if (OPENING.has(tokens.sign(index))) depth += 1;
      else if (CLOSING.has(tokens.sign(index))) depth -= 1;
    }
    return depth === 1 && tokens.sign(open) === OPEN_BRACE;
  }
}

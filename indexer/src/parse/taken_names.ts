/**
 * The names that a pattern takes out of a module: `const { a, b: c } = require("m")`, and out of what an
 * import calls a module as a whole. They are declared here, and are uses of what the module has. Knows
 * tokens and the words of JavaScript.
 */
import type { Identifiers } from "./identifiers.ts";
import type { ReferenceRules } from "./reference_rules.ts";
import {
  CLOSE,
  CLOSING,
  COMMA,
  EQUALS,
  OPEN,
  OPEN_BRACE,
  OPENING,
  STAR,
  unitsOf,
} from "./signs.ts";
import type { ReferenceRole } from "./symbol.ts";
import { TOKEN, type Tokens } from "./tokens.ts";

/** A pattern is no longer than this. */
const PATTERN_TOKENS_MAX = 400;

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
  readonly #roles = new Map<number, ReferenceRole>();

  constructor(rules: ReferenceRules, tokens: Tokens, identifiers: Identifiers) {
    this.#tokens = tokens;
    this.#identifiers = identifiers;
    this.#isOn = rules.takesFromModules === true;
    this.#await = identifiers.keyword("await");
    this.#import = identifiers.keyword("import");
    this.#variables = new Set(rules.variables.map((word) => identifiers.keyword(word)));
  }

  /** Begins with a file, whose tokens are there. */
  begin(): void {
    this.#modules.clear();
    this.#roles.clear();
    this.#require = this.#isOn ? this.#identifiers.numberOf("require") : -1;
  }

  /** What is done with a name at a token by taking it; null where it is not taken. */
  roleAt(index: number): ReferenceRole | null {
    return this.#roles.size === 0 ? null : this.#roles.get(index) ?? null;
  }

  /** Learns what the declaration or the import that begins with a keyword takes. */
  learn(index: number, id: number): void {
    if (!this.#isOn) return;
    if (id === this.#import) return this.#learnImport(index);
    if (!this.#variables.has(id)) return;
    const tokens = this.#tokens;
    if (tokens.sign(index + 1) === OPEN_BRACE) return this.#learnPattern(index + 1);
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
    const names: number[] = [];
    const limit = Math.min(tokens.count, open + PATTERN_TOKENS_MAX);
    let close = open;
    for (let depth = 0; close < limit; close++) {
      const sign = tokens.sign(close);
      if (OPENING.has(sign)) depth += 1;
      else if (CLOSING.has(sign) && --depth === 0) break;
      const before = tokens.sign(close - 1);
      const isName = tokens.word(close) >= this.#identifiers.keywordCount;
      if (depth === 1 && isName && (before === OPEN_BRACE || before === COMMA)) names.push(close);
    }
    if (tokens.sign(close + 1) !== EQUALS) return;
    const isTaken = this.#isModule(close + 2);
    if (!isTaken && !this.#isKnown(close + 2)) return;
    for (const name of names) this.#roles.set(name, isTaken ? "import" : "read");
  }
}

/**
 * In which kind of statement the walk over the tokens is, where that decides what its names are: an
 * import, or the head of a type and what it inherits. Knows the words of a language and no names.
 */
import type { Identifiers } from "./identifiers.ts";
import type { ReferenceRules } from "./reference_rules.ts";
import {
  CLOSE,
  CLOSE_BRACE,
  GREATER,
  LESS,
  OPEN,
  OPEN_BRACE,
  SEMICOLON,
  unitsOf,
} from "./signs.ts";
import type { Tokens } from "./tokens.ts";

type Mode = "code" | "import" | "head" | "inherit";

/** Where the walk is; told of every keyword, sign and line. */
export class Statement {
  mode: Mode = "code";
  /** Parentheses that are open, in all. */
  parentheses = 0;
  readonly #rules: ReferenceRules;
  readonly #tokens: Tokens;
  readonly #keywordCount: number;
  readonly #imports: ReadonlySet<number>;
  /** The import that may be a list in parentheses, as Go writes it. */
  readonly #import: number;
  readonly #static: number;
  readonly #heads: ReadonlySet<number>;
  readonly #inheritWords: ReadonlySet<number>;
  readonly #inheritSigns: ReadonlySet<number>;
  /** Brackets that are open since the mode began. */
  #depth = 0;
  #angles = 0;

  constructor(rules: ReferenceRules, tokens: Tokens, identifiers: Identifiers) {
    const ids = (words: readonly string[]) =>
      new Set(words.map((word) => identifiers.keyword(word)).filter((id) => id >= 0));
    this.#rules = rules;
    this.#tokens = tokens;
    this.#keywordCount = identifiers.keywordCount;
    this.#imports = ids(rules.imports);
    this.#import = identifiers.keyword("import");
    this.#static = identifiers.keyword("static");
    this.#heads = ids(rules.heads);
    this.#inheritWords = ids(rules.inherits.words);
    this.#inheritSigns = unitsOf(rules.inherits.signs);
  }

  /** Whether a name here is one that is inherited, and no argument of it. */
  get inherits(): boolean {
    return this.mode === "inherit" && this.#angles === 0;
  }

  /** The token at `index` begins a line. */
  breakLine(index: number): void {
    if (this.#depth > 0 || this.mode === "code") return;
    const word = this.#tokens.word(index);
    const isHead = this.mode !== "import" && this.#rules.elision !== null;
    const goesOn = isHead &&
      (word < 0 || word >= this.#keywordCount || this.#inheritWords.has(word));
    if (!goesOn) this.#enter("code");
  }

  sign(sign: number): void {
    if (sign === OPEN) this.parentheses += 1;
    if (sign === CLOSE) this.parentheses -= 1;
    if (this.mode === "code") return;
    if (sign === SEMICOLON || (sign === OPEN_BRACE && this.mode !== "import")) {
      this.#enter("code");
    } else if (this.mode === "head" && this.#depth === 0 && this.#inheritSigns.has(sign)) {
      this.#enter("inherit");
      this.#depth = sign === OPEN ? 1 : 0;
    } else if (sign === OPEN || sign === OPEN_BRACE) this.#depth += 1;
    else if (sign === LESS) this.#angles += 1;
    else if (sign === GREATER) this.#angles = Math.max(0, this.#angles - 1);
    else if (sign === CLOSE || sign === CLOSE_BRACE) this.#close();
  }

  keyword(index: number, id: number): void {
    if (this.#imports.has(id) && this.#begins(index)) {
      const next = this.#tokens.word(index + 1);
      const isList = this.#tokens.sign(index + 1) !== OPEN ||
        (id === this.#import && this.#tokens.starts[index + 1] !== this.#tokens.ends[index]);
      // `using var a`
      const isOther = this.#rules.order === "type" && next >= 0 && next < this.#keywordCount &&
        !this.#isModifier(next);
      if (isList && !isOther) this.#enter("import");
    } else if (this.#heads.has(id) && this.mode === "code") this.#enter("head");
    else if (this.#inheritWords.has(id) && this.mode === "head") this.#enter("inherit");
  }

  #enter(mode: Mode): void {
    this.mode = mode;
    this.#depth = 0;
    this.#angles = 0;
  }

  /** What is inherited may be in parentheses, whose end is that of the head. */
  #close(): void {
    this.#depth -= 1;
    const isEnd = this.#depth < 0 || (this.#depth === 0 && this.#inheritSigns.has(OPEN));
    if (isEnd && this.mode === "inherit") this.#enter("code");
    else if (this.#depth < 0) this.#enter("code");
  }

  /** At the start of a line or of a statement, or behind a modifier that is there. */
  #begins(index: number): boolean {
    const tokens = this.#tokens;
    if (tokens.breaks[index] === 1) return true;
    const sign = tokens.sign(index - 1);
    if (sign === SEMICOLON || sign === OPEN_BRACE || sign === CLOSE_BRACE) return true;
    const before = tokens.word(index - 1);
    return before >= 0 && before < this.#keywordCount && tokens.breaks[index - 1] === 1;
  }

  /** `import static`, `using static` */
  #isModifier(word: number): boolean {
    return word === this.#static;
  }
}

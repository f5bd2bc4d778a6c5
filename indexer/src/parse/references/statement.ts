/**
 * In which kind of statement and in which brackets the walk over the tokens is, where that decides
 * what its names are: an import, a list of exports, or the head of a type and what it inherits. Knows
 * the words of a language and no names.
 */
import { type Identifiers, isCapital } from "../tokens/identifiers.ts";
import type { NumberSet } from "../tokens/number_set.ts";
import type { ReferenceRules } from "../reference_rules.ts";
import {
  AT,
  CLOSE,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  EQUALS,
  GREATER,
  LESS,
  OPEN,
  OPEN_BRACE,
  OPEN_BRACKET,
  openerOf,
  SEMICOLON,
  STAR,
  unitsOf,
} from "../tokens/signs.ts";
import { StatementStarts } from "./statement_starts.ts";
import { TOKEN, type Tokens } from "../tokens/tokens.ts";
import { isLabel, typeStatementEnd } from "./type_statements.ts";

type Mode = "code" | "import" | "package" | "export" | "head" | "inherit";

/** A list of exports is looked through for its end no further. */
const EXPORT_TOKENS_MAX = 2000;

/** Signs that may end the name of what is inherited: the list is over unless the next line says so. */
const NAME_ENDS = unitsOf(")]>");

/** The head of an implementation is no longer than this. */
const IMPL_TOKENS_MAX = 80;

/** Where the walk over one file after another is; told of every keyword, sign and line. */
export class Statement {
  mode: Mode = "code";
  readonly #rules: ReferenceRules;
  readonly #tokens: Tokens;
  readonly #identifiers: Identifiers;
  readonly #as: number;
  readonly #keywordCount: number;
  readonly #imports: NumberSet;
  readonly #packages: NumberSet;
  /** The import that may be a list in parentheses, as Go writes it. */
  readonly #import: number;
  readonly #export: number;
  readonly #from: number;
  readonly #type: number;
  readonly #impl: number;
  readonly #for: number;
  readonly #typed: NumberSet;
  readonly #when: number;
  readonly #starts: StatementStarts;
  readonly #heads: NumberSet;
  readonly #members: NumberSet;
  readonly #inheritWords: NumberSet;
  readonly #inheritSigns: NumberSet;
  readonly #inheritEnds: NumberSet;
  /** The brackets that are open, the innermost last. */
  readonly #brackets: number[] = [];
  /** The tokens that opened them. */
  readonly #openings: number[] = [];
  /** Brackets that are open since the mode began. */
  #depth = 0;
  #angles = 0;
  /** The token of the `for` in `impl Trait for Type`. */
  #implFor = -1;
  /** The token behind a statement that says types. */
  #typesEnd = 0;

  constructor(rules: ReferenceRules, tokens: Tokens, identifiers: Identifiers) {
    this.#rules = rules;
    this.#tokens = tokens;
    this.#identifiers = identifiers;
    this.#as = identifiers.keyword("as");
    this.#keywordCount = identifiers.keywordCount;
    this.#imports = identifiers.keywords(rules.imports);
    this.#packages = identifiers.keywords(rules.packages);
    this.#import = identifiers.keyword("import");
    this.#export = rules.exportLists === true ? identifiers.keyword("export") : -1;
    this.#type = identifiers.keyword("type");
    this.#from = identifiers.keyword("from");
    this.#impl = identifiers.keyword("impl");
    this.#for = identifiers.keyword("for");
    this.#typed = identifiers.keywords(rules.typeStatements);
    this.#when = identifiers.keyword("when");
    this.#starts = new StatementStarts(rules, tokens, identifiers);
    this.#heads = identifiers.keywords(rules.heads);
    this.#members = identifiers.keywords(rules.membersOfHeads);
    this.#inheritWords = identifiers.keywords(rules.inherits.words);
    this.#inheritSigns = unitsOf(rules.inherits.signs);
    this.#inheritEnds = identifiers.keywords(rules.inherits.ends);
  }

  /** Begins with a file. */
  begin(): void {
    this.#enter("code");
    this.#brackets.length = 0;
    this.#openings.length = 0;
    this.#implFor = -1;
    this.#typesEnd = 0;
  }

  /** The innermost bracket that is open; 0 outside of all. */
  get bracket(): number {
    return this.#brackets.at(-1) ?? 0;
  }

  /** The token that opened it; 0 outside of all. */
  get opening(): number {
    return this.#openings.at(-1) ?? 0;
  }

  /** Whether a name here is one that is inherited, and no argument of it, nor what gives it: `include helpers`. */
  inherits(id: number): boolean {
    if (this.mode !== "inherit" || this.#angles > 0 || this.isArgument) return false;
    return !this.#rules.bareCalls || isCapital(this.#identifiers.word(id));
  }

  /** Whether a name here is in what the constructor of what is inherited is called with. */
  get isArgument(): boolean {
    return this.mode === "inherit" && this.#depth > 0 && this.#rules.inherits.arguments === true;
  }

  /** Whether the token at `index` names the trait that an `impl` is of. */
  isImplemented(index: number): boolean {
    return index < this.#implFor && this.#angles === 0;
  }

  /** Whether a name here is an argument of what is inherited. */
  get isTypeArgument(): boolean {
    return this.#angles > 0;
  }

  /** Whether the token at `index` is of a statement that says types. */
  isTyped(index: number): boolean {
    return index < this.#typesEnd;
  }

  /** What an import, an export or a parameter of a type is called here, or there: no use of a name. */
  isAlias(index: number): boolean {
    const { mode } = this;
    if (this.isTyped(index)) return isLabel(this.#tokens, index);
    if (mode !== "import" && mode !== "export") return false;
    const tokens = this.#tokens;
    if (this.#as >= 0 && tokens.word(index - 1) === this.#as) return true;
    const before = tokens.sign(index - 1);
    // `a => b`
    if (before === GREATER && tokens.sign(index - 2) === EQUALS) return true;
    // `as: b`
    const isNamed = before === COLON && tokens.sign(index - 2) !== COLON;
    if (isNamed && this.#identifiers.word(tokens.word(index - 2)) === "as") return true;
    const next = tokens.sign(index + 1);
    const isRenamed = tokens.kinds[index + 1] === TOKEN.literal && tokens.breaks[index + 1] !== 1;
    // `json "encoding/json"`, `a = b`, `a = require("b")`
    const isGiven = next === EQUALS && tokens.sign(index + 2) !== GREATER;
    return isRenamed || isGiven || next === OPEN;
  }

  /** The token at `index` begins a line. */
  breakLine(index: number): void {
    if (this.#depth > 0 || this.mode === "code") return;
    const word = this.#tokens.word(index);
    if (this.mode === "inherit" && this.#tokens.sign(index - 1) === COMMA) return;
    const isHead = (this.mode === "head" || this.mode === "inherit") &&
      this.#rules.elision !== null;
    const goesOn = isHead &&
      (word < 0 || word >= this.#keywordCount || this.#inheritWords.has(word));
    if (!goesOn || this.#isBehindList(index)) this.#enter("code");
  }

  /** Whether what is inherited was all named before the line of a token, which is of something else. */
  #isBehindList(index: number): boolean {
    const tokens = this.#tokens;
    if (this.mode !== "inherit") return false;
    if (tokens.sign(index) === AT) return true;
    const isName = tokens.word(index) >= this.#keywordCount;
    return isName && (tokens.word(index - 1) >= 0 || NAME_ENDS.has(tokens.sign(index - 1))) &&
      !this.#inheritWords.has(tokens.word(index - 1));
  }

  sign(sign: number, index: number): void {
    this.#bracket(sign, index);
    if (index < this.#implFor) {
      if (sign === LESS) this.#angles += 1;
      else if (sign === GREATER) this.#angles = Math.max(0, this.#angles - 1);
      return;
    }
    if (this.mode === "code") return;
    const hasBody = this.mode === "head" || this.mode === "inherit" || this.mode === "package";
    if (this.isArgument) this.#argument(sign);
    else if (sign === SEMICOLON || (sign === OPEN_BRACE && hasBody)) this.#enter("code");
    else if (this.mode === "head" && this.#depth === 0 && this.#inheritSigns.has(sign)) {
      this.#enter("inherit");
      this.#depth = sign === OPEN ? 1 : 0;
    } else if (sign === OPEN || sign === OPEN_BRACE) this.#depth += 1;
    else if (sign === LESS || this.#isSquare(sign, OPEN_BRACKET)) this.#angles += 1;
    else if (sign === GREATER || this.#isSquare(sign, CLOSE_BRACKET)) {
      this.#angles = Math.max(0, this.#angles - 1);
    } else if (sign === CLOSE || sign === CLOSE_BRACE) this.#close();
  }

  /** Whether a sign is this bracket, and brackets are around the arguments of types. */
  #isSquare(sign: number, bracket: number): boolean {
    return sign === bracket && this.#rules.squareArguments === true && this.mode === "inherit";
  }

  #argument(sign: number): void {
    if (sign === OPEN || sign === OPEN_BRACE) this.#depth += 1;
    else if (sign === CLOSE || sign === CLOSE_BRACE) this.#depth -= 1;
  }

  keyword(index: number, id: number): void {
    if (this.#imports.has(id) && this.#starts.begins(index)) {
      const next = this.#tokens.word(index + 1);
      const isList = this.#tokens.sign(index + 1) !== OPEN ||
        (id === this.#import && !this.#tokens.touches(index + 1));
      const isOther = this.#rules.order === "type" && next >= 0 &&
        this.#starts.isVariable(index + 1);
      if (isList && !isOther) this.#enter("import");
    } else if (this.#packages.has(id) && this.#starts.begins(index)) this.#enter("package");
    else if (id === this.#export) this.#exportList(index);
    else if (id === this.#impl && this.mode === "code") this.#implFor = this.#findImplFor(index);
    else if (this.#heads.has(id) && (this.mode === "code" || this.mode === "package")) {
      const mode = this.#inheritWords.has(id) ? "inherit" : "head";
      if (!this.#members.has(this.#tokens.word(index + 1))) this.#enter(mode);
    } else if (this.#inheritWords.has(id) && this.mode === "head" && this.#angles === 0) {
      this.#enter("inherit");
    } else if (this.#inheritEnds.has(id) && this.mode !== "import") this.#enter("code");
    if (index === this.#implFor) this.#angles = 0;
    if (this.#typed.has(id)) this.#typesEnd = typeStatementEnd(this.#tokens, index, this.#when);
  }

  #enter(mode: Mode): void {
    this.mode = mode;
    this.#depth = 0;
    this.#angles = 0;
  }

  /** What a preprocessor forks, and what is broken, closes too much or too little. */
  #bracket(sign: number, index: number): void {
    if (sign === OPEN || sign === OPEN_BRACE || sign === OPEN_BRACKET) {
      this.#brackets.push(sign);
      this.#openings.push(index);
      return;
    }
    const open = openerOf(sign);
    if (open === 0) return;
    if (this.bracket !== open && open !== OPEN_BRACE) return;
    const last = Math.max(0, this.#brackets.lastIndexOf(open));
    this.#brackets.length = last;
    this.#openings.length = last;
  }

  /** `export { a, b as c }`, with or without `from`; `export * as a from`. */
  #exportList(index: number): void {
    const tokens = this.#tokens;
    // `export type { A }`
    const first = tokens.word(index + 1) === this.#type && this.#type >= 0 ? index + 2 : index + 1;
    if (tokens.sign(first) === STAR) return this.#enter("import");
    if (tokens.sign(first) !== OPEN_BRACE) return;
    let end = first;
    const limit = Math.min(tokens.count, first + EXPORT_TOKENS_MAX);
    while (end < limit && tokens.sign(end) !== CLOSE_BRACE) end += 1;
    this.#enter(tokens.word(end + 1) === this.#from ? "import" : "export");
  }

  /** The `for` of `impl Trait for Type {`; -1 where a type has methods of its own. */
  #findImplFor(index: number): number {
    const tokens = this.#tokens;
    const limit = Math.min(tokens.count, index + IMPL_TOKENS_MAX);
    for (let next = index + 1; next < limit; next++) {
      const sign = tokens.sign(next);
      if (sign === OPEN_BRACE || sign === SEMICOLON) return -1;
      // `for<'a>` binds lifetimes.
      if (tokens.word(next) === this.#for && tokens.sign(next + 1) !== LESS) return next;
    }
    return -1;
  }

  /** What is inherited may be in parentheses, whose end is that of the head. */
  #close(): void {
    this.#depth -= 1;
    const isEnd = this.#depth < 0 || (this.#depth === 0 && this.#inheritSigns.has(OPEN));
    if (isEnd && this.mode === "inherit") this.#enter("code");
    else if (this.#depth < 0) this.#enter("code");
  }
}

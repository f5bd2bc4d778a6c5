/**
 * Which words introduce the name of a variable: reserved ones, and such as are names elsewhere. Knows
 * tokens and a language's rules.
 */
import { isSet } from "./assignments.ts";
import type { Identifiers } from "../tokens/identifiers.ts";
import { NumberSet } from "../tokens/number_set.ts";
import type { ReferenceRules } from "../reference_rules.ts";
import {
  AT,
  CLOSE,
  CLOSING,
  COLON,
  COMMA,
  DOT,
  EQUALS,
  GREATER,
  LESS,
  MINUS,
  OPEN,
  OPENING,
  QUESTION,
  SEMICOLON,
  unitsOf,
} from "../tokens/signs.ts";
import { TOKEN, type Tokens } from "../tokens/tokens.ts";

/** What a pattern takes apart is not looked for further. */
const PATTERN_TOKENS_MAX = 40;
/** Signs among the names that a loop takes a value apart into. */
const IN_TARGET = unitsOf("(,)*");
/** Signs in front of a word that says how a type is pointed at. */
const POINTING = unitsOf("&*]");

/** Signs among the types of errors. */
const IN_RESCUE = unitsOf(":,*.");

/** More names, with their commas, are data and declare nothing. */
export const LIST_TOKENS_MAX = 128;

/** The first name of a list: `a` of `a, b`. */
export function listStart(tokens: Tokens, at: number): number {
  const limit = at - LIST_TOKENS_MAX;
  let first = at;
  while (first > limit && tokens.sign(first - 1) === COMMA && tokens.word(first - 2) >= 0) {
    first -= 2;
  }
  return first;
}

/** The introductions in one file after another. */
export class Introductions {
  readonly #rules: ReferenceRules;
  readonly #tokens: Tokens;
  readonly #identifiers: Identifiers;
  readonly #variables: NumberSet;
  readonly #lists: NumberSet;
  readonly #typeWords: NumberSet;
  readonly #any: number;
  readonly #catch: number;
  readonly #mut: number;
  readonly #const: number;
  readonly #of: number;
  readonly #for: number;
  readonly #require: number;
  readonly #rescue: number;
  readonly #method: number;
  /** Words that introduce a variable in some places, as this file has them. */
  #inContext = new NumberSet([]);

  constructor(rules: ReferenceRules, tokens: Tokens, identifiers: Identifiers) {
    this.#rules = rules;
    this.#tokens = tokens;
    this.#identifiers = identifiers;
    this.#variables = identifiers.keywords(rules.variables);
    this.#typeWords = identifiers.keywords(rules.typeWords);
    this.#lists = identifiers.keywords(rules.variableLists);
    this.#any = identifiers.keyword("_");
    this.#catch = identifiers.keyword("catch");
    this.#mut = identifiers.keyword("mut");
    this.#const = identifiers.keyword("const");
    this.#of = identifiers.keyword("of");
    this.#for = identifiers.keyword("for");
    this.#require = identifiers.keyword("require");
    this.#rescue = identifiers.keyword(rules.rescue ?? "");
    this.#method = identifiers.keyword(rules.methodWord ?? "");
  }

  /** Begins with a file, whose tokens are there. */
  begin(): void {
    const words = this.#rules.variablesInContext ?? [];
    this.#inContext = new NumberSet(words.map((word) => this.#identifiers.numberOf(word)));
  }

  /** `a = 1`, `a ||= 1`, `a, *b = c`; not what outlives the function: `@a = 1`, `$a = 1`, `A = 1`. */
  isSet(at: number): boolean {
    return this.#rules.bareCalls && isSet(this.#tokens, at) &&
      /^[\p{Ll}_]/u.test(this.#identifiers.word(this.#tokens.word(at)));
  }

  /** The last token of the name that begins at one behind `def`: `run`, `self.run` and `run=`; -1 elsewhere. */
  methodEnd(at: number): number {
    if (this.#method < 0) return -1;
    const tokens = this.#tokens;
    const isOfObject = tokens.sign(at - 1) === DOT && tokens.word(at - 2) >= 0;
    if (tokens.word(isOfObject ? at - 3 : at - 1) !== this.#method) return -1;
    return tokens.sign(at + 1) === EQUALS && tokens.touches(at + 1) ? at + 1 : at;
  }

  /** Whether a reserved word that variables follow is at a token. */
  isVariableWord(at: number): boolean {
    return this.#variables.has(this.#tokens.word(at));
  }

  /** Whether a word stands in front of the token `at` that introduces a name. */
  isIntroduced(at: number): boolean {
    const before = this.#tokens.word(at - 1);
    if (before < 0) {
      return this.#isError(at) || this.#isListed(at) || this.#isCaught(at) || this.#isInTarget(at);
    }
    if (!this.isVariableWord(at - 1)) return this.introduces(at - 1);
    return !this.#isOwner(at, before) && !this.isPointed(at - 1);
  }

  /** `case let Type.member(a)`, `fun Type.run()`, `fun Type?.run()` */
  #isOwner(at: number, word: number): boolean {
    const next = this.#tokens.sign(at + 1);
    const isOwner = next === DOT || (next === QUESTION && this.#tokens.sign(at + 2) === DOT);
    return isOwner && (this.#rules.casesTakeApart === true || this.#typeWords.has(word));
  }

  /** Whether a token is the `mut` or the `const` of `&mut Type`, `&'a mut Type`, `*const Type` and `[]const Type`. */
  isPointed(word: number): boolean {
    const tokens = this.#tokens;
    const id = tokens.word(word);
    if (id < 0 || (id !== this.#mut && id !== this.#const)) return false;
    const kind = tokens.kinds[word - 1];
    if (kind === TOKEN.literal) return id === this.#mut;
    return kind === TOKEN.sign && tokens.breaks[word] !== 1 && POINTING.has(tokens.sign(word - 1));
  }

  /** `catch (error)` */
  #isCaught(at: number): boolean {
    const tokens = this.#tokens;
    return this.#rules.objects === true && tokens.sign(at - 1) === OPEN &&
      tokens.sign(at + 1) === CLOSE && tokens.word(at - 2) === this.#catch;
  }

  /** `b` of `local a, b = f()` and of `for a, b in pairs(c) do`. */
  #isListed(at: number): boolean {
    const tokens = this.#tokens;
    if (this.#rules.variableLists === undefined || tokens.sign(at - 1) !== COMMA) return false;
    const word = tokens.word(listStart(tokens, at) - 1);
    return word >= 0 && this.#lists.has(word) || this.#isListedWithValue(at);
  }

  /** `b` of `let a = f(1), b = 2`; behind one with a type nobody looks, as keys of objects look so too. */
  #isListedWithValue(at: number): boolean {
    const tokens = this.#tokens;
    const isGiven = tokens.sign(at + 1) === EQUALS && tokens.sign(at + 2) !== EQUALS;
    if (this.#rules.objects !== true || !isGiven) return false;
    const limit = Math.max(0, at - LIST_TOKENS_MAX);
    for (let index = at - 2, depth = 0; index >= limit; index--) {
      const sign = tokens.sign(index);
      if (CLOSING.has(sign)) depth += 1;
      else if (OPENING.has(sign) && --depth < 0 || depth === 0 && sign === SEMICOLON) return false;
      const word = depth === 0 ? tokens.word(index) : -1;
      // `{ a: b as const, c: d }`
      if (word >= 0 && this.#lists.has(word)) return tokens.sign(index + 1) !== COMMA;
    }
    return false;
  }

  /** `b` and `c` of Python's `for a, (b, *c) in d`. */
  #isInTarget(at: number): boolean {
    const tokens = this.#tokens;
    if (this.#rules.annotates === undefined) return false;
    for (let index = at - 1; index > at - PATTERN_TOKENS_MAX && index > 0; index--) {
      const word = tokens.word(index);
      if (word >= 0 && word === this.#for) return true;
      const isCall = tokens.sign(index) === OPEN &&
        tokens.word(index - 1) >= this.#identifiers.keywordCount;
      const goesOn = word >= this.#identifiers.keywordCount || IN_TARGET.has(tokens.sign(index));
      if (isCall || !goesOn) return false;
    }
    return false;
  }

  /** `a` of `var (` and, on the next line, `a = 1`; `a` and `b` of `(a, b) = c` and `(a, b) <- c`. */
  isGrouped(at: number, opening: number): boolean {
    const tokens = this.#tokens;
    if (this.#rules.typePlaces === true) {
      return tokens.breaks[at] === 1 && this.isVariableWord(opening - 1);
    }
    const mayDeclare = this.#rules.annotates !== undefined && tokens.breaks[opening] === 1;
    if (!mayDeclare && this.#rules.casePatterns !== true) return false;
    const before = tokens.sign(at - 1);
    if (before !== OPEN && before !== COMMA || tokens.sign(at + 1) === DOT) return false;
    const limit = Math.min(tokens.count, opening + LIST_TOKENS_MAX);
    let close = at;
    while (close < limit && tokens.sign(close) !== CLOSE) close += 1;
    if (this.isGenerator(close + 1)) return true;
    return mayDeclare && tokens.sign(close + 1) === EQUALS && tokens.sign(close + 2) !== EQUALS;
  }

  /** Whether the arrow of Scala's `a <- b` begins at a token, and not an operator like `<->`. */
  isGenerator(at: number): boolean {
    const tokens = this.#tokens;
    return this.#rules.casePatterns === true && tokens.sign(at) === LESS &&
      tokens.sign(at + 1) === MINUS && tokens.touches(at + 1) && tokens.sign(at + 2) !== GREATER;
  }

  /** Whether the token `at` names a module: `a = require("a")`, `a = @import("a")`. */
  isModule(at: number): boolean {
    const tokens = this.#tokens;
    if (tokens.sign(at + 1) !== EQUALS) return false;
    const word = tokens.word(at + 2);
    const isBuiltin = this.#rules.builtins === true && tokens.sign(at + 2) === AT;
    return word >= 0 && word === this.#require ||
      isBuiltin && tokens.kinds[at + 5] === TOKEN.literal;
  }

  /** Whether the braces or brackets around belong to `const { a, b: c } = …`. */
  isInPattern(at: number): boolean {
    const tokens = this.#tokens;
    if (this.#rules.variables.length === 0) return false;
    for (let index = at - 1; index > at - PATTERN_TOKENS_MAX && index > 0; index--) {
      const sign = tokens.sign(index);
      // `const (` begins a group.
      if (sign === OPEN && this.#rules.typePlaces === true) return false;
      if (OPENING.has(sign)) {
        const first = this.#patternStart(index);
        // `for ((a, b) in c)`
        const isInner = tokens.sign(first - 1) === OPEN;
        return this.isVariableWord(isInner ? first - 2 : first - 1);
      }
      const word = tokens.word(index);
      const isUnnamed = word >= 0 && word === this.#any && tokens.sign(index + 1) === COMMA;
      const isName = word >= this.#identifiers.keywordCount || isUnnamed;
      if (sign !== COMMA && sign !== COLON && !isName) return false;
    }
    return false;
  }

  /** `.some(` of `let .some(a)`: what is taken apart is named in front of the parentheses. */
  #patternStart(open: number): number {
    const tokens = this.#tokens;
    let first = open;
    if (this.#rules.casesTakeApart !== true) return first;
    while (
      tokens.sign(first - 1) === DOT || tokens.word(first - 1) >= this.#identifiers.keywordCount
    ) {
      first -= 1;
    }
    return first;
  }

  /** `rescue ParseError, IOError => error` */
  #isError(at: number): boolean {
    const tokens = this.#tokens;
    if (this.#rescue < 0 || tokens.sign(at - 1) !== GREATER || tokens.sign(at - 2) !== EQUALS) {
      return false;
    }
    let first = at - 3;
    const limit = at - PATTERN_TOKENS_MAX;
    while (
      first > limit &&
      (tokens.word(first) >= this.#identifiers.keywordCount || IN_RESCUE.has(tokens.sign(first)))
    ) {
      first -= 1;
    }
    return tokens.word(first) === this.#rescue;
  }

  /** Whether a word that may be a name introduces one: `using a = …`, `using a of …`. */
  introduces(at: number): boolean {
    const tokens = this.#tokens;
    if (!this.#inContext.has(tokens.word(at)) || tokens.sign(at - 1) === DOT) return false;
    if (tokens.breaks[at + 1] === 1 || tokens.word(at + 1) < this.#identifiers.keywordCount) {
      return false;
    }
    const next = tokens.sign(at + 2);
    const isValue = next === EQUALS && tokens.sign(at + 3) !== EQUALS;
    return isValue || next === COLON || (this.#of >= 0 && tokens.word(at + 2) === this.#of);
  }
}

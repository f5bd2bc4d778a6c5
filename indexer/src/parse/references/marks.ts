/**
 * Words that name nothing: labels, symbols, and what is written to the language itself. Knows tokens and
 * a language's rules.
 */
import { isArgumentName } from "./argument_names.ts";
import { Attributes } from "./attributes.ts";
import type { Identifiers } from "../tokens/identifiers.ts";
import type { ReferenceRules } from "../reference_rules.ts";
import type { Statement } from "./statement.ts";
import { AT, BANG, COLON, COMMA, DOLLAR, EQUALS, OPEN, OPEN_BRACE } from "../tokens/signs.ts";
import { TOKEN, type Tokens } from "../tokens/tokens.ts";

/** The marks among the tokens of one file after another. */
export class Marks {
  readonly #tokens: Tokens;
  readonly #goto: number;
  /** Whether `name:` is a symbol. */
  readonly #hasSymbols: boolean;
  readonly #hasBuiltins: boolean;
  /** Whether `name: value` is of a literal. */
  readonly #hasKeys: boolean;
  readonly #hasLabels: boolean;
  readonly #hasNamedArguments: boolean;
  readonly #class: number;
  readonly #break: number;
  readonly #continue: number;
  readonly #attributes: Attributes;

  constructor(rules: ReferenceRules, tokens: Tokens, identifiers: Identifiers) {
    this.#tokens = tokens;
    this.#goto = identifiers.keyword("goto");
    this.#hasSymbols = rules.bareCalls;
    this.#hasBuiltins = rules.builtins === true;
    this.#hasKeys = rules.typePlaces === true;
    this.#hasLabels = this.#goto >= 0 || rules.objects === true;
    this.#hasNamedArguments = rules.namedArguments;
    this.#class = rules.keywordMembers === true ? identifiers.keyword("class") : -1;
    this.#break = identifiers.keyword("break");
    this.#continue = identifiers.keyword("continue");
    this.#attributes = new Attributes(rules, tokens, identifiers);
  }

  /** Begins with a file. */
  begin(): void {
    this.#attributes.begin();
  }

  /** Learns of the attribute that a number sign begins, if it does. */
  learnAttribute(at: number): void {
    this.#attributes.learn(at);
  }

  /**
   * A word of an attribute and, where it is no member, a builtin, a symbol, a label, a conversion in a string
   * (`{a!r}`), or what a macro takes (`$a:expr`).
   */
  isMark(index: number, isMember: boolean, isInCode: boolean): boolean {
    if (this.#attributes.isWord(index)) return true;
    if (isMember) return false;
    const tokens = this.#tokens;
    const before = tokens.sign(index - 1);
    if (this.#hasSymbols && this.#isSymbol(index)) return true;
    if (this.#hasBuiltins && (before === AT || this.#isBlockLabel(index))) return true;
    if (before === BANG) {
      return tokens.kinds[index + 1] === TOKEN.literal &&
        tokens.touches(index + 1);
    }
    if (before === DOLLAR) return true;
    if (before === COLON && tokens.sign(index - 3) === DOLLAR) return true;
    if (this.#hasLabels && this.#isJump(index)) return true;
    return this.#goto >= 0 && isInCode && this.#isLabel(index);
  }

  /** `name:` on a line of its own, or in front of a statement where keys are written otherwise. */
  #isLabel(index: number): boolean {
    const tokens = this.#tokens;
    const second = tokens.sign(index + 2);
    const isAlone = tokens.breaks[index] === 1 && tokens.sign(index + 1) === COLON;
    if (!isAlone || second === COLON || second === EQUALS) return false;
    const isKey = tokens.sign(index - 1) === COMMA || tokens.breaks[index + 2] !== 1;
    return !this.#hasKeys || !isKey;
  }

  /** `goto name`, `break name` */
  #isJump(index: number): boolean {
    const word = this.#tokens.word(index - 1);
    if (word < 0 || this.#tokens.breaks[index] === 1) return false;
    return word === this.#goto || word === this.#break || word === this.#continue;
  }

  /** Whether a name is that of an argument: `f(name = 1)`. */
  isArgumentName(index: number, { bracket }: Statement): boolean {
    return this.#hasNamedArguments && bracket === OPEN && isArgumentName(this.#tokens, index);
  }

  /** The word of `Name::class`, which is the name of the class, or the class itself. */
  isClass(index: number): boolean {
    return this.#class >= 0 && this.#tokens.word(index) === this.#class &&
      this.#tokens.sign(index - 1) === COLON;
  }

  /** `name: {` and `break :name` */
  #isBlockLabel(index: number): boolean {
    const tokens = this.#tokens;
    const word = tokens.sign(index - 1) === COLON ? tokens.word(index - 2) : -1;
    return tokens.sign(index + 1) === COLON && tokens.sign(index + 2) === OPEN_BRACE ||
      word >= 0 && (word === this.#break || word === this.#continue);
  }

  /** Whether a literal is at a token, and not the colon in front of a method's name. */
  #isLongLiteral(index: number): boolean {
    const tokens = this.#tokens;
    return tokens.kinds[index] === TOKEN.literal &&
      (tokens.ends[index] ?? 0) - (tokens.starts[index] ?? 0) > 1;
  }

  #isSymbol(index: number): boolean {
    const tokens = this.#tokens;
    // What stands behind an expression: `/a/i`.
    if (tokens.touches(index) && this.#isLongLiteral(index - 1)) return true;
    // `a: ::B`
    const isPath = tokens.sign(index + 2) === COLON && tokens.touches(index + 2);
    return tokens.sign(index + 1) === COLON && tokens.touches(index + 1) && !isPath;
  }
}

/**
 * Finds the references of a file among its tokens: every name that is not defined there, not
 * reserved, and not a parameter or a variable of the function around it. What is done with a name is
 * told by its neighbours. Knows tokens and a language's rules, and no grammar.
 */
import { Definitions, type DefinitionSpan } from "./definitions.ts";
import type { Identifiers } from "./identifiers.ts";
import { Locals } from "./locals.ts";
import { ReferenceList } from "./reference_list.ts";
import type { ReferenceRules } from "./reference_rules.ts";
import type { ExtractedReference, ReferenceRole } from "./symbol.ts";
import { Statement } from "./statement.ts";
import { TOKEN, type Tokens } from "./tokens.ts";
import {
  AMPERSAND,
  BANG,
  CLOSE,
  COLON,
  COMMA,
  DOLLAR,
  DOT,
  EQUALS,
  GREATER,
  MINUS,
  OPEN,
  OPEN_BRACE,
  PLUS,
  SEMICOLON,
  STAR,
  unitsOf,
} from "./signs.ts";

/** Signs that an equals sign behind them makes an assignment of. */
const ASSIGNING = unitsOf("+-*/%&|^?");

/** Signs behind an equals sign that make a comparison or an arrow of it. */
const COMPARING = new Set([EQUALS, GREATER, 0x7e]);

/** Signs behind which a shell expects a command. */
const COMMAND_STARTS = unitsOf(";|&(){}`!");

/** The sets of numbers that a language's words have. */
interface Words {
  readonly types: ReadonlySet<number>;
  readonly commands: ReadonlySet<number>;
}

function wordsOf(rules: ReferenceRules, identifiers: Identifiers): Words {
  const ids = (words: readonly string[]) =>
    new Set(words.map((word) => identifiers.keyword(word)).filter((id) => id >= 0));
  return {
    types: ids(rules.typeWords),
    commands: ids(rules.lexis.beforeValue ?? []),
  };
}

/** A capital letter and a small one: `Reader`, not `MAX`. */
function looksLikeType(word: string): boolean {
  return /^_*\p{Lu}\P{Lu}*\p{Ll}|^\p{Lu}$/u.test(word);
}

class ReferenceWalk {
  readonly #rules: ReferenceRules;
  readonly #words: Words;
  readonly #tokens: Tokens;
  readonly #identifiers: Identifiers;
  readonly #definitions: Definitions;
  readonly #locals: Locals;
  readonly #list: ReferenceList;
  readonly #statement: Statement;
  /** 1 for a word that looks like a type, 2 for one that does not, 0 before it is known. */
  readonly #looks: Uint8Array;

  constructor(
    rules: ReferenceRules,
    identifiers: Identifiers,
    tokens: Tokens,
    text: string,
    spans: readonly DefinitionSpan[],
  ) {
    this.#rules = rules;
    this.#words = wordsOf(rules, identifiers);
    this.#tokens = tokens;
    this.#identifiers = identifiers;
    this.#definitions = new Definitions(spans);
    this.#locals = new Locals(rules, tokens, identifiers);
    this.#statement = new Statement(rules, tokens, identifiers);
    this.#list = new ReferenceList(text, identifiers);
    this.#looks = new Uint8Array(identifiers.count);
  }

  run(): readonly ExtractedReference[] {
    const tokens = this.#tokens;
    for (let index = 0; index < tokens.count; index++) {
      const kind = tokens.kinds[index];
      if (tokens.breaks[index] === 1) this.#statement.breakLine(index);
      if (kind === TOKEN.sign) this.#statement.sign(tokens.values[index] ?? 0);
      else if (kind === TOKEN.word) this.#word(index, tokens.values[index] ?? 0);
    }
    return this.#list.references;
  }

  #word(index: number, id: number): void {
    if (id < this.#identifiers.keywordCount) return this.#statement.keyword(index, id);
    const start = this.#tokens.starts[index] ?? 0;
    const own = this.#definitions.named(start);
    if (own !== -1) {
      if (this.#definitions.isCode(own)) this.#locals.learnParameters(index, own);
      return;
    }
    const around = this.#definitions.around(start);
    if (this.#rules.commands === true) return this.#command(index, id, start, around);
    // The name of something that is defined inside of a function.
    if (this.#locals.isIntroduced(index)) {
      if (around !== -1) this.#locals.learnVariable(index, around);
      return;
    }
    const isMember = this.#isMember(index);
    const isCall = this.#isCall(index);
    if (this.#statement.mode === "code" && !isMember) {
      const inFunction = around !== -1 && this.#definitions.isCode(around);
      if (inFunction && !isCall) this.#locals.learnVariable(index, around);
      if (!isCall && this.#locals.has(id, around)) return;
      if (this.#isArgumentName(index)) return;
    }
    this.#list.add(id, start, this.#role(index, id, isCall), around);
  }

  /** A command at the start of one, `$name`, `name=`; any other word is text. */
  #command(index: number, id: number, start: number, around: number): void {
    const tokens = this.#tokens;
    const before = tokens.sign(index - 1);
    const touches = tokens.ends[index - 1] === start;
    const isBraced = before === OPEN_BRACE && tokens.sign(index - 2) === DOLLAR;
    const isValue = touches && (before === DOLLAR || isBraced);
    const isWritten = tokens.sign(index + 1) === EQUALS &&
      tokens.starts[index + 1] === tokens.ends[index];
    // Behind a string that goes on touches one: "$(name)".
    const isCommand = touches
      ? tokens.kinds[index - 1] === TOKEN.literal || before === OPEN
      : tokens.breaks[index] === 1 || COMMAND_STARTS.has(before) ||
        this.#words.commands.has(tokens.word(index - 1));
    if (around !== -1) this.#locals.learnVariable(index, around);
    if (this.#identifiers.word(id).startsWith("-") || this.#locals.has(id, around)) return;
    const called = isCommand ? "call" : null;
    const role = isValue ? "read" : isWritten ? "write" : called;
    if (role !== null) this.#list.add(id, start, role, around);
  }

  /** Behind a dot, an arrow or a double colon. */
  #isMember(index: number): boolean {
    const sign = this.#tokens.sign(index - 1);
    if (sign === DOT) return this.#tokens.sign(index - 2) !== DOT;
    const before = this.#tokens.sign(index - 2);
    return (sign === GREATER && before === MINUS) || (sign === COLON && before === COLON);
  }

  #isCall(index: number): boolean {
    const tokens = this.#tokens;
    const next = tokens.sign(index + 1);
    if (next === OPEN) return tokens.breaks[index + 1] !== 1 || this.#rules.elision !== null;
    // A macro of Rust.
    if (next === BANG && tokens.sign(index + 2) !== EQUALS) {
      return tokens.starts[index + 1] === tokens.ends[index] && this.#rules.order === "name";
    }
    return this.#rules.bareCalls && this.#isMember(index) && next !== EQUALS &&
      !looksLikeType(this.#identifiers.word(tokens.word(index)));
  }

  /** `size` of `resize(size = 1)` is the other side's name. */
  #isArgumentName(index: number): boolean {
    if (!this.#rules.namedArguments || this.#statement.parentheses <= 0) return false;
    if (this.#tokens.sign(index + 1) !== EQUALS) return false;
    const before = this.#tokens.sign(index - 1);
    return this.#tokens.sign(index + 2) !== EQUALS && (before === OPEN || before === COMMA);
  }

  #role(index: number, id: number, isCall: boolean): ReferenceRole {
    if (this.#statement.mode === "import") return "import";
    if (this.#statement.inherits) return "inherit";
    if (isCall) return "call";
    if (this.#isType(index, id)) return "type";
    return this.#isWritten(index) ? "write" : "read";
  }

  #isType(index: number, id: number): boolean {
    const tokens = this.#tokens;
    const next = tokens.sign(index + 1);
    const before = tokens.word(index - 1);
    if (before >= 0 && this.#words.types.has(before)) return true;
    // `Type::member`
    const isPath = next === COLON && tokens.sign(index + 2) === COLON;
    if (this.#rules.capitalTypes) {
      return next !== DOT && this.#looksTyped(id);
    }
    if (this.#rules.order === "name") return false;
    // `type name` on one line, `type *name`, `type &name`.
    const isBeforeName = tokens.word(index + 1) >= this.#identifiers.keywordCount;
    const isPointer = (next === STAR || next === AMPERSAND) && this.#beginsDeclaration(index);
    return isPath || isPointer || (isBeforeName && tokens.breaks[index + 1] !== 1);
  }

  #looksTyped(id: number): boolean {
    const known = this.#looks[id];
    if (known !== undefined && known !== 0) return known === 1;
    const looks = looksLikeType(this.#identifiers.word(id));
    this.#looks[id] = looks ? 1 : 2;
    return looks;
  }

  /** Whether a star behind a word makes a pointer of it rather than a product. */
  #beginsDeclaration(index: number): boolean {
    const tokens = this.#tokens;
    const keyword = tokens.word(index - 1);
    if (tokens.breaks[index] === 1) return true;
    if (keyword >= 0) return keyword < this.#identifiers.keywordCount;
    const before = tokens.sign(index - 1);
    const begins = before === OPEN || before === COMMA || before === SEMICOLON;
    const third = tokens.sign(index + 2);
    return begins && (tokens.word(index + 2) >= 0 || third === STAR || third === CLOSE);
  }

  #isWritten(index: number): boolean {
    const tokens = this.#tokens;
    const next = tokens.sign(index + 1);
    const second = tokens.sign(index + 2);
    const isAnnotation = this.#rules.order === "name" && tokens.sign(index - 1) === COLON;
    if (next === EQUALS && isAnnotation) return false;
    if (next === EQUALS) return !COMPARING.has(second);
    const touches = tokens.starts[index + 2] === tokens.ends[index + 1];
    if (ASSIGNING.has(next) && second === EQUALS) return touches;
    if ((next === PLUS || next === MINUS) && second === next) return touches;
    // The key of an object.
    const before = tokens.sign(index - 1);
    return next === COLON && second !== COLON && (before === OPEN_BRACE || before === COMMA) &&
      this.#rules.elision !== null;
  }
}

/** The references among the tokens of a text whose definitions are known. */
export function findReferences(
  rules: ReferenceRules,
  identifiers: Identifiers,
  tokens: Tokens,
  text: string,
  spans: readonly DefinitionSpan[],
): readonly ExtractedReference[] {
  return new ReferenceWalk(rules, identifiers, tokens, text, spans).run();
}

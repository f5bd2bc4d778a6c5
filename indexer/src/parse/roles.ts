/**
 * Tells what is done with a name by its neighbours: whether it is a member, called, a type, written.
 * Knows tokens and a language's rules, and neither definitions nor locals.
 */
import type { Identifiers } from "./identifiers.ts";
import type { NumberSet } from "./number_set.ts";
import type { ReferenceRules } from "./reference_rules.ts";
import type { Statement } from "./statement.ts";
import type { ReferenceRole } from "./symbol.ts";
import { TOKEN, type Tokens } from "./tokens.ts";
import { isTypePlace } from "./type_places.ts";
import {
  AMPERSAND,
  AT,
  BANG,
  CLOSE,
  COLON,
  COMMA,
  DOT,
  EQUALS,
  GREATER,
  LESS,
  MINUS,
  OPEN,
  OPEN_BRACE,
  PLUS,
  QUESTION,
  SEMICOLON,
  SLASH,
  STAR,
  unitsOf,
} from "./signs.ts";
import { WordNumbers } from "./word_numbers.ts";

/** Signs that an equals sign behind them makes an assignment of. */
const ASSIGNING = unitsOf("+-*/%&|^?");

/** Signs behind an equals sign that make a comparison or an arrow of it. */
const COMPARING = unitsOf("=>~");

/** What a macro's arguments open with. */
const MACRO_OPENS = unitsOf("([{");

/** What may stand in the arguments of a generic type. */
const IN_ARGUMENTS = unitsOf(",.?[]*&:|");

/** The arguments of a generic type are no longer than this. */
const ARGUMENT_TOKENS_MAX = 32;

/** The first alternative of a choice is no longer than this. */
const CHOICE_TOKENS_MAX = 16;

/** A capital letter and a small one: `Reader`, not `MAX`. */
export function looksLikeType(word: string): boolean {
  return /^_*\p{Lu}\P{Lu}*\p{Ll}|^\p{Lu}$/u.test(word);
}

/** The roles of the names in the tokens of one file after another. */
export class Roles {
  readonly #rules: ReferenceRules;
  readonly #tokens: Tokens;
  readonly #identifiers: Identifiers;
  readonly #keywordCount: number;
  readonly #typeWords: NumberSet;
  readonly #beforeValue: NumberSet;
  readonly #inheritWords: NumberSet;
  readonly #typeNames: ReadonlySet<string>;
  readonly #extends: number;
  /** 1 for a word that looks like a type, 2 for one that does not, 0 before it is known. */
  readonly #looks = new WordNumbers();
  /** Up to which token the names are arguments of a generic type. */
  #argumentsEnd = 0;

  constructor(rules: ReferenceRules, tokens: Tokens, identifiers: Identifiers) {
    this.#rules = rules;
    this.#tokens = tokens;
    this.#identifiers = identifiers;
    this.#keywordCount = identifiers.keywordCount;
    this.#typeWords = identifiers.keywords(rules.typeWords);
    this.#beforeValue = identifiers.keywords(rules.lexis.beforeValue);
    this.#inheritWords = identifiers.keywords(rules.inherits.words);
    this.#typeNames = new Set(rules.typeNames);
    this.#extends = identifiers.keyword("extends");
  }

  /** Begins with a file, whose tokens are there. */
  begin(): void {
    this.#looks.begin(this.#identifiers.count);
    this.#argumentsEnd = 0;
  }

  /** Whether a word stands behind a dot, an arrow or a double colon. */
  isMember(index: number): boolean {
    const sign = this.#tokens.sign(index - 1);
    if (sign === DOT) return this.#tokens.sign(index - 2) !== DOT;
    const before = this.#tokens.sign(index - 2);
    return (sign === COLON && before === COLON) ||
      (sign === GREATER && before === MINUS && this.#rules.memberArrows === true);
  }

  /** Whether a word is called. */
  isCall(index: number): boolean {
    const tokens = this.#tokens;
    const next = tokens.sign(index + 1);
    if (next === OPEN) return tokens.breaks[index + 1] !== 1 || this.#rules.elision !== null;
    if (next === LESS && tokens.sign(this.#behindArguments(index)) === OPEN) return true;
    // A macro of Rust.
    if (next === BANG && MACRO_OPENS.has(tokens.sign(index + 2))) {
      return tokens.starts[index + 1] === tokens.ends[index] && this.#rules.order === "name";
    }
    if (this.#rules.tags === true && this.isTag(index)) return true;
    if (!this.#rules.bareCalls || looksLikeType(this.#identifiers.word(tokens.word(index)))) {
      return false;
    }
    return this.isMember(index) ? next !== EQUALS : this.#hasBareArgument(index);
  }

  /** `<Button`, but neither `</Button` nor `a < b` nor the parameters of a type. */
  isTag(index: number): boolean {
    const tokens = this.#tokens;
    if (tokens.sign(index - 1) !== LESS || tokens.ends[index - 1] !== tokens.starts[index]) {
      return false;
    }
    const before = tokens.word(index - 2);
    const isBehindName = before >= this.#keywordCount &&
      tokens.ends[index - 2] === tokens.starts[index - 1];
    // `<T,>(value: T)` and `<T extends A>(value: T)`
    const isParameter = tokens.sign(index + 1) === COMMA ||
      tokens.word(index + 1) === this.#extends;
    return !isBehindName && !isParameter;
  }

  /** `</Button` */
  isTagEnd(index: number): boolean {
    return this.#tokens.sign(index - 1) === SLASH && this.#tokens.sign(index - 2) === LESS;
  }

  /** What is done with the word `id` at a token. */
  roleOf(index: number, id: number, isCall: boolean, statement: Statement): ReferenceRole {
    if (statement.mode === "import") return "import";
    if (statement.inherits) {
      // `metaclass=Meta`
      return this.#tokens.sign(index - 1) === EQUALS ? "read" : "inherit";
    }
    const isPath = this.#tokens.sign(index + 1) === COLON &&
      this.#tokens.sign(index + 2) === COLON;
    if (statement.isImplemented(index)) return isPath ? "read" : "inherit";
    if (isCall) return "call";
    if (this.#isType(index, id) || this.#isArgument(index, statement)) return "type";
    return this.#isWritten(index, statement) ? "write" : "read";
  }

  /** Whether `name name(` declares a function or a variable rather than calls one. */
  isDeclared(index: number): boolean {
    const tokens = this.#tokens;
    if (tokens.breaks[index] === 1 || this.#rules.order !== "type") return false;
    const before = tokens.word(index - 1);
    // `Guard<Lock> guard(lock)`
    if (before < 0) return index - 1 === this.#argumentsEnd && index > 1;
    if (before < this.#keywordCount) return !this.#beforeValue.has(before);
    return looksLikeType(this.#identifiers.word(before)) ||
      this.#typeWords.has(tokens.word(index - 2));
  }

  /** `it "works"`, `plug Auth`: a name and its argument, without parentheses. */
  #hasBareArgument(index: number): boolean {
    const tokens = this.#tokens;
    // An attribute of Elixir has a value and is not called.
    if (tokens.breaks[index + 1] === 1 || tokens.sign(index - 1) === AT) return false;
    if (tokens.starts[index + 1] === tokens.ends[index]) return false;
    if (tokens.kinds[index + 1] === TOKEN.literal) return true;
    return tokens.word(index + 1) >= this.#keywordCount;
  }

  #isArgument(index: number, statement: Statement): boolean {
    if (index < this.#argumentsEnd) return true;
    return statement.mode === "inherit" && statement.isTypeArgument;
  }

  #isType(index: number, id: number): boolean {
    const tokens = this.#tokens;
    const next = tokens.sign(index + 1);
    const before = tokens.word(index - 1);
    if (before >= 0 && this.#typeWords.has(before)) return true;
    if (this.#rules.typePlaces === true) return isTypePlace(tokens, index, this.#keywordCount);
    if (next === LESS && this.#rules.order === "type" && this.#behindArguments(index) !== -1) {
      return true;
    }
    // `Type::member`
    const isPath = next === COLON && tokens.sign(index + 2) === COLON;
    if (this.#rules.capitalTypes) {
      return next !== DOT && this.#looksTyped(id) && !this.#isValueMember(index);
    }
    if (this.#rules.order === "name") return false;
    // `type name` on one line, `type *name`, `type &name`.
    const isNullable = next === QUESTION && tokens.starts[index + 1] === tokens.ends[index];
    const isBeforeName = tokens.word(isNullable ? index + 2 : index + 1) >= this.#keywordCount;
    const isPointer = (next === STAR || next === AMPERSAND) && this.#beginsDeclaration(index);
    return isPath || isPointer || (isBeforeName && tokens.breaks[index + 1] !== 1);
  }

  /** `Policy.Keep`, `Policy::Keep`: a member of a type that stands where a value does. */
  #isValueMember(index: number): boolean {
    const tokens = this.#tokens;
    const isDot = tokens.sign(index - 1) === DOT;
    const owner = tokens.word(isDot ? index - 2 : index - 3);
    if (owner < this.#keywordCount || !this.isMember(index) || !this.#looksTyped(owner)) {
      return false;
    }
    const next = tokens.sign(index + 1);
    if (next === LESS || tokens.sign(index + 2) === COLON && next === COLON) return false;
    if (!isDot) return true;
    if (tokens.word(index + 1) >= 0 && this.#rules.order === "type") return false;
    let first = index - 2;
    while (tokens.sign(first - 1) === DOT && tokens.word(first - 2) >= 0) first -= 2;
    const word = tokens.word(first - 1);
    if (word >= 0) return !this.#typeWords.has(word) && !this.#inheritWords.has(word);
    const before = tokens.sign(first - 1);
    if (before === COLON) return this.#isBehindQuestion(first);
    return before !== LESS && before !== AT && tokens.sign(index + 1) !== GREATER;
  }

  /** Whether a colon is the second sign of a choice: `a ? b : c`. */
  #isBehindQuestion(index: number): boolean {
    const tokens = this.#tokens;
    for (let back = index - 2; back > index - CHOICE_TOKENS_MAX && back >= 0; back--) {
      if (tokens.sign(back) === QUESTION) return tokens.sign(back + 1) !== COLON;
      if (tokens.sign(back) === SEMICOLON || tokens.sign(back) === OPEN_BRACE) return false;
    }
    return false;
  }

  /** The token behind the arguments of a generic type or function; -1 where there are none. */
  #behindArguments(index: number): number {
    const tokens = this.#tokens;
    if (tokens.starts[index + 1] !== tokens.ends[index]) return -1;
    const limit = Math.min(tokens.count, index + ARGUMENT_TOKENS_MAX);
    for (let next = index + 1, depth = 0; next < limit; next++) {
      const sign = tokens.sign(next);
      if (sign === LESS) depth += 1;
      else if (sign === GREATER) {
        depth -= 1;
        if (depth > 0) continue;
        this.#argumentsEnd = Math.max(this.#argumentsEnd, next);
        return next + 1;
      } else if (tokens.word(next) < 0 && !IN_ARGUMENTS.has(sign)) return -1;
    }
    return -1;
  }

  #looksTyped(id: number): boolean {
    const known = this.#looks.of(id);
    if (known !== 0) return known === 1;
    const word = this.#identifiers.word(id);
    const looks = looksLikeType(word) || this.#typeNames.has(word);
    this.#looks.set(id, looks ? 1 : 2);
    return looks;
  }

  /** Whether a star behind a word makes a pointer of it rather than a product. */
  #beginsDeclaration(index: number): boolean {
    const tokens = this.#tokens;
    let first = index;
    while (tokens.sign(first - 1) === COLON && tokens.word(first - 3) >= 0) first -= 3;
    const keyword = tokens.word(first - 1);
    if (tokens.breaks[first] === 1) return true;
    if (keyword >= 0) return keyword < this.#keywordCount;
    const before = tokens.sign(first - 1);
    const begins = before === OPEN || before === COMMA || before === SEMICOLON;
    const third = tokens.sign(index + 2);
    return begins && (tokens.word(index + 2) >= 0 || third === STAR || third === CLOSE);
  }

  #isWritten(index: number, statement: Statement): boolean {
    const tokens = this.#tokens;
    const next = tokens.sign(index + 1);
    const second = tokens.sign(index + 2);
    const isAnnotation = this.#rules.order === "name" && tokens.sign(index - 1) === COLON &&
      tokens.breaks[index] !== 1;
    if (next === EQUALS && isAnnotation) return false;
    if (next === EQUALS) return !COMPARING.has(second);
    const touches = tokens.starts[index + 2] === tokens.ends[index + 1];
    if (ASSIGNING.has(next) && second === EQUALS) return touches;
    if ((next === PLUS || next === MINUS) && second === next) return touches;
    return this.isKey(index, statement);
  }

  /** Whether a word is the key of an object: `{ key: value }`. */
  isKey(index: number, statement: Statement): boolean {
    const tokens = this.#tokens;
    const before = tokens.sign(index - 1);
    const second = tokens.sign(index + 2);
    // `a::b` and `a := b`
    return tokens.sign(index + 1) === COLON && second !== COLON && second !== EQUALS &&
      (before === OPEN_BRACE || before === COMMA) &&
      statement.bracket === OPEN_BRACE && this.#rules.elision !== null;
  }
}

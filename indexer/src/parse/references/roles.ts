/**
 * Tells what is done with a name by its neighbours: whether it is a type, inherited, written. Knows
 * tokens and a language's rules, and neither definitions nor locals.
 */
import type { Calls } from "./calls.ts";
import { type Identifiers, isCapital, looksLikeType } from "../tokens/identifiers.ts";
import type { NumberSet } from "../tokens/number_set.ts";
import type { ReferenceRules } from "../reference_rules.ts";
import type { Statement } from "./statement.ts";
import type { ReferenceRole } from "../symbol.ts";
import type { Tokens } from "../tokens/tokens.ts";
import {
  isAnnotated,
  isAnnotation,
  isArrayType,
  isAttribute,
  isBehindChoice,
  isBehindColon,
  isConstraint,
  isLiteralMember,
  isNamespace,
  pathStart,
} from "./named_types.ts";
import { isAssigned, isAssignedInList, isSet } from "./assignments.ts";
import { isInitialized } from "./initializers.ts";
import { isSpacedType, type Words } from "./pointers.ts";
import { isTypePlace, type TypeWords } from "./type_places.ts";
import { typedRole } from "./type_statements.ts";
import {
  AMPERSAND,
  AT,
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
  OPEN_BRACKET,
  QUESTION,
  unitsOf,
} from "../tokens/signs.ts";
import { WordNumbers } from "../tokens/word_numbers.ts";

/** What may stand behind a type in `typeof(Type)` and `static_cast<Type*>`. */
const AFTER_TYPE = unitsOf(")>*&");

/** The roles of the names in the tokens of one file after another. */
export class Roles {
  readonly #rules: ReferenceRules;
  readonly #tokens: Tokens;
  readonly #identifiers: Identifiers;
  readonly #calls: Calls;
  readonly #keywordCount: number;
  readonly #typeWords: NumberSet;
  readonly #beforeValue: NumberSet;
  readonly #inheritWords: NumberSet;
  readonly #selfWords: NumberSet;
  readonly #typeCalls: NumberSet;
  readonly #new: number;
  readonly #where: number;
  readonly #using: number;
  /** A word that is reserved in a setter, and elsewhere the name of a parameter. */
  readonly #value: number;
  /** The word before a function whose parameters are annotated; -1 where they are not. */
  readonly #def: number;
  readonly #typeNames: ReadonlySet<string>;
  readonly #words: Words & TypeWords;
  /** 1 for a word that looks like a type, 2 for one that does not, 0 before it is known. */
  readonly #looks = new WordNumbers();

  constructor(
    rules: ReferenceRules,
    tokens: Tokens,
    identifiers: Identifiers,
    calls: Calls,
  ) {
    this.#calls = calls;
    this.#rules = rules;
    this.#tokens = tokens;
    this.#identifiers = identifiers;
    this.#keywordCount = identifiers.keywordCount;
    this.#typeWords = identifiers.keywords(rules.typeWords);
    this.#beforeValue = identifiers.keywords(rules.lexis.beforeValue);
    this.#inheritWords = identifiers.keywords(rules.inherits.words);
    this.#selfWords = identifiers.keywords(rules.selfWords);
    this.#typeCalls = identifiers.keywords(rules.typeCalls);
    this.#new = identifiers.keyword("new");
    this.#where = identifiers.keyword("where");
    this.#using = identifiers.keyword("using");
    this.#value = identifiers.keyword("value");
    this.#def = identifiers.keyword(rules.annotates ?? "");
    this.#typeNames = new Set(rules.typeNames);
    const [keywordCount, beforeValue] = [this.#keywordCount, this.#beforeValue];
    const func = identifiers.keyword("func");
    this.#words = { keywordCount, beforeValue, func, resultArrows: rules.initializers === true };
  }

  /** Begins with a file, whose tokens are there. */
  begin(): void {
    this.#looks.begin(this.#identifiers.count);
  }

  /** What is done with the word `id` at a token. */
  roleOf(index: number, id: number, isCall: boolean, statement: Statement): ReferenceRole {
    if (statement.mode === "import") return "import";
    if (statement.isTyped(index)) return typedRole(this.#tokens, index);
    if (statement.inherits(id) && this.#isQualifier(index)) return "read";
    if (statement.inherits(id)) {
      // `metaclass=Meta`
      return this.#tokens.sign(index - 1) === EQUALS ? "read" : "inherit";
    }
    const isPath = this.#tokens.sign(index + 1) === COLON &&
      this.#tokens.sign(index + 2) === COLON;
    if (statement.isImplemented(index)) return isPath ? "read" : "inherit";
    if (this.#rules.initializers === true && isInitialized(this.#tokens, index)) {
      // `Ring(int size) : Base(size)`
      if (!this.#looksTyped(id)) return "write";
    }
    if (isCall) return "call";
    if (this.#isArgument(index, statement)) return "type";
    if (this.#isAnnotation(index, statement)) return "type";
    if (this.#rules.objects === true && this.isKey(index, statement)) return "write";
    if (this.#isType(index, id) && !this.#isPassed(index, statement)) return "type";
    return this.#isWritten(index, statement) ? "write" : "read";
  }

  /** Whether `name name(` declares a function or a variable rather than calls one. */
  isDeclared(index: number): boolean {
    const tokens = this.#tokens;
    if (tokens.breaks[index] === 1 || this.#rules.order !== "type") return false;
    const before = tokens.word(index - 1);
    // `Guard<Lock> guard(lock)`
    if (before < 0) return index - 1 === this.#calls.argumentsEnd && index > 1;
    const isMember = this.#calls.isMember(index - 1);
    // `a.template convert<T>()`
    if (before < this.#keywordCount) return !isMember && !this.#beforeValue.has(before);
    // `a::view b(c)`, but neither `MACRO a(b)` nor `a MACRO(b)`
    const [type, name] = [before, tokens.word(index)].map((id) => this.#identifiers.word(id));
    const isSmall = type !== type?.toUpperCase() && name !== name?.toUpperCase();
    if (this.#rules.initializers === true && isSmall) return true;
    return !isMember && (looksLikeType(type ?? "") || this.#typeWords.has(tokens.word(index - 2)));
  }

  /** `memo(Panel)`, `new Grid(Row, Cell)`: a name alone that is passed to what is called. */
  #isPassed(index: number, statement: Statement): boolean {
    if (this.#rules.valueArguments !== true || statement.bracket !== OPEN) return false;
    const tokens = this.#tokens;
    const before = tokens.sign(index - 1);
    const next = tokens.sign(index + 1);
    const isNamed = before === EQUALS && this.#rules.namedArguments;
    const isAlone = (before === OPEN || before === COMMA || isNamed) &&
      (next === CLOSE || next === COMMA);
    const open = statement.opening;
    const isCall = tokens.word(open - 1) >= this.#keywordCount || tokens.sign(open - 1) === GREATER;
    return isAlone && isCall;
  }

  #isAnnotation(index: number, { opening }: Statement): boolean {
    const def = this.#def;
    return def >= 0 && isAnnotation(this.#tokens, index, opening, def, this.#keywordCount);
  }

  #isArgument(index: number, statement: Statement): boolean {
    if (index < this.#calls.argumentsEnd) return true;
    return statement.mode === "inherit" && statement.isTypeArgument;
  }

  #isType(index: number, id: number): boolean {
    const tokens = this.#tokens;
    const next = tokens.sign(index + 1);
    const before = tokens.word(index - 1);
    if (isNamespace(tokens, index)) return false;
    if (before >= 0 && this.#typeWords.has(before)) return true;
    if (this.#rules.typePlaces === true) return isTypePlace(tokens, index, this.#words);
    if (
      next === LESS && this.#rules.order === "type" && this.#calls.behindArguments(index) !== -1
    ) {
      return true;
    }
    // `Type::member`
    const isPath = next === COLON && tokens.sign(index + 2) === COLON;
    if (this.#rules.capitalTypes) {
      if (next === DOT || isLiteralMember(tokens, index)) return false;
      const isAnnotated = this.#rules.colonTypes === true && isBehindColon(tokens, index);
      if (isAnnotated && isCapital(this.#identifiers.word(id))) return true;
      return this.#looksTyped(id) && !this.#isValueMember(index);
    }
    if (this.#rules.order === "name") return false;
    // `type name` on one line, `type *name`, `type &name`.
    const isNullable = next === QUESTION && tokens.touches(index + 1) &&
      this.#rules.memberArrows !== true;
    const name = tokens.word(isNullable ? index + 2 : index + 1);
    const isBeforeName = name >= this.#keywordCount || (name >= 0 && name === this.#value);
    return (isPath && this.#isOwner(id)) || isSpacedType(tokens, index, this.#words) ||
      (isBeforeName && tokens.breaks[index + 1] !== 1) ||
      this.#isNamedType(index);
  }

  /** Whether the name before a double colon is of a type: those of namespaces begin small in C++. */
  #isOwner(id: number): boolean {
    return this.#rules.initializers !== true || isCapital(this.#identifiers.word(id));
  }

  /** `Type[] name`, `new Type[1]`, `new a.Type { b = 1 }`, `where T : Type`, `typeof(Type)` */
  #isNamedType(index: number): boolean {
    const tokens = this.#tokens;
    if (tokens.sign(index + 1) === DOT) return false;
    const first = pathStart(tokens, index);
    if (this.#new >= 0 && tokens.word(first - 1) === this.#new) return true;
    if (tokens.sign(index + 1) === OPEN_BRACKET) return isArrayType(tokens, index);
    if (isAttribute(tokens, index) || isConstraint(tokens, index, this.#where)) return true;
    const before = tokens.sign(first - 1);
    // `using Name = Type;`
    if (before === EQUALS) return this.#using >= 0 && tokens.word(first - 3) === this.#using;
    // `sizeof(a.b)`
    const isOfValue = this.#rules.memberArrows === true && tokens.sign(index - 1) === DOT;
    const word = !isOfValue && (before === OPEN || before === LESS) ? tokens.word(first - 2) : -1;
    return word >= 0 && this.#typeCalls.has(word) && AFTER_TYPE.has(tokens.sign(index + 1));
  }

  /** `Policy.Keep`, `Policy::Keep`: a member of a type that stands where a value does. */
  #isValueMember(index: number): boolean {
    const tokens = this.#tokens;
    const isDot = tokens.sign(index - 1) === DOT;
    const owner = tokens.word(isDot ? index - 2 : index - 3);
    const isSelf = owner >= 0 && this.#selfWords.has(owner);
    const mayOwn = isSelf || (owner >= this.#keywordCount && this.#looksTyped(owner));
    if (!mayOwn || !this.#calls.isMember(index)) return false;
    const next = tokens.sign(index + 1);
    if (next === LESS || tokens.sign(index + 2) === COLON && next === COLON) return false;
    if (!isDot) return !isSelf || !this.#isTypeOfSelf(index);
    if (tokens.word(index + 1) >= 0 && this.#rules.order === "type") return false;
    let first = index - 2;
    while (tokens.sign(first - 1) === DOT && tokens.word(first - 2) >= 0) first -= 2;
    const word = tokens.word(first - 1);
    if (word >= 0) return !this.#typeWords.has(word) && !this.#inheritWords.has(word);
    const before = tokens.sign(first - 1);
    if (before === COLON) return isBehindChoice(tokens, first);
    return before !== LESS && before !== AT && tokens.sign(index + 1) !== GREATER;
  }

  /** `Self::Item` where a type stands: the path alone does not tell it from a value. */
  #isTypeOfSelf(index: number): boolean {
    const tokens = this.#tokens;
    const next = tokens.sign(index + 1);
    const word = tokens.word(index - 4);
    const before = tokens.sign(index - 4);
    const isResult = before === GREATER && tokens.sign(index - 5) === MINUS;
    return next === GREATER || next === COLON || isResult || before === LESS ||
      before === COLON || before === AMPERSAND ||
      (word >= 0 && (this.#typeWords.has(word) || !this.#beforeValue.has(word)));
  }

  /** `Store` of `Store::Base`, of `Store.Base` and of `Store\Base`. */
  #isQualifier(index: number): boolean {
    const tokens = this.#tokens;
    if (isNamespace(tokens, index)) return true;
    const next = tokens.sign(index + 1);
    const isColons = next === COLON && tokens.sign(index + 2) === COLON;
    return tokens.breaks[index + 1] !== 1 &&
      (isColons && tokens.word(index + 3) >= 0 || next === DOT && tokens.word(index + 2) >= 0);
  }

  #looksTyped(id: number): boolean {
    const known = this.#looks.of(id);
    if (known !== 0) return known === 1;
    const word = this.#identifiers.word(id);
    const looks = this.#calls.looksTyped(word) || this.#typeNames.has(word);
    this.#looks.set(id, looks ? 1 : 2);
    return looks;
  }

  #isWritten(index: number, statement: Statement): boolean {
    const tokens = this.#tokens;
    const next = tokens.sign(index + 1);
    const isAnnotation = this.#rules.order === "name" && tokens.sign(index - 1) === COLON &&
      tokens.sign(index - 2) !== COLON && tokens.breaks[index] !== 1;
    if (next === EQUALS && isAnnotation) return false;
    if (this.#rules.bareCalls ? isSet(tokens, index) : isAssigned(tokens, index)) return true;
    if (statement.bracket !== OPEN && isAssignedInList(tokens, index)) return true;
    if (this.#def >= 0 && isAnnotated(tokens, index, statement.opening)) return true;
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

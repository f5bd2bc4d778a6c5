/**
 * Finds the references of a file among its tokens: every name that is not defined there, not
 * reserved, and not a parameter or a variable of the function around it. Knows tokens and a language's
 * rules, and no grammar.
 */
import { isParameterName } from "./argument_names.ts";
import { Calls } from "./calls.ts";
import { Commands } from "./commands.ts";
import { Definitions, type DefinitionSpan } from "../declarations/definitions.ts";
import type { Identifiers } from "../tokens/identifiers.ts";
import { isInitialized } from "./initializers.ts";
import { listStart } from "./introductions.ts";
import {
  arrowParameters,
  ARROWS,
  barParameters,
  isArrow,
  type LambdaWords,
  lambdaWords,
  parametersBehind,
  patternVariables,
  wordParameters,
} from "./lambdas.ts";
import type { Lexer } from "../tokens/lexer.ts";
import { KeywordNames } from "./keyword_names.ts";
import { Locals } from "./locals.ts";
import { Marks } from "./marks.ts";
import { NumberSet } from "../tokens/number_set.ts";
import { Objects } from "./objects.ts";
import { ReferenceList } from "./reference_list.ts";
import type { ReferenceRules } from "../reference_rules.ts";
import { Roles } from "./roles.ts";
import type { ExtractedReference } from "../symbol.ts";
import { Statement } from "./statement.ts";
import { TakenNames } from "./taken_names.ts";
import { TOKEN, type Tokens } from "../tokens/tokens.ts";
import { TypeParameters } from "./type_parameters.ts";
import { TypePatterns } from "./type_patterns.ts";
import { BAR, COLON, HASH, LESS, OPEN, QUESTION } from "../tokens/signs.ts";

/** Walks over the tokens of one lexer, of one file after another. */
export class ReferenceWalk {
  readonly #rules: ReferenceRules;
  readonly #tokens: Tokens;
  readonly #identifiers: Identifiers;
  #definitions = new Definitions([]);
  readonly #locals: Locals;
  #list: ReferenceList;
  readonly #statement: Statement;
  readonly #roles: Roles;
  readonly #calls: Calls;
  readonly #commands: Commands;
  readonly #keywordNames: KeywordNames;
  /** Keywords that begin a function without a name. */
  readonly #functions: NumberSet;
  /** The units that begin what is behind or around a function's parameters. */
  readonly #lambdaSigns: NumberSet;
  readonly #typeParameters: TypeParameters;
  readonly #typePatterns: TypePatterns;
  readonly #taken: TakenNames;
  readonly #objects: Objects;
  readonly #marks: Marks;
  readonly #read: number;
  /** The word before a pattern; -1 where patterns are told otherwise. */
  readonly #case: number;
  readonly #if: number;
  /** The word behind the parameters of a function without a name; -1 where a sign is. */
  readonly #lambdaWord: number;
  readonly #for: number;
  readonly #lambdaWords: LambdaWords;

  constructor(rules: ReferenceRules, { tokens, identifiers }: Lexer) {
    this.#rules = rules;
    this.#tokens = tokens;
    this.#identifiers = identifiers;
    this.#locals = new Locals(rules, tokens, identifiers);
    this.#statement = new Statement(rules, tokens, identifiers);
    this.#calls = new Calls(rules, tokens, identifiers);
    this.#roles = new Roles(rules, tokens, identifiers, this.#calls);
    this.#list = new ReferenceList("", identifiers);
    this.#commands = new Commands(rules, tokens, identifiers);
    this.#keywordNames = new KeywordNames(rules, tokens, identifiers);
    this.#functions = identifiers.keywords(rules.lambdas?.words);
    this.#lambdaSigns = new NumberSet(
      (rules.lambdas?.signs ?? []).map((sign) => sign === "|" ? BAR : ARROWS[sign]),
    );
    this.#typeParameters = new TypeParameters(rules, tokens, identifiers);
    this.#objects = new Objects(rules, tokens, identifiers);
    this.#taken = new TakenNames(rules, tokens, identifiers);
    this.#marks = new Marks(rules, tokens, identifiers);
    this.#read = rules.commands === true ? identifiers.keyword("read") : -1;
    this.#case = rules.casePatterns === true ? identifiers.keyword("case") : -1;
    this.#if = identifiers.keyword("if");
    this.#lambdaWord = identifiers.keyword(rules.lambdas?.behind ?? "");
    this.#for = identifiers.keyword("for");
    this.#lambdaWords = lambdaWords(identifiers);
    this.#typePatterns = new TypePatterns(rules, tokens, identifiers, this.#locals);
  }

  /** The references of the text that the lexer has cut last, whose definitions are known. */
  find(text: string, spans: readonly DefinitionSpan[]): readonly ExtractedReference[] {
    this.#definitions = new Definitions(spans);
    this.#list = new ReferenceList(text, this.#identifiers);
    for (const part of [this.#locals, this.#statement, this.#roles]) part.begin();
    for (const part of [this.#typeParameters, this.#taken, this.#marks]) part.begin();
    for (const part of [this.#calls, this.#commands]) part.begin(text);
    const tokens = this.#tokens;
    for (let index = 0; index < tokens.count; index++) {
      const kind = tokens.kinds[index];
      const start = tokens.starts[index] ?? 0;
      if (tokens.breaks[index] === 1) this.#statement.breakLine(index);
      const own = this.#definitions.named(start, tokens.ends[index] ?? 0);
      if (own !== -1) this.#name(index, own);
      else if (kind === TOKEN.sign) this.#sign(index, tokens.values[index] ?? 0);
      else if (kind === TOKEN.word) this.#word(index, tokens.values[index] ?? 0, start);
    }
    return this.#list.references;
  }

  /** A token of the name of a definition. */
  #name(index: number, ordinal: number): void {
    if (this.#definitions.isCode(ordinal)) this.#locals.learnParameters(index, ordinal);
    this.#typeParameters.learnBehindName(index);
    this.#take(index);
  }

  /** Learns and adds what a name in a pattern binds and uses, if it is in one. */
  #take(index: number): boolean {
    const taken = this.#taken.at(index);
    if (taken === null) return false;
    const start = this.#tokens.starts[index] ?? 0;
    const around = this.#definitions.around(start);
    if (taken.binds) this.#locals.learnName(index, around);
    if (taken.role !== null) {
      this.#list.add(index, this.#tokens.word(index), start, taken.role, around);
    }
    return true;
  }

  #sign(index: number, sign: number): void {
    this.#statement.sign(sign, index);
    if (sign === LESS) this.#typeParameters.learnAlone(index);
    else if (sign === HASH) this.#marks.learnAttribute(index);
    if (!this.#lambdaSigns.has(sign) || this.#statement.isTyped(index)) return;
    const [tokens, words] = [this.#tokens, this.#lambdaWords];
    if (sign === BAR) this.#learnNames(index, barParameters(tokens, index, words), false);
    else if (isArrow(tokens, index, sign)) {
      const areBehind = this.#rules.lambdas?.arrowsFirst === true;
      const parameters = areBehind ? parametersBehind : arrowParameters;
      this.#learnNames(index, parameters(tokens, index, words), !areBehind);
    }
  }

  /** Learns the locals that a token speaks of; `areBefore`: they have been taken for uses. */
  #learnNames(index: number, names: readonly number[], areBefore: boolean): void {
    if (names.length === 0) return;
    const around = this.#definitions.around(this.#tokens.starts[index] ?? 0);
    for (const at of names) this.#locals.learnName(at, around);
    if (areBefore) this.#list.drop(new Set(names));
  }

  #word(index: number, id: number, start: number): void {
    const isMember = this.#calls.isMember(index);
    const isName = this.#keywordNames.isName(index, id, isMember, this.#statement);
    if (id < this.#identifiers.keywordCount && !isName) return this.#keyword(index, id, start);
    if (isName && this.#marks.isClass(index)) return;
    const around = this.#definitions.around(start);
    if (this.#rules.commands === true) return this.#command(index, id, start, around);
    const { mode } = this.#statement;
    if (mode === "package" || this.#statement.isAlias(index)) return;
    if (this.#locals.introduces(index) || this.#locals.learnsMethod(index, around)) return;
    if (this.#take(index)) return;
    const isPattern = this.#typePatterns.learn(index, around);
    // The name of something that is defined inside of a function; of an import the word says the kind.
    if (mode !== "import" && mode !== "export" && !isPattern && this.#locals.isIntroduced(index)) {
      return this.#introduced(index, around);
    }
    const next = isMember ? 0 : this.#tokens.sign(index + 1);
    const isMethod = (next === OPEN || next === LESS) && mode === "code" &&
      this.#objects.isMethod(index);
    if (isMethod) {
      this.#locals.learnParameters(index, around);
      this.#typeParameters.learnBehindName(index);
    }
    const isTyped = index < this.#calls.argumentsEnd;
    const isDeclared = (next === COLON || next === QUESTION) &&
      this.#objects.isMember(index, this.#statement, isTyped);
    if (isDeclared) return;
    const isCall = !isPattern && !isMethod && this.#calls.isCall(index);
    const isVariable = isMember && this.#isVariable(id);
    // `$a->$name` and `A::$name()` are of whatever the variable names.
    if (isVariable && (isCall || this.#tokens.sign(index - 1) !== COLON)) return;
    if (this.#marks.isMark(index, isMember, this.#isCode(around))) return;
    if (!isMember && this.#typeParameters.has(index, id)) return;
    const isCode = mode === "code" || mode === "head" || this.#statement.isArgument ||
      (mode === "inherit" && this.#rules.bareCalls && !this.#statement.inherits(id));
    if (isCode && !isMember && !isPattern) {
      if (this.#isOwn(index, around, isCall)) return;
      if (this.#isLocal(index, id, around, isCall)) return;
      if (mode !== "head" && this.#marks.isArgumentName(index, this.#statement)) return;
    } else if (mode === "inherit" && this.#marks.isArgumentName(index, this.#statement)) return;
    if (this.#rules.tags === true && this.#calls.isPlainTag(index)) return;
    const role = isMethod ? "write" : this.#roles.roleOf(index, id, isCall, this.#statement);
    this.#list.add(
      index,
      id,
      start,
      role === "read" && !isMember && this.#isNameCall(id, around) ? "call" : role,
      around,
      isVariable ? this.#rules.variableSign?.length : 0,
    );
  }

  #keyword(index: number, id: number, start: number): void {
    this.#statement.keyword(index, id);
    this.#taken.learn(index, id);
    this.#typePatterns.learnBehind(index, id, this.#definitions);
    this.#typeParameters.learnBehindKeyword(index);
    if (id === this.#read) this.#learnNames(index, this.#commands.readInto(index), false);
    const [tokens, words] = [this.#tokens, this.#lambdaWords];
    const isBehind = id === this.#lambdaWord;
    if (isBehind) this.#learnNames(index, wordParameters(tokens, index, words), true);
    if (id === this.#case) {
      this.#learnNames(index, patternVariables(tokens, index, this.#if, words), false);
    }
    if (!this.#functions.has(id) || this.#tokens.sign(index + 1) !== OPEN) return;
    this.#locals.learnParameters(index, this.#definitions.around(start));
  }

  #introduced(index: number, around: number): void {
    this.#locals.learnName(index, around);
    // A comprehension uses its variable before it names it.
    const isComprehension = this.#statement.bracket !== 0 &&
      this.#tokens.word(listStart(this.#tokens, index) - 1) === this.#for;
    if (isComprehension) this.#list.dropName(this.#tokens.word(index), this.#statement.opening);
    const next = this.#tokens.sign(index + 1);
    this.#typeParameters.learnBehindName(index);
    if (next === OPEN || next === LESS) this.#locals.learnParameters(index, around);
  }

  /** Whether a definition, if it is one, can have parameters and variables. */
  #isCode(around: number): boolean {
    return this.#definitions.isCode(around) || this.#rules.localEverywhere === true;
  }

  /** Whether a word names a parameter, a variable or a function of the code around it. */
  #isOwn(index: number, around: number, isCall: boolean): boolean {
    const isInList = this.#statement.bracket === OPEN;
    if (isInList && isParameterName(this.#tokens, index, this.#identifiers.keywordCount)) {
      const { bareCalls, labels } = this.#rules;
      if (!bareCalls && labels !== true) this.#locals.learnName(index, around);
      return true;
    }
    if (!this.#isCode(around)) return false;
    if (this.#rules.variableSign !== undefined) return this.#isVariable(this.#tokens.word(index));
    if (!isCall) this.#locals.learnVariable(index, around, this.#statement);
    if (!isCall || !this.#roles.isDeclared(index)) return false;
    this.#introduced(index, around);
    return true;
  }

  /** Whether a name that is no variable of the function around it can only be that of a method. */
  #isNameCall(id: number, around: number): boolean {
    return this.#rules.nameCalls === true && this.#isCode(around) &&
      /^[\p{Ll}_]/u.test(this.#identifiers.word(id));
  }

  /** Whether a word begins with the sign of variables. */
  #isVariable(id: number): boolean {
    const { variableSign } = this.#rules;
    return variableSign !== undefined && this.#identifiers.word(id).startsWith(variableSign);
  }

  /** Whether a word is the variable of the code around it, and neither a type's name nor a key. */
  #isLocal(index: number, id: number, around: number, isCall: boolean): boolean {
    if (isCall && this.#rules.localCalls !== true) return false;
    if (!this.#locals.has(id, around)) return false;
    if (this.#rules.order === "type" && this.#locals.isBehindTypeWord(index)) return false;
    // `Ring(int size) : size(size)`
    const isField = this.#rules.initializers === true && isInitialized(this.#tokens, index);
    return !isField && !this.#roles.isKey(index, this.#statement);
  }

  #command(index: number, id: number, start: number, around: number): void {
    const word = this.#identifiers.word(id);
    const isIntroduced = this.#locals.isIntroduced(index);
    // What is written in capital letters is everybody's, unless it is said to be local.
    const isShared = !isIntroduced && /^[A-Z][A-Z\d_]+$/.test(word);
    const [locals, isCode] = [this.#locals, around !== -1];
    if (isCode && isIntroduced) locals.learnName(index, around);
    else if (isCode && !isShared) locals.learnVariable(index, around, this.#statement);
    if (word.startsWith("-") || this.#locals.has(id, around)) return;
    const role = this.#commands.roleOf(index, this.#statement.bracket, this.#statement.opening);
    if (role !== null) this.#list.add(index, id, start, role, around);
  }
}

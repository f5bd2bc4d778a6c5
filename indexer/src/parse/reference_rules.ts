/**
 * What a language must bring so that its references can be told from its tokens, and what of its text
 * holds no definitions. Data alone.
 */
import type { Lexis } from "./tokens/lexis.ts";

/** How the braces of a language are told apart: those of types hold definitions, others do not. */
export interface ElisionRules {
  /** Words that begin what has definitions inside: `class`. */
  readonly containers: readonly string[];
  /** Words that begin a function: `func`. The last word of either kind counts. */
  readonly functions: readonly string[];
  /** Words that begin a declaration, whatever stood before. */
  readonly starts: readonly string[];
  /** Whether parentheses make a function of what has no word. */
  readonly parentheses: boolean;
  /** Whether what is assigned has no definitions. */
  readonly values: boolean;
  /** Words behind which parentheses make no function: `__attribute__`. */
  readonly attributes?: readonly string[];
  /** Whether parentheses just before a brace make a function in spite of a container's word. */
  readonly parenthesesWin?: boolean;
}

export interface ReferenceRules {
  readonly lexis: Lexis;
  /** Words that begin a statement whose names are imports. */
  readonly imports: readonly string[];
  /** Whether a statement may stand behind a colon: `try: import a`. */
  readonly statementsBehindColons?: boolean;
  /** Words that begin the head of a type. */
  readonly heads: readonly string[];
  /** Words before which one of those says whose member they begin: `class func`. */
  readonly membersOfHeads?: readonly string[];
  /** Words that begin the name of what the file belongs to, which is no use of it. */
  readonly packages?: readonly string[];
  /** Whether names are exported by a list in braces. */
  readonly exportLists?: boolean;
  /** Words in such a head, and signs, after which the names are inherited; words that end that. */
  readonly inherits: {
    readonly words: readonly string[];
    readonly signs: string;
    readonly ends?: readonly string[];
    /** Whether parentheses behind a name are a call of its constructor: `: Base(size)`. */
    readonly arguments?: boolean;
  };
  /** Words before the name of a type: `new`, `struct`. */
  readonly typeWords: readonly string[];
  /** Words whose parentheses hold a type: `typeof(`. */
  readonly typeCalls?: readonly string[];
  /** Words behind an `@` that begin a statement which says types alone. */
  readonly typeStatements?: readonly string[];
  /** Whether a capital letter tells a type. */
  readonly capitalTypes: boolean;
  /** Whether it does so in front of others too: `URL`, which is a constant elsewhere. */
  readonly everyCapital?: boolean;
  /** Whether a colon stands in front of types alone: `id: UUID`. */
  readonly colonTypes?: boolean;
  /** The word before a function whose parameters have types behind a colon, as variables do: `a: b.C = 1`. */
  readonly annotates?: string;
  /** Words for the type around, whose members are values like those of any: `self`. */
  readonly selfWords?: readonly string[];
  /** Types that have none: `int`. */
  readonly typeNames?: readonly string[];
  /** Whether a type is told by what stands in front of it alone: `name Type`, `[]Type`. */
  readonly typePlaces?: boolean;
  /** How functions without a name are told: by a word before their parameters, a sign, or a word behind. */
  readonly lambdas?: {
    readonly words?: readonly string[];
    readonly signs?: readonly ("=>" | "->" | "|")[];
    /** A word behind their parameters: `{ a, b in`. */
    readonly behind?: string;
    /** Whether parameters stand behind an arrow: `->(a) { }`. */
    readonly arrowsFirst?: boolean;
  };
  /** How parameters of types are told: in angles or brackets behind a name, or behind a word. */
  readonly typeParameters?: {
    readonly behindNames: boolean;
    readonly words?: readonly string[];
    /** Whether they stand in front of parameters too, where no name is: `<T>(a: T) => T`, `infer T`. */
    readonly alone?: boolean;
  };
  /** Whether what a `case` names with a small letter is its variable. */
  readonly casePatterns?: boolean;
  /** Whether what a `case` names with parentheses is taken apart: `case let .failure(error)`. */
  readonly casesTakeApart?: boolean;
  /** Whether a type before parentheses may be a pattern, which takes it apart: `Some(x) =>`. */
  readonly typePatterns?: boolean;
  /** Whether a variable of a function is what a call of its name calls. */
  readonly localCalls?: boolean;
  /** Words, most of them of types, that functions, macros, methods and modules are called by too. */
  readonly wordsOfTypes?: readonly string[];
  /** Types that are written like calls: `Fn(A) -> B`. */
  readonly functionTypes?: readonly string[];
  /** Whether attributes are written `#[name(…)]`. */
  readonly hashAttributes?: boolean;
  /** Whether a reserved word behind a dot is a name like any other. */
  readonly keywordMembers?: boolean;
  /** Whether a member may stand behind an arrow: `a->b`. */
  readonly memberArrows?: boolean;
  /** The sign that begins each variable: inside of functions, none of them is a reference. */
  readonly variableSign?: string;
  /** Whether tags stand among values: `<Button title="a" />`. */
  readonly tags?: boolean;
  /** Whether the arguments of a generic function stand in brackets: `max[int](a, b)`. */
  readonly squareArguments?: boolean;
  /** Whether a template that touches a name is its argument. */
  readonly taggedTemplates?: boolean;
  /** Whether a block behind a name, on its line, is its argument. */
  readonly blockArguments?: boolean;
  /** Words with a block behind a condition that has no parentheses: `if isEmpty {` calls nothing. */
  readonly bareConditions?: readonly string[];
  /** Words that begin the block of a property, which is no argument of its value: `= 1 { didSet {`. */
  readonly accessors?: readonly string[];
  /** Whether arguments and parameters have labels: `move(from start: Int)`, `move(from: 1)`. */
  readonly labels?: boolean;
  /** Whether braces are around objects, their patterns and types, as in JavaScript: `{ a, b: c, d() {} }`. */
  readonly objects?: boolean;
  /** Whether a name alone among the arguments of a call is a value, whatever it looks like. */
  readonly valueArguments?: boolean;
  /** Whether fields get their values between the parameters and the body of a constructor. */
  readonly initializers?: boolean;
  /** Words before the name of a variable. */
  readonly variables: readonly string[];
  /** Those of them that introduce all names of a list: `local a, b`. */
  readonly variableLists?: readonly string[];
  /** Such words that are names like any other where no name with a value follows. */
  readonly variablesInContext?: readonly string[];
  /** Which comes first in parameters and variables. */
  readonly order: "name" | "type";
  /** Whether an assignment to a plain name declares it. */
  readonly assigns: boolean;
  /** Whether a name before an equals sign in parentheses is an argument's. */
  readonly namedArguments: boolean;
  /** Whether a member without parentheses is called. */
  readonly bareCalls: boolean;
  /** Whether a variable is of the code around it anywhere, in a type and in a file too. */
  readonly localEverywhere?: boolean;
  /** The word before the name of a method, which is no variable of a function around it. */
  readonly methodWord?: string;
  /** Whether a small name in a function that is no variable of it is called: `limit`. */
  readonly nameCalls?: boolean;
  /** The word behind which a name for an error is given with `=>`. */
  readonly rescue?: string;
  /** Whether an at sign begins the name of what the language has: `@memcpy(a, b)`. */
  readonly builtins?: boolean;
  /** Whether a plain word is a command or text, so that only its place tells a reference. */
  readonly commands?: boolean;
  readonly elision: ElisionRules | null;
}

/** Every key, in one order. */
const NO_RULES: Record<keyof ReferenceRules, undefined> = {
  lexis: undefined,
  imports: undefined,
  statementsBehindColons: undefined,
  heads: undefined,
  membersOfHeads: undefined,
  packages: undefined,
  exportLists: undefined,
  inherits: undefined,
  typeWords: undefined,
  typeCalls: undefined,
  typeStatements: undefined,
  capitalTypes: undefined,
  everyCapital: undefined,
  colonTypes: undefined,
  annotates: undefined,
  selfWords: undefined,
  typeNames: undefined,
  typePlaces: undefined,
  lambdas: undefined,
  typeParameters: undefined,
  casePatterns: undefined,
  casesTakeApart: undefined,
  typePatterns: undefined,
  localCalls: undefined,
  wordsOfTypes: undefined,
  functionTypes: undefined,
  hashAttributes: undefined,
  keywordMembers: undefined,
  memberArrows: undefined,
  variableSign: undefined,
  tags: undefined,
  squareArguments: undefined,
  taggedTemplates: undefined,
  blockArguments: undefined,
  bareConditions: undefined,
  accessors: undefined,
  labels: undefined,
  objects: undefined,
  valueArguments: undefined,
  initializers: undefined,
  variables: undefined,
  variableLists: undefined,
  variablesInContext: undefined,
  order: undefined,
  assigns: undefined,
  namedArguments: undefined,
  bareCalls: undefined,
  localEverywhere: undefined,
  methodWord: undefined,
  nameCalls: undefined,
  rescue: undefined,
  builtins: undefined,
  commands: undefined,
  elision: undefined,
};

/** The same rules as an object that V8 reads as it does those of other languages: they are asked for each token. */
export function inOneShape(rules: ReferenceRules): ReferenceRules {
  return Object.assign({ ...NO_RULES }, rules);
}

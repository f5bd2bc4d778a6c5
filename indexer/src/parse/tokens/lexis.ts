/**
 * How a language's source falls into tokens: what begins its comments and literals, and which words
 * it reserves. Data, but for literals that need a look around.
 */

/** A literal whose text may hold code again: `${…}`. */
export interface Interpolation {
  readonly open: string;
  /** The code units that open and close inside the code. */
  readonly openUnit: number;
  readonly closeUnit: number;
  /** How many units at the end of `open` belong to the code. */
  readonly keeps?: number;
  /** Whether a name behind the first sign of `open` is code too, `$name`, or in braces, `${name:-…}`. */
  readonly names?: "plain" | "braced";
}

/** A string, from `open` to `close`. */
export interface StringRule {
  readonly type: "string";
  readonly open: string;
  readonly close: string;
  /** Whether a backslash takes the meaning of what follows it. */
  readonly escapes: boolean;
  /** Whether a doubled end is none. */
  readonly doubles?: boolean;
  readonly lines: boolean;
  /** The sign of which each takes one more end: `%w(a (b))`. */
  readonly pairs?: string;
  readonly interpolation?: Interpolation;
  /** A second way to write code in it: `a` in backquotes. */
  readonly oldInterpolation?: Interpolation;
}

/** A comment, to the end of its line or to `close`. */
export interface CommentRule {
  readonly type: "comment";
  readonly open: string;
  readonly close: string | null;
  readonly nests?: boolean;
}

/** A string that is being read, while the lexer is in the code that it holds. */
export interface Suspended {
  readonly rule: StringRule;
  readonly code: Interpolation;
  depth: number;
  /** How many pairs of the string's signs are open. */
  readonly pairs: number;
}

/** Lines that are a string, up to one that is the tag. */
export interface Heredoc {
  readonly tag: string;
  readonly indents: boolean;
  readonly interpolation: Interpolation | null;
}

/** What a rule of its own may ask of the lexer. */
export interface LexerState {
  readonly text: string;
  /** Whether a value ends just before: a sign that follows is an operator. */
  readonly afterValue: boolean;
  /** Whether only white space stands before it on its line. */
  readonly firstOnLine: boolean;
  /** Whether a block comment ends behind an index. Known from one look for all of the text. */
  commentEndsBehind(index: number): boolean;
  /** What rules have read of the text for literals that did not end: those who may read the same again bound it. */
  unitsInVain: number;
  /** Has the lines after this one skipped, up to one that is `tag`. */
  addHeredoc(tag: string, indents: boolean, interpolation: Interpolation | null): void;
  /** Records a preprocessor's fork. */
  addFork(value: number, start: number, end: number): void;
}

/** A literal or a comment that takes more than two strings to tell. */
export interface CustomRule {
  readonly type: "custom";
  readonly open: string;
  readonly isComment?: boolean;
  /** The index behind it, a string to be read from there, or -1 where it is something else. */
  read(index: number, state: LexerState): number | StringRule;
}

export type LexicalRule = StringRule | CommentRule | CustomRule;

export interface Lexis {
  /** Reserved words, which are no references. */
  readonly keywords: readonly string[];
  /** Reserved words after which a slash begins no division: `return`. */
  readonly beforeValue?: readonly string[];
  /** Signs that words may have beside letters, digits and the underscore. */
  readonly wordSigns?: string;
  /** Signs that may end a word: `empty?` */
  readonly wordEnds?: string;
  /** The first rule that fits counts. */
  readonly rules: readonly LexicalRule[];
  /** What a word in front of a quote makes of the string: `r"…"`. */
  prefixed?(text: string, start: number, quote: number): StringRule | null;
  /** Where the language's own text begins; without it, at the start. */
  begin?(text: string): number;
  /** What may stand between digits: 1'000. */
  readonly digitSeparator?: string;
}

/** A list of words that is written with spaces. */
export function words(text: string): readonly string[] {
  return text.split(" ");
}

/** Words to be looked up, written with spaces. */
export function wordSet(text: string): ReadonlySet<string> {
  return new Set(words(text));
}

export const BRACES: Interpolation = { open: "${", openUnit: 0x7b, closeUnit: 0x7d };
export const BRACES_AND_NAMES: Interpolation = { ...BRACES, names: "plain" };
export const HASH_BRACES: Interpolation = { ...BRACES, open: "#{" };

/** A string on one line, with backslashes. */
export function plainString(quote: string, interpolation?: Interpolation): StringRule {
  const base = { type: "string", open: quote, close: quote, escapes: true, lines: false } as const;
  return interpolation === undefined ? base : { ...base, interpolation };
}

/** A string over several lines, with backslashes. */
export function longString(quote: string, interpolation?: Interpolation): StringRule {
  return { ...plainString(quote, interpolation), lines: true };
}

/** A string that takes everything as it is. */
export function rawString(open: string, close: string): StringRule {
  return { type: "string", open, close, escapes: false, lines: true };
}

export const LINE_COMMENT: CommentRule = { type: "comment", open: "//", close: null };
export const HASH_COMMENT: CommentRule = { type: "comment", open: "#", close: null };
export const BLOCK_COMMENT: CommentRule = { type: "comment", open: "/*", close: "*/" };
export const NESTED_COMMENT: CommentRule = { ...BLOCK_COMMENT, nests: true };

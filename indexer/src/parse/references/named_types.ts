/**
 * Whether a name is the type of an array, or is named where types alone are, in languages that write
 * types in front of names. Knows tokens and no language.
 */
import {
  BACKSLASH,
  BAR,
  CLOSE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  DOT,
  GREATER,
  MINUS,
  OPEN,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUESTION,
  SEMICOLON,
  unitsOf,
} from "../tokens/signs.ts";
import type { Tokens } from "../tokens/tokens.ts";

/** What may stand between `where T :` and the last type that T must be. */
const IN_CONSTRAINT = unitsOf(",.:?<>()[]");

/** Signs that a type may end with. */
const TYPE_ENDS = unitsOf("*&>]");

/** What stands in front of a literal that begins with a dot. */
const BEFORE_LITERAL = unitsOf("({[,=");

/** A constraint is no longer than this. */
const CONSTRAINT_TOKENS_MAX = 40;

/** The token behind brackets without a size, `[][,]?`; the token itself where there are none. */
function behindArrays(tokens: Tokens, index: number): number {
  let end = index;
  while (tokens.sign(end) === OPEN_BRACKET) {
    let close = end + 1;
    while (tokens.sign(close) === COMMA) close += 1;
    if (tokens.sign(close) !== CLOSE_BRACKET) return index;
    end = close + 1;
  }
  return tokens.sign(end) === QUESTION ? end + 1 : end;
}

/** `Type[] name`, `(Type[])`: where an array is declared the other way, a type stands in front. */
export function isArrayType(tokens: Tokens, index: number): boolean {
  if (tokens.sign(index + 1) !== OPEN_BRACKET) return false;
  const behind = behindArrays(tokens, index + 1);
  if (behind === index + 1 || tokens.breaks[behind] === 1) return false;
  const isCast = tokens.sign(index - 1) === OPEN && tokens.sign(behind) === CLOSE;
  return isCast || tokens.word(behind) >= 0;
}

/** `Type? name`, but not `a ?? name`. */
export function isBehindNullable(tokens: Tokens, index: number): boolean {
  return tokens.sign(index - 1) === QUESTION && tokens.touches(index - 1) &&
    tokens.sign(index - 2) !== QUESTION;
}

/** Whether a type may end in front of a name: `Type name`, `Type *name`, `Type... name`. */
export function isBehindType(tokens: Tokens, index: number): boolean {
  const before = tokens.sign(index - 1);
  const isVariadic = before === DOT && tokens.sign(index - 2) === DOT;
  return isBehindNullable(tokens, index) || isVariadic || tokens.word(index - 1) >= 0 ||
    TYPE_ENDS.has(before);
}

/** `where T : Type, Type`; `where` is the number of that word. */
export function isConstraint(tokens: Tokens, index: number, where: number): boolean {
  if (where < 0) return false;
  for (let back = index - 1; back > index - CONSTRAINT_TOKENS_MAX && back > 0; back--) {
    if (tokens.word(back) === where) return tokens.sign(back + 2) === COLON && index > back + 2;
    if (tokens.word(back) < 0 && !IN_CONSTRAINT.has(tokens.sign(back))) return false;
  }
  return false;
}

/** Paths, and types one of which is meant, are no longer than this: else each name would read all before it. */
const PATH_TOKENS_MAX = 64;

/** The first name of the path that ends with the name at a token: `a` of `a.b` and `a::b`. */
export function pathStart(tokens: Tokens, index: number): number {
  const limit = index - PATH_TOKENS_MAX;
  for (let first = index;;) {
    const isDot = tokens.sign(first - 1) === DOT;
    const isColons = tokens.sign(first - 1) === COLON && tokens.sign(first - 2) === COLON;
    const before = isDot ? first - 2 : first - 3;
    if (first <= limit || !(isDot || isColons) || tokens.word(before) < 0) return first;
    first = before;
  }
}

/** `A` of PHP's `A\B`. */
export function isNamespace(tokens: Tokens, index: number): boolean {
  return tokens.sign(index + 1) === BACKSLASH && tokens.word(index + 2) >= 0 &&
    tokens.touches(index + 2);
}

/** `id: UUID`, but not `a ?: MAX`. */
export function isBehindColon(tokens: Tokens, index: number): boolean {
  const second = tokens.sign(index - 2);
  return tokens.sign(index - 1) === COLON && second !== COLON && second !== QUESTION &&
    tokens.breaks[index] !== 1;
}

/** `[Test]` alone in front of what it is said of. */
export function isAttribute(tokens: Tokens, index: number): boolean {
  return tokens.sign(index - 1) === OPEN_BRACKET && tokens.breaks[index - 1] === 1 &&
    tokens.sign(index + 1) === CLOSE_BRACKET &&
    (tokens.word(index + 2) >= 0 || tokens.sign(index + 2) === OPEN_BRACKET);
}

/** `.Field` of Zig, which stands where a value does and says of no type that it is a member. */
export function isLiteralMember(tokens: Tokens, index: number): boolean {
  return tokens.sign(index - 1) === DOT && BEFORE_LITERAL.has(tokens.sign(index - 2));
}

/** The first alternative of a choice is no longer than this. */
const CHOICE_TOKENS_MAX = 16;

/** Whether the colon in front of a token is the second sign of a choice: `a ? b : c`. */
export function isBehindChoice(tokens: Tokens, index: number): boolean {
  for (let back = index - 2; back > index - CHOICE_TOKENS_MAX && back >= 0; back--) {
    if (tokens.sign(back) === QUESTION) return tokens.sign(back + 1) !== COLON;
    if (tokens.sign(back) === SEMICOLON || tokens.sign(back) === OPEN_BRACE) return false;
  }
  return false;
}

/** Signs in front of a parameter. */
const BEFORE_PARAMETER = unitsOf("(,*");

/** Whether a name ends a path that a line outside of brackets begins with, and a type follows: `self.a: B`. */
export function isAnnotated(tokens: Tokens, index: number, open: number): boolean {
  return open === 0 && tokens.sign(index + 1) === COLON &&
    tokens.breaks[pathStart(tokens, index)] === 1;
}

/**
 * Whether a name is one of the types behind a variable, a parameter or a function: `a: b.C | D`, `-> C`.
 * `open` is the token of the bracket around, and `word` stands before a function.
 */
export function isAnnotation(
  tokens: Tokens,
  index: number,
  open: number,
  word: number,
  keywordCount: number,
): boolean {
  if (tokens.sign(index + 1) === DOT) return false;
  const limit = index - PATH_TOKENS_MAX;
  let first = pathStart(tokens, index);
  while (first > limit && tokens.sign(first - 1) === BAR && tokens.word(first - 2) >= 0) {
    first = pathStart(tokens, first - 2);
  }
  const before = tokens.sign(first - 1);
  if (before === GREATER) return tokens.sign(first - 2) === MINUS;
  // `else: a.b`
  if (before !== COLON || tokens.breaks[first] === 1) return false;
  if (tokens.word(first - 2) < keywordCount) return false;
  if (isAnnotated(tokens, first - 2, open)) return true;
  return tokens.word(open - 2) === word && BEFORE_PARAMETER.has(tokens.sign(first - 3));
}

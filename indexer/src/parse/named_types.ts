/**
 * Whether a name is the type of an array, or is named where types alone are, in languages that write
 * types in front of names. Knows tokens and no language.
 */
import {
  BACKSLASH,
  CLOSE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  DOT,
  OPEN,
  OPEN_BRACKET,
  QUESTION,
  unitsOf,
} from "./signs.ts";
import type { Tokens } from "./tokens.ts";

/** What may stand between `where T :` and the last type that T must be. */
const IN_CONSTRAINT = unitsOf(",.:?<>()[]");

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

/** `where T : Type, Type`; `where` is the number of that word. */
export function isConstraint(tokens: Tokens, index: number, where: number): boolean {
  if (where < 0) return false;
  for (let back = index - 1; back > index - CONSTRAINT_TOKENS_MAX && back > 0; back--) {
    if (tokens.word(back) === where) return tokens.sign(back + 2) === COLON && index > back + 2;
    if (tokens.word(back) < 0 && !IN_CONSTRAINT.has(tokens.sign(back))) return false;
  }
  return false;
}

/** The first name of the path that ends with the name at a token: `a` of `a.b` and `a::b`. */
export function pathStart(tokens: Tokens, index: number): number {
  for (let first = index;;) {
    const isDot = tokens.sign(first - 1) === DOT;
    const isColons = tokens.sign(first - 1) === COLON && tokens.sign(first - 2) === COLON;
    const before = isDot ? first - 2 : first - 3;
    if (!(isDot || isColons) || tokens.word(before) < 0) return first;
    first = before;
  }
}

/** `A` of PHP's `A\B`. */
export function isNamespace(tokens: Tokens, index: number): boolean {
  return tokens.sign(index + 1) === BACKSLASH && tokens.word(index + 2) >= 0 &&
    tokens.starts[index + 2] === tokens.ends[index + 1];
}

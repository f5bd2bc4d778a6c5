/**
 * Whether a name is given a value by what stands behind it: `a = b`, `a += b`, `a++`, `a.b, c = d`. Knows
 * tokens and no language.
 */
import { pathStart } from "./named_types.ts";
import { COMMA, DOT, EQUALS, MINUS, PLUS, unitsOf } from "../tokens/signs.ts";
import type { Tokens } from "../tokens/tokens.ts";

/** Signs that an equals sign behind them makes an assignment of. */
const ASSIGNING = unitsOf("+-*/%&|^?");

/** Signs behind an equals sign that make a comparison or an arrow of it. */
const COMPARING = unitsOf("=>~");

/** A list of names is no longer than this. */
const LIST_TOKENS_MAX = 24;

/** Whether the name at a token is. */
export function isAssigned(tokens: Tokens, index: number): boolean {
  const next = tokens.sign(index + 1);
  const second = tokens.sign(index + 2);
  if (next === EQUALS) return !COMPARING.has(second);
  const isOperator = ASSIGNING.has(next) && second === EQUALS ||
    (next === PLUS || next === MINUS) && second === next;
  return isOperator && tokens.touches(index + 2);
}

/** Whether it is with others, in a list that begins a line: in parentheses these are arguments, `a, key=b`. */
export function isAssignedInList(tokens: Tokens, index: number): boolean {
  if (tokens.sign(index + 1) !== COMMA) return false;
  const limit = index + LIST_TOKENS_MAX;
  let last = index + 1;
  while (
    last < limit && tokens.breaks[last] !== 1 &&
    (tokens.word(last) >= 0 || tokens.sign(last) === COMMA || tokens.sign(last) === DOT)
  ) last += 1;
  if (tokens.sign(last) !== EQUALS || COMPARING.has(tokens.sign(last + 1))) return false;
  let first = pathStart(tokens, index);
  while (first > index - LIST_TOKENS_MAX && tokens.sign(first - 1) === COMMA) {
    first = pathStart(tokens, first - 2);
  }
  return tokens.breaks[first] === 1 && tokens.word(first) >= 0;
}

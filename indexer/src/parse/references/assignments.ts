/**
 * Whether a name is given a value by what stands behind it: `a = b`, `a += b`, `a ||= b`, `a++`, `a.b, c = d`.
 * Knows tokens and no language.
 */
import { pathStart } from "./named_types.ts";
import { COMMA, DOT, EQUALS, MINUS, PLUS, STAR, unitsOf } from "../tokens/signs.ts";
import type { Tokens } from "../tokens/tokens.ts";

/** Signs that an equals sign behind them makes an assignment of, and those of which it does so behind two. */
const ASSIGNING = unitsOf("+-*/%&|^?.");
const DOUBLED = unitsOf("|&?*/<>");

/** Signs behind an equals sign that make a comparison or an arrow of it. */
const COMPARING = unitsOf("=>~");

/** Signs at the end of a line that another one follows. */
const GOES_ON = unitsOf(",([{=<>+-*/%&.?:!");

/** A list of names is no longer than this. */
const LIST_TOKENS_MAX = 24;

/** Whether the name at a token is. */
export function isAssigned(tokens: Tokens, index: number): boolean {
  const next = tokens.sign(index + 1);
  const second = tokens.sign(index + 2);
  if (next === EQUALS) return !COMPARING.has(second);
  if (second === EQUALS) return ASSIGNING.has(next) && tokens.touches(index + 2);
  if (next === 0 || second !== next || !tokens.touches(index + 2)) return false;
  if (next === PLUS || next === MINUS) return true;
  return DOUBLED.has(next) && tokens.sign(index + 3) === EQUALS && tokens.touches(index + 3);
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

/**
 * Whether it is, alone or with others, where a list that begins a statement is always one of names that are:
 * `a, b[1], *c = d`.
 */
export function isSet(tokens: Tokens, index: number): boolean {
  if (isAssigned(tokens, index)) return true;
  if (tokens.sign(index + 1) !== COMMA) return false;
  let first = index;
  while (first > index - LIST_TOKENS_MAX) {
    while (tokens.sign(first - 1) === DOT && tokens.word(first - 2) >= 0) first -= 2;
    if (tokens.sign(first - 1) === STAR && tokens.sign(first - 2) === COMMA) first -= 1;
    if (tokens.sign(first - 1) !== COMMA || tokens.word(first - 2) < 0) break;
    first -= 2;
  }
  return tokens.breaks[first] === 1 && !GOES_ON.has(tokens.sign(first - 1));
}

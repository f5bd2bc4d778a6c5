/**
 * The names that parameters and arguments have in parentheses: `f(size: 1)`, `resize(size = 1)`. Knows tokens
 * and no language.
 */
import { AT, COLON, COMMA, DOT, EQUALS, OPEN, QUESTION, unitsOf } from "../tokens/signs.ts";
import type { Tokens } from "../tokens/tokens.ts";

/** Signs behind which a parameter may stand. */
const BEFORE_PARAMETER = unitsOf("(,.*&[");

/** `name:` and `name?:` in parentheses is a parameter's, or the other side's. */
export function isParameterName(tokens: Tokens, index: number, keywordCount: number): boolean {
  const at = tokens.sign(index + 1) === QUESTION ? index + 2 : index + 1;
  if (tokens.sign(at) !== COLON || tokens.sign(at + 1) === COLON) return false;
  const word = tokens.word(index - 1);
  return BEFORE_PARAMETER.has(tokens.sign(index - 1)) || (word >= 0 && word < keywordCount);
}

/** `size` of `resize(size = 1)` is the other side's name. */
export function isArgumentName(tokens: Tokens, index: number): boolean {
  if (tokens.sign(index + 1) !== EQUALS) return false;
  const before = tokens.sign(index - 1);
  return tokens.sign(index + 2) !== EQUALS && (before === OPEN || before === COMMA);
}

/** Signs behind which a word is one of a type. */
const IN_TYPE = unitsOf(":|&<=>?");

/** Whether reserved words up to a token may stand in front of a parameter, as `readonly`, and not in a type, as `a: keyof`. */
export function isModifier(tokens: Tokens, last: number, keywordCount: number): boolean {
  let first = last;
  while (tokens.word(first) >= 0 && tokens.word(first) < keywordCount) first -= 1;
  if (first === last) return false;
  // `@Inject private`
  return tokens.word(first) >= 0 ? tokens.sign(first - 1) === AT : !IN_TYPE.has(tokens.sign(first));
}

/** `a`, `b: c` and `d = 1` of a pattern among parameters bind a, c and d. */
export function isBound(tokens: Tokens, index: number): boolean {
  const next = tokens.sign(index + 1);
  return next !== COLON && next !== DOT && next !== OPEN && tokens.sign(index - 1) !== EQUALS;
}

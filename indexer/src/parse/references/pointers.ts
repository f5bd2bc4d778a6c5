/**
 * Whether a name is the type of a pointer, of a cast or of a result, where a star may multiply as well,
 * parentheses group and an arrow leads to a member: `Type *name`, `(Type *) a`, `(Type) a`, `-> Type {`. Knows
 * tokens and no language; spaces tell what the grammar alone would not.
 */
import { pathStart } from "./named_types.ts";
import type { NumberSet } from "../tokens/number_set.ts";
import {
  AMPERSAND,
  CLOSE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  EQUALS,
  GREATER,
  MINUS,
  OPEN,
  OPEN_BRACE,
  SEMICOLON,
  STAR,
} from "../tokens/signs.ts";
import { TOKEN, type Tokens } from "../tokens/tokens.ts";

/** What the words of a language say. */
export interface Words {
  readonly keywordCount: number;
  /** Words behind which a value stands: `return`. */
  readonly beforeValue: NumberSet;
  /** Whether functions say what they give back behind an arrow. */
  readonly resultArrows: boolean;
}

/** Whether a name is such a type. */
export function isSpacedType(tokens: Tokens, index: number, words: Words): boolean {
  return isPointerType(tokens, index, words) || isCast(tokens, index, words) ||
    words.resultArrows && isResult(tokens, index, words);
}

/** Whether what stands behind a word is an operator for sure: `a && b`, `a *= b`. */
function isOperator(tokens: Tokens, sign: number): boolean {
  const second = tokens.sign(sign + 1);
  if (!tokens.touches(sign + 1)) return false;
  return second === EQUALS || second === AMPERSAND && !tokens.touches(sign);
}

/** Whether a star behind a word makes a pointer of it rather than a product. */
function isPointerType(
  tokens: Tokens,
  index: number,
  { keywordCount, beforeValue }: Words,
): boolean {
  const next = tokens.sign(index + 1);
  if (next !== STAR && next !== AMPERSAND || isOperator(tokens, index + 1)) return false;
  const first = pathStart(tokens, index);
  const keyword = tokens.word(first - 1);
  if (tokens.breaks[first] === 1) return true;
  if (keyword >= 0) return keyword < keywordCount && !beforeValue.has(keyword);
  const before = tokens.sign(first - 1);
  const third = tokens.sign(index + 2);
  if (before !== OPEN && before !== COMMA && before !== SEMICOLON) return false;
  if (third === STAR || third === CLOSE) return true;
  if (tokens.word(index + 2) < 0) return false;
  // `if (a & b)`: the parentheses are of no parameters.
  const isGroup = before === OPEN && tokens.word(first - 2) < keywordCount;
  return !isGroup || tokens.touches(index + 1) || tokens.touches(index + 2);
}

/** Whether a name alone in parentheses says what is behind them: `(Type) a`, `(Type){…}`. */
function isCast(tokens: Tokens, index: number, { beforeValue }: Words): boolean {
  if (tokens.sign(index + 1) !== CLOSE) return false;
  const first = pathStart(tokens, index);
  if (tokens.sign(first - 1) !== OPEN) return false;
  const before = tokens.word(first - 2);
  if (before >= 0 && !beforeValue.has(before)) return false;
  const sign = tokens.sign(first - 2);
  // `f()(a)`, `a[1](b)`, `f<T>(a)`
  if (sign === CLOSE || sign === CLOSE_BRACKET) return false;
  if (sign === GREATER && tokens.touches(first - 1)) return false;
  const behind = tokens.sign(index + 2);
  return tokens.word(index + 2) >= 0 || tokens.kinds[index + 2] === TOKEN.literal ||
    behind === OPEN || behind === OPEN_BRACE;
}

/** `f() -> Type {`, `f() const -> a::Type`: an arrow to a member has no spaces around it. */
function isResult(tokens: Tokens, index: number, { keywordCount }: Words): boolean {
  const before = tokens.sign(index - 1);
  if (before !== GREATER && before !== COLON) return false;
  const first = pathStart(tokens, index);
  const isOwner = tokens.sign(index + 1) === COLON && tokens.sign(index + 2) === COLON;
  const isArrow = tokens.sign(first - 1) === GREATER && tokens.sign(first - 2) === MINUS;
  if (isOwner || !isArrow) return false;
  const word = tokens.word(first - 3);
  const isHead = tokens.sign(first - 3) === CLOSE || word >= 0 && word < keywordCount;
  return isHead && !tokens.touches(first) && !tokens.touches(first - 2);
}

/**
 * Whether a name is a type by where it stands, in a language that writes types behind names and begins
 * them with no sign of their own: Go. Spaces tell what the grammar alone would not, since its sources
 * are formatted by one tool.
 */
import {
  CLOSE,
  CLOSE_BRACKET,
  COMMA,
  DOT,
  OPEN,
  OPEN_BRACE,
  OPEN_BRACKET,
  STAR,
  unitsOf,
} from "../tokens/signs.ts";
import { TOKEN, type Tokens } from "../tokens/tokens.ts";

const AMPERSAND = 0x26;

/** The arguments of a type are no longer than this. */
const BRACKET_TOKENS_MAX = 40;

/** Parameters without names are no longer than this, and have these signs. */
const LIST_TOKENS_MAX = 24;
const IN_PARAMETERS = unitsOf(",.*[]");

/** What a list of names with their types may go on behind. */
const BEFORE_NAME = unitsOf("({,;");

function lengthOf(tokens: Tokens, index: number): number {
  return (tokens.ends[index] ?? 0) - (tokens.starts[index] ?? 0);
}

/** What the words of a language say. */
export interface TypeWords {
  readonly keywordCount: number;
  /** The word in front of the parameters of a function's type. */
  readonly func: number;
}

/** Whether the token at `index` begins a type, or the path to one. */
function beginsType(
  tokens: Tokens,
  index: number,
  { keywordCount, func }: TypeWords,
): boolean {
  if (tokens.breaks[index] === 1) return false;
  const word = tokens.word(index - 1);
  // `name Type`; the only reserved word of one letter is a name that nobody uses.
  if (word >= 0) return word >= keywordCount || lengthOf(tokens, index - 1) === 1;
  const before = tokens.sign(index - 1);
  // `map[Type]`
  if (before === OPEN_BRACKET) {
    const keyword = tokens.word(index - 2);
    return keyword >= 0 && keyword < keywordCount;
  }
  if (before === DOT) return tokens.sign(index - 2) === DOT && tokens.sign(index - 3) === DOT;
  // `[]Type`, `map[string]Type`, `func(…) Type`
  if (before === CLOSE_BRACKET) {
    return tokens.touches(index) || tokens.kinds[index - 2] !== TOKEN.sign;
  }
  if (before === CLOSE) return true;
  if (before === STAR && tokens.touches(index)) return beginsPointer(tokens, index - 1);
  const isAsserted = before === OPEN && tokens.sign(index - 2) === DOT;
  return isAsserted || isResult(tokens, index) || isParameter(tokens, index, func);
}

/** Whether a star stands where a type does: behind a name, a bracket or another star. */
function beginsPointer(tokens: Tokens, star: number): boolean {
  if (tokens.breaks[star] === 1) return false;
  if (tokens.word(star - 1) >= 0) return !tokens.touches(star);
  const before = tokens.sign(star - 1);
  if (before === CLOSE_BRACKET || before === STAR) return tokens.touches(star);
  if (before === CLOSE) return !tokens.touches(star) && isFunctionEnd(tokens, star);
  if (before === OPEN && isConverted(tokens, star)) return true;
  return (before === OPEN && tokens.sign(star - 2) === DOT) || isResult(tokens, star);
}

/** `(*Type)(value)` and the receiver of `func (*Type) Name()`. */
function isConverted(tokens: Tokens, star: number): boolean {
  let close = star + 1;
  while (tokens.word(close) >= 0 || tokens.sign(close) === DOT) close += 1;
  if (tokens.sign(close) !== CLOSE) return false;
  const isReceiver = tokens.word(star - 2) >= 0 && tokens.word(close + 1) >= 0;
  return isReceiver || (tokens.sign(close + 1) === OPEN && tokens.touches(close + 1));
}

/** `) *Type {`: behind a product stands no brace. */
function isFunctionEnd(tokens: Tokens, star: number): boolean {
  let index = star + 1;
  while (tokens.word(index) >= 0 || tokens.sign(index) === DOT) index += 1;
  index = behindBrackets(tokens, index);
  return tokens.sign(index) === OPEN_BRACE || tokens.breaks[index] === 1;
}

/** `(Type, error)` behind the parameters of a function. */
function isResult(tokens: Tokens, index: number): boolean {
  const sign = tokens.sign(index - 1);
  if (sign === OPEN) return tokens.sign(index - 2) === CLOSE && !tokens.touches(index - 1);
  if (sign !== COMMA) return false;
  let open = index - 1;
  while (open > index - 24 && tokens.sign(open) !== OPEN && tokens.breaks[open] !== 1) open -= 1;
  return tokens.sign(open) === OPEN && tokens.sign(open - 1) === CLOSE && !tokens.touches(open);
}

/** `func(Type, a.Type)`: parameters with names are known as such. */
function isParameter(tokens: Tokens, index: number, func: number): boolean {
  let open = index - 1;
  if (tokens.sign(open) !== OPEN && tokens.sign(open) !== COMMA) return false;
  while (
    open > index - LIST_TOKENS_MAX && IN_PARAMETERS.has(tokens.sign(open)) ||
    tokens.word(open) >= 0
  ) open -= 1;
  return tokens.sign(open) === OPEN && func >= 0 && tokens.word(open - 1) === func;
}

/** `Type{…}`: in front of a block stands a space. */
function isLiteral(tokens: Tokens, index: number): boolean {
  const next = behindBrackets(tokens, index + 1);
  return tokens.sign(next) === OPEN_BRACE && tokens.touches(next);
}

/** The token behind the arguments of a type, where it has some. */
function behindBrackets(tokens: Tokens, open: number): number {
  if (tokens.sign(open) !== OPEN_BRACKET || !tokens.touches(open)) return open;
  for (let index = open, depth = 0; index < open + BRACKET_TOKENS_MAX; index++) {
    if (tokens.sign(index) === OPEN_BRACKET) depth += 1;
    else if (tokens.sign(index) === CLOSE_BRACKET && --depth === 0) return index + 1;
  }
  return open;
}

/** Whether the name at a token is a type. */
export function isTypePlace(tokens: Tokens, index: number, words: TypeWords): boolean {
  if (tokens.sign(index + 1) === DOT) return false;
  if (isLiteral(tokens, index)) return true;
  let first = index;
  if (tokens.sign(first - 1) === DOT && tokens.word(first - 2) >= words.keywordCount) first -= 2;
  if (first !== index && tokens.sign(first - 1) === AMPERSAND) return false;
  return beginsType(tokens, first, words);
}

/** Whether the names from one to another have a type behind them, and are none: `a, b Type`, `c []Type`. */
export function isDeclaredName(tokens: Tokens, first: number, last: number): boolean {
  const type = last + 1;
  if (tokens.breaks[type] === 1) return false;
  if (tokens.breaks[first] !== 1 && !BEFORE_NAME.has(tokens.sign(first - 1))) return false;
  if (tokens.word(type) >= 0) return true;
  const sign = tokens.sign(type);
  return (sign === STAR || sign === OPEN_BRACKET) && !tokens.touches(type) &&
    tokens.touches(type + 1);
}

/** Whether a type stands behind a name: `name Type`, `name *Type`, `name []Type`, `names ...Type`. */
export function isTypeBehind(tokens: Tokens, index: number): boolean {
  const next = tokens.sign(index + 1);
  const isVariadic = next === DOT && tokens.sign(index + 2) === DOT &&
    tokens.sign(index + 3) === DOT;
  return tokens.word(index + 1) >= 0 || next === STAR || next === OPEN_BRACKET || isVariadic;
}

/**
 * Whether a name is a type by where it stands, in a language that writes types behind names and begins
 * them with no sign of their own: Go. Spaces tell what the grammar alone would not, since its sources
 * are formatted by one tool.
 */
import { CLOSE, CLOSE_BRACKET, COMMA, DOT, OPEN, OPEN_BRACE, OPEN_BRACKET, STAR } from "./signs.ts";
import { TOKEN, type Tokens } from "./tokens.ts";

const AMPERSAND = 0x26;

/** The arguments of a type are no longer than this. */
const BRACKET_TOKENS_MAX = 40;

function touch(tokens: Tokens, index: number): boolean {
  return tokens.starts[index] === tokens.ends[index - 1];
}

/** Whether the token at `index` begins a type, or the path to one. */
function beginsType(tokens: Tokens, index: number, keywordCount: number): boolean {
  if (tokens.breaks[index] === 1) return false;
  const word = tokens.word(index - 1);
  // `name Type`
  if (word >= 0) return word >= keywordCount;
  const before = tokens.sign(index - 1);
  // `[]Type`, `map[string]Type`, `func(…) Type`
  if (before === CLOSE_BRACKET) {
    return touch(tokens, index) || tokens.kinds[index - 2] !== TOKEN.sign;
  }
  if (before === CLOSE) return true;
  if (before === STAR && touch(tokens, index)) return beginsPointer(tokens, index - 1);
  const isAsserted = before === OPEN && tokens.sign(index - 2) === DOT;
  return isAsserted || isResult(tokens, index);
}

/** Whether a star stands where a type does: behind a name, a bracket or another star. */
function beginsPointer(tokens: Tokens, star: number): boolean {
  if (tokens.breaks[star] === 1) return false;
  if (tokens.word(star - 1) >= 0) return !touch(tokens, star);
  const before = tokens.sign(star - 1);
  if (before === CLOSE_BRACKET || before === STAR) return touch(tokens, star);
  if (before === CLOSE) return !touch(tokens, star) && isFunctionEnd(tokens, star);
  return (before === OPEN && tokens.sign(star - 2) === DOT) || isResult(tokens, star);
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
  if (sign === OPEN) return tokens.sign(index - 2) === CLOSE && !touch(tokens, index - 1);
  if (sign !== COMMA) return false;
  let open = index - 1;
  while (open > index - 24 && tokens.sign(open) !== OPEN && tokens.breaks[open] !== 1) open -= 1;
  return tokens.sign(open) === OPEN && tokens.sign(open - 1) === CLOSE && !touch(tokens, open);
}

/** `Type{…}`: in front of a block stands a space. */
function isLiteral(tokens: Tokens, index: number): boolean {
  const next = behindBrackets(tokens, index + 1);
  return tokens.sign(next) === OPEN_BRACE && touch(tokens, next);
}

/** The token behind the arguments of a type, where it has some. */
function behindBrackets(tokens: Tokens, open: number): number {
  if (tokens.sign(open) !== OPEN_BRACKET || !touch(tokens, open)) return open;
  for (let index = open, depth = 0; index < open + BRACKET_TOKENS_MAX; index++) {
    if (tokens.sign(index) === OPEN_BRACKET) depth += 1;
    else if (tokens.sign(index) === CLOSE_BRACKET && --depth === 0) return index + 1;
  }
  return open;
}

/** Whether the name at a token is a type. */
export function isTypePlace(tokens: Tokens, index: number, keywordCount: number): boolean {
  if (tokens.sign(index + 1) === DOT) return false;
  if (isLiteral(tokens, index)) return true;
  let first = index;
  if (tokens.sign(first - 1) === DOT && tokens.word(first - 2) >= keywordCount) first -= 2;
  if (first !== index && tokens.sign(first - 1) === AMPERSAND) return false;
  return beginsType(tokens, first, keywordCount);
}

/** Whether a type stands behind a name: `name Type`, `name *Type`, `name []Type`, `names ...Type`. */
export function isTypeBehind(tokens: Tokens, index: number): boolean {
  const next = tokens.sign(index + 1);
  const isVariadic = next === DOT && tokens.sign(index + 2) === DOT &&
    tokens.sign(index + 3) === DOT;
  return tokens.word(index + 1) >= 0 || next === STAR || next === OPEN_BRACKET || isVariadic;
}

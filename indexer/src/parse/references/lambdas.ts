/**
 * Finds the parameters of functions that have no name, by the sign behind or around them. Knows tokens
 * and no language.
 */
import { type Identifiers, isCapital } from "../tokens/identifiers.ts";
import {
  BAR,
  CLOSE,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  CLOSING,
  COLON,
  COMMA,
  DOT,
  EQUALS,
  GREATER,
  MINUS,
  OPEN,
  OPEN_BRACE,
  OPENING,
  QUESTION,
  unitsOf,
} from "../tokens/signs.ts";
import { openingBefore } from "../tokens/brackets.ts";
import type { Tokens } from "../tokens/tokens.ts";

/** Parameters are not looked for further. */
const LAMBDA_TOKENS_MAX = 120;

/** What is within brackets ends with them, and may be long: the properties of a component. */
const BRACKET_TOKENS_MAX = 400;

/** The type that a function gives back is no longer than this, and has these signs. */
const TYPE_TOKENS_MAX = 24;
const IN_TYPE = unitsOf("<>[]|&.,");

/** Signs in front of the key of an object. */
const BEFORE_KEY = unitsOf("{,");

/** Signs behind which an upright bar opens parameters, and is no operator. */
const BEFORE_BAR = unitsOf("(,={");

/** Signs behind which one may as well where its spaces tell it. */
const AFTER_HEAD = unitsOf(")>");

/** What the search needs to know of words. */
export interface LambdaWords {
  readonly keywordCount: number;
  /** Whether a word can be a parameter's: none begins with a capital letter. */
  mayBeParameter(word: number): boolean;
}

/** The words of a file: a small letter may be a parameter's. */
export function lambdaWords(identifiers: Identifiers): LambdaWords {
  return {
    keywordCount: identifiers.keywordCount,
    mayBeParameter: (word) => !isCapital(identifiers.word(word)),
  };
}

function isName(tokens: Tokens, index: number, words: LambdaWords): boolean {
  const word = tokens.word(index);
  if (word < words.keywordCount || !words.mayBeParameter(word)) return false;
  const before = tokens.sign(index - 1);
  const isMember = before === DOT && tokens.sign(index - 2) !== DOT;
  const next = tokens.sign(index + 1);
  // `a: A`, but neither is `tail` of `head :: tail` a type
  const isType = before === COLON && (tokens.sign(index - 2) !== COLON || tokens.touches(index));
  return !isMember && !isType && before !== EQUALS && next !== OPEN && next !== DOT;
}

/** The tokens of names in the brackets that the token `close` ends. */
export function namesWithin(tokens: Tokens, close: number, words: LambdaWords): number[] {
  const names: number[] = [];
  for (let index = close, depth = 0; index > close - BRACKET_TOKENS_MAX && index >= 0; index--) {
    const sign = tokens.sign(index);
    if (CLOSING.has(sign)) depth += 1;
    else if (OPENING.has(sign) && --depth === 0) return names;
    if (isName(tokens, index, words)) names.push(index);
  }
  return [];
}

/** The end of the parameters in front of the type that a function gives back: `(a): Promise<A> =>`, `(a): { b: A } =>`. */
function parametersEnd(tokens: Tokens, last: number): number {
  for (let index = last, left = TYPE_TOKENS_MAX; left > 0 && index > 0; index--, left--) {
    if (tokens.sign(index) === CLOSE_BRACE) {
      const open = openingBefore(tokens, index, index - BRACKET_TOKENS_MAX);
      if (open < 1) return -1;
      index = open - 1;
    }
    const sign = tokens.sign(index);
    if (sign === COLON) return tokens.sign(index - 1) === CLOSE ? index - 1 : -1;
    if (tokens.word(index) < 0 && !IN_TYPE.has(sign)) return -1;
  }
  return -1;
}

/** Whether a name alone is the value of a key or of a variable, and not the type behind parameters. */
function isAlone(tokens: Tokens, index: number, words: LambdaWords): boolean {
  const word = tokens.word(index);
  if (word < words.keywordCount || !words.mayBeParameter(word)) return false;
  const before = tokens.sign(index - 1);
  return before === EQUALS || (before === COLON && BEFORE_KEY.has(tokens.sign(index - 3)));
}

/** Those behind a brace that have a type: `{ a: A.B, c: D? ->`; empty where there are none. */
function bracedParameters(tokens: Tokens, last: number, words: LambdaWords): number[] {
  const names: number[] = [];
  for (let index = last; index > last - TYPE_TOKENS_MAX && index > 0; index--) {
    const sign = tokens.sign(index);
    if (sign === OPEN_BRACE) return names;
    const isType = sign === COLON || sign === QUESTION || IN_TYPE.has(sign);
    if (tokens.word(index) < 0 && !isType) return [];
    const isFirst = BEFORE_KEY.has(tokens.sign(index - 1));
    if (isFirst && tokens.sign(index + 1) === COLON && isName(tokens, index, words)) {
      names.push(index);
    }
  }
  return [];
}

/** The tokens of the parameters in front of the arrow that begins at `arrow`. */
export function arrowParameters(tokens: Tokens, arrow: number, words: LambdaWords): number[] {
  const last = arrow - 1;
  const sign = tokens.sign(last);
  if (sign === CLOSE) return namesWithin(tokens, last, words);
  const close = parametersEnd(tokens, last);
  if (close !== -1) return namesWithin(tokens, close, words);
  if (sign === CLOSE_BRACE) return namesWithin(tokens, last, words);
  // `key: a =>`, `run = a =>`
  if (isAlone(tokens, last, words)) return [last];
  const names = tokens.sign(arrow) === MINUS ? bracedParameters(tokens, last, words) : [];
  if (names.length > 0) return names;
  for (let index = last; isName(tokens, index, words); index -= 2) {
    // The type that a function gives back, or a variable of a pattern.
    if (tokens.word(index - 1) >= words.keywordCount) return [];
    names.push(index);
    if (tokens.sign(index - 1) !== COMMA) break;
  }
  return names;
}

/** Whether an arrow begins at a sign: `=>` or `->`, as one sign. */
export function isArrow(tokens: Tokens, index: number, first: number): boolean {
  return tokens.sign(index) === first && tokens.sign(index + 1) === GREATER &&
    tokens.touches(index + 1);
}

/** `if (a) |b|` and `=> |b|`: formatted sources have spaces around an operator, and none within the bars. */
function isCapture(tokens: Tokens, bar: number): boolean {
  return AFTER_HEAD.has(tokens.sign(bar - 1)) && !tokens.touches(bar) &&
    tokens.touches(bar + 1);
}

/** The tokens of the parameters behind an upright bar that opens them; empty where it does not. */
export function barParameters(tokens: Tokens, bar: number, words: LambdaWords): number[] {
  const before = tokens.word(bar - 1);
  const opens = before >= 0
    ? before < words.keywordCount
    : BEFORE_BAR.has(tokens.sign(bar - 1)) || isCapture(tokens, bar);
  if (!opens) return [];
  const names: number[] = [];
  for (let index = bar + 1; index < bar + LAMBDA_TOKENS_MAX && index < tokens.count; index++) {
    if (tokens.sign(index) === BAR) return names;
    if (isName(tokens, index, words)) names.push(index);
  }
  return [];
}

/** The tokens of the parameters behind an arrow, up to the body: `->(a, b: 1) {`, `-> a do`. */
export function parametersBehind(tokens: Tokens, arrow: number, words: LambdaWords): number[] {
  const first = arrow + 2;
  const names: number[] = [];
  const isClosed = tokens.sign(first) === OPEN;
  const limit = Math.min(tokens.count, first + LAMBDA_TOKENS_MAX);
  for (let index = first, depth = 0; index < limit; index++) {
    const sign = tokens.sign(index);
    const word = tokens.word(index);
    if (!isClosed && (sign === OPEN_BRACE || word >= 0 && word < words.keywordCount)) return names;
    if (OPENING.has(sign)) depth += 1;
    else if (CLOSING.has(sign) && --depth <= 0) return names;
    if (isName(tokens, index, words)) names.push(index);
  }
  return names;
}

/** The tokens of the variables in the pattern behind a `case`, up to its arrow or the word `guard`. */
export function patternVariables(
  tokens: Tokens,
  start: number,
  guard: number,
  words: LambdaWords,
): number[] {
  const names: number[] = [];
  for (let index = start + 1; index < start + LAMBDA_TOKENS_MAX && index < tokens.count; index++) {
    if (tokens.word(index) === guard || isArrow(tokens, index, EQUALS)) return names;
    if (isName(tokens, index, words)) names.push(index);
  }
  return [];
}

/** The tokens of the parameters in front of a word: `{ a, b in`, `{ [weak self] (a: Int) -> Int in`. */
export function wordParameters(tokens: Tokens, word: number, words: LambdaWords): number[] {
  let last = behindResult(tokens, word - 1);
  // `{ a async in`
  while (tokens.word(last) >= 0 && tokens.word(last) < words.keywordCount) last -= 1;
  if (tokens.sign(last) === CLOSE) return namesWithin(tokens, last, words);
  const names: number[] = [];
  for (let index = last; tokens.word(index) >= 0; index -= 2) {
    if (isName(tokens, index, words)) names.push(index);
    const before = tokens.sign(index - 1);
    if (before === OPEN_BRACE || before === CLOSE_BRACKET) return names;
    if (before !== COMMA) break;
  }
  return [];
}

/** The last token in front of the type that a function gives back: `(a) -> A?`. */
function behindResult(tokens: Tokens, last: number): number {
  for (let index = last; index > last - TYPE_TOKENS_MAX && index > 0; index--) {
    if (isArrow(tokens, index, MINUS)) return index - 1;
    const sign = tokens.sign(index);
    if (tokens.word(index) < 0 && !IN_TYPE.has(sign) && sign !== QUESTION) break;
  }
  return last;
}

/** The first unit of an arrow, by how it is written. */
export const ARROWS = { "=>": EQUALS, "->": MINUS } as const;

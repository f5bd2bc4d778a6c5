/**
 * Where expressions and types end, by their tokens: at a sign of the level around, or with a line as
 * far as JavaScript ends statements with lines. Gives up where that takes a grammar.
 */
import { wordSet } from "../../../tokens/lexis.ts";
import {
  CLOSE,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COMMA,
  GREATER,
  LESS,
  MINUS,
  OPEN_BRACE,
  PLUS,
  SEMICOLON,
  unitsOf,
} from "../../../tokens/signs.ts";
import { giveUp, type TokenSource } from "./token_source.ts";

/** Each sign that may open type arguments costs a look at so many tokens. */
const TYPE_ARGUMENT_TOKENS_MAX = 500;

/** Reserved words that something must follow. */
const OPERATORS = wordSet(
  "typeof new delete void in instanceof extends await yield case return throw else do function " +
    "class var let const export import default if for while switch try with",
);
/** Words that something must follow unless they are names. */
const MAYBE_OPERATORS = wordSet(
  "of as satisfies async is keyof infer readonly unique asserts implements get set static type",
);
const TYPE_OPERATORS = wordSet(
  "typeof keyof extends is infer readonly unique asserts new abstract in import",
);

const CLOSERS: ReadonlySet<number> = new Set([CLOSE, CLOSE_BRACKET, CLOSE_BRACE]);
/** Signs at the start of a line that go on with the line before. */
const CONTINUING = unitsOf(".,;:*%><=[(?^|&/");
const CONTINUING_TYPE = unitsOf("|&.=?:,;");

function isDoubled(source: TokenSource, index: number): boolean {
  const sign = source.sign(index);
  return (sign === PLUS || sign === MINUS) && source.sign(index + 1) === sign &&
    source.touches(index + 1);
}

/** Whether an expression may end with a token. */
function canEnd(source: TokenSource, index: number): boolean {
  if (source.isLiteral(index)) return true;
  if (source.isWord(index)) {
    const word = source.word(index);
    if (OPERATORS.has(word)) return word === "const" && source.word(index - 1) === "as";
    // A member may have any name.
    return !MAYBE_OPERATORS.has(word) || source.sign(index - 1) === 0x2e || giveUp();
  }
  const sign = source.sign(index);
  if (CLOSERS.has(sign)) return true;
  if (sign === PLUS || sign === MINUS) return isDoubled(source, index - 1);
  const isClear = sign !== 0x21 && (sign !== GREATER || source.isArrow(index - 1) ||
    !source.hasTypes);
  return isClear ? false : giveUp();
}

/**
 * Whether a line break before a token ends the expression in front of it; `isBehindTypes` says that
 * type arguments end there, which an expression may.
 */
function endsBefore(source: TokenSource, index: number, isBehindTypes: boolean): boolean {
  const sign = source.sign(index);
  if (CLOSERS.has(sign) || sign === SEMICOLON) return true;
  if (CONTINUING.has(sign)) return false;
  if (!isBehindTypes && !canEnd(source, index - 1)) return false;
  if (source.isWord(index)) {
    const word = source.word(index);
    if (word === "as" || word === "satisfies" || word === "of") giveUp();
    return word !== "in" && word !== "instanceof";
  }
  if (source.isLiteral(index)) {
    const unit = source.unit(index);
    return unit === 0x2f ? giveUp() : unit !== 0x60;
  }
  if (sign === OPEN_BRACE) giveUp();
  if (sign === PLUS || sign === MINUS) return isDoubled(source, index);
  return sign !== 0x21 || source.sign(index + 1) !== 0x3d;
}

/** Where what goes on at `from` ends: `from` itself if nothing does. */
export function expressionRest(source: TokenSource, from: number, stopsAtComma: boolean): number {
  let index = from;
  let behindTypes = -1;
  while (index < source.count) {
    if (source.isFirst(index) && endsBefore(source, index, index === behindTypes)) return index;
    const sign = source.sign(index);
    if (sign === SEMICOLON || CLOSERS.has(sign)) return index;
    if (sign === COMMA && stopsAtComma) return index;
    behindTypes = sign === LESS && source.hasTypes ? typeArgumentsEnd(source, index) : -1;
    index = behindTypes === -1 ? source.after(index) : behindTypes;
  }
  return index;
}

/** The token behind the expression that begins at `from`. */
export function expressionEnd(source: TokenSource, from: number, stopsAtComma: boolean): number {
  const sign = source.sign(from);
  if (from >= source.count || sign === SEMICOLON || sign === COMMA || CLOSERS.has(sign)) giveUp();
  const behind = sign === LESS ? anglesEnd(source, from) : source.after(from);
  return expressionRest(source, behind, stopsAtComma);
}

/** Behind `<A, B>` in an expression; -1 where the sign compares. */
function typeArgumentsEnd(source: TokenSource, open: number): number {
  if (!source.isWord(open - 1) || !source.touches(open)) return -1;
  let depth = 0;
  let count = 0;
  for (let index = open; index < source.count; index = source.after(index)) {
    if (++count > TYPE_ARGUMENT_TOKENS_MAX) giveUp();
    const sign = source.sign(index);
    if (sign === LESS) depth += 1;
    else if (sign === GREATER && !source.isArrow(index - 1) && --depth === 0) {
      const next = index + 1;
      const compares = (source.isWord(next) || source.isLiteral(next)) && !source.isFirst(next);
      return compares ? -1 : next;
    } else if (sign === SEMICOLON || CLOSERS.has(sign)) return -1;
  }
  return -1;
}

/** Behind the angle brackets that open at `open`. */
export function anglesEnd(source: TokenSource, open: number): number {
  let depth = 0;
  for (let index = open; index < source.count; index = source.after(index)) {
    const sign = source.sign(index);
    if (sign === LESS) depth += 1;
    else if (sign === GREATER && !source.isArrow(index - 1) && --depth === 0) return index + 1;
    else if (sign === SEMICOLON || CLOSERS.has(sign)) giveUp();
  }
  return giveUp();
}

function typeCanEnd(source: TokenSource, index: number): boolean {
  if (source.isWord(index)) {
    return !TYPE_OPERATORS.has(source.word(index)) || source.sign(index - 1) === 0x2e;
  }
  const sign = source.sign(index);
  return source.isLiteral(index) || CLOSERS.has(sign) ||
    (sign === GREATER && !source.isArrow(index - 1));
}

function typeEndsBefore(source: TokenSource, index: number): boolean {
  const sign = source.sign(index);
  if (CLOSERS.has(sign)) return true;
  if (CONTINUING_TYPE.has(sign) || !typeCanEnd(source, index - 1)) return false;
  const word = source.word(index);
  if (word === "is") giveUp();
  return word !== "extends";
}

/**
 * The token behind the type that begins at `from`. `isReturn`: of an arrow function, whose arrow is
 * no part of the type.
 */
export function typeEnd(source: TokenSource, from: number, isReturn = false): number {
  if (from >= source.count) giveUp();
  for (let index = from; index < source.count;) {
    const sign = source.sign(index);
    if (sign === SEMICOLON || sign === COMMA || CLOSERS.has(sign)) return notEmpty(index, from);
    if (sign === OPEN_BRACE && index > from && typeCanEnd(source, index - 1)) return index;
    if (index > from && source.isFirst(index) && typeEndsBefore(source, index)) return index;
    if (sign === LESS) index = anglesEnd(source, index);
    else if (source.isArrow(index)) {
      const isFunction = source.sign(index - 1) === CLOSE;
      if (isReturn && !isFunction) return notEmpty(index, from);
      if (isReturn || !isFunction) giveUp();
      index += 2;
    } else if (source.isAssignment(index)) return notEmpty(index, from);
    else index = source.after(index);
  }
  return source.count;
}

function notEmpty(end: number, from: number): number {
  return end === from ? giveUp() : end;
}

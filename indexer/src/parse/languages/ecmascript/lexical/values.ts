/**
 * What a value is, by its tokens: a function, a class, an object or something else; and the heads of
 * functions and classes.
 */
import { CLOSE, COLON, LESS, OPEN, OPEN_BRACE, STAR } from "../../../tokens/signs.ts";
import { lineEnd, type Span, trimSpan } from "../../../symbol.ts";
import { anglesEnd, expressionEnd, expressionRest, typeEnd } from "./ends.ts";
import { giveUp, type TokenSource } from "./token_source.ts";

/** A value from the token `start` up to `end`. */
export interface Value {
  readonly kind: "function" | "class" | "object" | "other";
  readonly start: number;
  readonly end: number;
  /** The token that begins a function's body, or opens the braces of a class or an object. */
  readonly body: number;
}

function other(source: TokenSource, start: number, stopsAtComma: boolean): Value {
  return { kind: "other", start, end: expressionEnd(source, start, stopsAtComma), body: -1 };
}

/** Behind `<T>(a: A): B`, which begins at `from`. */
export function signatureEnd(source: TokenSource, from: number): number {
  const open = source.sign(from) === LESS ? anglesEnd(source, from) : from;
  if (source.sign(open) !== OPEN) giveUp();
  const behind = source.after(open);
  return source.sign(behind) === COLON ? typeEnd(source, behind + 1) : behind;
}

/** The brace that opens a class, whose name or heritage begins at `from`. */
export function classBody(source: TokenSource, from: number): number {
  for (let index = from; index < source.count;) {
    const sign = source.sign(index);
    if (sign === OPEN_BRACE) return index;
    const isHead = source.isWord(index) || sign === 0x2e || sign === 0x2c || sign === OPEN ||
      sign === LESS;
    if (!isHead || (index > from && source.word(index) === "class")) giveUp();
    index = sign === LESS ? anglesEnd(source, index) : source.after(index);
  }
  return giveUp();
}

function isWrapping(source: TokenSource, index: number): boolean {
  const word = source.word(index);
  return source.hasTypes && (word === "as" || word === "satisfies");
}

/** What ends with the brace that `body` opens, or goes on behind it as something else. */
function closed(
  source: TokenSource,
  kind: "function" | "class" | "object",
  { start, body, stopsAtComma }: { start: number; body: number; stopsAtComma: boolean },
): Value {
  const behind = source.after(body);
  const end = expressionRest(source, behind, stopsAtComma);
  const isWhole = end === behind || (kind === "function" && isWrapping(source, behind));
  return isWhole ? { kind, start, end, body } : { kind: "other", start, end, body: -1 };
}

function functionValue(
  source: TokenSource,
  start: number,
  word: number,
  stopsAtComma: boolean,
): Value {
  let index = word + 1;
  if (source.sign(index) === STAR) index += 1;
  if (source.isWord(index)) index += 1;
  const body = signatureEnd(source, index);
  if (source.sign(body) !== OPEN_BRACE) giveUp();
  return closed(source, "function", { start, body, stopsAtComma });
}

function arrowValue(
  source: TokenSource,
  start: number,
  arrow: number,
  stopsAtComma: boolean,
): Value {
  const body = arrow + 2;
  if (source.sign(body) !== OPEN_BRACE) {
    return { kind: "function", start, end: expressionEnd(source, body, stopsAtComma), body };
  }
  const behind = source.after(body);
  const end = expressionRest(source, behind, stopsAtComma);
  return end === behind ? { kind: "function", start, end, body } : giveUp();
}

/** The arrow behind the parentheses that open at `open`; -1 where none is. */
function arrowBehind(source: TokenSource, open: number): number {
  const behind = source.after(open);
  if (source.isArrow(behind)) return behind;
  if (!source.hasTypes || source.sign(behind) !== COLON) return -1;
  const end = typeEnd(source, behind + 1, true);
  return source.isArrow(end) ? end : giveUp();
}

function parenthesizedValue(source: TokenSource, start: number, stopsAtComma: boolean): Value {
  const behind = source.after(start);
  const end = expressionRest(source, behind, stopsAtComma);
  const isWhole = end === behind || isWrapping(source, behind);
  if (isWhole && source.sign(start + 1) !== CLOSE) {
    const inner = valueAt(source, start + 1, true);
    const isFunction = inner.kind === "function" && inner.end === source.close(start);
    if (isFunction) return { ...inner, start, end };
  }
  return { kind: "other", start, end, body: -1 };
}

/** The value that begins at `start`. */
export function valueAt(source: TokenSource, start: number, stopsAtComma: boolean): Value {
  const sign = source.sign(start);
  if (sign === OPEN) {
    const arrow = arrowBehind(source, start);
    if (arrow !== -1) return arrowValue(source, start, arrow, stopsAtComma);
    return parenthesizedValue(source, start, stopsAtComma);
  }
  if (sign === OPEN_BRACE) return closed(source, "object", { start, body: start, stopsAtComma });
  if (sign === LESS) {
    const open = anglesEnd(source, start);
    const arrow = source.sign(open) === OPEN ? arrowBehind(source, open) : -1;
    if (arrow !== -1) return arrowValue(source, start, arrow, stopsAtComma);
  }
  return source.isWord(start)
    ? wordValue(source, start, stopsAtComma)
    : other(source, start, stopsAtComma);
}

function wordValue(source: TokenSource, start: number, stopsAtComma: boolean): Value {
  const word = source.word(start);
  if (word === "function") return functionValue(source, start, start, stopsAtComma);
  if (word === "class") {
    const body = classBody(source, start + 1);
    return closed(source, "class", { start, body, stopsAtComma });
  }
  if (source.isArrow(start + 1)) return arrowValue(source, start, start + 1, stopsAtComma);
  if (word === "async" && !source.isFirst(start + 1)) {
    const next = start + 1;
    if (source.word(next) === "function") return functionValue(source, start, next, stopsAtComma);
    if (source.isWord(next) && source.isArrow(next + 1)) {
      return arrowValue(source, start, next + 1, stopsAtComma);
    }
    const open = source.sign(next) === LESS ? anglesEnd(source, next) : next;
    const arrow = source.sign(open) === OPEN ? arrowBehind(source, open) : -1;
    if (arrow !== -1) return arrowValue(source, start, arrow, stopsAtComma);
  }
  return other(source, start, stopsAtComma);
}

/** Where the signature of something with a value ends: at a function's body, else with the line. */
export function endOfSignature(source: TokenSource, node: Span, value: Value | null): number {
  if (value?.kind === "function") return source.start(value.body);
  const from = value === null ? node.startIndex : source.start(value.start);
  return lineEnd(source.text, from, node.endIndex);
}

/**
 * The name of a member, which begins at `index`: `"size"` and `["size"]` are called size,
 * `[Symbol.iterator]` as written.
 */
export function memberName(source: TokenSource, index: number): Span {
  const last = source.after(index) - 1;
  const span = source.span(index, last);
  const inner = last === index + 2 && source.isString(index + 1) ? index + 1 : index;
  return source.isString(inner) ? trimSpan(source.span(inner, inner), 1, 1) : span;
}

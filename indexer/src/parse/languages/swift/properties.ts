/**
 * The declarations of Swift that may be of several names: properties and the cases of enums.
 */
import { COLON, COMMA, EQUALS, GREATER, LESS, OPEN, OPEN_BRACE } from "../../tokens/signs.ts";
import { lineEnd } from "../../symbol.ts";
import { type Collect, declare } from "./place.ts";
import { STEPS_MAX, type SwiftSource } from "./source.ts";

/** The tokens of the names that a pattern at `index` gives: `a`, or `a` and `b` of `(a, b)`. */
function namesAt(source: SwiftSource, index: number): number[] {
  if (source.sign(index) !== OPEN) {
    const name = source.nameAt(index);
    return name === -1 ? [] : [name];
  }
  const names: number[] = [];
  for (let at = index + 1; at < source.close(index) && at < source.count; at++) {
    const isLabel = source.sign(at + 1) === COLON;
    if (source.isWord(at) && !isLabel && source.word(at) !== "_") names.push(at);
  }
  return names;
}

/** `let a = 1, b: Int`: each name with the token behind all that is said of it. */
export const collectProperties: Collect = (source, head, place, to) => {
  const { first, word } = head;
  const names = namesAt(source, word + 1);
  if (names.length === 0) return word + 1;
  let index = source.after(word + 1);
  let body = -1;
  for (let steps = 0, angles = 0, isValue = false; steps < STEPS_MAX; steps++) {
    if (index >= head.end || source.endsBefore(index)) break;
    const sign = source.sign(index);
    if (sign === EQUALS) isValue = true;
    else if (!isValue && sign === LESS) angles += 1;
    else if (!isValue && sign === GREATER) angles -= 1;
    else if (sign === COMMA && angles <= 0 && isNext(source, index + 1)) {
      names.push(...namesAt(source, index + 1));
      isValue = false;
    }
    if (sign === OPEN_BRACE && body === -1) body = index;
    index = source.after(index);
  }
  const end = Math.min(index, head.end);
  const node = source.span(first, Math.max(word, end - 1));
  const isLet = source.word(word) === "let";
  const kind = place.owner !== null ? "property" : isLet ? "constant" : "variable";
  for (const at of names) {
    const line = lineEnd(source.text, source.end(at), node.endIndex);
    const signatureEnd = body === -1 ? line : Math.min(line, source.start(body));
    declare(source, head, { kind, name: source.span(at, at), node, signatureEnd }, place, to);
  }
  return Math.max(end, word + 1);
};

/** Whether another name of the same declaration begins at a token behind a comma. */
function isNext(source: SwiftSource, index: number): boolean {
  const behind = source.sign(source.after(index));
  return behind === COLON || behind === EQUALS || behind === COMMA;
}

/** `case a, b(Int), c = 1` of an enum. */
export const collectCases: Collect = (source, head, place, to) => {
  const { first, words, word, end } = head;
  if (place.owner !== "enum") return word + 1;
  let index = word + 1;
  for (let from = first; source.nameAt(index) !== -1;) {
    const name = source.nameAt(index);
    const last = source.find(index + 1, end, (sign) => sign === COMMA);
    const node = source.span(from, last - 1);
    const prefix = from === first ? "" : `${source.slice(words, word)} `;
    const named = { kind: "enum_member", name: source.span(name, name), node, prefix } as const;
    declare(source, head, { ...named, signatureEnd: node.endIndex }, place, to);
    index = last;
    if (source.sign(last) !== COMMA) break;
    index = from = last + 1;
  }
  return Math.max(index, word + 1);
};

/**
 * The declarations of Swift by their tokens. Statements, which only a script has at its top, are passed by, and
 * so is the body of every function.
 */
import { wordSet } from "../../tokens/lexis.ts";
import { AT, DOT, LESS, OPEN, OPEN_BRACE, OPEN_BRACKET } from "../../tokens/signs.ts";
import {
  inside,
  isWalkable,
  type Scope,
  type Span,
  type SymbolCollector,
  type SymbolKind,
} from "../../symbol.ts";
import { type Collect, declare, type Head, isVisible, type Place } from "./place.ts";
import { collectCases, collectProperties } from "./properties.ts";
import type { SwiftSource } from "./source.ts";

const MODIFIERS = wordSet(
  "public private fileprivate internal open package static final override lazy weak unowned mutating nonmutating " +
    "nonisolated isolated indirect required convenience dynamic optional prefix postfix infix consuming borrowing " +
    "distributed async sending",
);
/** What `class` in front of makes a member of the type rather than a type. */
const MEMBERS = wordSet("func var let subscript init");
/** What begins a statement that may declare something before its block. */
const CONDITIONS = wordSet("if guard while for switch");

const TYPES: ReadonlyMap<string, SymbolKind> = new Map([
  ["actor", "class"],
  ["class", "class"],
  ["enum", "enum"],
  ["protocol", "protocol"],
  ["struct", "struct"],
]);

/** Behind an attribute at `index`, and what it is called with. */
function behindAttribute(source: SwiftSource, index: number): number {
  let next = index + 2;
  while (source.sign(next) === DOT && source.isWord(next + 1)) next += 2;
  return source.sign(next) === OPEN && source.touches(next) ? source.after(next) : next;
}

function isModifier(source: SwiftSource, index: number): boolean {
  const word = source.word(index);
  if (word !== "class") return MODIFIERS.has(word);
  const next = source.word(index + 1);
  return MEMBERS.has(next) || MODIFIERS.has(next);
}

/** The keyword of a declaration behind its modifiers: `private(set) static var`. */
function behindModifiers(source: SwiftSource, from: number): number {
  let index = from;
  while (isModifier(source, index)) {
    index += 1;
    if (source.sign(index) === OPEN && source.touches(index)) index = source.after(index);
  }
  return index;
}

/** Declares what stands between two tokens. */
export function collectDeclarations(
  source: SwiftSource,
  from: number,
  end: number,
  place: Place,
  to: SymbolCollector,
): void {
  if (!isWalkable(place.scope)) return;
  for (let index = from; index < end;) index = declarationAt(source, index, end, place, to);
}

/** Declares what begins at a token, if anything does, and answers with the next to look at. */
function declarationAt(
  source: SwiftSource,
  first: number,
  end: number,
  place: Place,
  to: SymbolCollector,
): number {
  if (!source.mayBegin(first)) return source.after(first);
  let words = first;
  while (source.sign(words) === AT && source.isWord(words + 1)) {
    words = behindAttribute(source, words);
  }
  const word = behindModifiers(source, words);
  const keyword = source.word(word);
  if (CONDITIONS.has(keyword) && place.owner === null) {
    return source.after(source.find(word + 1, end, (sign) => sign === OPEN_BRACE));
  }
  const collect = collectors.get(keyword);
  return collect?.(source, { first, words, word, end }, place, to) ??
    Math.max(source.after(first), word);
}

const isBrace = (sign: number) => sign === OPEN_BRACE;

const collectType: Collect = (source, head, place, to) => {
  const { first, word, end } = head;
  const name = source.nameAt(word + 1);
  const body = source.find(word + 2, end, isBrace);
  const kind = TYPES.get(source.word(word));
  if (name === -1 || kind === undefined || source.sign(body) !== OPEN_BRACE) return word + 1;
  const named = {
    kind,
    name: source.span(name, name),
    node: source.span(first, lastOf(source, body)),
    signatureEnd: source.start(body),
  };
  const members = declare(source, head, named, place, to);
  collectDeclarations(source, body + 1, Math.min(source.close(body), end), members, to);
  return source.after(body);
};

/** The type that an extension is of; `[Item]` is an array. */
function extended(source: SwiftSource, from: number, scope: Scope): Scope | null {
  if (source.sign(from) === OPEN_BRACKET) return inside(scope, "Array");
  if (!source.isWord(from)) return null;
  let around = inside(scope, source.word(from));
  for (let index = from + 1; source.sign(index) === DOT && source.isWord(index + 1); index += 2) {
    around = inside(around, source.word(index + 1));
  }
  return around;
}

/** The members of an extension are those of the type, wherever it is declared. */
const collectExtension: Collect = (source, { words, word, end }, place, to) => {
  const scope = extended(source, word + 1, place.scope);
  const body = source.find(word + 1, end, isBrace);
  if (scope === null || source.sign(body) !== OPEN_BRACE) return word + 1;
  const exported = place.exported && isVisible(source, words, word);
  const members: Place = { scope, owner: "class", exported };
  collectDeclarations(source, body + 1, Math.min(source.close(body), end), members, to);
  return source.after(body);
};

/** The last token of a body that opens at `index`. */
function lastOf(source: SwiftSource, index: number): number {
  return Math.min(source.close(index), source.count - 1);
}

/** What has parameters, and a body or none, as in a protocol: its name, if it has one. */
function collectCallable(
  source: SwiftSource,
  head: Head,
  name: Span | null,
  kind: SymbolKind,
  place: Place,
  to: SymbolCollector,
): number {
  const open = source.find(head.word + 1, head.end, (sign) => sign === OPEN || isBrace(sign));
  const parametersEnd = source.sign(open) === OPEN ? source.after(open) : open;
  const body = source.find(parametersEnd, head.end, isBrace);
  const hasBody = source.sign(body) === OPEN_BRACE && body < head.end;
  const end = hasBody ? source.after(body) : Math.max(body, head.word + 1);
  if (name === null) return end;
  const node = source.span(head.first, hasBody ? lastOf(source, body) : end - 1);
  const signatureEnd = hasBody ? source.start(body) : node.endIndex;
  declare(source, head, { kind, name, node, signatureEnd }, place, to);
  return end;
}

/** The name of a function, or the signs of an operator: `==`. */
function functionName(source: SwiftSource, index: number): Span | null {
  const name = source.nameAt(index);
  if (name !== -1) return source.span(name, name);
  let last = index;
  const isName = (at: number) =>
    source.sign(at) !== 0 && source.sign(at) !== OPEN && source.touches(at) &&
    !(source.sign(at) === LESS && source.isWord(at + 1));
  while (isName(last + 1)) last += 1;
  return source.sign(last) === 0 || source.sign(index) === OPEN ? null : source.span(index, last);
}

const collectFunction: Collect = (source, head, place, to) => {
  const kind = place.owner === null ? "function" : "method";
  return collectCallable(source, head, functionName(source, head.word + 1), kind, place, to);
};

/** What is known by its keyword. */
function collectUnnamed(kind: SymbolKind): Collect {
  return (source, head, place, to) =>
    place.owner === null
      ? head.word + 1
      : collectCallable(source, head, source.span(head.word, head.word), kind, place, to);
}

const collectDeinit: Collect = (source, head, place, to) =>
  collectCallable(source, head, null, "method", place, to);

const collectAlias: Collect = (source, head, place, to) => {
  const name = source.nameAt(head.word + 1);
  if (name === -1) return head.word + 1;
  const end = source.find(name + 1, head.end, () => false);
  const node = source.span(head.first, end - 1);
  const named = { kind: "type", name: source.span(name, name), node } as const;
  declare(source, head, { ...named, signatureEnd: node.endIndex }, place, to);
  return end;
};

/** `import A`, `import struct A.B` */
const collectImport: Collect = (source, { word }, _place, to) => {
  const isOfKind = source.isWord(word + 2) && !source.isFirst(word + 2);
  const from = isOfKind ? word + 2 : word + 1;
  if (!source.isWord(from)) return word + 1;
  let last = from;
  while (source.sign(last + 1) === DOT && source.isWord(last + 2)) last += 2;
  const names = isOfKind ? [{ name: source.word(last), alias: null }] : [];
  to.addImport({ specifier: source.span(from, last), kind: "module", names });
  return last + 1;
};

/** `infix operator`, `precedencegroup`: neither is found by a name. */
const passBy: Collect = (source, { word, end }) => {
  const body = source.find(word + 1, end, isBrace);
  return source.sign(body) === OPEN_BRACE ? source.after(body) : Math.max(body, word + 1);
};

const collectors: ReadonlyMap<string, Collect> = new Map<string, Collect>([
  ...[...TYPES.keys()].map((word) => [word, collectType] as const),
  ["associatedtype", collectAlias],
  ["case", collectCases],
  ["deinit", collectDeinit],
  ["extension", collectExtension],
  ["func", collectFunction],
  ["import", collectImport],
  ["init", collectUnnamed("constructor")],
  ["let", collectProperties],
  ["macro", collectFunction],
  ["precedencegroup", passBy],
  ["subscript", collectUnnamed("method")],
  ["typealias", collectAlias],
  ["var", collectProperties],
]);

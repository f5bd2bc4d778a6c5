/**
 * Declarations by their tokens: functions, classes, interfaces, enums, types and variables. Each
 * answers with the token behind it. What is declared is what the walk over a syntax tree declares.
 */
import { CLOSE_BRACE, DOT, LESS, OPEN_BRACE, SEMICOLON, STAR } from "../../../tokens/signs.ts";
import {
  lineEnd,
  type Scope,
  type Span,
  type SymbolCollector,
  type SymbolKind,
  trimSpan,
  type WholeSpan,
} from "../../../symbol.ts";
import type { Owner } from "../members.ts";
import { isVisible } from "../modules.ts";
import type { Place } from "../place.ts";
import { anglesEnd, typeEnd } from "./ends.ts";
import { collectMembers } from "./members.ts";
import { collectEnumMembers } from "./object_members.ts";
import { giveUp, type TokenSource } from "./token_source.ts";
import { classBody, signatureEnd } from "./values.ts";

/** A declaration but for where it stands. */
export interface Head {
  readonly kind: SymbolKind;
  readonly name: Span;
  readonly node: WholeSpan;
  readonly signatureStart?: number;
  readonly signatureEnd: number;
}

/** Declares something with a name, and answers with what its members belong to. */
export function declare(head: Head, { scope, prefix, exports }: Place, to: SymbolCollector): Owner {
  const name = to.text.slice(head.name.startIndex, head.name.endIndex);
  const exported = isVisible(name, prefix, exports);
  return { scope: to.declare(scope, { ...head, prefix, exported }), exported };
}

function nameSpan(source: TokenSource, index: number): Span {
  return source.isWord(index) ? source.span(index, index) : giveUp();
}

/** Behind a signature without a body: its semicolon belongs to it. */
function signatureBehind(source: TokenSource, head: number): number {
  if (source.sign(head) === SEMICOLON) return head + 1;
  const isEnd = head >= source.count || source.isFirst(head) || source.sign(head) === CLOSE_BRACE;
  return isEnd ? head : giveUp();
}

/** A function from `first` on, with its keyword at `word`. */
export function collectFunction(
  source: TokenSource,
  first: number,
  word: number,
  place: Place,
  to: SymbolCollector,
): number {
  const name = source.sign(word + 1) === STAR ? word + 2 : word + 1;
  const head = signatureEnd(source, name + 1);
  const hasBody = source.sign(head) === OPEN_BRACE;
  if (!hasBody && !source.hasTypes) giveUp();
  const end = hasBody ? source.after(head) : signatureBehind(source, head);
  const node = source.span(first, end - 1);
  declare(
    {
      kind: "function",
      name: nameSpan(source, name),
      node,
      signatureEnd: hasBody ? source.start(head) : node.endIndex,
    },
    place,
    to,
  );
  return end;
}

/** The tokens at which a class begins: its decorators, its words, and the word `class`. */
export interface ClassHead {
  readonly first: number;
  readonly words: number;
  readonly word: number;
}

/** A class. */
export function collectClass(
  source: TokenSource,
  { first, words, word }: ClassHead,
  place: Place,
  to: SymbolCollector,
): number {
  const body = classBody(source, word + 2);
  const owner = declare(
    {
      kind: "class",
      name: nameSpan(source, word + 1),
      node: source.span(first, source.close(body)),
      signatureStart: source.start(words),
      signatureEnd: source.start(body),
    },
    place,
    to,
  );
  collectMembers(source, body, "field", owner, to);
  return source.after(body);
}

/** An interface. */
export function collectInterface(
  source: TokenSource,
  from: number,
  place: Place,
  to: SymbolCollector,
): number {
  const body = classBody(source, from + 2);
  const name = nameSpan(source, from + 1);
  const node = source.span(from, source.close(body));
  const head = { kind: "interface", name, node, signatureEnd: source.start(body) } as const;
  collectMembers(source, body, "property", declare(head, place, to), to);
  return source.after(body);
}

/** An enum from `first` on, with its keyword at `word`. */
export function collectEnum(
  source: TokenSource,
  first: number,
  word: number,
  place: Place,
  to: SymbolCollector,
): number {
  const body = word + 2;
  if (!source.hasTypes || source.sign(body) !== OPEN_BRACE) giveUp();
  const name = nameSpan(source, word + 1);
  const node = source.span(first, source.close(body));
  const head = { kind: "enum", name, node, signatureEnd: source.start(body) } as const;
  collectEnumMembers(source, body, declare(head, place, to), to);
  return source.after(body);
}

/** A name for a type. */
export function collectTypeAlias(
  source: TokenSource,
  from: number,
  place: Place,
  to: SymbolCollector,
): number {
  const behindName = from + 2;
  const equals = source.sign(behindName) === LESS ? anglesEnd(source, behindName) : behindName;
  if (!source.isAssignment(equals)) giveUp();
  const value = equals + 1;
  const typeBehind = typeEnd(source, value);
  const end = signatureBehind(source, typeBehind);
  const isObject = source.sign(value) === OPEN_BRACE && source.after(value) === typeBehind;
  const node = source.span(from, end - 1);
  const start = source.start(value);
  const owner = declare(
    {
      kind: "type",
      name: nameSpan(source, from + 1),
      node,
      signatureEnd: isObject ? start : lineEnd(source.text, start, node.endIndex),
    },
    place,
    to,
  );
  if (isObject) collectMembers(source, value, "property", owner, to);
  return end;
}

/** `namespace A.B` is one symbol of that name; `module "m"` declares a module. */
export function collectNamespaceHead(
  source: TokenSource,
  from: number,
  place: Place,
  to: SymbolCollector,
): { readonly scope: Scope; readonly isModule: boolean; readonly body: number } {
  const isModule = source.isString(from + 1);
  let body = from + 2;
  if (!isModule) { while (source.sign(body) === DOT && source.isWord(body + 1)) body += 2; }
  const hasBody = source.sign(body) === OPEN_BRACE;
  if (!hasBody && !isModule) giveUp();
  const written = source.span(from + 1, body - 1);
  const node = source.span(from, hasBody ? source.close(body) : body - 1);
  const { scope } = declare(
    {
      kind: isModule ? "module" : "namespace",
      name: isModule ? trimSpan(written, 1, 1) : written,
      node,
      signatureEnd: hasBody ? source.start(body) : node.endIndex,
    },
    place,
    to,
  );
  return { scope, isModule, body };
}

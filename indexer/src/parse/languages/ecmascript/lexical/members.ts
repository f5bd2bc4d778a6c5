/**
 * The members of classes, interfaces, object types, enums and object literals, by their tokens. What
 * is declared is what the walk over a syntax tree declares.
 */
import {
  CLOSE_BRACE,
  COLON,
  COMMA,
  DOT,
  LESS,
  MINUS,
  OPEN,
  OPEN_BRACE,
  OPEN_BRACKET,
  PLUS,
  SEMICOLON,
  STAR,
} from "../../../tokens/signs.ts";
import {
  isWalkable,
  lineEnd,
  type Scope,
  type Span,
  type SymbolCollector,
  type SymbolKind,
  type WholeSpan,
} from "../../../symbol.ts";
import type { Owner } from "../members.ts";
import { expressionEnd, typeEnd } from "./ends.ts";
import { giveUp, type TokenSource } from "./token_source.ts";
import { endOfSignature, memberName, signatureEnd, type Value, valueAt } from "./values.ts";

const AT = 0x40;
const QUESTION = 0x3f;
const BANG = 0x21;

const MODIFIERS: ReadonlySet<string> = new Set(
  ("public private protected static override readonly abstract declare accessor async get set")
    .split(" "),
);
const FIELD_MODIFIERS: ReadonlySet<string> = new Set([
  "public",
  "private",
  "protected",
  "readonly",
]);

/** Behind the decorators that begin at `from`. */
export function decoratorsEnd(source: TokenSource, from: number): number {
  let index = from;
  while (source.sign(index) === AT) {
    if (!source.isWord(index + 1)) giveUp();
    index += 2;
    while (source.sign(index) === DOT && source.isWord(index + 1)) index += 2;
    if (source.sign(index) === OPEN) index = source.after(index);
    if (source.sign(index) === LESS || source.sign(index) === DOT) giveUp();
  }
  return index;
}

interface Member {
  readonly kind: SymbolKind;
  readonly name: Span;
  readonly node: WholeSpan;
  /** Behind its decorators. */
  readonly signatureStart: number;
  readonly signatureEnd: number;
}

/** Declares a member; `private` ones and those with a number sign are seen by nobody else. */
export function declareMember(
  member: Member,
  { scope, exported }: Owner,
  to: SymbolCollector,
): Scope {
  const isPrivate = to.text.startsWith("private", member.signatureStart) ||
    to.text.charCodeAt(member.name.startIndex) === 0x23;
  return to.declare(scope, { ...member, exported: exported && !isPrivate });
}

/** What can stand behind a name, so that the word before is that name and no modifier. */
function endsName(source: TokenSource, index: number): boolean {
  const sign = source.sign(index);
  return sign === OPEN || sign === LESS || sign === COLON || sign === QUESTION || sign === BANG ||
    sign === SEMICOLON || sign === COMMA || sign === CLOSE_BRACE || sign === 0x3d;
}

/** Behind modifiers and the star of a generator. */
export function modifiersEnd(source: TokenSource, from: number): number {
  let index = from;
  while (MODIFIERS.has(source.word(index)) && !endsName(source, index + 1)) {
    index += 1;
    if (source.isFirst(index)) giveUp();
  }
  return source.sign(index) === STAR ? index + 1 : index;
}

/** Behind a member that has no name, such as an index signature; -1 where it has one. */
function namelessEnd(source: TokenSource, from: number, isClass: boolean): number {
  const sign = source.sign(from);
  if (sign === SEMICOLON || sign === COMMA) return from;
  if (isClass && source.word(from) === "static" && source.sign(from + 1) === OPEN_BRACE) {
    return source.after(from + 1);
  }
  if (!isClass && (sign === OPEN || sign === LESS)) return signatureEnd(source, from);
  const next = source.sign(from + 1);
  if (!isClass && source.word(from) === "new" && (next === OPEN || next === LESS)) {
    return signatureEnd(source, from + 1);
  }
  const isMapped = (sign === MINUS || sign === PLUS) && source.word(from + 1) === "readonly";
  const open = isMapped ? from + 2 : modifiersEnd(source, from);
  if (source.sign(open) !== OPEN_BRACKET || !source.isWord(open + 1)) return -1;
  const isIndex = source.sign(open + 2) === COLON || source.word(open + 2) === "in";
  if (!isIndex) return -1;
  let index = source.after(open);
  while (source.sign(index) !== COLON && source.sign(index) !== 0) {
    const mark = source.sign(index);
    if (mark !== QUESTION && mark !== MINUS && mark !== PLUS) return index;
    index += 1;
  }
  return source.sign(index) === COLON ? typeEnd(source, index + 1) : index;
}

/** `constructor(private readonly clock: Clock)` declares a field. */
function collectParameterFields(
  source: TokenSource,
  open: number,
  owner: Owner,
  to: SymbolCollector,
): void {
  const close = source.close(open);
  for (let index = open + 1; index < close;) {
    const words = decoratorsEnd(source, index);
    let name = words;
    let isField = false;
    while (MODIFIERS.has(source.word(name)) && source.isWord(name + 1)) {
      isField ||= FIELD_MODIFIERS.has(source.word(name));
      name += 1;
    }
    const end = parameterEnd(source, name);
    if (isField && source.isWord(name)) {
      const node = source.span(index, end - 1);
      declareMember(
        {
          kind: "field",
          name: source.span(name, name),
          node,
          signatureStart: source.start(words),
          signatureEnd: lineEnd(source.text, node.startIndex, node.endIndex),
        },
        owner,
        to,
      );
    }
    if (end < close && source.sign(end) !== COMMA) giveUp();
    index = end + 1;
  }
}

function parameterEnd(source: TokenSource, name: number): number {
  let index = name;
  while (source.sign(index) === DOT) index += 1;
  index = source.after(index);
  if (source.sign(index) === QUESTION) index += 1;
  if (source.sign(index) === COLON) index = typeEnd(source, index + 1);
  return source.isAssignment(index) ? expressionEnd(source, index + 1, true) : index;
}

/** Where a member begins: its first token, that of its words, and that of its name. */
interface Beginning {
  readonly first: number;
  readonly words: number;
  readonly name: number;
}

/** Declares a method and answers with the token behind it. */
function collectMethod(
  source: TokenSource,
  { first, words, name: written }: Beginning,
  open: number,
  owner: Owner,
  to: SymbolCollector,
): number {
  const head = signatureEnd(source, open);
  const hasBody = source.sign(head) === OPEN_BRACE;
  const end = hasBody ? source.after(head) : head;
  // Decorators belong to a method in JavaScript's grammar, and stand before it in TypeScript's.
  const node = source.span(source.hasTypes ? words : first, end - 1);
  const name = memberName(source, written);
  const isConstructor = source.word(written) === "constructor";
  declareMember(
    {
      kind: isConstructor ? "constructor" : "method",
      name,
      node,
      signatureStart: source.start(words),
      signatureEnd: hasBody ? source.start(head) : node.endIndex,
    },
    owner,
    to,
  );
  const isTyped = isConstructor && source.hasTypes && source.sign(open) === OPEN;
  if (isTyped) collectParameterFields(source, open, owner, to);
  return end;
}

/** Declares a field and answers with the token behind it. */
function collectField(
  source: TokenSource,
  { first, words, name: written }: Beginning,
  behindName: number,
  kind: SymbolKind,
  owner: Owner,
  to: SymbolCollector,
): number {
  let index = behindName;
  if (source.sign(index) === BANG) index += 1;
  if (source.sign(index) === COLON) index = typeEnd(source, index + 1);
  let value: Value | null = null;
  if (source.isAssignment(index)) {
    value = valueAt(source, index + 1, true);
    index = value.end;
  }
  const node = source.span(first, index - 1);
  declareMember(
    {
      kind: value?.kind === "function" ? "method" : kind,
      name: memberName(source, written),
      node,
      signatureStart: source.start(words),
      signatureEnd: endOfSignature(source, node, value),
    },
    owner,
    to,
  );
  return index;
}

/** Whether a member's name may begin at a token. */
export function isName(source: TokenSource, index: number): boolean {
  return source.isWord(index) || source.isLiteral(index) || source.sign(index) === OPEN_BRACKET;
}

/** The members between the braces that open at `body`. */
export function collectMembers(
  source: TokenSource,
  body: number,
  kind: "field" | "property",
  owner: Owner,
  to: SymbolCollector,
): void {
  const close = source.close(body);
  const isClass = kind === "field";
  for (let index = body + 1; index < close;) {
    const end = memberEnd(source, index, isClass, owner, to);
    const sign = source.sign(end);
    const isSeparated = sign === SEMICOLON || sign === COMMA;
    const isBehindBody = isClass && source.sign(end - 1) === CLOSE_BRACE;
    if (end < close && !isSeparated && !source.isFirst(end) && !isBehindBody) giveUp();
    index = isSeparated ? end + 1 : end;
  }
}

function memberEnd(
  source: TokenSource,
  first: number,
  isClass: boolean,
  owner: Owner,
  to: SymbolCollector,
): number {
  const words = decoratorsEnd(source, first);
  const nameless = namelessEnd(source, words, isClass);
  if (nameless !== -1) return nameless;
  const name = modifiersEnd(source, words);
  if (!isName(source, name)) giveUp();
  // What is nested deeper than that is not declared, but has an end all the same.
  if (!isWalkable(owner.scope)) giveUp();
  let behind = source.after(name);
  const isOptional = source.sign(behind) === QUESTION;
  if (isOptional) behind += 1;
  const sign = source.sign(behind);
  const at = { first, words, name };
  if (sign === OPEN || sign === LESS) return collectMethod(source, at, behind, owner, to);
  return collectField(source, at, behind, isClass ? "field" : "property", owner, to);
}

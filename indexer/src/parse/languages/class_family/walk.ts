/**
 * What the walks over languages of classes, packages and modifiers share: Java, C#, PHP, Kotlin, Scala
 * and Rust. Each brings a table of what to do with which node.
 */
import type { Node } from "web-tree-sitter";
import {
  deeper,
  inside,
  isWalkable,
  lineEnd,
  type Scope,
  type Span,
  type SymbolCollector,
  type SymbolKind,
} from "../../symbol.ts";

/** Where a walk is. */
export interface Place {
  readonly collector: SymbolCollector;
  readonly scope: Scope;
  /** What the declarations here belong to; null at the top and in namespaces. */
  readonly owner: SymbolKind | null;
  /** Whether what is around can be seen from other files. */
  readonly exported: boolean;
}

export type Collect = (node: Node, place: Place) => void;

/** What to do with which type of node. */
export type Rules = ReadonlyMap<string, Collect>;

/** Walks the children of a node. */
export function collectChildren(node: Node, place: Place, rules: Rules): void {
  if (!isWalkable(place.scope)) return;
  for (const child of node.namedChildren) rules.get(child.type)?.(child, place);
}

/** A place inside of syntax that has no name. */
export function within(place: Place): Place {
  return { ...place, scope: deeper(place.scope) };
}

const ANNOTATIONS = new Set([
  "annotation",
  "attribute_list",
  "block_comment",
  "comment",
  "line_comment",
  "marker_annotation",
]);

/** Where the words of a declaration begin, behind its annotations. */
export function wordsStart(node: Node, text: string): number {
  const first = text.charCodeAt(node.startIndex);
  // At sign, bracket, number sign.
  if (first !== 0x40 && first !== 0x5b && first !== 0x23) return node.startIndex;
  const parts = node.children.flatMap((child) =>
    child.type === "modifiers" ? child.children : [child]
  );
  return parts.find((child) => !ANNOTATIONS.has(child.type))?.startIndex ?? node.startIndex;
}

/** One name to be declared. */
export interface Named {
  readonly kind: SymbolKind;
  readonly name: Span;
  readonly node: Node;
  /** Without it, up to the body or to the end of the line. */
  readonly signatureEnd?: number;
  /** Whether the modifiers in front of the name let other files see it. */
  isVisible(modifiers: string): boolean;
}

/** Declares a name, and answers with the place of its members. */
export function declareNamed(named: Named, place: Place): Place {
  const { collector } = place;
  const { kind, name, node } = named;
  const signatureStart = wordsStart(node, collector.text);
  const modifiers = collector.text.slice(signatureStart, name.startIndex);
  const exported = place.exported && named.isVisible(modifiers);
  const signatureEnd = named.signatureEnd ?? node.childForFieldName("body")?.startIndex ??
    lineEnd(collector.text, name.endIndex, node.endIndex);
  const declaration = { kind, name, node, signatureStart, signatureEnd, exported };
  return { ...place, scope: collector.declare(place.scope, declaration), owner: kind, exported };
}

/** `a.b` of `a.b.c`, whatever separates them, and c. */
export function splitPath(node: Node): { before: string[]; last: Node } {
  const parts = node.descendantsOfType(["identifier", "name", "type_identifier"])
    .filter((part) => part !== null);
  const last = parts.pop() ?? node;
  return { before: parts.map((part) => part.text), last };
}

/** The scope of a path of names. */
export function insideAll(scope: Scope, names: readonly string[]): Scope {
  return names.reduce(inside, scope);
}

/** `package a.b.c;`, which surrounds nothing that is written below it. */
export function declarePackage(node: Node, path: Node, place: Place, kind: SymbolKind): void {
  const { before, last } = splitPath(path);
  const scope = insideAll(place.scope, before);
  const signatureEnd = node.endIndex;
  place.collector.declare(scope, { kind, name: last, node, signatureEnd });
}

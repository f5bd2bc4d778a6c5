/**
 * Where a declaration of Swift stands and what it begins with, and how it is declared.
 */
import type { Scope, Span, SymbolCollector, SymbolKind, WholeSpan } from "../../symbol.ts";
import type { SwiftSource } from "./source.ts";

/** Where declarations stand. */
export interface Place {
  readonly scope: Scope;
  /** What they belong to; null at the top. */
  readonly owner: SymbolKind | null;
  /** Whether what is around can be seen from other files. */
  readonly exported: boolean;
}

/** A declaration from its attributes on. */
export interface Head {
  readonly first: number;
  /** Behind the attributes. */
  readonly words: number;
  /** Its keyword. */
  readonly word: number;
  readonly end: number;
}

/** Declares what begins at a keyword and answers with the token behind it. */
export type Collect = (
  source: SwiftSource,
  head: Head,
  place: Place,
  to: SymbolCollector,
) => number;

export interface Named {
  readonly kind: SymbolKind;
  readonly name: Span;
  readonly node: WholeSpan;
  readonly signatureEnd: number;
  readonly prefix?: string;
}

/** Declares a name and answers with the place of its members. */
export function declare(
  source: SwiftSource,
  { words, word }: Head,
  named: Named,
  place: Place,
  to: SymbolCollector,
): Place {
  const exported = place.exported && isVisible(source, words, word);
  const signatureStart = Math.max(source.start(words), named.node.startIndex);
  const scope = to.declare(place.scope, { ...named, signatureStart, exported });
  return { scope, owner: named.kind, exported };
}

/** Whether modifiers let other files see what they stand before; `private(set)` says who may write it. */
export function isVisible(source: SwiftSource, words: number, word: number): boolean {
  const modifiers = word > words ? source.slice(words, word - 1) : "";
  return !/\b(?:private|fileprivate)\b(?!\s*\(\s*set)/.test(modifiers);
}

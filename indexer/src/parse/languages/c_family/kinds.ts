/**
 * Where a walk over C or C++ is, and what kind of thing a declarator declares there.
 */
import type { Node } from "web-tree-sitter";
import type { Scope, SymbolCollector, SymbolKind } from "../../symbol.ts";
import type { Declarator } from "./declarators.ts";

/** Where a walk is. */
export interface Place {
  readonly collector: SymbolCollector;
  readonly scope: Scope;
  /** The name of the class whose members are walked; null outside of one. */
  readonly className: string | null;
  /** Whether what is found here can be named in another file. */
  readonly exported: boolean;
  /** The declaration around it, where there is one: `template <class T>` or an attribute. */
  readonly whole: Node | null;
}

/** `static`, `const` and the like, which stand in front of a declarator. */
export function keywordsOf(declaration: Node): ReadonlySet<string> {
  const words = declaration.children
    .filter((child) => child.type === "storage_class_specifier" || child.type === "type_qualifier")
    .map((child) => child.text);
  return new Set(words);
}

/** What a function is: of a class, of nothing, or the class's own constructor. */
export function functionKind({ name, scopes, isSpecial }: Declarator, place: Place): SymbolKind {
  const className = scopes.at(-1) ?? place.className;
  if (className === null) return "function";
  if (isSpecial) return "method";
  const text = place.collector.text.slice(name.startIndex, name.endIndex);
  return text === className ? "constructor" : "method";
}

/** What something that is no function is. */
export function valueKind(
  declarator: Declarator,
  keywords: ReadonlySet<string>,
  place: Place,
): SymbolKind {
  const isConstant = keywords.has("constexpr") ||
    (keywords.has("const") && declarator.form === "value");
  if (isConstant) return "constant";
  return place.className !== null || declarator.scopes.length > 0 ? "field" : "variable";
}

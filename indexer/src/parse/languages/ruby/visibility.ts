/**
 * What a body of Ruby says of its definitions by their names, before or behind them: `private :a`,
 * `private_class_method :b`, `private_constant :C`. Knows nothing of what is defined.
 */
import type { Node } from "web-tree-sitter";
import type { SymbolKind } from "../../symbol.ts";
import { literalName } from "./literal_names.ts";

/** Calls that say who sees the methods of a class. */
export const VISIBILITIES: ReadonlySet<string> = new Set([
  "private",
  "private_class_method",
  "protected",
  "public",
  "public_class_method",
]);

/** What a call says of names: what kind of name they are, and whether all see them. */
const CALLS: ReadonlyMap<string, { readonly mark: string; readonly isPublic: boolean }> = new Map([
  ["private", { mark: "#", isPublic: false }],
  ["private_class_method", { mark: ".", isPublic: false }],
  ["private_constant", { mark: "::", isPublic: false }],
  ["protected", { mark: "#", isPublic: true }],
  ["public", { mark: "#", isPublic: true }],
  ["public_class_method", { mark: ".", isPublic: true }],
]);

/** Whether all see what has a name, by its key; null in a file that says so of none. */
export type NamedVisibility = ReadonlyMap<string, boolean> | null;

const NAMING_CALL = /\b(?:private|protected|public)(?:_\w+)?[ \t(]+[:"'*%[]/;

/** What is known at the top of a file. */
export function namedAtTop(text: string): NamedVisibility {
  return NAMING_CALL.test(text) ? new Map() : null;
}

/** `#a` is a method of objects, `.a` one of the class, `::A` a constant. */
export function visibilityKey(
  { kind, node }: { readonly kind: SymbolKind; readonly node: Node },
  name: string,
): string {
  if (kind === "class" || kind === "module" || kind === "constant") return `::${name}`;
  return node.type === "singleton_method" ? `.${name}` : `#${name}`;
}

/** The names in the arguments of a call, as symbols, strings and lists of them. */
function namesIn(values: readonly Node[], text: string): string[] {
  return values.flatMap((value) => {
    switch (value.type) {
      case "array":
      case "splat_argument":
      case "string_array":
      case "symbol_array":
        return namesIn(value.namedChildren, text);
      case "bare_string":
      case "bare_symbol":
        return [value.text];
    }
    const name = literalName(value);
    return name === null ? [] : [text.slice(name.startIndex, name.endIndex)];
  });
}

/** What a body says of names; what the body around it says holds here too. */
export function namedIn(body: Node, around: NamedVisibility, text: string): NamedVisibility {
  if (around === null) return null;
  const found: [string, boolean][] = body.namedChildren.flatMap((node) => {
    if (node.type !== "call" || node.childForFieldName("receiver") !== null) return [];
    const call = CALLS.get(node.childForFieldName("method")?.text ?? "");
    if (call === undefined) return [];
    return namesIn(node.childForFieldName("arguments")?.namedChildren ?? [], text)
      .map((name): [string, boolean] => [call.mark + name, call.isPublic]);
  });
  return found.length === 0 ? around : new Map([...around, ...found]);
}

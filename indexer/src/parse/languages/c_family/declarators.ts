/**
 * What a declarator of C or C++ declares: the name in the middle of `*(*name[3])(int)`, whether it is
 * a function, and in which class or namespace `A::B::name` belongs.
 */
import type { Node } from "web-tree-sitter";
import type { Span } from "../../symbol.ts";

export interface Declarator {
  readonly name: Span;
  /** The scopes that stand before the name: A and B of `A::B::name`. */
  readonly scopes: readonly string[];
  readonly form: "function" | "pointer" | "value";
  /** `~A`, `operator==`, `operator bool`. */
  readonly isSpecial: boolean;
}

/** Declarators nest no deeper in anything that compiles. */
const DECLARATOR_DEPTH_MAX = 32;

const FORMS: ReadonlyMap<string, Declarator["form"] | "same"> = new Map([
  ["function_declarator", "function"],
  ["pointer_declarator", "pointer"],
  ["pointer_type_declarator", "pointer"],
  ["reference_declarator", "pointer"],
  ["array_declarator", "value"],
  ["init_declarator", "same"],
  ["parenthesized_declarator", "same"],
  ["attributed_declarator", "same"],
]);

const NAMES = new Set(["identifier", "field_identifier", "type_identifier"]);
const SPECIAL_NAMES = new Set(["destructor_name", "operator_name"]);

/** The last part of a scope: `Box` of `ns::Box<T>`. */
function scopeName(scope: Node): string {
  return scope.type === "template_type" ? scope.childForFieldName("name")?.text ?? "" : scope.text;
}

/** `operator const char*` without its parameters. */
function castName(node: Node): Span {
  const parameters = node.namedChildren.find((child) => child.type.startsWith("abstract_"));
  const { startIndex, startPosition } = node;
  return { startIndex, startPosition, endIndex: parameters?.startIndex ?? node.endIndex };
}

/** Reads a declarator; null where it declares no single name. */
export function readDeclarator(declarator: Node): Declarator | null {
  const scopes: string[] = [];
  let form: Declarator["form"] = "value";
  let node: Node | null = declarator;
  for (let depth = 0; node !== null && depth < DECLARATOR_DEPTH_MAX; depth++) {
    const { type }: Node = node;
    if (NAMES.has(type)) return { name: node, scopes, form, isSpecial: false };
    if (SPECIAL_NAMES.has(type)) return { name: node, scopes, form, isSpecial: true };
    if (type === "operator_cast") {
      return { name: castName(node), scopes, form: "function", isSpecial: true };
    }
    if (type === "qualified_identifier") {
      const scope = node.childForFieldName("scope");
      if (scope !== null) scopes.push(scopeName(scope));
      node = node.childForFieldName("name");
    } else if (type === "template_function" || type === "template_method") {
      node = node.childForFieldName("name");
    } else {
      const next = FORMS.get(type);
      if (next === undefined) return null;
      if (next !== "same") form = next;
      node = node.childForFieldName("declarator") ?? node.lastNamedChild;
    }
  }
  return null;
}

/**
 * The members of classes, interfaces, object types, enums and object literals in JavaScript and
 * TypeScript, whose grammars share these nodes.
 */
import type { Node } from "web-tree-sitter";
import {
  deeper,
  isWalkable,
  lineEnd,
  type Scope,
  type SymbolCollector,
  type SymbolKind,
} from "../../symbol.ts";

const FUNCTIONS = new Set(["arrow_function", "function_expression", "generator_function"]);
const WRAPPERS = new Set(["parenthesized_expression", "as_expression", "satisfies_expression"]);

/** The function behind a value, seen through parentheses and type assertions; else null. */
export function functionOf(value: Node | null): Node | null {
  let inner = value;
  while (inner !== null && WRAPPERS.has(inner.type)) inner = inner.firstNamedChild;
  return inner !== null && FUNCTIONS.has(inner.type) ? inner : null;
}

/** Where the signature of something with a value ends: at a function's body, else with the line. */
export function valueSignatureEnd(text: string, node: Node, value: Node | null): number {
  const body = functionOf(value)?.childForFieldName("body");
  if (body) return body.startIndex;
  return lineEnd(text, value?.startIndex ?? node.startIndex, node.endIndex);
}

/**
 * The name of a member: `"size"` and `["size"]` are called size, `[Symbol.iterator]` as written.
 */
function memberName(name: Node | null): Node | null {
  if (name?.type !== "computed_property_name") return name;
  const inner = name.firstNamedChild;
  return inner?.type === "string" ? inner : name;
}

/** `constructor(private readonly clock: Clock)` declares a field. */
function collectParameterFields(method: Node, scope: Scope, collector: SymbolCollector): void {
  for (const parameter of method.childForFieldName("parameters")?.namedChildren ?? []) {
    const isField = parameter.children.some((child) =>
      child.type === "accessibility_modifier" || child.type === "readonly"
    );
    const name = isField ? parameter.childForFieldName("pattern") : null;
    if (name?.type !== "identifier") continue;
    const signatureEnd = lineEnd(collector.text, parameter.startIndex, parameter.endIndex);
    collector.declare(scope, { kind: "field", name, node: parameter, signatureEnd });
  }
}

function collectMethod(node: Node, scope: Scope, collector: SymbolCollector): void {
  const name = memberName(node.childForFieldName("name"));
  if (name === null) return;
  const isConstructor = name.type === "property_identifier" &&
    collector.text.slice(name.startIndex, name.endIndex) === "constructor";
  const kind = isConstructor ? "constructor" : "method";
  const signatureEnd = node.childForFieldName("body")?.startIndex ?? node.endIndex;
  collector.declare(scope, { kind, name, node, signatureEnd });
  if (isConstructor) collectParameterFields(node, scope, collector);
}

function collectField(node: Node, kind: SymbolKind, scope: Scope, to: SymbolCollector): void {
  // TypeScript calls the field of the node `name`, JavaScript `property`.
  const name = memberName(node.childForFieldName("name") ?? node.childForFieldName("property"));
  if (name === null) return;
  const value = node.childForFieldName("value");
  to.declare(scope, {
    kind: functionOf(value) === null ? kind : "method",
    name,
    node,
    signatureEnd: valueSignatureEnd(to.text, node, value),
  });
}

/** The members in the body of a class, an interface or an object type. */
export function collectMembers(body: Node | null, scope: Scope, collector: SymbolCollector): void {
  if (!isWalkable(scope)) return;
  for (const member of body?.namedChildren ?? []) {
    switch (member.type) {
      case "method_definition":
      case "method_signature":
      case "abstract_method_signature":
        collectMethod(member, scope, collector);
        break;
      case "public_field_definition":
      case "field_definition":
        collectField(member, "field", scope, collector);
        break;
      case "property_signature":
        collectField(member, "property", scope, collector);
        break;
      case "ERROR":
        collectMembers(member, deeper(scope), collector);
        break;
    }
  }
}

/** The members of an enum. */
export function collectEnumMembers(body: Node | null, scope: Scope, to: SymbolCollector): void {
  for (const member of body?.namedChildren ?? []) {
    const isMember = member.type === "enum_assignment" || member.type === "property_identifier" ||
      member.type === "string" || member.type === "computed_property_name";
    const assigned = member.type === "enum_assignment" ? member.childForFieldName("name") : member;
    const name = isMember ? memberName(assigned) : null;
    if (name === null) continue;
    const signatureEnd = lineEnd(to.text, member.startIndex, member.endIndex);
    to.declare(scope, { kind: "enum_member", name, node: member, signatureEnd });
  }
}

/** The functions in an object literal; its other properties are data. */
export function collectObjectFunctions(
  object: Node,
  kind: "method" | "function",
  scope: Scope,
  collector: SymbolCollector,
): void {
  for (const member of object.namedChildren) {
    const isPair = member.type === "pair";
    const value = isPair ? member.childForFieldName("value") : null;
    const isFunction = isPair ? functionOf(value) !== null : member.type === "method_definition";
    const name = memberName(member.childForFieldName(isPair ? "key" : "name"));
    if (!isFunction || name === null) continue;
    const signatureEnd = isPair
      ? valueSignatureEnd(collector.text, member, value)
      : member.childForFieldName("body")?.startIndex ?? member.endIndex;
    collector.declare(scope, { kind, name, node: member, signatureEnd });
  }
}

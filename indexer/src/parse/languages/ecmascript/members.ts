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
  type Span,
  type SymbolCollector,
  type SymbolKind,
  trimSpan,
  type WholeSpan,
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
export function valueSignatureEnd(text: string, node: WholeSpan, value: Node | null): number {
  const body = functionOf(value)?.childForFieldName("body");
  if (body) return body.startIndex;
  return lineEnd(text, value?.startIndex ?? node.startIndex, node.endIndex);
}

/**
 * The name of a member: `"size"` and `["size"]` are called size, `[Symbol.iterator]` as written.
 */
function memberName(name: Node | null): Span | null {
  const inner = name?.type === "computed_property_name" ? name.firstNamedChild : null;
  const plain = inner?.type === "string" ? inner : name;
  return plain?.type === "string" ? trimSpan(plain, 1, 1) : plain;
}

/** Where the words of a declaration begin, behind its decorators. */
export function wordsStart(node: Node, text: string): number {
  if (text.charCodeAt(node.startIndex) !== 0x40) return node.startIndex;
  const first = node.children.find((child) =>
    child.type !== "decorator" && child.type !== "comment"
  );
  return first?.startIndex ?? node.startIndex;
}

/** A class, an interface or an object whose members are walked. */
export interface Owner {
  readonly scope: Scope;
  readonly exported: boolean;
}

/** Declares a member; `private` ones and those with a number sign are seen by nobody else. */
function declareMember(
  member: { kind: SymbolKind; name: Span; node: Node; signatureEnd: number },
  { scope, exported }: Owner,
  collector: SymbolCollector,
): Scope {
  const { text } = collector;
  const signatureStart = wordsStart(member.node, text);
  const isPrivate = text.startsWith("private", signatureStart) ||
    text.charCodeAt(member.name.startIndex) === 0x23;
  const visible = exported && !isPrivate;
  return collector.declare(scope, { ...member, signatureStart, exported: visible });
}

/** `constructor(private readonly clock: Clock)` declares a field. */
function collectParameterFields(method: Node, owner: Owner, collector: SymbolCollector): void {
  for (const parameter of method.childForFieldName("parameters")?.namedChildren ?? []) {
    const isField = parameter.children.some((child) =>
      child.type === "accessibility_modifier" || child.type === "readonly"
    );
    const name = isField ? parameter.childForFieldName("pattern") : null;
    if (name?.type !== "identifier") continue;
    const signatureEnd = lineEnd(collector.text, parameter.startIndex, parameter.endIndex);
    declareMember({ kind: "field", name, node: parameter, signatureEnd }, owner, collector);
  }
}

function collectMethod(node: Node, owner: Owner, collector: SymbolCollector): void {
  const written = node.childForFieldName("name");
  const name = memberName(written);
  if (name === null) return;
  const isConstructor = written?.type === "property_identifier" &&
    collector.text.slice(name.startIndex, name.endIndex) === "constructor";
  const kind = isConstructor ? "constructor" : "method";
  const signatureEnd = node.childForFieldName("body")?.startIndex ?? node.endIndex;
  declareMember({ kind, name, node, signatureEnd }, owner, collector);
  if (isConstructor) collectParameterFields(node, owner, collector);
}

function collectField(node: Node, kind: SymbolKind, owner: Owner, to: SymbolCollector): void {
  // TypeScript calls the field of the node `name`, JavaScript `property`.
  const name = memberName(node.childForFieldName("name") ?? node.childForFieldName("property"));
  if (name === null) return;
  const value = node.childForFieldName("value");
  const memberKind = functionOf(value) === null ? kind : "method";
  const signatureEnd = valueSignatureEnd(to.text, node, value);
  declareMember({ kind: memberKind, name, node, signatureEnd }, owner, to);
}

/** The members in the body of a class, an interface or an object type. */
export function collectMembers(body: Node | null, owner: Owner, collector: SymbolCollector): void {
  if (!isWalkable(owner.scope)) return;
  for (const member of body?.namedChildren ?? []) {
    switch (member.type) {
      case "method_definition":
      case "method_signature":
      case "abstract_method_signature":
        collectMethod(member, owner, collector);
        break;
      case "public_field_definition":
      case "field_definition":
        collectField(member, "field", owner, collector);
        break;
      case "property_signature":
        collectField(member, "property", owner, collector);
        break;
      case "ERROR":
        collectMembers(member, { ...owner, scope: deeper(owner.scope) }, collector);
        break;
    }
  }
}

/** The members of an enum. */
export function collectEnumMembers(body: Node | null, owner: Owner, to: SymbolCollector): void {
  for (const member of body?.namedChildren ?? []) {
    const isMember = member.type === "enum_assignment" || member.type === "property_identifier" ||
      member.type === "string" || member.type === "computed_property_name";
    const assigned = member.type === "enum_assignment" ? member.childForFieldName("name") : member;
    const name = isMember ? memberName(assigned) : null;
    if (name === null) continue;
    const signatureEnd = lineEnd(to.text, member.startIndex, member.endIndex);
    declareMember({ kind: "enum_member", name, node: member, signatureEnd }, owner, to);
  }
}

/** The functions in an object literal; its other properties are data. */
export function collectObjectFunctions(
  object: Node,
  kind: "method" | "function",
  owner: Owner,
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
    declareMember({ kind, name, node: member, signatureEnd }, owner, collector);
  }
}

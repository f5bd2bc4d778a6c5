/**
 * The declarations of a JavaScript or TypeScript file: at its top, in namespaces and in modules.
 * Nothing inside a function body or a block is declared.
 */
import type { Node } from "web-tree-sitter";
import {
  deeper,
  FILE_SCOPE,
  inside,
  isWalkable,
  lineEnd,
  type Scope,
  type SymbolCollector,
  type SymbolKind,
} from "../../symbol.ts";
import { collectAssignment } from "./assignments.ts";
import {
  collectEnumMembers,
  collectMembers,
  collectObjectFunctions,
  functionOf,
  valueSignatureEnd,
} from "./members.ts";

/** Where a statement stands: its scope and the words before it (`export declare `). */
interface Place {
  readonly scope: Scope;
  readonly prefix: string;
}

function placeIn(scope: Scope): Place {
  return { scope, prefix: "" };
}

/** Declares a node with a name and a body, and answers with the scope of the body. */
function declareWithBody(
  node: Node,
  kind: SymbolKind,
  place: Place,
  collector: SymbolCollector,
): Scope {
  const name = node.childForFieldName("name");
  if (name === null) return deeper(place.scope);
  const signatureEnd = node.childForFieldName("body")?.startIndex ?? node.endIndex;
  return collector.declare(place.scope, { kind, name, node, prefix: place.prefix, signatureEnd });
}

/** The identifiers that a destructuring pattern binds. */
function boundNodes(pattern: Node, depth: number): Node[] {
  if (!isWalkable({ path: null, depth })) return [];
  switch (pattern.type) {
    case "identifier":
    case "shorthand_property_identifier_pattern":
      return [pattern];
    case "object_pattern":
    case "array_pattern":
    case "rest_pattern":
      return pattern.namedChildren.flatMap((child) => boundNodes(child, depth + 1));
    case "pair_pattern": {
      const value = pattern.childForFieldName("value");
      return value === null ? [] : boundNodes(value, depth + 1);
    }
    case "assignment_pattern":
    case "object_assignment_pattern": {
      const left = pattern.childForFieldName("left");
      return left === null ? [] : boundNodes(left, depth + 1);
    }
    default:
      return [];
  }
}

function collectDeclarator(node: Node, keyword: string, place: Place, to: SymbolCollector): void {
  const name = node.childForFieldName("name");
  if (name === null) return;
  const value = node.childForFieldName("value");
  const prefix = `${place.prefix}${keyword} `;
  const dataKind = keyword === "const" ? "constant" : "variable";
  if (name.type !== "identifier") {
    const signatureEnd = lineEnd(to.text, node.startIndex, node.endIndex);
    for (const bound of boundNodes(name, 0)) {
      to.declare(place.scope, { kind: dataKind, name: bound, node, prefix, signatureEnd });
    }
    return;
  }
  const isClass = value?.type === "class";
  const functionKind = functionOf(value) === null ? dataKind : "function";
  const kind = isClass ? "class" : functionKind;
  const classBody = isClass ? value.childForFieldName("body") : null;
  const signatureEnd = classBody?.startIndex ?? valueSignatureEnd(to.text, node, value);
  const scope = to.declare(place.scope, { kind, name, node, prefix, signatureEnd });
  if (isClass) collectMembers(classBody, scope, to);
  if (value?.type === "object") collectObjectFunctions(value, "method", scope, to);
}

/** `export default` of something without a name, which other files know as `default`. */
function collectDefaultExport(node: Node, place: Place, collector: SymbolCollector): void {
  const value = node.childForFieldName("value");
  const name = node.children.find((child) => child.type === "default");
  if (value === null || name === undefined) return;
  const isFunction = functionOf(value) !== null;
  const isClass = value.type === "class";
  if (!isFunction && !isClass && value.type !== "object") return;
  const signatureEnd = isClass
    ? value.childForFieldName("body")?.startIndex ?? value.endIndex
    : valueSignatureEnd(collector.text, node, value);
  const dataKind = isClass ? "class" : "constant";
  const kind = isFunction ? "function" : dataKind;
  const scope = collector.declare(place.scope, { kind, name, node, signatureEnd });
  if (isClass) collectMembers(value.childForFieldName("body"), scope, collector);
  if (value.type === "object") collectObjectFunctions(value, "method", scope, collector);
}

function collectExport(node: Node, place: Place, collector: SymbolCollector): void {
  const declaration = node.childForFieldName("declaration");
  if (declaration === null) {
    collectDefaultExport(node, place, collector);
    return;
  }
  const isDefault = node.children.some((child) => child.type === "default");
  const prefix = isDefault ? "export default " : "export ";
  collectStatement(declaration, { scope: place.scope, prefix }, collector);
}

/** `declare const x`, `declare module "m"`, `declare global { … }`. */
function collectAmbient(node: Node, place: Place, collector: SymbolCollector): void {
  const prefix = `${place.prefix}declare `;
  for (const child of node.namedChildren) {
    if (child.type === "statement_block") {
      collectStatements(child, inside(place.scope, "global"), collector);
    } else {
      collectStatement(child, { scope: place.scope, prefix }, collector);
    }
  }
}

/** `namespace A.B` is one symbol of that name; `module "m"` declares a module. */
function collectNamespace(node: Node, place: Place, collector: SymbolCollector): void {
  const isModule = node.childForFieldName("name")?.type === "string";
  const kind = isModule ? "module" : "namespace";
  const scope = declareWithBody(node, kind, place, collector);
  const body = node.childForFieldName("body");
  if (body !== null) collectStatements(body, scope, collector);
}

function collectTypeAlias(node: Node, place: Place, collector: SymbolCollector): void {
  const name = node.childForFieldName("name");
  const value = node.childForFieldName("value");
  if (name === null || value === null) return;
  const isObject = value.type === "object_type";
  const signatureEnd = isObject
    ? value.startIndex
    : lineEnd(collector.text, value.startIndex, node.endIndex);
  const declaration = { kind: "type", name, node, prefix: place.prefix, signatureEnd } as const;
  const scope = collector.declare(place.scope, declaration);
  if (isObject) collectMembers(value, scope, collector);
}

function collectExpression(node: Node, place: Place, collector: SymbolCollector): void {
  const expression = node.firstNamedChild;
  if (expression?.type === "internal_module") collectNamespace(expression, place, collector);
  if (expression?.type === "assignment_expression") {
    collectAssignment(expression, place.scope, collector);
  }
}

function collectEnum(node: Node, place: Place, collector: SymbolCollector): void {
  const scope = declareWithBody(node, "enum", place, collector);
  collectEnumMembers(node.childForFieldName("body"), scope, collector);
}

function collectVariables(node: Node, place: Place, collector: SymbolCollector): void {
  const keyword = node.firstChild?.type ?? "var";
  for (const child of node.namedChildren) {
    if (child.type !== "variable_declarator") continue;
    collectDeclarator(child, keyword, place, collector);
  }
}

type Collect = (node: Node, place: Place, collector: SymbolCollector) => void;

const collectFunction: Collect = (node, place, collector) => {
  declareWithBody(node, "function", place, collector);
};

function collectWithMembers(kind: "class" | "interface"): Collect {
  return (node, place, collector) => {
    const scope = declareWithBody(node, kind, place, collector);
    collectMembers(node.childForFieldName("body"), scope, collector);
  };
}

const collectByType: ReadonlyMap<string, Collect> = new Map([
  ["function_declaration", collectFunction],
  ["generator_function_declaration", collectFunction],
  ["function_signature", collectFunction],
  ["class_declaration", collectWithMembers("class")],
  ["abstract_class_declaration", collectWithMembers("class")],
  ["interface_declaration", collectWithMembers("interface")],
  ["enum_declaration", collectEnum],
  ["type_alias_declaration", collectTypeAlias],
  ["lexical_declaration", collectVariables],
  ["variable_declaration", collectVariables],
  ["export_statement", collectExport],
  ["ambient_declaration", collectAmbient],
  ["internal_module", collectNamespace],
  ["module", collectNamespace],
  ["expression_statement", collectExpression],
  ["ERROR", (node, place, to) => collectStatements(node, deeper(place.scope), to)],
]);

function collectStatement(node: Node, place: Place, collector: SymbolCollector): void {
  collectByType.get(node.type)?.(node, place, collector);
}

function collectStatements(node: Node, scope: Scope, collector: SymbolCollector): void {
  if (!isWalkable(scope)) return;
  for (const child of node.namedChildren) collectStatement(child, placeIn(scope), collector);
}

/** Finds the declarations of a JavaScript or TypeScript file. */
export function collectDeclarations(root: Node, collector: SymbolCollector): void {
  collectStatements(root, FILE_SCOPE, collector);
}

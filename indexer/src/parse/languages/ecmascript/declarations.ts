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
  type Span,
  type SymbolCollector,
  type SymbolKind,
  trimSpan,
  type WholeSpan,
} from "../../symbol.ts";
import { collectAssignment } from "./assignments.ts";
import {
  collectEnumMembers,
  collectMembers,
  collectObjectFunctions,
  functionOf,
  type Owner,
  valueSignatureEnd,
  wordsStart,
} from "./members.ts";
import { collectImport, collectReexport, exportsOf, isVisible } from "./modules.ts";
import type { Place } from "./place.ts";

function isExported(name: Span, place: Place, { text }: SymbolCollector): boolean {
  return isVisible(text.slice(name.startIndex, name.endIndex), place.prefix, place.exports);
}

/** Declares a node with a name and a body, and answers with what its members belong to. */
function declareWithBody(
  node: Node,
  kind: SymbolKind,
  place: Place,
  collector: SymbolCollector,
): Owner {
  const written = node.childForFieldName("name");
  if (written === null) return { scope: deeper(place.scope), exported: true };
  const name = written.type === "string" ? trimSpan(written, 1, 1) : written;
  const scope = collector.declare(place.scope, {
    kind,
    name,
    node,
    prefix: place.prefix,
    signatureStart: wordsStart(node, collector.text),
    signatureEnd: node.childForFieldName("body")?.startIndex ?? node.endIndex,
    exported: isExported(name, place, collector),
  });
  return { scope, exported: isExported(name, place, collector) };
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
  collectBinding(node, { name, value, keyword }, { ...place, prefix }, to);
}

interface Binding {
  readonly name: Node;
  readonly value: Node | null;
  readonly keyword: string;
}

/** Declares what a value is bound to, in a stretch that has both. */
function collectBinding(
  node: WholeSpan,
  { name, value, keyword }: Binding,
  place: Place,
  to: SymbolCollector,
): void {
  const { prefix } = place;
  const dataKind = keyword === "const" ? "constant" : "variable";
  if (name.type !== "identifier") {
    const signatureEnd = lineEnd(to.text, node.startIndex, node.endIndex);
    for (const bound of boundNodes(name, 0)) {
      const exported = isExported(bound, place, to);
      to.declare(place.scope, {
        kind: dataKind,
        name: bound,
        node,
        prefix,
        signatureEnd,
        exported,
      });
    }
    return;
  }
  const isClass = value?.type === "class";
  const functionKind = functionOf(value) === null ? dataKind : "function";
  const kind = isClass ? "class" : functionKind;
  const classBody = isClass ? value.childForFieldName("body") : null;
  const signatureEnd = classBody?.startIndex ?? valueSignatureEnd(to.text, node, value);
  const exported = isExported(name, place, to);
  const declaration = { kind, name, node, prefix, signatureEnd, exported } as const;
  const owner = { scope: to.declare(place.scope, declaration), exported };
  if (isClass) collectMembers(classBody, owner, to);
  if (value?.type === "object") collectObjectFunctions(value, "method", owner, to);
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
  const owner = { scope, exported: true };
  if (isClass) collectMembers(value.childForFieldName("body"), owner, collector);
  if (value.type === "object") collectObjectFunctions(value, "method", owner, collector);
}

function collectExport(node: Node, place: Place, collector: SymbolCollector): void {
  const declaration = node.childForFieldName("declaration");
  if (declaration === null) {
    collectReexport(node, collector);
    collectDefaultExport(node, place, collector);
    return;
  }
  const isDefault = node.children.some((child) => child.type === "default");
  const prefix = isDefault ? "export default " : "export ";
  collectStatement(declaration, { ...place, prefix }, collector);
}

/** `declare const x`, `declare module "m"`, `declare global { … }`. */
function collectAmbient(node: Node, place: Place, collector: SymbolCollector): void {
  const prefix = `${place.prefix}declare `;
  for (const child of node.namedChildren) {
    if (child.type === "statement_block") {
      const scope = inside(place.scope, "global");
      collectStatements(child, { scope, prefix: "", exports: null }, collector);
    } else {
      collectStatement(child, { ...place, prefix }, collector);
    }
  }
}

/** `namespace A.B` is one symbol of that name; `module "m"` declares a module. */
function collectNamespace(node: Node, place: Place, collector: SymbolCollector): void {
  const isModule = node.childForFieldName("name")?.type === "string";
  const kind = isModule ? "module" : "namespace";
  const { scope } = declareWithBody(node, kind, place, collector);
  const body = node.childForFieldName("body");
  // What an ambient namespace or module declares can be seen without a word.
  const exports = isModule || place.prefix.includes("declare ") ? null : new Set<string>();
  if (body !== null) collectStatements(body, { scope, prefix: "", exports }, collector);
}

function collectTypeAlias(node: Node, place: Place, collector: SymbolCollector): void {
  const name = node.childForFieldName("name");
  const value = node.childForFieldName("value");
  if (name === null || value === null) return;
  const isObject = value.type === "object_type";
  const signatureEnd = isObject
    ? value.startIndex
    : lineEnd(collector.text, value.startIndex, node.endIndex);
  const exported = isExported(name, place, collector);
  const { prefix } = place;
  const declaration = { kind: "type", name, node, prefix, signatureEnd, exported } as const;
  const owner = { scope: collector.declare(place.scope, declaration), exported };
  if (isObject) collectMembers(value, owner, collector);
}

function collectExpression(node: Node, place: Place, collector: SymbolCollector): void {
  const expression = node.firstNamedChild;
  if (expression?.type === "internal_module") collectNamespace(expression, place, collector);
  if (expression?.type === "assignment_expression") {
    collectAssignment(expression, place.scope, collector);
  }
}

function collectEnum(node: Node, place: Place, collector: SymbolCollector): void {
  const owner = declareWithBody(node, "enum", place, collector);
  collectEnumMembers(node.childForFieldName("body"), owner, collector);
}

function collectVariables(node: Node, place: Place, collector: SymbolCollector): void {
  const keyword = node.firstChild?.type ?? "var";
  for (const child of node.namedChildren) {
    if (child.type !== "variable_declarator") continue;
    collectDeclarator(child, keyword, place, collector);
  }
}

/** `$: name = value`, by which Svelte declares a variable. */
function collectReactive(node: Node, place: Place, to: SymbolCollector): void {
  if (node.childForFieldName("label")?.text !== "$") return;
  const statement = node.childForFieldName("body")?.firstNamedChild ?? null;
  const isWrapped = statement?.type === "parenthesized_expression";
  const assignment = isWrapped ? statement.firstNamedChild : statement;
  if (assignment?.type !== "assignment_expression") return;
  const [name, value] = [
    assignment.childForFieldName("left"),
    assignment.childForFieldName("right"),
  ];
  if (name === null || !/^identifier$|_pattern$/.test(name.type)) return;
  const { startIndex, startPosition } = node;
  const { endIndex, endPosition } = assignment;
  const whole = { startIndex, startPosition, endIndex, endPosition };
  collectBinding(whole, { name, value, keyword: "$" }, place, to);
}

type Collect = (node: Node, place: Place, collector: SymbolCollector) => void;

const collectFunction: Collect = (node, place, collector) => {
  declareWithBody(node, "function", place, collector);
};

function collectWithMembers(kind: "class" | "interface"): Collect {
  return (node, place, collector) => {
    const owner = declareWithBody(node, kind, place, collector);
    collectMembers(node.childForFieldName("body"), owner, collector);
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
  ["labeled_statement", collectReactive],
  ["internal_module", collectNamespace],
  ["module", collectNamespace],
  ["expression_statement", collectExpression],
  ["import_statement", (node, _place, collector) => collectImport(node, collector)],
  [
    "ERROR",
    (node, place, to) => collectStatements(node, { ...place, scope: deeper(place.scope) }, to),
  ],
]);

function collectStatement(node: Node, place: Place, collector: SymbolCollector): void {
  collectByType.get(node.type)?.(node, place, collector);
}

function collectStatements(node: Node, place: Place, collector: SymbolCollector): void {
  if (!isWalkable(place.scope)) return;
  for (const child of node.namedChildren) collectStatement(child, place, collector);
}

/** Finds the declarations of a JavaScript or TypeScript file. */
export function collectDeclarations(root: Node, collector: SymbolCollector): void {
  const exports = exportsOf(root, collector.text);
  collectStatements(root, { scope: FILE_SCOPE, prefix: "", exports }, collector);
}

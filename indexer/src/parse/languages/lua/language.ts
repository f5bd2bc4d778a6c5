/**
 * Lua: its grammar and where its declarations are: the forms of `function`, and tables with functions
 * in them. A variable that holds a required module is an import, not a definition.
 */
import type { Node } from "web-tree-sitter";
import { type CommentMarks } from "../../declarations/doc_comment.ts";
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
import type { LanguageSupport } from "../language_support.ts";
import { findRequires } from "./inner_requires.ts";
import { luaReferences } from "./references.ts";

interface Place {
  readonly collector: SymbolCollector;
  readonly scope: Scope;
}

type Collect = (node: Node, place: Place) => void;

/** The name of `a.b:c`, and the scope that stands before it; null for `a["b"]`. */
function readName(node: Node, scope: Scope): { name: Node; scope: Scope } | null {
  if (node.type === "identifier") return { name: node, scope };
  const table = node.childForFieldName("table");
  const name = node.childForFieldName("field") ?? node.childForFieldName("method");
  if (table === null || name?.type !== "identifier") return null;
  if (!/^[\w.]+$/.test(table.text)) return null;
  return { name, scope: table.text.split(".").reduce(inside, scope) };
}

function isLocal(node: Node): boolean {
  return node.firstChild?.type === "local";
}

const collectFunction: Collect = (node, { collector, scope }) => {
  const fullName = node.childForFieldName("name");
  const named = fullName === null ? null : readName(fullName, scope);
  if (named === null) return;
  collector.declare(named.scope, {
    kind: named.scope === scope ? "function" : "method",
    name: named.name,
    node,
    signatureEnd: node.childForFieldName("parameters")?.endIndex ?? node.endIndex,
    exported: !isLocal(node),
  });
};

/** The call of `require` that a value comes out of, as it is or as one of its fields. */
function requireOf(value: Node): Node | null {
  const call = value.type === "dot_index_expression" ? value.childForFieldName("table") : value;
  if (call?.type !== "function_call") return null;
  return call.childForFieldName("name")?.text === "require" ? call : null;
}

/** `require("a.b")`, `require "a.b"`; `alias` is what it is called here. */
function addRequire(call: Node, alias: string | null, collector: SymbolCollector): void {
  const specifier = call.childForFieldName("arguments")?.firstNamedChild?.childForFieldName(
    "content",
  );
  const names = alias === null ? [] : [{ name: "*", alias }];
  if (specifier) collector.addImport({ specifier, kind: "module", names });
}

interface Binding {
  readonly name: Node;
  readonly value: Node | null;
  /** The statement or the field of a table. */
  readonly node: Node;
  readonly exported: boolean;
  readonly plainKind: SymbolKind;
}

/** A name that is given a value: a function by another form, a table, or anything else. */
function collectBinding({ name, value, node, exported, plainKind }: Binding, place: Place): void {
  const { collector, scope } = place;
  const isFunction = value?.type === "function_definition";
  const parameters = isFunction ? value.childForFieldName("parameters") : null;
  const functionKind = plainKind === "field" ? "method" : "function";
  const members = collector.declare(scope, {
    kind: isFunction ? functionKind : plainKind,
    name,
    node,
    signatureEnd: parameters?.endIndex ?? lineEnd(collector.text, node.startIndex, node.endIndex),
    exported,
  });
  if (value?.type === "table_constructor") collectTable(value, { collector, scope: members });
}

/** The fields of a table that are functions; the others are data. */
function collectTable(table: Node, place: Place): void {
  if (!isWalkable(place.scope)) return;
  for (const field of table.namedChildren) {
    const name = field.type === "field" ? field.childForFieldName("name") : null;
    const value = field.childForFieldName("value");
    const isCode = value?.type === "function_definition" || value?.type === "table_constructor";
    if (name?.type !== "identifier" || !isCode) continue;
    const binding = { name, value, node: field, exported: true, plainKind: "field" } as const;
    if (value.type === "function_definition") collectBinding(binding, place);
    else collectTable(value, { ...place, scope: inside(place.scope, name.text) });
  }
}

/** `a, t.b = 1, function() end`; `whole` includes the word `local`. */
function collectAssignment(node: Node, whole: Node, place: Place): void {
  const [left, right] = node.namedChildren;
  const values = right?.namedChildren ?? [];
  const names = left?.childrenForFieldName("name") ?? [];
  const local = isLocal(whole);
  const isConstant = left?.childForFieldName("attribute")?.text.includes("const") === true;
  for (const [index, fullName] of names.filter((child) => child.isNamed).entries()) {
    const value = values[index] ?? null;
    const named = readName(fullName, place.scope);
    const required = value === null ? null : requireOf(value);
    if (required !== null) addRequire(required, fullName.text, place.collector);
    if (named === null || required !== null) continue;
    const variableKind = isConstant ? "constant" : "variable";
    const plainKind = named.scope === place.scope ? variableKind : "field";
    const inner = { ...place, scope: named.scope };
    collectBinding({ name: named.name, value, node: whole, exported: !local, plainKind }, inner);
  }
}

const collectLocal: Collect = (node, place) => {
  const [inner] = node.namedChildren;
  if (inner?.type === "assignment_statement") collectAssignment(inner, node, place);
};

const collectReturn: Collect = (node, place) => {
  const table = node.firstNamedChild?.firstNamedChild ?? null;
  if (table?.type === "table_constructor") collectTable(table, place);
};

const collectChildren: Collect = (node, place) => {
  if (!isWalkable(place.scope)) return;
  const inner = { ...place, scope: deeper(place.scope) };
  for (const child of node.namedChildren) collectByType.get(child.type)?.(child, inner);
};

const collectByType: ReadonlyMap<string, Collect> = new Map<string, Collect>([
  ["assignment_statement", (node, place) => collectAssignment(node, node, place)],
  ["function_declaration", collectFunction],
  [
    "function_call",
    (node, { collector }) => {
      if (requireOf(node) !== null) addRequire(node, null, collector);
    },
  ],
  ["return_statement", collectReturn],
  ["variable_declaration", collectLocal],
  ["block", collectChildren],
  ["do_statement", collectChildren],
  ["else_statement", collectChildren],
  ["elseif_statement", collectChildren],
  ["if_statement", collectChildren],
  ["ERROR", collectChildren],
]);

const COMMENTS: CommentMarks = {
  line: "--",
  blockStart: "--[[",
  blockEnd: "]]",
  longBlock: { start: /^--\[=*\[/, end: /\](=*)\]$/ },
};

/** Lua. */
export const lua: LanguageSupport = {
  grammar: "@tree-sitter-grammars/tree-sitter-lua/tree-sitter-lua.wasm",
  comments: COMMENTS,
  references: luaReferences,
  findImports: findRequires,
  collect(root, collector) {
    collectChildren(root, { collector, scope: FILE_SCOPE });
  },
};

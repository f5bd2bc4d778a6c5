/**
 * PHP: its grammar and where its declarations are. Functions that a branch declares count too.
 */
import type { Node } from "web-tree-sitter";
import { SLASH_COMMENTS } from "../../declarations/doc_comment.ts";
import { FILE_SCOPE, type ImportedName, type SymbolKind, trimSpan } from "../../symbol.ts";
import {
  type Collect,
  collectChildren,
  declareNamed,
  declarePackage,
  insideAll,
  type Place,
  type Rules,
  splitPath,
  within,
} from "../class_family/walk.ts";
import type { LanguageSupport } from "../language_support.ts";
import { findIncludes } from "./includes.ts";
import { findQualifiedNames } from "./qualified_names.ts";
import { phpReferences } from "./references.ts";

function isVisible(modifiers: string): boolean {
  return !/\bprivate\b/.test(modifiers);
}

function collectType(kind: SymbolKind): Collect {
  return (node, place) => {
    const name = node.childForFieldName("name");
    const body = node.childForFieldName("body");
    if (name === null) return;
    const members = declareNamed({ kind, name, node, isVisible }, place);
    if (body !== null) collectChildren(body, members, rules);
  };
}

/** `$name` is called name. */
function declareVariable(variable: Node | null, node: Node, kind: SymbolKind, place: Place): void {
  if (variable?.type !== "variable_name") return;
  declareNamed({ kind, name: trimSpan(variable, 1, 0), node, isVisible }, place);
}

/** A function or a method; what a constructor promotes is a property. */
const collectFunction: Collect = (node, place) => {
  const name = node.childForFieldName("name");
  if (name === null) return;
  const isConstructor = name.text === "__construct";
  const memberKind = isConstructor ? "constructor" : "method";
  const kind = place.owner === null ? "function" : memberKind;
  const signatureEnd = node.childForFieldName("body")?.startIndex ?? node.endIndex;
  declareNamed({ kind, name, node, signatureEnd, isVisible }, place);
  for (const parameter of node.childForFieldName("parameters")?.namedChildren ?? []) {
    if (parameter.type !== "property_promotion_parameter") continue;
    declareVariable(parameter.childForFieldName("name"), parameter, "property", place);
  }
};

const collectProperties: Collect = (node, place) => {
  for (const element of node.namedChildren) {
    if (element.type !== "property_element") continue;
    declareVariable(element.childForFieldName("name"), node, "property", place);
  }
};

const collectConstants: Collect = (node, place) => {
  for (const element of node.namedChildren) {
    const name = element.type === "const_element" ? element.firstNamedChild : null;
    if (name !== null) declareNamed({ kind: "constant", name, node, isVisible }, place);
  }
};

const collectCase: Collect = (node, place) => {
  const name = node.childForFieldName("name");
  if (name !== null) declareNamed({ kind: "enum_member", name, node, isVisible }, place);
};

/** `namespace A\B;`, or with braces around what it holds. */
const collectNamespace: Collect = (node, place) => {
  const path = node.childForFieldName("name");
  const body = node.childForFieldName("body");
  if (path !== null) declarePackage(node, path, place, "namespace");
  if (body === null) return;
  const { before, last } = splitPath(path ?? node);
  const names = path === null ? [] : [...before, last.text];
  collectChildren(body, { ...place, scope: insideAll(within(place).scope, names) }, rules);
};

/** One `A\B as C` of a `use`; a group has a path in front of each. */
function addUse(clause: Node, prefix: string, { collector }: Place): void {
  const alias = clause.childForFieldName("alias");
  const path = clause.namedChildren.find((child) => child.id !== alias?.id);
  if (path === undefined) return;
  const specifier = prefix === "" ? path.text : `${prefix}\\${path.text}`;
  const name = specifier.slice(specifier.lastIndexOf("\\") + 1);
  const names: ImportedName[] = [{ name, alias: alias?.text ?? null }];
  collector.addImport({ specifier: path, path: specifier, kind: "name", names });
}

const collectUse: Collect = (node, place) => {
  const group = node.childForFieldName("body");
  const prefix = group === null ? "" : node.firstNamedChild?.text ?? "";
  for (const clause of (group ?? node).namedChildren) {
    if (clause.type === "namespace_use_clause") addUse(clause, prefix, place);
  }
};

/** The backslash in front of a group, `use \A\{B, C}`, which the grammar does not know. */
const GROUP = /^([ \t]*use[ \t]+(?:(?:const|function)[ \t]+)?)\\(?=[\w\\]{1,200}\\\{)/gm;

const INCLUDES = /^(?:include|require)(?:_once)?_expression$/;

/** `require "a.php"`, `require __DIR__ . "/a.php"`, `define("A", 1)`. */
const collectExpression: Collect = (node, place) => {
  const expression = node.firstNamedChild;
  if (expression === null) return;
  if (expression.type === "function_call_expression") return collectDefine(expression, place);
  if (!INCLUDES.test(expression.type)) return;
  const value = expression.firstNamedChild;
  const isBeside = value?.type === "binary_expression" &&
    value.childForFieldName("left")?.text === "__DIR__";
  const string = isBeside ? value.childForFieldName("right") : value;
  const content = string?.type.endsWith("string") === true ? string?.firstNamedChild : null;
  if (content?.type !== "string_content" || string?.namedChildCount !== 1) return;
  const path = isBeside ? `.${content.text}` : content.text;
  place.collector.addImport({ specifier: content, path, kind: "file" });
};

function collectDefine(call: Node, place: Place): void {
  if (call.childForFieldName("function")?.text !== "define") return;
  const string = call.childForFieldName("arguments")?.firstNamedChild?.firstNamedChild;
  const name = string?.type.endsWith("string") === true ? string?.firstNamedChild : null;
  if (name?.type !== "string_content") return;
  const signatureEnd = call.endIndex;
  declareNamed({ kind: "constant", name, node: call, signatureEnd, isVisible }, place);
}

/** `return new class extends A { … };`: its members, of a class that has no name. */
const collectReturned: Collect = (node, place) => {
  const made = node.firstNamedChild;
  const type = made?.type === "object_creation_expression" ? made.firstNamedChild : null;
  const body = type?.type === "anonymous_class" ? type.childForFieldName("body") : null;
  if (body !== null) collectChildren(body, { ...within(place), owner: "class" }, rules);
};

const collectInner: Collect = (node, place) => collectChildren(node, within(place), rules);

const rules: Rules = new Map<string, Collect>([
  ["class_declaration", collectType("class")],
  ["const_declaration", collectConstants],
  ["enum_case", collectCase],
  ["enum_declaration", collectType("enum")],
  ["expression_statement", collectExpression],
  ["function_definition", collectFunction],
  ["interface_declaration", collectType("interface")],
  ["method_declaration", collectFunction],
  ["namespace_definition", collectNamespace],
  ["namespace_use_declaration", collectUse],
  ["property_declaration", collectProperties],
  ["return_statement", collectReturned],
  ["trait_declaration", collectType("trait")],
  ["compound_statement", collectInner],
  ["else_clause", collectInner],
  ["if_statement", collectInner],
  ["ERROR", collectInner],
]);

/** PHP. */
export const php: LanguageSupport = {
  grammar: "tree-sitter-php/tree-sitter-php.wasm",
  prepare: (text) => text.includes("\\{") ? text.replace(GROUP, "$1 ") : text,
  comments: SLASH_COMMENTS,
  references: phpReferences,
  findImports(tokens) {
    findIncludes(tokens);
    findQualifiedNames(tokens);
  },
  collect(root, collector) {
    collectChildren(root, { collector, scope: FILE_SCOPE, owner: null, exported: true }, rules);
  },
};

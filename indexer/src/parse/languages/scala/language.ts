/**
 * Scala, 2 and 3: its grammar and where its declarations are. What is not private can be seen from
 * other files.
 */
import type { Node } from "web-tree-sitter";
import { SLASH_COMMENTS } from "../../declarations/doc_comment.ts";
import { FILE_SCOPE, type ImportedName, lineEnd, type SymbolKind } from "../../symbol.ts";
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
import { findImports } from "./inner_imports.ts";
import { scalaReferences } from "./references.ts";

function isVisible(modifiers: string): boolean {
  return !/\bprivate\b/.test(modifiers);
}

/** `val` and `var` parameters are fields, and all those of a case class. */
function collectParameters(node: Node, place: Place): void {
  const isCase = node.children.some((child) => child.type === "case");
  for (const list of node.childrenForFieldName("class_parameters")) {
    for (const parameter of list.namedChildren) {
      const isField = isCase ||
        parameter.children.some(({ type }) => type === "val" || type === "var");
      const name = isField ? parameter.childForFieldName("name") : null;
      if (name === null) continue;
      const signatureEnd = parameter.endIndex;
      declareNamed({ kind: "field", name, node: parameter, signatureEnd, isVisible }, place);
    }
  }
}

function collectType(kind: SymbolKind): Collect {
  return (node, place) => {
    const name = node.childForFieldName("name");
    const body = node.childForFieldName("body");
    if (name === null) return;
    const signatureEnd = body?.startIndex ?? node.endIndex;
    const members = declareNamed({ kind, name, node, signatureEnd, isVisible }, place);
    collectParameters(node, members);
    if (body !== null) collectChildren(body, members, rules);
  };
}

const collectFunction: Collect = (node, place) => {
  const name = node.childForFieldName("name");
  if (name === null) return;
  const memberKind = name.text === "this" ? "constructor" : "method";
  const kind = place.owner === null ? "function" : memberKind;
  const signatureEnd = node.childForFieldName("body")?.startIndex ?? node.endIndex;
  declareNamed({ kind, name, node, signatureEnd, isVisible }, place);
};

/** The names that a pattern binds: one, a list or the parts of a tuple. */
function boundNames(pattern: Node): Node[] {
  if (pattern.type === "identifier") return [pattern];
  const isList = pattern.type === "identifiers" || pattern.type === "tuple_pattern";
  return isList ? pattern.namedChildren.filter((child) => child.type === "identifier") : [];
}

const collectValue: Collect = (node, place) => {
  const pattern = node.childForFieldName("pattern") ?? node.childForFieldName("name");
  const kind = place.owner === null ? "variable" : "field";
  for (const name of pattern === null ? [] : boundNames(pattern)) {
    const signatureEnd = lineEnd(place.collector.text, name.endIndex, node.endIndex);
    declareNamed({ kind, name, node, signatureEnd, isVisible }, place);
  }
};

function collectName(kind: SymbolKind): Collect {
  return (node, place) => {
    const name = node.childForFieldName("name");
    if (name !== null) declareNamed({ kind, name, node, isVisible }, place);
  };
}

/** `package a.b`, with or without what it holds. */
const collectPackage: Collect = (node, place) => {
  const path = node.childForFieldName("name");
  const body = node.childForFieldName("body");
  if (path === null) return;
  declarePackage(node, path, place, "package");
  const { before, last } = splitPath(path);
  const scope = insideAll(within(place).scope, [...before, last.text]);
  if (body !== null) collectChildren(body, { ...place, scope }, rules);
};

/** `given a: A with …`; its members are there without a name too. */
const collectGiven: Collect = (node, place) => {
  const name = node.childForFieldName("name");
  const body = node.childForFieldName("body");
  const members = name === null ? within(place) : declareNamed(
    { kind: "variable", name, node, signatureEnd: body?.startIndex ?? node.endIndex, isVisible },
    place,
  );
  if (body?.type === "with_template_body") {
    collectChildren(body, { ...members, owner: "class" }, rules);
  }
};

/** The names in `a.b.{C, D => E}` and `a._`. */
function selectedNames(node: Node): ImportedName[] {
  if (node.type === "namespace_wildcard") return [{ name: "*", alias: null }];
  if (node.type !== "namespace_selectors") return [];
  return node.namedChildren.map((child) => {
    const name = child.childForFieldName("name")?.text ?? child.text;
    const isWildcard = child.type === "namespace_wildcard";
    const alias = child.childForFieldName("alias")?.text ?? null;
    return { name: isWildcard ? "*" : name, alias };
  });
}

const collectImport: Collect = (node, { collector }) => {
  const parts = node.childrenForFieldName("path");
  const [first] = parts;
  const last = parts.at(-1);
  if (first === undefined || last === undefined) return;
  const { startIndex, startPosition } = first;
  const specifier = { startIndex, startPosition, endIndex: last.endIndex };
  const names = node.namedChildren.flatMap(selectedNames);
  const own = [{ name: last.text, alias: null }];
  collector.addImport({ specifier, kind: "name", names: names.length === 0 ? own : names });
};

const collectInner: Collect = (node, place) => collectChildren(node, within(place), rules);

const rules: Rules = new Map<string, Collect>([
  ["class_definition", collectType("class")],
  ["enum_definition", collectType("enum")],
  ["full_enum_case", collectName("enum_member")],
  ["function_declaration", collectFunction],
  ["function_definition", collectFunction],
  ["given_definition", collectGiven],
  ["import_declaration", collectImport],
  ["object_definition", collectType("object")],
  ["package_clause", collectPackage],
  ["package_object", collectType("object")],
  ["simple_enum_case", collectName("enum_member")],
  ["trait_definition", collectType("trait")],
  ["type_definition", collectName("type")],
  ["val_declaration", collectValue],
  ["val_definition", collectValue],
  ["var_declaration", collectValue],
  ["var_definition", collectValue],
  ["enum_case_definitions", collectInner],
  ["extension_definition", collectInner],
  ["template_body", collectInner],
  ["ERROR", collectInner],
]);

/** Scala. */
export const scala: LanguageSupport = {
  grammar: "tree-sitter-scala/tree-sitter-scala.wasm",
  comments: SLASH_COMMENTS,
  references: scalaReferences,
  collect(root, collector) {
    collectChildren(root, { collector, scope: FILE_SCOPE, owner: null, exported: true }, rules);
  },
  findImports,
};

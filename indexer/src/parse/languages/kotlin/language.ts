/**
 * Kotlin: its grammar and where its declarations are. What is not private can be seen from other
 * files.
 */
import type { Node } from "web-tree-sitter";
import { SLASH_COMMENTS } from "../../declarations/doc_comment.ts";
import { FILE_SCOPE, lineEnd, type Span, type SymbolKind } from "../../symbol.ts";
import {
  type Collect,
  collectChildren,
  declareNamed,
  declarePackage,
  type Place,
  type Rules,
  within,
} from "../class_family/walk.ts";
import type { ParsedLanguage } from "../language_support.ts";
import { kotlinReferences } from "./references.ts";
import { readable, withoutMistake } from "./repair.ts";

function isVisible(modifiers: string): boolean {
  return !/\bprivate\b/.test(modifiers);
}

function childOf(node: Node, type: string): Node | undefined {
  return node.namedChildren.find((child) => child.type === type);
}

const BODIES = new Set(["class_body", "enum_class_body"]);

/** `enum class` and `interface` are classes to the grammar. */
function classKind(node: Node): SymbolKind {
  if (childOf(node, "enum_class_body") !== undefined) return "enum";
  return node.children.some((child) => child.type === "interface") ? "interface" : "class";
}

/** The body of `class A : B by c { … }`, which the grammar takes for an argument of c. */
function delegatedBody(node: Node): Node | undefined {
  const specifier = childOf(node, "delegation_specifiers")?.lastNamedChild ?? undefined;
  const delegation = specifier && childOf(specifier, "explicit_delegation");
  const call = delegation && childOf(delegation, "call_expression");
  const lambda = call && childOf(call, "annotated_lambda");
  return lambda && childOf(lambda, "lambda_literal");
}

/** A class or an object; the `val` and `var` parameters of its constructor are properties. */
function collectType(kindOf: (node: Node) => SymbolKind): Collect {
  return (node, place) => {
    const name = node.childForFieldName("name");
    const body = node.namedChildren.find((child) => BODIES.has(child.type)) ??
      delegatedBody(node);
    if (name === null) return;
    const signatureEnd = body?.startIndex ?? node.endIndex;
    const members = declareNamed(
      { kind: kindOf(node), name, node, signatureEnd, isVisible },
      place,
    );
    const constructor = childOf(node, "primary_constructor");
    const parameters = constructor === undefined
      ? undefined
      : childOf(constructor, "class_parameters");
    for (const parameter of parameters?.namedChildren ?? []) collectParameter(parameter, members);
    if (body !== undefined) collectChildren(body, members, rules);
  };
}

function collectParameter(node: Node, place: Place): void {
  const isProperty = node.children.some(({ type }) => type === "val" || type === "var");
  const name = isProperty ? childOf(node, "identifier") : undefined;
  if (name !== undefined) {
    const signatureEnd = node.endIndex;
    declareNamed({ kind: "property", name, node, signatureEnd, isVisible }, place);
  }
}

/** The members of a companion belong to the class, unless it has a name of its own. */
const collectCompanion: Collect = (node, place) => {
  if (node.childForFieldName("name") !== null) return collectType(() => "object")(node, place);
  const body = childOf(node, "class_body");
  if (body !== undefined) collectChildren(body, within(place), rules);
};

/** The grammar puts the name of an extension into the type that it extends. */
function functionName(node: Node): Span | null {
  const name = node.childForFieldName("name");
  if (name === null || name.endIndex > name.startIndex) return name;
  return childOf(node, "user_type")?.lastNamedChild ?? null;
}

const collectFunction: Collect = (node, place) => {
  const name = functionName(node);
  if (name === null) return;
  const kind = place.owner === null ? "function" : "method";
  const signatureEnd = childOf(node, "function_body")?.startIndex ?? node.endIndex;
  declareNamed({ kind, name, node, signatureEnd, isVisible }, place);
};

const collectConstructor: Collect = (node, place) => {
  const name = node.children.find((child) => child.type === "constructor");
  const end = childOf(node, "constructor_delegation_call") ?? childOf(node, "block");
  if (name === undefined) return;
  const signatureEnd = end?.startIndex ?? node.endIndex;
  declareNamed({ kind: "constructor", name, node, signatureEnd, isVisible }, place);
};

const collectProperty: Collect = (node, place) => {
  const { text } = place.collector;
  const plainKind = place.owner === null ? "variable" : "property";
  const list = childOf(node, "multi_variable_declaration") ?? node;
  for (const variable of list.namedChildren) {
    if (variable.type !== "variable_declaration") continue;
    const name = childOf(variable, "identifier");
    if (name === undefined) continue;
    const isConstant = /\bconst\s+val\b/.test(text.slice(node.startIndex, name.startIndex));
    const kind = isConstant ? "constant" : plainKind;
    const signatureEnd = lineEnd(text, name.endIndex, node.endIndex);
    declareNamed({ kind, name, node, signatureEnd, isVisible }, place);
  }
};

const collectEntry: Collect = (node, place) => {
  const name = childOf(node, "identifier");
  const body = childOf(node, "class_body");
  if (name === undefined) return;
  const signatureEnd = body?.startIndex ?? node.endIndex;
  const members = declareNamed({ kind: "enum_member", name, node, signatureEnd, isVisible }, place);
  if (body !== undefined) collectChildren(body, members, rules);
};

const collectAlias: Collect = (node, place) => {
  const name = node.childForFieldName("type");
  if (name !== null) declareNamed({ kind: "type", name, node, isVisible }, place);
};

/** `import a.b.C`, `import a.b.*`, `import a.C as D` */
const collectImport: Collect = (node, { collector }) => {
  const [path, alias] = node.namedChildren;
  if (path === undefined) return;
  const isAll = collector.text.slice(path.endIndex, node.endIndex).includes("*");
  const name = isAll ? "*" : path.text.slice(path.text.lastIndexOf(".") + 1);
  const names = [{ name, alias: alias?.text ?? null }];
  collector.addImport({ specifier: path, kind: "name", names });
};

const rules: Rules = new Map<string, Collect>([
  ["class_declaration", collectType(classKind)],
  ["companion_object", collectCompanion],
  ["enum_entry", collectEntry],
  ["function_declaration", collectFunction],
  ["import", collectImport],
  ["object_declaration", collectType(() => "object")],
  [
    "package_header",
    (node, place) => {
      const path = node.firstNamedChild;
      if (path !== null) declarePackage(node, path, place, "package");
    },
  ],
  ["property_declaration", collectProperty],
  ["secondary_constructor", collectConstructor],
  ["type_alias", collectAlias],
  ["ERROR", (node, place) => collectChildren(node, within(place), rules)],
]);

/** Kotlin. */
export const kotlin: ParsedLanguage = {
  grammar: "@tree-sitter-grammars/tree-sitter-kotlin/tree-sitter-kotlin.wasm",
  comments: { ...SLASH_COMMENTS, attributes: /@[\w.:]+|context(?=\()/y },
  references: kotlinReferences,
  prepare: readable,
  repair: withoutMistake,
  collect(root, collector) {
    collectChildren(root, { collector, scope: FILE_SCOPE, owner: null, exported: true }, rules);
  },
};

/**
 * C#: its grammar and where its declarations are. Members are private unless they say otherwise, and
 * types are seen by the whole assembly.
 */
import type { Node } from "web-tree-sitter";
import { SLASH_COMMENTS } from "../../declarations/doc_comment.ts";
import { FILE_SCOPE, type Span, type SymbolKind } from "../../symbol.ts";
import {
  type Collect,
  collectChildren,
  declareNamed,
  insideAll,
  type Place,
  type Rules,
  splitPath,
  within,
} from "../class_family/walk.ts";
import type { LanguageSupport } from "../language_support.ts";
import { csharpReferences } from "./references.ts";

/** Whether modifiers let other files see what is declared in such a place. */
function visibilityIn({ owner }: Place): (modifiers: string) => boolean {
  const isOpen = owner === null || owner === "interface" || owner === "enum";
  return (modifiers) =>
    isOpen
      ? !/\b(?:file|private)\b/.test(modifiers)
      : /\b(?:public|protected|internal)\b/.test(modifiers);
}

function collectType(kind: SymbolKind): Collect {
  return (node, place) => {
    const name = node.childForFieldName("name");
    if (name === null) return;
    const members = declareNamed({ kind, name, node, isVisible: visibilityIn(place) }, place);
    // The parameters of a record are properties of it.
    const parameters = node.type === "record_declaration"
      ? node.namedChildren.find((child) => child.type === "parameter_list")
      : undefined;
    for (const parameter of parameters?.namedChildren ?? []) {
      const parameterName = parameter.childForFieldName("name");
      const property = { kind: "property", node: parameter, isVisible: () => true } as const;
      if (parameterName !== null) declareNamed({ ...property, name: parameterName }, members);
    }
    const body = node.childForFieldName("body");
    if (body !== null) collectChildren(body, members, rules);
  };
}

/** `record`, `record class` and `record struct`. */
const collectRecord: Collect = (node, place) => {
  const isStruct = node.children.some((child) => child.type === "struct");
  collectType(isStruct ? "struct" : "class")(node, place);
};

/** Where the part of a member that is no signature begins: accessors, a body, `=> value`. */
function bodyStart(node: Node): number | undefined {
  const initializer = node.namedChildren.find(({ type }) => type === "constructor_initializer");
  const accessors = node.childForFieldName("accessors");
  const arrow = node.namedChildren.find(({ type }) => type === "arrow_expression_clause");
  return (initializer ?? node.childForFieldName("body") ?? accessors ?? arrow)?.startIndex;
}

function declareMember(kind: SymbolKind, name: Span, node: Node, place: Place): void {
  const signatureEnd = bodyStart(node) ?? node.endIndex;
  declareNamed({ kind, name, node, signatureEnd, isVisible: visibilityIn(place) }, place);
}

function collectName(kind: SymbolKind): Collect {
  return (node, place) => {
    const name = node.childForFieldName("name");
    if (name !== null) declareMember(kind, name, node, place);
  };
}

/** `operator +`, from the word to the sign. */
const collectOperator: Collect = (node, place) => {
  const sign = node.childForFieldName("operator") ?? node.childForFieldName("type");
  const word = node.children.find((child) => child.type === "operator");
  if (sign === null || word === undefined) return;
  const { startIndex, startPosition } = word;
  const name = { startIndex, startPosition, endIndex: sign.endIndex };
  declareMember("method", name, node, place);
};

const collectIndexer: Collect = (node, place) => {
  const name = node.children.find((child) => child.type === "this");
  if (name !== undefined) declareMember("property", name, node, place);
};

/** Fields and events; `const` and `static readonly` ones never change. */
const collectFields: Collect = (node, place) => {
  const list = node.namedChildren.find((child) => child.type === "variable_declaration");
  const words = node.namedChildren.filter(({ type }) => type === "modifier").map(({ text }) =>
    text
  );
  const isConstant = words.includes("const") ||
    (words.includes("static") && words.includes("readonly"));
  const isEvent = node.type === "event_field_declaration";
  const kind = isConstant ? "constant" : isEvent ? "property" : "field";
  for (const declarator of list?.namedChildren ?? []) {
    const name = declarator.childForFieldName("name");
    if (name !== null) {
      declareNamed({ kind, name, node, isVisible: visibilityIn(place) }, place);
    }
  }
};

/** A namespace; `A.B` is B inside of A. */
function declareNamespace(node: Node, place: Place): Place {
  const path = node.childForFieldName("name");
  if (path === null) return within(place);
  const { before, last } = splitPath(path);
  const around = { ...place, scope: insideAll(place.scope, before) };
  const signatureEnd = path.endIndex;
  const named = { node, name: last, signatureEnd, isVisible: () => true };
  return { ...declareNamed({ ...named, kind: "namespace" }, around), owner: null };
}

/** `using A.B;`, `using static A.B;`, `using C = A.B;` */
const collectUsing: Collect = (node, { collector }) => {
  const alias = node.childForFieldName("name");
  const path = node.namedChildren.findLast((child) => child.id !== alias?.id);
  if (path === undefined) return;
  const names = [{ name: "*", alias: alias?.text ?? null }];
  collector.addImport({ specifier: path, kind: "name", names });
};

const collectInner: Collect = (node, place) => collectChildren(node, within(place), rules);

const rules: Rules = new Map<string, Collect>([
  ["class_declaration", collectType("class")],
  ["constructor_declaration", collectName("constructor")],
  ["delegate_declaration", collectName("type")],
  ["destructor_declaration", collectName("method")],
  ["enum_declaration", collectType("enum")],
  ["enum_member_declaration", collectName("enum_member")],
  ["event_declaration", collectName("property")],
  ["event_field_declaration", collectFields],
  ["field_declaration", collectFields],
  ["indexer_declaration", collectIndexer],
  ["interface_declaration", collectType("interface")],
  ["method_declaration", collectName("method")],
  [
    "namespace_declaration",
    (node, place) => {
      const body = node.childForFieldName("body");
      const inner = declareNamespace(node, place);
      if (body !== null) collectChildren(body, inner, rules);
    },
  ],
  ["conversion_operator_declaration", collectOperator],
  ["operator_declaration", collectOperator],
  ["property_declaration", collectName("property")],
  ["record_declaration", collectRecord],
  ["struct_declaration", collectType("struct")],
  ["using_directive", collectUsing],
  ["declaration_list", collectInner],
  ["ERROR", collectInner],
  ["preproc_if", collectInner],
  ["preproc_else", collectInner],
  ["preproc_elif", collectInner],
]);

/** A namespace without braces holds what follows it in the file, also where it stands in an `#if`. */
function collectFile(root: Node, top: Place): void {
  let place = top;
  const parts = root.namedChildren.flatMap((node) =>
    node.type === "preproc_if" ? node.namedChildren : [node]
  );
  for (const child of parts) {
    if (child.type === "file_scoped_namespace_declaration") {
      place = declareNamespace(child, top);
      collectChildren(child, place, rules);
    } else {
      rules.get(child.type)?.(child, place);
    }
  }
}

/** C#. */
export const csharp: LanguageSupport = {
  grammar: "tree-sitter-c-sharp/tree-sitter-c_sharp.wasm",
  comments: { ...SLASH_COMMENTS, tags: true },
  references: csharpReferences,
  collect(root, collector) {
    collectFile(root, { collector, scope: FILE_SCOPE, owner: null, exported: true });
  },
};

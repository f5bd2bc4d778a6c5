/**
 * Zig: its grammar and where its declarations are. A type is a value like any other, so that it is
 * the value of a constant that says what the constant is. A constant that only names an import is no
 * definition, unless others can import it from here.
 */
import type { Node } from "web-tree-sitter";
import { type CommentMarks } from "../../declarations/doc_comment.ts";
import {
  deeper,
  FILE_SCOPE,
  isWalkable,
  lineEnd,
  type Scope,
  type SymbolCollector,
  type SymbolKind,
} from "../../symbol.ts";
import type { LanguageSupport } from "../language_support.ts";
import { zigReferences } from "./references.ts";

/** The file, which is a struct itself, or a type in it. */
interface Place {
  readonly collector: SymbolCollector;
  readonly scope: Scope;
  readonly typeKind: SymbolKind | null;
}

type Collect = (node: Node, place: Place) => void;

const TYPE_KINDS: ReadonlyMap<string, SymbolKind> = new Map([
  ["enum_declaration", "enum"],
  ["error_set_declaration", "enum"],
  ["opaque_declaration", "struct"],
  ["struct_declaration", "struct"],
  ["union_declaration", "union"],
]);

function hasKeyword(node: Node, word: string): boolean {
  return node.children.some((child) => child.type === word);
}

/** The call of `@import` in a value: as it is, or as the source of one of its members. */
function importIn(value: Node | null): Node | null {
  let inner = value;
  while (inner?.type === "field_expression") inner = inner.childForFieldName("object");
  if (inner?.type !== "builtin_function") return null;
  const name = inner.firstNamedChild?.text;
  return name === "@import" || name === "@cImport" ? inner : null;
}

/** `@import("a.zig")` is of a file, `@import("std")` of a module. */
function addImport(call: Node, alias: string | null, collector: SymbolCollector): void {
  const string = call.namedChildren[1]?.firstNamedChild;
  const specifier = string?.type === "string" ? string.firstNamedChild : null;
  if (!specifier) return;
  const kind = specifier.text.endsWith(".zig") ? "file" : "module";
  const names = alias === null ? [] : [{ name: "*", alias }];
  collector.addImport({ specifier, kind, names });
}

const collectVariable: Collect = (node, place) => {
  const { collector, scope } = place;
  const [name, ...rest] = node.namedChildren;
  const value = rest.at(-1) ?? null;
  if (name?.type !== "identifier") return;
  const exported = hasKeyword(node, "pub") || hasKeyword(node, "export");
  const imported = importIn(value);
  if (imported !== null) addImport(imported, name.text, collector);
  if (imported !== null && !exported) return;
  const typeKind = value === null ? undefined : TYPE_KINDS.get(value.type);
  const plainKind = hasKeyword(node, "const") ? "constant" : "variable";
  const kind = typeKind ?? plainKind;
  const brace = typeKind === undefined ? -1 : collector.text.indexOf("{", value?.startIndex);
  const signatureEnd = brace === -1
    ? lineEnd(collector.text, node.startIndex, node.endIndex)
    : brace;
  const members = collector.declare(scope, { kind, name, node, signatureEnd, exported });
  if (typeKind === undefined || value === null) return;
  collectMembers(value, { collector, scope: members, typeKind });
};

/** A function that answers with a type is a generic type, with the members of what it returns. */
const collectFunction: Collect = (node, { collector, scope, typeKind }) => {
  const name = node.childForFieldName("name");
  const body = node.childForFieldName("body");
  if (name === null) return;
  const exported = hasKeyword(node, "pub") || hasKeyword(node, "export");
  const kind = typeKind === null ? "function" : "method";
  const signatureEnd = body?.startIndex ?? node.endIndex;
  const members = collector.declare(scope, { kind, name, node, signatureEnd, exported });
  if (body === null || node.childForFieldName("type")?.text !== "type") return;
  for (const statement of body.namedChildren) {
    const value = statement.firstNamedChild?.firstNamedChild ?? null;
    const returnedKind = value === null ? undefined : TYPE_KINDS.get(value.type);
    if (value === null || returnedKind === undefined) continue;
    collectMembers(value, { collector, scope: members, typeKind: returnedKind });
  }
};

/** Fields are as visible as their type. */
const collectField: Collect = (node, { collector, scope, typeKind }) => {
  const name = node.childForFieldName("name");
  // `_` says that an enum has other values too.
  if (name === null || name.text === "_") return;
  const kind = typeKind === "enum" ? "enum_member" : "field";
  const signatureEnd = lineEnd(collector.text, node.startIndex, node.endIndex);
  collector.declare(scope, { kind, name, node, signatureEnd, exported: true });
};

function collectMembers(node: Node, place: Place): void {
  if (!isWalkable(place.scope)) return;
  for (const child of node.namedChildren) {
    if (node.type === "error_set_declaration" && child.type === "identifier") {
      const signatureEnd = child.endIndex;
      const declaration = { name: child, node: child, signatureEnd, exported: true } as const;
      place.collector.declare(place.scope, { ...declaration, kind: "enum_member" });
    } else {
      collectByType.get(child.type)?.(child, place);
    }
  }
}

const collectByType: ReadonlyMap<string, Collect> = new Map<string, Collect>([
  ["container_field", collectField],
  ["function_declaration", collectFunction],
  [
    "using_namespace_declaration",
    (node, { collector }) => {
      const imported = importIn(node.firstNamedChild);
      if (imported !== null) addImport(imported, "*", collector);
    },
  ],
  ["variable_declaration", collectVariable],
  ["ERROR", (node, place) => collectMembers(node, { ...place, scope: deeper(place.scope) })],
]);

const COMMENTS: CommentMarks = { line: "///", blockStart: null, blockEnd: null };

/** Zig. */
export const zig: LanguageSupport = {
  grammar: "@tree-sitter-grammars/tree-sitter-zig/tree-sitter-zig.wasm",
  comments: COMMENTS,
  references: zigReferences,
  collect(root, collector) {
    collectMembers(root, { collector, scope: FILE_SCOPE, typeKind: null });
  },
};

/**
 * Go: its grammar and where its declarations are.
 */
import type { Node } from "web-tree-sitter";
import { type CommentMarks, SLASH_COMMENTS } from "../../declarations/doc_comment.ts";
import {
  type Declaration,
  deeper,
  FILE_SCOPE,
  inside,
  isWalkable,
  lineEnd,
  type Scope,
  type SymbolCollector,
  type SymbolKind,
  trimSpan,
} from "../../symbol.ts";
import type { LanguageSupport } from "../language_support.ts";
import { goReferences } from "./references.ts";

/** Go shows other packages what begins with a capital letter. */
function isUpperCase(start: string): boolean {
  return /^\p{Lu}/u.test(start);
}

/** Declares unless the name is the blank identifier, which defines nothing. */
function declareNamed(collector: SymbolCollector, scope: Scope, declaration: Declaration): Scope {
  const { name } = declaration;
  const isBlank = name.endIndex - name.startIndex === 1 && collector.text[name.startIndex] === "_";
  if (isBlank) return deeper(scope);
  const exported = isUpperCase(collector.text.slice(name.startIndex, name.startIndex + 2));
  return collector.declare(scope, { ...declaration, exported });
}

/** The name at the core of a type: `Cache` in `*lru.Cache[K, V]`. */
function baseTypeName(type: Node | null): Node | null {
  let inner = type;
  while (inner?.type === "pointer_type" || inner?.type === "parenthesized_type") {
    inner = inner.firstNamedChild;
  }
  if (inner?.type === "generic_type") inner = inner.childForFieldName("type");
  if (inner?.type === "qualified_type") inner = inner.childForFieldName("name");
  return inner?.type === "type_identifier" ? inner : null;
}

function collectFields(struct: Node, scope: Scope, collector: SymbolCollector): void {
  if (!isWalkable(scope)) return;
  for (const field of struct.firstNamedChild?.namedChildren ?? []) {
    if (field.type !== "field_declaration") continue;
    const type = field.childForFieldName("type");
    const names = field.childrenForFieldName("name");
    // An embedded field is named by its type.
    const embedded = names.length === 0 ? baseTypeName(type) : null;
    if (embedded !== null) names.push(embedded);
    const signatureEnd = lineEnd(collector.text, field.startIndex, field.endIndex);
    for (const name of names) {
      const fields = declareNamed(collector, scope, {
        kind: "field",
        name,
        node: field,
        signatureEnd,
      });
      if (type?.type === "struct_type") collectFields(type, fields, collector);
    }
  }
}

function collectInterfaceMethods(node: Node, scope: Scope, collector: SymbolCollector): void {
  for (const element of node.namedChildren) {
    const name = element.type === "method_elem" ? element.childForFieldName("name") : null;
    if (name === null) continue;
    const signatureEnd = element.endIndex;
    declareNamed(collector, scope, { kind: "method", name, node: element, signatureEnd });
  }
}

function collectType(spec: Node, collector: SymbolCollector): void {
  const name = spec.childForFieldName("name");
  const type = spec.childForFieldName("type");
  if (name === null || type === null) return;
  const declaration = { name, node: spec, prefix: "type " };
  if (type.type === "struct_type") {
    const signatureEnd = type.firstNamedChild?.startIndex ?? type.endIndex;
    const scope = declareNamed(collector, FILE_SCOPE, {
      ...declaration,
      kind: "struct",
      signatureEnd,
    });
    collectFields(type, scope, collector);
  } else if (type.type === "interface_type") {
    const signatureEnd = type.startIndex + "interface".length;
    const scope = declareNamed(collector, FILE_SCOPE, {
      ...declaration,
      kind: "interface",
      signatureEnd,
    });
    collectInterfaceMethods(type, scope, collector);
  } else {
    const signatureEnd = lineEnd(collector.text, type.startIndex, type.endIndex);
    declareNamed(collector, FILE_SCOPE, { ...declaration, kind: "type", signatureEnd });
  }
}

/** One line of a const or var declaration, which may name several things. */
function collectValues(spec: Node, kind: SymbolKind, prefix: string, to: SymbolCollector): void {
  const signatureEnd = lineEnd(to.text, spec.startIndex, spec.endIndex);
  for (const name of spec.childrenForFieldName("name")) {
    // The field also holds the commas between the names.
    if (!name.isNamed) continue;
    declareNamed(to, FILE_SCOPE, { kind, name, node: spec, prefix, signatureEnd });
  }
}

function collectMethod(method: Node, collector: SymbolCollector): void {
  const name = method.childForFieldName("name");
  if (name === null) return;
  const receiver = method.childForFieldName("receiver")?.firstNamedChild;
  const type = baseTypeName(receiver?.childForFieldName("type") ?? null);
  const scope = type === null
    ? FILE_SCOPE
    : inside(FILE_SCOPE, collector.text.slice(type.startIndex, type.endIndex));
  const signatureEnd = method.childForFieldName("body")?.startIndex ?? method.endIndex;
  declareNamed(collector, scope, { kind: "method", name, node: method, signatureEnd });
}

function collectPackage(clause: Node, collector: SymbolCollector): void {
  const name = clause.firstNamedChild;
  if (name === null) return;
  const signatureEnd = clause.endIndex;
  collector.declare(FILE_SCOPE, { kind: "namespace", name, node: clause, signatureEnd });
}

function collectFunction(node: Node, collector: SymbolCollector): void {
  const name = node.childForFieldName("name");
  if (name === null) return;
  const signatureEnd = node.childForFieldName("body")?.startIndex ?? node.endIndex;
  declareNamed(collector, FILE_SCOPE, { kind: "function", name, node, signatureEnd });
}

/** `"fmt"`, `io "example.org/io"`, `. "dsl"`, `_ "driver"`. */
function collectImport(spec: Node, collector: SymbolCollector): void {
  const path = spec.childForFieldName("path");
  const alias = spec.childForFieldName("name")?.text;
  if (path === null) return;
  const names = alias === undefined ? [] : [{ name: "*", alias }];
  collector.addImport({ specifier: trimSpan(path, 1, 1), kind: "module", names });
}

type Collect = (node: Node, collector: SymbolCollector) => void;

/** Groups in parentheses, and what the parser could not make sense of. */
const collectChildren: Collect = (node, collector) => {
  for (const child of node.namedChildren) collectByType.get(child.type)?.(child, collector);
};

const collectByType: ReadonlyMap<string, Collect> = new Map<string, Collect>([
  ["package_clause", collectPackage],
  ["function_declaration", collectFunction],
  ["method_declaration", collectMethod],
  ["type_spec", collectType],
  ["type_alias", collectType],
  ["const_spec", (spec, to) => collectValues(spec, "constant", "const ", to)],
  ["var_spec", (spec, to) => collectValues(spec, "variable", "var ", to)],
  ["type_declaration", collectChildren],
  ["const_declaration", collectChildren],
  ["var_declaration", collectChildren],
  ["var_spec_list", collectChildren],
  ["import_declaration", collectChildren],
  ["import_spec_list", collectChildren],
  ["import_spec", collectImport],
  ["ERROR", collectChildren],
]);

/** Directives such as `//go:generate` may stand below the comment. */
const COMMENTS: CommentMarks = { ...SLASH_COMMENTS, directives: /^\/\/(?:go:|line |export )/ };

/** Go. */
export const go: LanguageSupport = {
  grammar: "tree-sitter-go/tree-sitter-go.wasm",
  comments: COMMENTS,
  references: goReferences,
  collect: collectChildren,
};

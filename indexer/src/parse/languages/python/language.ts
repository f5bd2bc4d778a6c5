/**
 * Python: its grammar and where its declarations are. Names bound inside functions and instance
 * attributes set in methods are left out.
 */
import type { Node } from "web-tree-sitter";
import { HASH_COMMENTS } from "../../declarations/doc_comment.ts";
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
import { collectFromImport, collectPlainImport } from "./imports.ts";
import { findImports } from "./inner_imports.ts";
import { pythonReferences } from "./references.ts";

/** The body of the file or of one class. A name that is bound again is declared once. */
interface Body {
  readonly scope: Scope;
  readonly isClass: boolean;
  readonly boundNames: Set<string>;
}

function bodyOf(scope: Scope, isClass: boolean): Body {
  return { scope, isClass, boundNames: new Set() };
}

/** One underscore in front is for the module alone, two on both sides are the language's. */
function isPublic(name: string): boolean {
  return !name.startsWith("_") || /^__\w+__$/.test(name);
}

/** A string that begins a body documents it. */
function docstringOf(block: Node | null): string | undefined {
  const first = block?.firstNamedChild;
  const string = first?.type === "expression_statement" ? first.firstNamedChild : null;
  if (string?.type !== "string") return undefined;
  return string.namedChildren.find((child) => child.type === "string_content")?.text;
}

const CONSTANT_NAME = /^_*[A-Z][A-Z0-9_]*$/;

function valueKind(name: string, isLambda: boolean, body: Body): SymbolKind {
  if (isLambda) return body.isClass ? "method" : "function";
  if (CONSTANT_NAME.test(name)) return "constant";
  return body.isClass ? "field" : "variable";
}

const PATTERNS = new Set(["pattern_list", "tuple_pattern", "list_pattern", "list_splat_pattern"]);

/** The names that the left side of an assignment binds. */
function boundNodes(left: Node, scope: Scope): Node[] {
  if (left.type === "identifier") return [left];
  if (!PATTERNS.has(left.type) || !isWalkable(scope)) return [];
  return left.namedChildren.flatMap((child) => boundNodes(child, deeper(scope)));
}

function collectAssignment(assignment: Node, body: Body, collector: SymbolCollector): void {
  if (!isWalkable(body.scope)) return;
  const left = assignment.childForFieldName("left");
  const right = assignment.childForFieldName("right");
  if (left === null) return;
  for (const name of boundNodes(left, body.scope)) {
    const text = collector.text.slice(name.startIndex, name.endIndex);
    if (body.boundNames.has(text)) continue;
    body.boundNames.add(text);
    collector.declare(body.scope, {
      kind: valueKind(text, right?.type === "lambda", body),
      name,
      node: assignment,
      signatureEnd: lineEnd(collector.text, assignment.startIndex, assignment.endIndex),
      exported: isPublic(text),
    });
  }
  // a = b = 1
  if (right?.type === "assignment") {
    collectAssignment(right, { ...body, scope: deeper(body.scope) }, collector);
  }
}

/** A function or a class; `whole` includes its decorators. */
function collectDefinition(node: Node, whole: Node, body: Body, collector: SymbolCollector): void {
  const name = node.childForFieldName("name");
  const block = node.childForFieldName("body");
  if (name === null) return;
  const word = collector.text.slice(name.startIndex, name.endIndex);
  const doc = docstringOf(block);
  const declaration = {
    name,
    node: whole,
    signatureStart: node.startIndex,
    // Comments may stand between the colon and the body.
    signatureEnd: node.children.find(({ type }) => type === ":")?.endIndex ?? block?.startIndex ??
      node.endIndex,
    exported: isPublic(word),
    ...(doc === undefined ? {} : { doc }),
  };
  if (node.type === "class_definition") {
    const scope = collector.declare(body.scope, { ...declaration, kind: "class" });
    if (block !== null) collectBody(block, bodyOf(scope, true), collector);
    return;
  }
  const memberKind = word === "__init__" ? "constructor" : "method";
  const kind = body.isClass ? memberKind : "function";
  collector.declare(body.scope, { ...declaration, kind });
}

function collectTypeAlias(node: Node, body: Body, collector: SymbolCollector): void {
  const left = node.childForFieldName("left");
  const generic = left?.firstNamedChild ?? null;
  const name = generic?.type === "generic_type" ? generic.firstNamedChild : generic;
  if (name === null) return;
  const signatureEnd = lineEnd(collector.text, node.startIndex, node.endIndex);
  const exported = isPublic(name.text);
  collector.declare(body.scope, { kind: "type", name, node, signatureEnd, exported });
}

type Collect = (node: Node, body: Body, collector: SymbolCollector) => void;

const collectExpression: Collect = (node, body, collector) => {
  for (const child of node.namedChildren) {
    if (child.type === "assignment") collectAssignment(child, body, collector);
  }
};

const collectPlain: Collect = (node, body, collector) => {
  collectDefinition(node, node, body, collector);
};

const collectDecorated: Collect = (node, body, collector) => {
  const definition = node.childForFieldName("definition");
  if (definition !== null) collectDefinition(definition, node, body, collector);
};

/** What is defined under a condition is defined in the body around it all the same. */
const collectBlock: Collect = (node, body, collector) => {
  collectBody(node, { ...body, scope: deeper(body.scope) }, collector);
};

const collectByType: ReadonlyMap<string, Collect> = new Map<string, Collect>([
  ["expression_statement", collectExpression],
  ["import_statement", (node, _body, collector) => collectPlainImport(node, collector)],
  ["import_from_statement", (node, _body, collector) => collectFromImport(node, collector)],
  ["future_import_statement", (node, _body, collector) => collectFromImport(node, collector)],
  ["function_definition", collectPlain],
  ["class_definition", collectPlain],
  ["decorated_definition", collectDecorated],
  ["type_alias_statement", collectTypeAlias],
  ["if_statement", collectBlock],
  ["elif_clause", collectBlock],
  ["else_clause", collectBlock],
  ["try_statement", collectBlock],
  ["except_clause", collectBlock],
  ["finally_clause", collectBlock],
  ["for_statement", collectBlock],
  ["while_statement", collectBlock],
  ["with_statement", collectBlock],
  ["block", collectBlock],
  ["ERROR", collectBlock],
]);

function collectBody(node: Node, body: Body, collector: SymbolCollector): void {
  if (!isWalkable(body.scope)) return;
  for (const child of node.namedChildren) collectByType.get(child.type)?.(child, body, collector);
}

/** Python. */
export const python: LanguageSupport = {
  grammar: "tree-sitter-python/tree-sitter-python.wasm",
  comments: HASH_COMMENTS,
  references: pythonReferences,
  findImports: findImports,
  collect(root, collector) {
    collectBody(root, bodyOf(FILE_SCOPE, false), collector);
  },
};

/**
 * Ruby: its grammar and where its declarations are: what `class`, `module` and `def` open, constants,
 * and the methods that calls define (`attr_reader`, `define_method`, `alias_method`) where they say
 * the name literally.
 */
import type { Node } from "web-tree-sitter";
import { HASH_COMMENTS } from "../../declarations/doc_comment.ts";
import {
  deeper,
  FILE_SCOPE,
  type ImportKind,
  inside,
  isWalkable,
  lineEnd,
  type Scope,
  type Span,
  type SymbolCollector,
  type SymbolKind,
} from "../../symbol.ts";
import type { LanguageSupport } from "../language_support.ts";
import { after, literalName } from "./literal_names.ts";
import { findLoads, LOADING_CALLS } from "./inner_loads.ts";
import { rubyReferences } from "./references.ts";
import {
  namedAtTop,
  namedIn,
  type NamedVisibility,
  VISIBILITIES,
  visibilityKey,
} from "./visibility.ts";

/** The body of the file, of a class or of a module. */
interface Body {
  readonly collector: SymbolCollector;
  readonly scope: Scope;
  readonly isType: boolean;
  /** What a bare `private` changes for the definitions that follow. */
  isPublic: boolean;
  /** What calls say by name of definitions of this body: `private :a`. */
  readonly named: NamedVisibility;
}

interface Found {
  readonly kind: SymbolKind;
  readonly name: Span;
  readonly node: Node;
  readonly signatureEnd: number;
}

function declare({ collector, scope, isPublic, named }: Body, found: Found): Scope {
  const { startIndex, endIndex } = found.name;
  const name = collector.text.slice(startIndex, endIndex);
  const exported = named?.get(visibilityKey(found, name)) ?? isPublic;
  return collector.declare(scope, { ...found, exported });
}

/** The scope and the last name of `A::B::C`, or of a plain constant. */
function constantPath(node: Node, scope: Scope): { scope: Scope; name: Node } {
  if (node.type !== "scope_resolution") return { scope, name: node };
  const around = node.childForFieldName("scope");
  const name = node.childForFieldName("name") ?? node;
  // `::A` is at the top wherever it stands.
  if (around === null) return { scope: FILE_SCOPE, name };
  return { scope: around.text.split("::").reduce(inside, scope), name };
}

function bodyOfType(around: Body, scope: Scope): Body {
  const named = around.named === null ? null : new Map<string, boolean>();
  return { ...around, scope, isType: true, isPublic: true, named };
}

function collectType(kind: SymbolKind): Collect {
  return (node, body) => {
    const fullName = node.childForFieldName("name");
    if (fullName === null) return;
    const { scope, name } = constantPath(fullName, body.scope);
    const block = node.childForFieldName("body");
    const head = node.childForFieldName("superclass") ?? fullName;
    const signatureEnd = head.endIndex;
    const members = declare({ ...body, scope, isPublic: true }, { kind, name, node, signatureEnd });
    if (block !== null) collectBody(block, bodyOfType(body, members));
  };
}

function methodEnd(node: Node, text: string): number {
  const head = node.childForFieldName("parameters") ?? node.childForFieldName("name");
  const end = head?.endIndex ?? node.endIndex;
  return node.childForFieldName("body") === null ? end : Math.min(end, text.length);
}

const collectMethod: Collect = (node, body) => {
  const name = node.childForFieldName("name");
  if (name === null) return;
  const isConstructor = body.isType && name.text === "initialize";
  const memberKind = isConstructor ? "constructor" : "method";
  const kind = body.isType ? memberKind : "function";
  declare(body, { kind, name, node, signatureEnd: methodEnd(node, body.collector.text) });
};

/** `def self.a`, or `def A.a` outside of the class. A bare `private` does not reach them. */
const collectSingletonMethod: Collect = (node, body) => {
  const name = node.childForFieldName("name");
  const object = node.childForFieldName("object");
  if (name === null || object === null) return;
  const scope = object.type === "constant" ? inside(body.scope, object.text) : body.scope;
  const signatureEnd = methodEnd(node, body.collector.text);
  declare({ ...body, scope, isPublic: true }, { kind: "method", name, node, signatureEnd });
};

const TYPE_MAKERS = new Set(["Class", "Data", "Module", "Struct"]);

/** Whether a value is `Struct.new(…) do … end` and the like: a class by another name. */
function isTypeMaker(value: Node | null): value is Node {
  if (value?.type !== "call") return false;
  const method = value.childForFieldName("method")?.text;
  const receiver = value.childForFieldName("receiver")?.text ?? "";
  return (method === "new" || method === "define") && TYPE_MAKERS.has(receiver);
}

function collectConstant(left: Node, assignment: Node, value: Node | null, body: Body): void {
  const { scope, name } = constantPath(left, body.scope);
  if (name.type !== "constant") return;
  const isType = isTypeMaker(value);
  const { text } = body.collector;
  const members = declare({ ...body, scope, isPublic: true }, {
    kind: isType ? "class" : "constant",
    name,
    node: assignment,
    signatureEnd: lineEnd(text, assignment.startIndex, assignment.endIndex),
  });
  const block = isType ? value.childForFieldName("block") : null;
  if (block !== null) collectBody(block, bodyOfType(body, members));
}

const collectAssignment: Collect = (node, body) => {
  const left = node.childForFieldName("left");
  const right = node.childForFieldName("right");
  if (left === null) return;
  if (left.type === "left_assignment_list") {
    for (const name of left.namedChildren) collectConstant(name, node, null, body);
  } else {
    collectConstant(left, node, right, body);
  }
};

/** Calls whose symbols name methods: how many of them, and as what. */
const NAMING_CALLS: ReadonlyMap<string, { kind: SymbolKind; namesMax: number }> = new Map([
  ["alias_method", { kind: "method", namesMax: 1 }],
  ["attr", { kind: "property", namesMax: Infinity }],
  ["attr_accessor", { kind: "property", namesMax: Infinity }],
  ["attr_reader", { kind: "property", namesMax: Infinity }],
  ["attr_writer", { kind: "property", namesMax: Infinity }],
  ["cattr_accessor", { kind: "property", namesMax: Infinity }],
  ["class_attribute", { kind: "property", namesMax: Infinity }],
  ["define_method", { kind: "method", namesMax: 1 }],
  ["define_singleton_method", { kind: "method", namesMax: 1 }],
  ["mattr_accessor", { kind: "property", namesMax: Infinity }],
]);

/** `require "a"`, `autoload :A, "a"`; a path that is put together at run time is not known here. */
function collectLoad(kind: ImportKind, values: readonly Node[], { collector }: Body): void {
  const [first] = values;
  const last = values.at(-1);
  const specifier = last?.type === "string" ? literalName(last) : null;
  const constant = first?.type === "simple_symbol" ? first.text.slice(1) : null;
  const names = constant === null ? [] : [{ name: constant, alias: null }];
  if (specifier !== null) collector.addImport({ specifier, kind, names });
}

const collectCall: Collect = (node, body) => {
  const method = node.childForFieldName("method")?.text ?? "";
  const values = node.childForFieldName("arguments")?.namedChildren ?? [];
  const loading = LOADING_CALLS.get(method);
  if (loading !== undefined) return collectLoad(loading, values, body);
  const naming = NAMING_CALLS.get(method);
  if (naming !== undefined) {
    const { text } = body.collector;
    const signatureEnd = lineEnd(text, node.startIndex, node.endIndex);
    for (const value of values.slice(0, naming.namesMax)) {
      const name = literalName(value);
      if (name !== null) declare(body, { kind: naming.kind, name, node, signatureEnd });
    }
    return;
  }
  // private def a; private attr_reader :b
  const isVisibility = VISIBILITIES.has(method);
  const inner = { ...body, scope: deeper(body.scope) };
  if (isVisibility) inner.isPublic = !method.startsWith("private");
  if (isVisibility && isWalkable(inner.scope)) {
    for (const value of values) collectOne(value, inner);
  }
  const block = node.childForFieldName("block");
  if (block !== null) collectBody(block, inner);
};

/** `alias new old`, `alias $new $old` */
const collectAlias: Collect = (node, body) => {
  const name = node.childForFieldName("name");
  if (name === null) return;
  const span = name.type === "simple_symbol" ? after(name, 1) : name;
  const kind = name.type === "global_variable" ? "variable" : "method";
  declare(body, { kind, name: span, node, signatureEnd: node.endIndex });
};

const collectVisibility: Collect = (node, body) => {
  if (node.text === "module_function") body.isPublic = true;
  else if (VISIBILITIES.has(node.text)) body.isPublic = node.text !== "private";
};

/** What a condition or a block of a call defines, it defines in the body around it. */
const collectInner: Collect = (node, body) => {
  collectBody(node, { ...body, scope: deeper(body.scope) });
};

type Collect = (node: Node, body: Body) => void;

const collectByType: ReadonlyMap<string, Collect> = new Map([
  ["alias", collectAlias],
  ["assignment", collectAssignment],
  ["call", collectCall],
  ["class", collectType("class")],
  ["identifier", collectVisibility],
  ["method", collectMethod],
  ["module", collectType("module")],
  ["operator_assignment", collectAssignment],
  ["singleton_method", collectSingletonMethod],
  ...[
    "ERROR",
    "begin",
    "begin_block",
    "block_body",
    "body_statement",
    "case",
    "else",
    "elsif",
    "ensure",
    "if",
    "if_modifier",
    "rescue",
    "singleton_class",
    "then",
    "unless",
    "unless_modifier",
    "when",
  ].map((type): [string, Collect] => [type, collectInner]),
]);

function collectOne(node: Node, body: Body): void {
  collectByType.get(node.type)?.(node, body);
}

function collectBody(node: Node, body: Body): void {
  if (!isWalkable(body.scope)) return;
  const inner = { ...body, named: namedIn(node, body.named, body.collector.text) };
  for (const child of node.namedChildren) collectOne(child, inner);
}

/** Ruby. */
export const ruby: LanguageSupport = {
  grammar: "tree-sitter-ruby/tree-sitter-ruby.wasm",
  comments: HASH_COMMENTS,
  references: rubyReferences,
  findImports: findLoads,
  collect(root, collector) {
    collectBody(root, {
      collector,
      scope: FILE_SCOPE,
      isType: false,
      isPublic: true,
      named: namedAtTop(collector.text),
    });
  },
};

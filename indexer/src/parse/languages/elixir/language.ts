/**
 * Elixir: its grammar and where its declarations are. All of them are calls of macros to the grammar,
 * so it is the name of the call that tells. The clauses of one function are one definition.
 */
import type { Node } from "web-tree-sitter";
import { HASH_COMMENTS } from "../../declarations/doc_comment.ts";
import {
  type Declaration,
  deeper,
  FILE_SCOPE,
  inside,
  isWalkable,
  lineEnd,
  type Scope,
  type Span,
  type SymbolCollector,
  type SymbolKind,
} from "../../symbol.ts";
import type { LanguageSupport } from "../language_support.ts";
import { moduleDoc, type PendingDocs, readDoc } from "./docs.ts";
import { argumentsOf, doBlockOf, headEnd, readHead } from "./heads.ts";
import { elixirReferences } from "./references.ts";

/** The body of the file or of one module. */
interface Body {
  readonly collector: SymbolCollector;
  readonly scope: Scope;
  /** `name/arity` of functions and `@name` of attributes that are known already. */
  readonly known: Set<string>;
  /** The function of the last clause, and its symbol: the clauses of one stand together. */
  readonly last: { function: string; ordinal: number };
  /** What documents the next definition. */
  readonly pending: PendingDocs;
}

type Collect = (call: Node, body: Body) => void;

/** What documents a declaration beside the comment above it. */
function documented(doc: string | null): Pick<Declaration, "doc"> {
  return doc === null ? {} : { doc };
}

/** Declares a module; `A.B` is B inside of A. */
function declareModule(kind: SymbolKind, call: Node, body: Body): Scope | null {
  const [alias] = argumentsOf(call);
  if (alias?.type !== "alias") return null;
  const lastLength = alias.text.length - alias.text.lastIndexOf(".") - 1;
  const before = alias.text.slice(0, alias.text.length - lastLength).split(".").slice(0, -1);
  const { startPosition: { row, column }, startIndex, endIndex } = alias;
  const skipped = alias.text.length - lastLength;
  const name: Span = {
    startIndex: startIndex + skipped,
    endIndex,
    startPosition: { row, column: column + skipped },
  };
  const scope = before.reduce(inside, body.scope);
  const signatureEnd = headEnd(call);
  return body.collector.declare(scope, {
    kind,
    name,
    node: call,
    signatureEnd,
    exported: true,
    ...documented(moduleDoc(doBlockOf(call))),
  });
}

function bodyIn(collector: SymbolCollector, scope: Scope): Body {
  const pending = { doc: null, typedoc: null };
  return { collector, scope, known: new Set(), last: { function: "", ordinal: -1 }, pending };
}

/** The statements of `do … end` and of `, do: (…)`. */
function collectDo(call: Node, scope: Scope, collector: SymbolCollector): void {
  if (!isWalkable(scope)) return;
  const body = bodyIn(collector, scope);
  const block = doBlockOf(call);
  if (block !== undefined) return collectBody(block, body);
  const keywords = argumentsOf(call).at(-1);
  const value = keywords?.type === "keywords"
    ? keywords.lastNamedChild?.childForFieldName("value")
    : null;
  if (value?.type === "block") collectBody(value, body);
}

function collectModule(kind: SymbolKind): Collect {
  return (call, body) => {
    const scope = declareModule(kind, call, body);
    if (scope !== null) collectDo(call, scope, body.collector);
  };
}

/** The functions of `defimpl P, for: T` are in P.T; P itself is defined elsewhere. */
const collectImplementation: Collect = (call, body) => {
  const [protocol, options] = argumentsOf(call);
  if (protocol?.type !== "alias") return;
  const target = options?.type === "keywords"
    ? options.firstNamedChild?.childForFieldName("value")?.text
    : undefined;
  const scope = inside(body.scope, protocol.text);
  collectDo(call, target === undefined ? scope : inside(scope, target), body.collector);
};

function collectFunction(kind: SymbolKind, exported: boolean): Collect {
  return (call, { collector, scope, known, last, pending: { doc } }) => {
    const head = readHead(argumentsOf(call)[0]);
    if (head === null) return;
    const { name, arity } = head;
    const key = `${collector.text.slice(name.startIndex, name.endIndex)}/${arity}`;
    if (key === last.function) return collector.extend(last.ordinal, call);
    const isKnown = known.has(key);
    Object.assign(last, { function: isKnown ? "" : key, ordinal: collector.symbols.length });
    if (isKnown) return;
    known.add(key);
    const signatureEnd = headEnd(call);
    const about = documented(doc);
    collector.declare(scope, { kind, name, node: call, signatureEnd, exported, ...about });
  };
}

/** The fields of `defstruct [:a, b: 1]`, with or without brackets. */
const collectFields: Collect = (call, { collector, scope }) => {
  const values = argumentsOf(call).flatMap((node) =>
    node.type === "list" ? node.namedChildren : [node]
  );
  const fields = values.flatMap((node) => node.type === "keywords" ? node.namedChildren : [node]);
  for (const field of fields) {
    const key = field.type === "pair" ? field.childForFieldName("key") : field;
    if (key?.type !== "atom" && key?.type !== "keyword") continue;
    const { startIndex, startPosition: { row, column } } = key;
    const colon = key.type === "atom" ? 1 : 0;
    const name: Span = {
      startIndex: startIndex + colon,
      endIndex: startIndex + key.text.trimEnd().replace(/:$/, "").length,
      startPosition: { row, column: column + colon },
    };
    const signatureEnd = field.endIndex;
    collector.declare(scope, { kind: "field", name, node: field, signatureEnd, exported: true });
  }
};

const TYPE_ATTRIBUTES = new Set(["type", "typep", "opaque"]);
const CALLBACK_ATTRIBUTES = new Set(["callback", "macrocallback"]);

/** Attributes that speak to the compiler or to documentation, and hold no value of the module's. */
const RESERVED_ATTRIBUTES = new Set(
  ("after_compile after_verify before_compile behaviour behavior compile deprecated derive describetag " +
    "dialyzer doc enforce_keys external_resource fallback_to_any file impl moduledoc moduletag " +
    "nifs on_definition on_load optional_callbacks protocol since spec tag typedoc undefined_impl_description vsn")
    .split(" "),
);

/** `@type t :: …`, `@callback run(t) :: …` */
function collectSpecification(kind: SymbolKind, attribute: Node, body: Body): void {
  const name = attribute.childForFieldName("target")?.text;
  const [value] = argumentsOf(attribute);
  const head = readHead(value?.childForFieldName("left") ?? undefined);
  const node = attribute.parent;
  if (head === null || node === null) return;
  const { text } = body.collector;
  const signatureEnd = lineEnd(text, node.startIndex, node.endIndex);
  const exported = name !== "typep";
  const { pending } = body;
  const about = documented(kind === "type" ? pending.typedoc : pending.doc);
  body.collector.declare(body.scope, {
    kind,
    name: head.name,
    node,
    signatureEnd,
    exported,
    ...about,
  });
  if (kind === "type") pending.typedoc = null;
  else pending.doc = null;
}

/** `@timeout 5000`: a value of the module; set again, it is no other. */
function collectAttribute(operator: Node, body: Body): void {
  const { collector, scope, known } = body;
  readDoc(operator, body.pending);
  const attribute = operator.childForFieldName("operand");
  const name = attribute?.type === "call" ? attribute.childForFieldName("target") : null;
  if (attribute === null || name === null || operator.firstChild?.text !== "@") return;
  const word = name.text;
  if (TYPE_ATTRIBUTES.has(word)) return collectSpecification("type", attribute, body);
  if (CALLBACK_ATTRIBUTES.has(word)) return collectSpecification("method", attribute, body);
  if (RESERVED_ATTRIBUTES.has(word) || known.has(`@${word}`)) return;
  known.add(`@${word}`);
  const signatureEnd = lineEnd(collector.text, operator.startIndex, operator.endIndex);
  collector.declare(scope, {
    kind: "constant",
    name,
    node: operator,
    signatureEnd,
    exported: false,
  });
}

/** `alias A.B, as: C`, `alias A.{B, C}`, `import A, only: [b: 1]`, `use A`, `require A`. */
const collectDirective: Collect = (call, { collector }) => {
  const [target, options] = argumentsOf(call);
  if (target?.type === "dot") {
    const before = target.childForFieldName("left")?.text ?? "";
    for (const child of target.childForFieldName("right")?.namedChildren ?? []) {
      const names = [{ name: child.text, alias: null }];
      const path = `${before}.${child.text}`;
      collector.addImport({ specifier: child, path, kind: "name", names });
    }
    return;
  }
  if (target?.type !== "alias") return;
  const pairs = options?.type === "keywords" ? options.namedChildren : [];
  const as = pairs.find((pair) => pair.childForFieldName("key")?.text.trim() === "as:");
  const alias = as?.childForFieldName("value")?.text ?? null;
  const name = target.text.slice(target.text.lastIndexOf(".") + 1);
  collector.addImport({ specifier: target, kind: "name", names: [{ name, alias }] });
};

const collectByName: ReadonlyMap<string, Collect> = new Map([
  ["alias", collectDirective],
  ["import", collectDirective],
  ["require", collectDirective],
  ["use", collectDirective],
  ["def", collectFunction("function", true)],
  ["defp", collectFunction("function", false)],
  ["defdelegate", collectFunction("function", true)],
  ["defguard", collectFunction("macro", true)],
  ["defguardp", collectFunction("macro", false)],
  ["defmacro", collectFunction("macro", true)],
  ["defmacrop", collectFunction("macro", false)],
  ["defn", collectFunction("function", true)],
  ["defnp", collectFunction("function", false)],
  ["defexception", collectFields],
  ["defstruct", collectFields],
  ["defimpl", collectImplementation],
  ["defmodule", collectModule("module")],
  ["defprotocol", collectModule("protocol")],
]);

function collectBody(node: Node, body: Body): void {
  for (const child of node.namedChildren) {
    if (child.type === "unary_operator") collectAttribute(child, body);
    if (child.type !== "call") continue;
    const target = child.childForFieldName("target");
    if (target?.type !== "identifier") continue;
    const collect = collectByName.get(target.text);
    if (collect !== undefined) collect(child, body);
    else collectBlocks(child, body);
    body.pending.doc = null;
  }
}

/** What a condition or a block such as `describe "…" do` defines, it defines in the body around it. */
function collectBlocks(call: Node, body: Body): void {
  const inner = { ...body, scope: deeper(body.scope) };
  if (!isWalkable(inner.scope)) return;
  for (const block of call.namedChildren) {
    if (block.type === "do_block") collectBody(block, inner);
  }
}

/** Elixir. */
export const elixir: LanguageSupport = {
  grammar: "tree-sitter-elixir/tree-sitter-elixir.wasm",
  comments: HASH_COMMENTS,
  references: elixirReferences,
  collect(root, collector) {
    collectBody(root, bodyIn(collector, FILE_SCOPE));
  },
};

/**
 * CSS: its grammar, and the names that a style sheet gives or styles: classes, ids, custom properties,
 * and what an at-rule names. A name is declared where it stands first; later rules only add to it.
 */
import type { Node } from "web-tree-sitter";
import { type CommentMarks } from "../../declarations/doc_comment.ts";
import {
  deeper,
  FILE_SCOPE,
  isWalkable,
  type Scope,
  type SymbolCollector,
  type SymbolKind,
} from "../../symbol.ts";
import type { LanguageSupport } from "../language_support.ts";

interface Place {
  readonly collector: SymbolCollector;
  readonly scope: Scope;
  /** Kind and name of what is declared already. */
  readonly known: Set<string>;
}

type Collect = (node: Node, place: Place) => void;

function declareOnce(kind: SymbolKind, name: Node, node: Node, place: Place): void {
  const { collector, scope, known } = place;
  const key = `${kind} ${name.text}`;
  if (known.has(key)) return;
  known.add(key);
  const block = node.namedChildren.find((child) =>
    child.type === "block" || child.type === "keyframe_block_list"
  );
  const signatureEnd = block?.startIndex ?? node.endIndex;
  collector.declare(scope, { kind, name, node, signatureEnd, exported: true });
}

/** The classes and ids in a selector, however they are combined. */
function collectSelector(node: Node, rule: Node, place: Place): void {
  if (!isWalkable(place.scope)) return;
  const inner = { ...place, scope: deeper(place.scope) };
  for (const child of node.namedChildren) {
    if (child.type === "id_name") declareOnce("key", child, rule, place);
    else if (child.type === "class_name") {
      // The grammar calls the name of a pseudo-class so too.
      if (node.type === "class_selector") declareOnce("class", child, rule, place);
    } else {
      collectSelector(child, rule, inner);
    }
  }
}

const collectRule: Collect = (node, place) => {
  for (const child of node.namedChildren) {
    if (child.type === "selectors") collectSelector(child, node, place);
    else collectOne(child, place);
  }
};

const collectProperty: Collect = (node, place) => {
  const name = node.firstNamedChild;
  if (name?.type !== "property_name" || !name.text.startsWith("--")) return;
  declareOnce("variable", name, node, place);
};

/** `@import "a.css"`, `@import url("a.css")`, `@import url(a.css)` */
const collectImport: Collect = (node, { collector }) => {
  const [value] = node.namedChildren;
  const argument = value?.type === "call_expression"
    ? value.namedChildren.find((child) => child.type === "arguments")?.firstNamedChild
    : value;
  const specifier = argument?.type === "string_value" ? argument.firstNamedChild : argument;
  if (specifier) collector.addImport({ specifier, kind: "file" });
};

const collectKeyframes: Collect = (node, place) => {
  const name = node.namedChildren.find((child) => child.type === "keyframes_name");
  if (name !== undefined) declareOnce("object", name, node, place);
};

/** At-rules that name something, by their keyword; all of them may have rules inside. */
const NAMING_RULES: ReadonlyMap<string, SymbolKind> = new Map([
  ["@container", "namespace"],
  ["@counter-style", "object"],
  ["@font-palette-values", "object"],
  ["@layer", "namespace"],
  ["@property", "variable"],
]);

const collectAtRule: Collect = (node, place) => {
  const [keyword, name] = node.namedChildren;
  const kind = NAMING_RULES.get(keyword?.text ?? "");
  if (kind !== undefined && name?.type === "keyword_query") declareOnce(kind, name, node, place);
  collectChildren(node, place);
};

const collectChildren: Collect = (node, place) => {
  if (!isWalkable(place.scope)) return;
  const inner = { ...place, scope: deeper(place.scope) };
  for (const child of node.namedChildren) collectOne(child, inner);
};

const collectByType: ReadonlyMap<string, Collect> = new Map([
  ["at_rule", collectAtRule],
  ["block", collectChildren],
  ["declaration", collectProperty],
  ["import_statement", collectImport],
  ["keyframes_statement", collectKeyframes],
  ["media_statement", collectChildren],
  ["rule_set", collectRule],
  ["scope_statement", collectChildren],
  ["stylesheet", collectChildren],
  ["supports_statement", collectChildren],
  ["ERROR", collectChildren],
]);

function collectOne(node: Node, place: Place): void {
  collectByType.get(node.type)?.(node, place);
}

/** An escape outside is one too, so that no quote behind one that opens nothing is tried again. */
const LITERAL =
  /\/\*[^]*?(?:\*\/|$)|"(?:[^"\\\n]|\\[^])*"|'(?:[^'\\\n]|\\[^])*'|url\([^()"'\n]*\)|\\[^]/g;

/**
 * The text with no sign in a string or a comment that ends a declaration or opens a rule: the grammar
 * looks for the next of them to tell `a:hover {` from `color: red;`.
 */
function withoutEnds(text: string): string {
  return text.replace(
    LITERAL,
    (literal) => literal.startsWith("\\") ? literal : literal.replace(/[{};]/g, " "),
  );
}

const COMMENTS: CommentMarks = { line: null, blockStart: "/*", blockEnd: "*/" };

/** CSS. */
export const css: LanguageSupport = {
  grammar: "tree-sitter-css/tree-sitter-css.wasm",
  comments: COMMENTS,
  references: null,
  prepare: withoutEnds,
  collect(root, collector) {
    collectChildren(root, { collector, scope: FILE_SCOPE, known: new Set() });
  },
};

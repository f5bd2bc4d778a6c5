/**
 * HTML: its grammar, headings and what has an id. A heading with an id has both.
 */
import type { Node } from "web-tree-sitter";
import { type CommentMarks } from "../../declarations/doc_comment.ts";
import {
  deeper,
  FILE_SCOPE,
  isWalkable,
  lineEnd,
  type Scope,
  type Span,
  type SymbolCollector,
} from "../../symbol.ts";
import type { LanguageSupport } from "../language_support.ts";

const ID_ATTRIBUTES = new Set(["id", "name"]);

/** The value of an attribute without its quotes. */
function valueOf(attribute: Node): Node | null {
  const [, value] = attribute.namedChildren;
  return value?.type === "quoted_attribute_value" ? value.firstNamedChild : value ?? null;
}

/** `id` of any element, and `name` of the old anchors. */
function collectId(tag: Node, element: Node, scope: Scope, collector: SymbolCollector): void {
  const isAnchor = tag.firstNamedChild?.text.toLowerCase() === "a";
  for (const attribute of tag.namedChildren) {
    if (attribute.type !== "attribute") continue;
    const word = attribute.firstNamedChild?.text.toLowerCase() ?? "";
    const name = ID_ATTRIBUTES.has(word) ? valueOf(attribute) : null;
    if (name === null || (word === "name" && !isAnchor)) continue;
    const signatureEnd = lineEnd(collector.text, tag.startIndex, tag.endIndex);
    collector.declare(scope, { kind: "key", name, node: element, signatureEnd, exported: true });
    return;
  }
}

/** What a heading says, from its first word to its last, tags in between included. */
function collectHeading(element: Node, scope: Scope, collector: SymbolCollector): void {
  const content = element.namedChildren.filter((child) => !child.type.endsWith("_tag"));
  const [first] = content;
  const last = content.at(-1);
  if (first === undefined || last === undefined) return;
  const { startIndex, startPosition } = first;
  const name: Span = { startIndex, startPosition, endIndex: last.endIndex };
  const signatureEnd = element.endIndex;
  collector.declare(scope, { kind: "section", name, node: element, signatureEnd, exported: true });
}

/** `<script src="a.js">` and `<link href="a.css">` bring other files. */
function collectResource(tag: Node, collector: SymbolCollector): void {
  const word = tag.firstNamedChild?.text.toLowerCase() === "link" ? "href" : "src";
  for (const attribute of tag.namedChildren) {
    if (attribute.type !== "attribute") continue;
    if (attribute.firstNamedChild?.text.toLowerCase() !== word) continue;
    const specifier = valueOf(attribute);
    if (specifier !== null) collector.addImport({ specifier, kind: "file" });
  }
}

/** Elements nest without meaning, so the scope counts the depth alone. */
function collectElements(node: Node, scope: Scope, collector: SymbolCollector): void {
  if (!isWalkable(scope)) return;
  for (const child of node.namedChildren) {
    const tag = child.firstNamedChild;
    if (child.type === "script_element" && tag !== null) collectResource(tag, collector);
    if (child.type !== "element" && child.type !== "ERROR") continue;
    if (tag?.type === "start_tag" || tag?.type === "self_closing_tag") {
      collectId(tag, child, scope, collector);
      const tagName = tag.firstNamedChild?.text ?? "";
      if (tagName.toLowerCase() === "link") collectResource(tag, collector);
      if (/^h[1-6]$/i.test(tagName)) collectHeading(child, scope, collector);
    }
    collectElements(child, deeper(scope), collector);
  }
}

const COMMENTS: CommentMarks = { line: null, blockStart: "<!--", blockEnd: "-->" };

/** HTML. */
export const html: LanguageSupport = {
  grammar: "tree-sitter-html/tree-sitter-html.wasm",
  comments: COMMENTS,
  references: null,
  collect(root, collector) {
    collectElements(root, FILE_SCOPE, collector);
  },
};

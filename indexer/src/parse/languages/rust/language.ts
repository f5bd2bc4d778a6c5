/**
 * Rust: its grammar and where its declarations are. The items of an `impl` belong to its type, and
 * those of a trait are as visible as the trait.
 */
import type { Node } from "web-tree-sitter";
import { type CommentMarks, SLASH_COMMENTS } from "../../declarations/doc_comment.ts";
import { FILE_SCOPE, inside, type SymbolKind } from "../../symbol.ts";
import {
  type Collect,
  collectChildren,
  declareNamed,
  type Place,
  type Rules,
  within,
} from "../class_family/walk.ts";
import type { LanguageSupport } from "../language_support.ts";
import { collectModuleFile, collectUse } from "./imports.ts";
import { findUses } from "./inner_uses.ts";
import { rustReferences } from "./references.ts";

/** What belongs to a trait or an enum needs no word to be seen. */
function visibilityIn({ owner }: Place): (modifiers: string) => boolean {
  const isOpen = owner === "trait" || owner === "enum" || owner === "enum_member";
  return (modifiers) => isOpen || /\bpub\b/.test(modifiers);
}

function collectType(kind: SymbolKind): Collect {
  return (node, place) => {
    const name = node.childForFieldName("name");
    const body = node.childForFieldName("body");
    if (name === null) return;
    const isTuple = body?.type === "ordered_field_declaration_list";
    const signatureEnd = isTuple ? node.endIndex : body?.startIndex ?? node.endIndex;
    const isVisible = visibilityIn(place);
    const members = declareNamed({ kind, name, node, signatureEnd, isVisible }, place);
    if (body !== null) collectChildren(body, members, rules);
  };
}

function collectName(kind: SymbolKind): Collect {
  return (node, place) => {
    const name = node.childForFieldName("name");
    if (name !== null) {
      declareNamed({ kind, name, node, isVisible: visibilityIn(place) }, place);
    }
  };
}

const collectFunction: Collect = (node, place) => {
  const name = node.childForFieldName("name");
  if (name === null) return;
  const kind = place.owner === null ? "function" : "method";
  const signatureEnd = node.childForFieldName("body")?.startIndex ?? node.endIndex;
  declareNamed({ kind, name, node, signatureEnd, isVisible: visibilityIn(place) }, place);
};

/** A module that is written here; one without a body is another file. */
const collectModule: Collect = (node, place) => {
  const body = node.childForFieldName("body");
  const name = node.childForFieldName("name");
  if (name === null) return;
  if (body === null) return collectModuleFile(node, name, place);
  const isVisible = visibilityIn(place);
  const members = declareNamed({ kind: "module", name, node, isVisible }, place);
  collectChildren(body, { ...members, owner: null }, rules);
};

/** The name of the type that an `impl` is for: `Box` of `&'a mut std::boxed::Box<T>`. */
function implName(type: Node): string {
  return /(?<![\p{L}\p{N}_])([\p{L}_][\p{L}\p{N}_]*)\s*(?:<[^]*)?$/u.exec(type.text)?.[1] ?? "";
}

/** What a type does for a trait can be seen where the trait can. */
const collectImpl: Collect = (node, place) => {
  const type = node.childForFieldName("type");
  const trait = node.childForFieldName("trait");
  const body = node.childForFieldName("body");
  // What is done for tuples and slices, which have no name, belongs to the trait.
  const name = [type, trait].map((each) => each === null ? "" : implName(each)).find(Boolean);
  if (body === null || name === undefined) return;
  const owner = trait === null ? "struct" : "trait";
  collectChildren(body, { ...place, scope: inside(place.scope, name), owner }, rules);
};

/** Enough for the attribute above. */
const ATTRIBUTE_UNITS_MAX = 60;

const collectMacro: Collect = (node, place) => {
  const name = node.childForFieldName("name");
  if (name === null) return;
  const above = place.collector.text.slice(
    Math.max(0, node.startIndex - ATTRIBUTE_UNITS_MAX),
    node.startIndex,
  );
  const isVisible = () => above.includes("#[macro_export]");
  declareNamed({ kind: "macro", name, node, signatureEnd: name.endIndex, isVisible }, place);
};

const collectInner: Collect = (node, place) => collectChildren(node, within(place), rules);

/** What the linker finds elsewhere is declared like a function here. */
const collectForeign: Collect = (node, place) => {
  const body = node.childForFieldName("body");
  if (body !== null) collectInner(body, place);
};

const rules: Rules = new Map<string, Collect>([
  ["associated_type", collectName("type")],
  ["const_item", collectName("constant")],
  ["enum_item", collectType("enum")],
  ["enum_variant", collectType("enum_member")],
  ["extern_crate_declaration", collectUse],
  ["field_declaration", collectName("field")],
  ["foreign_mod_item", collectForeign],
  ["function_item", collectFunction],
  ["function_signature_item", collectFunction],
  ["impl_item", collectImpl],
  ["macro_definition", collectMacro],
  ["mod_item", collectModule],
  ["static_item", collectName("variable")],
  ["struct_item", collectType("struct")],
  ["trait_item", collectType("trait")],
  ["type_item", collectName("type")],
  ["union_item", collectType("union")],
  ["use_declaration", collectUse],
  ["ERROR", collectInner],
]);

const COMMENTS: CommentMarks = { ...SLASH_COMMENTS, attributes: /#(?=\[)/y };

/** Rust. */
export const rust: LanguageSupport = {
  grammar: "tree-sitter-rust/tree-sitter-rust.wasm",
  comments: COMMENTS,
  references: rustReferences,
  findImports: findUses,
  collect(root, collector) {
    collectChildren(root, { collector, scope: FILE_SCOPE, owner: null, exported: true }, rules);
  },
};

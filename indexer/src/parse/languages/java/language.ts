/**
 * Java: its grammar and where its declarations are. What is not private can be seen from other files.
 */
import type { Node } from "web-tree-sitter";
import { SLASH_COMMENTS } from "../../declarations/doc_comment.ts";
import { FILE_SCOPE, type SymbolKind } from "../../symbol.ts";
import {
  type Collect,
  collectChildren,
  declareNamed,
  declarePackage,
  type Place,
  type Rules,
  within,
} from "../class_family/walk.ts";
import type { LanguageSupport } from "../language_support.ts";
import { javaReferences } from "./references.ts";

function isVisible(modifiers: string): boolean {
  return !/\bprivate\b/.test(modifiers);
}

/** A class and the like; a record's components are fields of it. */
function collectType(kind: SymbolKind): Collect {
  return (node, place) => {
    const name = node.childForFieldName("name");
    if (name === null) return;
    const members = declareNamed({ kind, name, node, isVisible }, place);
    if (node.type === "record_declaration") {
      for (const parameter of node.childForFieldName("parameters")?.namedChildren ?? []) {
        collectName("field")(parameter, members);
      }
    }
    const body = node.childForFieldName("body");
    if (body !== null) collectChildren(body, members, rules);
  };
}

function collectName(kind: SymbolKind): Collect {
  return (node, place) => {
    const name = node.childForFieldName("name");
    if (name !== null) declareNamed({ kind, name, node, isVisible }, place);
  };
}

const collectEnumConstant: Collect = (node, place) => {
  const name = node.childForFieldName("name");
  if (name === null) return;
  const members = declareNamed({ kind: "enum_member", name, node, isVisible }, place);
  const body = node.childForFieldName("body");
  if (body !== null) collectChildren(body, members, rules);
};

const collectFields: Collect = (node, place) => {
  const isConstant = node.type === "constant_declaration" ||
    /\bstatic\b[^=]{0,200}\bfinal\b|\bfinal\b[^=]{0,200}\bstatic\b/.test(
      node.firstChild?.text ?? "",
    );
  const kind = isConstant ? "constant" : "field";
  for (const declarator of node.childrenForFieldName("declarator")) {
    const name = declarator.childForFieldName("name");
    if (name !== null) declareNamed({ kind, name, node, isVisible }, place);
  }
};

/** `import a.b.C;`, `import static a.B.*;` */
function collectImport(node: Node, { collector }: Place): void {
  const path = node.namedChildren.find((child) => child.type !== "asterisk");
  if (path === undefined) return;
  const isAll = node.namedChildren.some((child) => child.type === "asterisk");
  const last = path.childForFieldName("name")?.text ?? path.text;
  const names = [{ name: isAll ? "*" : last, alias: null }];
  collector.addImport({ specifier: path, kind: "name", names });
}

const rules: Rules = new Map<string, Collect>([
  ["annotation_type_declaration", collectType("interface")],
  ["annotation_type_element_declaration", collectName("method")],
  ["class_declaration", collectType("class")],
  ["compact_constructor_declaration", collectName("constructor")],
  ["constant_declaration", collectFields],
  ["constructor_declaration", collectName("constructor")],
  ["enum_body_declarations", (node, place) => collectChildren(node, within(place), rules)],
  ["enum_constant", collectEnumConstant],
  ["enum_declaration", collectType("enum")],
  ["field_declaration", collectFields],
  ["import_declaration", collectImport],
  ["interface_declaration", collectType("interface")],
  ["method_declaration", collectName("method")],
  ["module_declaration", collectName("module")],
  [
    "package_declaration",
    (node, place) => {
      const path = node.namedChildren.find((child) => child.type.endsWith("identifier"));
      if (path !== undefined) declarePackage(node, path, place, "package");
    },
  ],
  ["record_declaration", collectType("class")],
  ["ERROR", (node, place) => collectChildren(node, within(place), rules)],
]);

/** Java. */
export const java: LanguageSupport = {
  grammar: "tree-sitter-java/tree-sitter-java.wasm",
  comments: SLASH_COMMENTS,
  references: javaReferences,
  collect(root, collector) {
    collectChildren(root, { collector, scope: FILE_SCOPE, owner: null, exported: true }, rules);
  },
};

/**
 * What a Rust file uses: each name of a `use` with its whole path, crates, and modules that are files.
 */
import type { Node } from "web-tree-sitter";
import type { SymbolCollector } from "../../symbol.ts";

/** Trees of uses nest no deeper in anything that people write. */
const USE_DEPTH_MAX = 16;

/** A part of a use, and the path that stands before it. */
interface Use {
  readonly node: Node;
  readonly before: string;
  readonly depth: number;
}

function join(before: string, path: string): string {
  return before === "" ? path : `${before}::${path}`;
}

function addName({ node, before }: Use, alias: string | null, to: SymbolCollector): void {
  // `use a::{self}` is a itself.
  const path = node.type === "self" && before !== "" ? before : join(before, node.text);
  const name = path.slice(path.lastIndexOf(":") + 1);
  to.addImport({ specifier: node, path, kind: "name", names: [{ name, alias }] });
}

function collectTree(use: Use, collector: SymbolCollector): void {
  const { node, before, depth } = use;
  if (depth > USE_DEPTH_MAX) return;
  switch (node.type) {
    case "use_list":
      for (const child of node.namedChildren) {
        collectTree({ node: child, before, depth: depth + 1 }, collector);
      }
      break;
    case "scoped_use_list": {
      const path = node.childForFieldName("path");
      const list = node.childForFieldName("list");
      const inner = path === null ? before : join(before, path.text);
      if (list !== null) collectTree({ node: list, before: inner, depth: depth + 1 }, collector);
      break;
    }
    case "use_as_clause": {
      const path = node.childForFieldName("path");
      const alias = node.childForFieldName("alias")?.text ?? null;
      if (path !== null) addName({ node: path, before, depth }, alias, collector);
      break;
    }
    case "use_wildcard": {
      const path = node.firstNamedChild;
      const specifier = path === null ? before : join(before, path.text);
      const names = [{ name: "*", alias: null }];
      collector.addImport({ specifier: node, path: specifier, kind: "name", names });
      break;
    }
    case "line_comment":
    case "block_comment":
      break;
    default:
      addName(use, null, collector);
  }
}

/** `use a::{b as c, d::*};`, `extern crate e;` */
export function collectUse(declaration: Node, collector: SymbolCollector): void {
  const node = declaration.childForFieldName("argument");
  if (node !== null) return collectTree({ node, before: "", depth: 0 }, collector);
  const name = declaration.childForFieldName("name");
  const alias = declaration.childForFieldName("alias")?.text ?? null;
  if (name === null) return;
  collector.addImport({ specifier: name, kind: "module", names: [{ name: name.text, alias }] });
}

/** `mod a;`, which is in a file of that name. */
export function collectModuleFile(name: Node, collector: SymbolCollector): void {
  collector.addImport({ specifier: name, kind: "file" });
}

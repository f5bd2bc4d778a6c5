/**
 * What a Rust file uses: each name of a `use` with its whole path, crates, and modules that are files.
 */
import type { Node } from "web-tree-sitter";
import type { Scope, SymbolCollector } from "../../symbol.ts";
import type { Place } from "../class_family/walk.ts";

/** Trees of uses nest no deeper in anything that people write. */
const USE_DEPTH_MAX = 16;

/** A path as the module of the file would write it, whichever module in the file it is written in. */
export function pathFromFile(path: string, modules: readonly string[]): string {
  const parts = path.split("::");
  if (modules.length === 0 || (parts[0] !== "super" && parts[0] !== "self")) return path;
  let ups = 0;
  while (parts[ups] === "super") ups += 1;
  const rest = parts.slice(Math.max(ups, 1));
  const above = ups > modules.length
    ? Array.from({ length: ups - modules.length }, () => "super")
    : ["self", ...modules.slice(0, modules.length - ups)];
  return [...above, ...rest].join("::");
}

/** A part of a use, and the path that stands before it. */
interface Use {
  readonly node: Node;
  readonly before: string;
  /** The modules that are written around it. */
  readonly modules: readonly string[];
  readonly depth: number;
}

function join(before: string, path: string): string {
  return before === "" ? path : `${before}::${path}`;
}

function addName({ node, before, modules }: Use, alias: string | null, to: SymbolCollector): void {
  // `use a::{self}` is a itself.
  const written = node.type === "self" && before !== "" ? before : join(before, node.text);
  const name = written.slice(written.lastIndexOf(":") + 1);
  const path = pathFromFile(written, modules);
  to.addImport({ specifier: node, path, kind: "name", names: [{ name, alias }] });
}

function collectTree(use: Use, collector: SymbolCollector): void {
  const { node, before, modules, depth } = use;
  if (depth > USE_DEPTH_MAX) return;
  switch (node.type) {
    case "use_list":
      for (const child of node.namedChildren) {
        collectTree({ node: child, before, modules, depth: depth + 1 }, collector);
      }
      break;
    case "scoped_use_list": {
      const path = node.childForFieldName("path");
      const list = node.childForFieldName("list");
      const inner = path === null ? before : join(before, path.text);
      if (list !== null) {
        collectTree({ node: list, before: inner, modules, depth: depth + 1 }, collector);
      }
      break;
    }
    case "use_as_clause": {
      const path = node.childForFieldName("path");
      const alias = node.childForFieldName("alias")?.text ?? null;
      if (path !== null) addName({ ...use, node: path }, alias, collector);
      break;
    }
    case "use_wildcard": {
      const path = node.firstNamedChild;
      const written = path === null ? before : join(before, path.text);
      const specifier = pathFromFile(written, modules);
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
export function collectUse(declaration: Node, { scope, collector }: Place): void {
  const node = declaration.childForFieldName("argument");
  if (node !== null) {
    const modules = modulesOf(scope);
    return collectTree({ node, before: "", modules, depth: 0 }, collector);
  }
  const name = declaration.childForFieldName("name");
  const alias = declaration.childForFieldName("alias")?.text ?? null;
  if (name === null) return;
  collector.addImport({ specifier: name, kind: "module", names: [{ name: name.text, alias }] });
}

/** The path that `#[path = "…"]` above a module says. */
function writtenPath(module: Node): string | null {
  for (
    let above = module.previousNamedSibling;
    above?.type === "attribute_item";
    above = above.previousNamedSibling
  ) {
    const path = /^#\[\s*path\s*=\s*"([^"]+)"\s*\]$/.exec(above.text)?.[1];
    if (path !== undefined) return path;
  }
  return null;
}

/** `mod a;`, which is in a file of that name, below the modules that are written around it. */
export function collectModuleFile(module: Node, name: Node, { scope, collector }: Place): void {
  const modules = modulesOf(scope);
  const written = writtenPath(module);
  // Inside of a module of the file it begins at the folder of that one, and not beside the file.
  const path = written === null || modules.length === 0
    ? written
    : `${modules.join("/")}/./${written}`;
  const own = [...modules, name.text].join("/");
  collector.addImport({ specifier: name, path: path ?? own, kind: "file" });
}

/** The modules around a place, the outermost first. */
function modulesOf({ path }: Scope): readonly string[] {
  return path === null ? [] : path.split(".");
}

/**
 * What JavaScript and TypeScript files import and export, in both of their module systems.
 */
import type { Node } from "web-tree-sitter";
import { type ImportedName, type SymbolCollector, trimSpan } from "../../symbol.ts";

/** The names in `{ a, b as c }` of an import or an export. */
function listedNames(list: Node): ImportedName[] {
  return list.namedChildren.flatMap((child) => {
    const name = child.childForFieldName("name");
    if (name === null) return [];
    return [{ name: name.text, alias: child.childForFieldName("alias")?.text ?? null }];
  });
}

/** `a`, `* as b` and `{ c }` of `import a, * as b from "m"`. */
function importedNames(clause: Node): ImportedName[] {
  return clause.namedChildren.flatMap((child) => {
    if (child.type === "identifier") return [{ name: "default", alias: child.text }];
    if (child.type === "named_imports") return listedNames(child);
    const alias = child.type === "namespace_import" ? child.firstNamedChild?.text : undefined;
    return alias === undefined ? [] : [{ name: "*", alias }];
  });
}

function hasTypeKeyword(statement: Node): boolean {
  return statement.children[1]?.type === "type";
}

/** `import … from "m"`, `import "m"`, `import a = require("m")`. */
export function collectImport(statement: Node, collector: SymbolCollector): void {
  const required = statement.namedChildren.find((child) => child.type === "import_require_clause");
  const source = statement.childForFieldName("source") ?? required?.childForFieldName("source");
  const clause = statement.namedChildren.find((child) => child.type === "import_clause");
  if (!source) return;
  const alias = required?.firstNamedChild?.text;
  collector.addImport({
    specifier: trimSpan(source, 1, 1),
    kind: "module",
    names: alias === undefined
      ? clause === undefined ? [] : importedNames(clause)
      : [{ name: "*", alias }],
    typeOnly: hasTypeKeyword(statement),
  });
}

/** `export { a } from "m"`, `export * as b from "m"`. */
export function collectReexport(statement: Node, collector: SymbolCollector): void {
  const source = statement.childForFieldName("source");
  if (source === null) return;
  const names = statement.namedChildren.flatMap((child) => {
    if (child.type === "export_clause") return listedNames(child);
    const alias = child.type === "namespace_export" ? child.firstNamedChild?.text : undefined;
    return alias === undefined ? [] : [{ name: "*", alias }];
  });
  const typeOnly = hasTypeKeyword(statement);
  collector.addImport({ specifier: trimSpan(source, 1, 1), kind: "module", names, typeOnly });
}

/**
 * The names that a file exports by a list (`export { a }`, `module.exports = { a }`); null for a
 * script, whose names are there for all.
 */
export function exportsOf(root: Node, text: string): ReadonlySet<string> | null {
  const names = new Set<string>();
  let isModule = false;
  for (const child of root.namedChildren) {
    if (child.type === "import_statement") isModule = true;
    if (child.type !== "export_statement") continue;
    isModule = true;
    const value = child.childForFieldName("value");
    if (value?.type === "identifier") names.add(value.text);
    if (child.childForFieldName("source") !== null) continue;
    const clause = child.namedChildren.find((part) => part.type === "export_clause");
    for (const { name } of clause === undefined ? [] : listedNames(clause)) names.add(name);
  }
  return exportsByText(names, isModule, text);
}

/** Completes the names in a file's lists by what CommonJS exports; null for a script. */
export function exportsByText(
  listed: ReadonlySet<string>,
  isModule: boolean,
  text: string,
): ReadonlySet<string> | null {
  const names = new Set(listed);
  const common = /\bmodule\.exports\s*=\s*(?:\{([^{}]*)\}|(\w+))/.exec(text);
  for (const name of (common?.[1] ?? common?.[2] ?? "").split(",")) {
    names.add(name.replace(/^.*:/, "").trim());
  }
  const hasExports = isModule || common !== null || /\b(?:exports\.|require\()/.test(text);
  return hasExports ? names : null;
}

/** Whether a name with these words before it can be used from other files. */
export function isVisible(
  name: string,
  prefix: string,
  exports: ReadonlySet<string> | null,
): boolean {
  return exports === null || prefix.startsWith("export ") || exports.has(name);
}

/**
 * What a Python file imports, at its top and under conditions.
 */
import type { Node } from "web-tree-sitter";
import type { ImportedName, SymbolCollector } from "../../symbol.ts";

/** `a.b` and `a.b as c`. */
function readName(node: Node): { name: Node; alias: string | null } | null {
  if (node.type === "dotted_name") return { name: node, alias: null };
  const name = node.type === "aliased_import" ? node.childForFieldName("name") : null;
  return name === null ? null : { name, alias: node.childForFieldName("alias")?.text ?? null };
}

/** `import a.b, c as d` */
export function collectPlainImport(node: Node, collector: SymbolCollector): void {
  for (const child of node.childrenForFieldName("name")) {
    const read = readName(child);
    if (read === null) continue;
    const names = read.alias === null ? [] : [{ name: "*", alias: read.alias }];
    collector.addImport({ specifier: read.name, kind: "module", names });
  }
}

/** `from .a import b as c, d`; the dots stay in the specifier. */
export function collectFromImport(node: Node, collector: SymbolCollector): void {
  const specifier = node.childForFieldName("module_name") ??
    node.children.find((child) => child.type === "__future__");
  if (!specifier) return;
  const isWildcard = node.namedChildren.some((child) => child.type === "wildcard_import");
  const names = node.childrenForFieldName("name").flatMap((child): ImportedName[] => {
    const read = readName(child);
    return read === null ? [] : [{ name: read.name.text, alias: read.alias }];
  });
  collector.addImport({
    specifier,
    kind: "module",
    names: isWildcard ? [{ name: "*", alias: null }] : names,
  });
}

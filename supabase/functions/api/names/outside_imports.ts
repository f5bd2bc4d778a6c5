/**
 * Which imports bring what is from outside, where the tree alone can tell: a class of Java may be anybody's by
 * its whole name, and is nobody's here where no file has it.
 */
import { resolveImport } from "../../_shared/graph/resolve_import.ts";
import { type OutlineImport } from "../../_shared/segment/outline_entries.ts";
import { type FileImport } from "../files/source_file.ts";
import { type ImportGraph } from "../graph/import_graph.ts";

/** Imports that lead to nothing of the tree. */
export type OutsideImports = ReadonlySet<OutlineImport>;

/** Those of the imports that were looked up and are from outside; rules tell of the others by themselves. */
export async function importsFromOutside(
  graph: ImportGraph,
  imports: readonly FileImport[],
): Promise<OutsideImports> {
  const distinct = [...new Map(imports.map((each) => [each.imported, each])).values()];
  const around = await graph.surroundings([...new Set(distinct.map(({ file }) => file))]);
  const open = distinct.filter(({ file, imported }) => {
    const { things, missing } = resolveImport(file, imported, around);
    return things.length > 0 && missing.kind !== "unresolved";
  });
  if (open.length === 0) return new Set();
  const followed = await graph.follow(open);
  return new Set(followed.filter((each) => each.isExternal).map(({ imported }) => imported));
}

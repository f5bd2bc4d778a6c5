/**
 * The imports of a whole part of a tree. Of its files nothing else is kept: all outlines of so many would
 * take too much memory.
 */
import { importLanguages } from "../../_shared/graph/resolve_import.ts";
import { type TreeName } from "../../_shared/runtime/database_index_functions.ts";
import { type ApiRequest } from "../context.ts";
import { type SourceFile } from "../files/source_file.ts";
import { foundTree } from "../indexed_tree.ts";

/** Outlines that are in memory together. */
const READ_TOGETHER_MAX = 250;

/**
 * Files whose path begins with a prefix, in any language with imports, by their paths and with nothing but
 * their imports; `cut`: whether there are more.
 */
export async function importsBelow(
  { caller: { tenantId }, dependencies: { database, outlines } }: ApiRequest,
  tree: TreeName,
  prefix: string,
  filesMax: number,
): Promise<{ readonly files: readonly SourceFile[]; readonly cut: boolean }> {
  const probes = [{ word: null, prefix }];
  const found = foundTree(
    await database.findFilesByWord(tenantId, tree, null, probes, importLanguages, filesMax),
  );
  const files: SourceFile[] = [];
  for (let from = 0; from < found.files.length; from += READ_TOGETHER_MAX) {
    const some = found.files.slice(from, from + READ_TOGETHER_MAX);
    const outlineOf = await outlines.of(tenantId, some.map(({ outline }) => outline));
    for (const { path, language, outline } of some) {
      const { imports } = outlineOf(outline);
      files.push({ path, language, outline: { definitions: [], imports, references: [] } });
    }
  }
  return { files, cut: found.cut };
}

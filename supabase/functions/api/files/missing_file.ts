/** What is said of a path that the indexed commit does not have: what lies below it, or where files of its name are. */
import { type Database } from "../../_shared/runtime/database.ts";
import { type TreeName } from "../../_shared/runtime/database_index_functions.ts";
import { ProblemError } from "../../_shared/runtime/problem.ts";

const PATHS_MAX = 5;

/** A few paths, and that there are more. */
function named(paths: readonly string[]): string {
  return paths.slice(0, PATHS_MAX).join(", ") + (paths.length > PATHS_MAX ? ", …" : "");
}

/** The problem that a tree, which is indexed, has no such file as a parameter says. */
export async function missingFile(
  database: Database,
  tenantId: string,
  tree: TreeName,
  path: string,
  parameter = "path",
): Promise<ProblemError> {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const limit = PATHS_MAX + 1;
  const folder = path === "" || path.endsWith("/") ? path : `${path}/`;
  const [below, alike] = await Promise.all([
    database.listFiles({ tenantId, limit, cursor: null }, tree.repository, tree.ref, folder),
    database.findFiles(tenantId, tree, {
      candidates: { suffixes: name === "" ? [] : [name] },
      filesMax: limit,
      withOutlines: false,
      textChunks: 0,
    }),
  ]);
  const inFolder = below.outcome === "ok" ? below.items.map((each) => each.path) : [];
  const ofName = alike.outcome === "ok" ? alike.files.map((each) => each.path) : [];
  const hint = inFolder.length > 0
    ? ` It is a folder: ${named(inFolder)}.`
    : ofName.length > 0
    ? ` Of its name there are ${named(ofName)}.`
    : "";
  const detail = `${parameter}: no such file in the indexed commit.${hint}`;
  return new ProblemError("file_not_found", detail);
}

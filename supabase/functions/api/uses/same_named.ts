/**
 * Which files of C and C++ mean another file's name, and not the target's, where a folder or the name of an
 * included file is all that ties them to it. Who includes what declares the name is found by that.
 */
import { nameOf } from "../../_shared/graph/paths.ts";
import { proximityFrom } from "../../_shared/graph/proximity.ts";
import { type Surroundings } from "../../_shared/graph/surroundings.ts";
import { definitionsOf } from "../../_shared/segment/outline.ts";
import { type OutlineDefinition } from "../../_shared/segment/outline_entries.ts";
import { importsIn, type SourceFile } from "../files/source_file.ts";
import { type ImportGraph } from "../graph/import_graph.ts";
import { hasBody } from "./declared.ts";
import { isHeader, isOfFamilyC } from "./header_users.ts";
import { packaged } from "./package_users.ts";

function named({ outline }: SourceFile, name: string): OutlineDefinition[] {
  return definitionsOf(outline, name).filter(({ container }) => container === null);
}

/** Whether a file has the name for itself or gives it to others, and does not merely declare it. */
function defines(file: SourceFile, name: string): boolean {
  return named(file, name).some((each) =>
    !each.exported || each.kind === "macro" || each.kind === "function" && hasBody(each, file)
  );
}

/** By path, whether a file includes the target, of those that include a file of its name. */
async function includersOf(
  graph: ImportGraph,
  { path }: SourceFile,
  files: readonly SourceFile[],
): Promise<ReadonlyMap<string, boolean>> {
  const naming = files.flatMap(importsIn).filter(({ imported }) =>
    nameOf(imported.specifier) === nameOf(path)
  );
  const resolved = (await graph.follow(naming)).filter(({ to }) => to.length > 0);
  const byPath = Map.groupBy(resolved, ({ file }) => file.path);
  return new Map(
    [...byPath].map(([user, includes]) => [user, includes.some(({ to }) => to.includes(path))]),
  );
}

/** Tells which of the files that have the word of a name cannot mean the target's by it. */
export async function meaningAnother(
  graph: ImportGraph,
  target: SourceFile,
  name: string,
  files: readonly SourceFile[],
  around: Surroundings,
): Promise<(user: SourceFile) => boolean> {
  const own = named(target, name);
  if (!isOfFamilyC(target.language) || own.length === 0) return () => false;
  const including = await includersOf(graph, target, files);
  // What is static is nobody else's, but for who includes its file.
  const isStatic = !isHeader(target) && own.every(({ exported }) => !exported);
  const isOther = isStatic ? () => true : declaringAnother(target, name, files, around);
  return (user) => {
    const isIncluding = including.get(user.path);
    return isIncluding === undefined ? isOther(user) : !isIncluding;
  };
}

/** Tells which files have the name of themselves, or of a header that declares another definition. */
function declaringAnother(
  target: SourceFile,
  name: string,
  files: readonly SourceFile[],
  around: Surroundings,
): (user: SourceFile) => boolean {
  const includes = (including: SourceFile) => {
    const proximityOf = proximityFrom(including, around);
    return (file: SourceFile) => proximityOf(packaged(file)) === "imported";
  };
  const others = files.filter(({ path, language }) =>
    path !== target.path && isOfFamilyC(language)
  );
  const rivals = new Set(others.filter((each) => defines(each, name)));
  const rivalsInclude = [...rivals].map(includes);
  const targetIncludes = includes(target);
  const theirs = others.filter((header) =>
    isHeader(header) && named(header, name).length > 0 && !targetIncludes(header) &&
    (rivals.has(header) || rivalsInclude.some((isIncluded) => isIncluded(header)))
  );
  return (user) => rivals.has(user) || theirs.some(includes(user));
}

/**
 * Who uses what another file defines, which no import says: of its package or namespace, or by a constant
 * that is loaded for its name.
 */
import {
  DEPENDENCY_FILES_MAX,
  PACKAGE_NAMES_MAX,
  PACKAGES_MAX,
  SCHEMA_NAMES_MAX,
} from "../../_shared/contracts/limits.ts";
import {
  loadedConstants,
  namesForPackage,
  type PackagedFile,
  packageFolderOf,
  packagesOf,
  packagesSeenBy,
  packagingLanguages,
  seesRepository,
} from "../../_shared/graph/packages.ts";
import { type ImportGraph } from "../graph/import_graph.ts";
import { type Needing } from "../graph/import_walk.ts";
import { referencesTo } from "../../_shared/segment/outline.ts";
import { termOfName } from "../names/name_queries.ts";
import { type SourceFile } from "../files/source_file.ts";

/** A file as its packages are told from it: by what it defines in some languages alone. */
export function packaged({ path, language, outline }: SourceFile): PackagedFile {
  return {
    path,
    language,
    get definitions() {
      return outline.definitions;
    },
  };
}

/** What of a package a file uses, by file. */
function usesOf(user: SourceFile, targets: readonly SourceFile[], specifier: string): Needing[] {
  return targets.filter(({ path }) => path !== user.path).flatMap((target) => {
    const names = namesForPackage(packaged(target));
    const [use] = referencesTo(user.outline, names);
    return use === undefined ? [] : [{ file: user, line: use.line, specifier, to: [target.path] }];
  });
}

/** Where a file first names a constant of another one, in its namespace or with that; null: nowhere. */
export function constantUse(
  user: SourceFile,
  target: SourceFile,
): { readonly name: string; readonly line: number } | null {
  if (user.language !== target.language || user.path === target.path) return null;
  const constants = loadedConstants(packaged(target));
  if (constants.length === 0) return null;
  const own = new Set(user.outline.definitions.map(({ name }) => name));
  for (const { name, within } of constants) {
    const [use] = referencesTo(user.outline, new Set([name]));
    if (use === undefined || own.has(name)) continue;
    const isOpen = within === null || own.has(within) ||
      referencesTo(user.outline, new Set([within])).length > 0;
    if (isOpen) return { name, line: use.line };
  }
  return null;
}

/** The files that name a constant of one of the targets. */
async function usersOfConstants(
  graph: ImportGraph,
  targets: readonly SourceFile[],
): Promise<Needing[]> {
  const names = targets.flatMap((target) => loadedConstants(packaged(target)))
    .map(({ name }) => name);
  const terms = [...new Set(names.flatMap((name) => termOfName(name) ?? []))];
  if (terms.length === 0) return [];
  const { files, cut } = await graph.filesWithWords(
    terms.slice(0, PACKAGE_NAMES_MAX),
    DEPENDENCY_FILES_MAX,
    [...new Set(targets.map(({ language }) => language))],
  );
  if (cut || terms.length > PACKAGE_NAMES_MAX) graph.cut();
  return files.flatMap((file) =>
    targets.flatMap((target) => {
      const use = constantUse(file, target);
      return use === null ? [] : [{ file, line: use.line, specifier: use.name, to: [target.path] }];
    })
  );
}

/** The files that use a name of a target for the package that they share, or for its constants. */
export async function usersWithoutImport(
  graph: ImportGraph,
  targets: readonly SourceFile[],
): Promise<Needing[]> {
  const found = await Promise.all([
    usersInPackages(graph, targets),
    usersOfConstants(graph, targets),
  ]);
  return found.flat();
}

/** The files of the targets' packages that use a name of one. */
async function usersInPackages(
  graph: ImportGraph,
  targets: readonly SourceFile[],
): Promise<Needing[]> {
  const placed = targets.flatMap((target) =>
    packagesOf(packaged(target)).map((name) => ({ name, target }))
  );
  const packages = [...Map.groupBy(placed, ({ name }) => name)];
  if (packages.length > PACKAGES_MAX) graph.cut();
  const found = await Promise.all(
    packages.slice(0, PACKAGES_MAX).map(async ([name, members]) => {
      const own = members.map(({ target }) => target);
      const names = new Set(own.flatMap((target) => [...namesForPackage(packaged(target))]));
      const terms = [...new Set([...names].flatMap((each) => termOfName(each) ?? []))];
      if (terms.length === 0) return [];
      const [first] = own;
      const namesMax = seesRepository(first?.language ?? "") ? SCHEMA_NAMES_MAX : PACKAGE_NAMES_MAX;
      const folder = first === undefined ? null : packageFolderOf(packaged(first));
      const { files, cut } = await graph.filesWithWords(
        terms.slice(0, namesMax),
        DEPENDENCY_FILES_MAX,
        packagingLanguages(first?.language ?? ""),
        folder === null || folder === "" ? "" : `${folder}/`,
      );
      if (cut || terms.length > namesMax) graph.cut();
      return files.filter((each) => packagesSeenBy(packaged(each)).includes(name))
        .flatMap((each) => usesOf(each, own, name));
    }),
  );
  return found.flat();
}

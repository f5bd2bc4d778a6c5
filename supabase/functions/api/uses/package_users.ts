/**
 * Who uses what another file of its package or namespace defines, which no import says.
 */
import {
  DEPENDENCY_FILES_MAX,
  PACKAGE_NAMES_MAX,
  PACKAGES_MAX,
} from "../../_shared/contracts/limits.ts";
import {
  namesForPackage,
  type PackagedFile,
  packageFolderOf,
  packagesOf,
} from "../../_shared/graph/packages.ts";
import { type ImportGraph } from "../graph/import_graph.ts";
import { type Needing } from "../graph/import_walk.ts";
import { referencesTo } from "../../_shared/segment/outline.ts";
import { termOfName } from "../names/name_queries.ts";
import { type SourceFile } from "../files/source_file.ts";

/** A file as its packages are told from it. */
export function packaged({ path, language, outline: { definitions } }: SourceFile): PackagedFile {
  return { path, language, definitions };
}

/** What of a package a file uses, by file. */
function usesOf(user: SourceFile, targets: readonly SourceFile[], specifier: string): Needing[] {
  return targets.filter(({ path }) => path !== user.path).flatMap((target) => {
    const names = namesForPackage(target.outline);
    const [use] = referencesTo(user.outline, names);
    return use === undefined ? [] : [{ file: user, line: use.line, specifier, to: [target.path] }];
  });
}

/** The files of the targets' packages that use a name of one. */
export async function usersInPackages(
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
      const names = new Set(own.flatMap((target) => [...namesForPackage(target.outline)]));
      const terms = [...new Set([...names].flatMap((each) => termOfName(each) ?? []))];
      if (terms.length === 0) return [];
      const folder = own[0] === undefined ? null : packageFolderOf(packaged(own[0]));
      const { files, cut } = await graph.filesWithWords(
        terms.slice(0, PACKAGE_NAMES_MAX),
        DEPENDENCY_FILES_MAX,
        folder === null || folder === "" ? "" : `${folder}/`,
      );
      if (cut || terms.length > PACKAGE_NAMES_MAX) graph.cut();
      return files.filter((each) => packagesOf(packaged(each)).includes(name))
        .flatMap((each) => usesOf(each, own, name));
    }),
  );
  return found.flat();
}

/**
 * Packages by where they lie and what they are called: a repository has hundreds, and each import asks.
 */
import { ancestors, directoryOf } from "../paths.ts";
import { type PackageManifest } from "./package_json.ts";

/** The packages of a list. */
export interface PackageTable {
  /** The package whose manifest lies in the folder. */
  at(directory: string): PackageManifest | undefined;
  /** The innermost package that the file belongs to. */
  around(path: string): PackageManifest | undefined;
  named(name: string): readonly PackageManifest[];
}

const tables = new WeakMap<readonly PackageManifest[], PackageTable>();

/** The table of a list, made once. */
export function packageTable(packages: readonly PackageManifest[]): PackageTable {
  const known = tables.get(packages);
  if (known !== undefined) return known;
  const byDirectory = new Map<string, PackageManifest>();
  for (const each of packages) {
    if (!byDirectory.has(each.directory)) byDirectory.set(each.directory, each);
  }
  const byName = Map.groupBy(packages, ({ name }) => name);
  const table: PackageTable = {
    at: (directory) => byDirectory.get(directory),
    around: (path) => {
      const nearest = ancestors(directoryOf(path)).find((folder) => byDirectory.has(folder));
      return nearest === undefined ? undefined : byDirectory.get(nearest);
    },
    named: (name) => byName.get(name) ?? [],
  };
  tables.set(packages, table);
  return table;
}

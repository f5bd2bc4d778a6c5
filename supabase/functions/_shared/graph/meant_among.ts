/**
 * Whether an import may mean one of many files: they are looked up by what its candidates say of them, so that
 * no import of thousands is compared with each of hundreds. Pure.
 */
import { type Candidate, type Import, type ImportingFile, suffixes } from "./import_meaning.ts";
import { familyOf, fullName, isNamespace } from "./packages.ts";
import { directoryOf, nameOf } from "./paths.ts";
import { fits, type KnownFile } from "./proximity.ts";
import { pathBeginning, resolveImport } from "./resolve_import.ts";
import { type Surroundings } from "./surroundings.ts";

type FilesByKey = ReadonlyMap<string, readonly KnownFile[]>;

/** Files of a family by the names that they define, of namespaces the full ones too. */
function byDefinedName(files: readonly KnownFile[]): FilesByKey {
  const found = new Map<string, Set<KnownFile>>();
  const add = (name: string, file: KnownFile) => {
    const known = found.get(name);
    if (known === undefined) found.set(name, new Set([file]));
    else known.add(file);
  };
  for (const file of files) {
    for (const each of file.definitions) {
      add(each.name, file);
      if (isNamespace(each)) add(fullName(each), file);
    }
  }
  return new Map([...found].map(([name, own]) => [name, [...own]]));
}

/** Finds, for a candidate, the files among which those are that it may be. */
function findAmong(files: readonly KnownFile[]): (candidate: Candidate) => readonly KnownFile[] {
  const byPath = Map.groupBy(files, ({ path }) => path);
  const byFolder = Map.groupBy(files, ({ path }) => directoryOf(path));
  const byName = Map.groupBy(files, ({ path }) => nameOf(path));
  // Of most languages nobody asks what a file defines.
  const families = new Map<string, FilesByKey>();
  const definedIn = (family: string) => {
    const known = families.get(family) ??
      byDefinedName(files.filter(({ language }) => familyOf(language) === family));
    families.set(family, known);
    return known;
  };
  const find = (candidate: Candidate) => {
    switch (candidate.kind) {
      case "file":
        return byPath.get(candidate.path);
      case "folder":
        return byFolder.get(candidate.path);
      case "suffix":
        return byName.get(nameOf(candidate.path));
      case "namespace":
      case "definition":
        return definedIn(candidate.family).get(candidate.name);
    }
  };
  return (candidate) => find(candidate) ?? [];
}

/** Where in a sorted list those paths begin that are not before this one. */
function firstFrom(paths: readonly string[], path: string): number {
  let [low, high] = [0, paths.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((paths[middle] ?? "") < path) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Tells whether an import may mean one of these files; what it means is worked out where its path may begin one. */
export function mayMeanOneOf(files: readonly KnownFile[]) {
  const paths = files.map(({ path }) => path).toSorted();
  const among = findAmong(files);
  return (from: ImportingFile, imported: Import, around: Surroundings): boolean => {
    const beginning = pathBeginning(from, imported, around);
    if (beginning === null) return false;
    if (paths[firstFrom(paths, beginning)]?.startsWith(beginning) !== true) return false;
    const meaning = resolveImport(from, imported, around);
    const isThere = (candidate: Candidate) =>
      among(candidate).some((file) => fits(candidate, file));
    const isEnded = meaning.ends === undefined || suffixes(meaning.ends).some(isThere);
    return isEnded && meaning.things.some((candidates) => candidates.some(isThere));
  };
}

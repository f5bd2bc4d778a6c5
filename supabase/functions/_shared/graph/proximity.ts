/**
 * How near a file is to another one by what the latter imports: what decides which of several
 * definitions of a name is likely to be meant. Pure.
 */
import {
  type Candidate,
  type Import,
  type ImportingFile,
  type ImportMeaning,
} from "./import_meaning.ts";
import { fullName, isNamespace } from "./packages.ts";
import { directoryOf, sharedFolders } from "./paths.ts";
import { resolveImport } from "./resolve_import.ts";
import { type Surroundings } from "./surroundings.ts";

/** From the nearest to the farthest. */
export const PROXIMITIES = ["same_file", "imported", "same_folder", "elsewhere"] as const;
export type Proximity = (typeof PROXIMITIES)[number];

/** What there is to know of a file that may be meant. */
export interface KnownFile {
  readonly path: string;
  readonly definitions: readonly KnownDefinition[];
}

/** As much of a definition as tells what it may be imported as. */
export interface KnownDefinition {
  readonly name: string;
  readonly kind: string;
  readonly container: string | null;
}

/** Whether a file with these definitions has the definition or the namespace of a candidate. */
export function definesCandidate(
  candidate: Candidate,
  definitions: readonly KnownDefinition[],
): boolean {
  if (candidate.kind === "namespace") {
    return definitions.some((each) => isNamespace(each) && fullName(each) === candidate.name);
  }
  if (candidate.kind !== "definition") return false;
  const { name, within } = candidate;
  const declares = within === null ||
    definitions.some((each) => isNamespace(each) && fullName(each) === within);
  return definitions.some((each) => each.name === name && (declares || each.container === within));
}

/** Whether a candidate may be a file, as far as the file itself can tell. */
function fits(candidate: Candidate, file: KnownFile): boolean {
  switch (candidate.kind) {
    case "file":
      return candidate.path === file.path;
    case "folder":
      return directoryOf(file.path) === candidate.path &&
        file.path.endsWith(`.${candidate.extension}`);
    case "suffix":
      return file.path === candidate.path || file.path.endsWith(`/${candidate.path}`);
    case "namespace":
    case "definition":
      return definesCandidate(candidate, file.definitions);
  }
}

/** Tells which files one of these imports may mean. */
export function filesMeant(meanings: readonly ImportMeaning[]): (file: KnownFile) => boolean {
  // Paths are nearly all that imports may mean, and each is looked up among all of them at once.
  const paths = new Set<string>();
  const others: Candidate[] = [];
  for (const { things } of meanings) {
    for (const candidates of things) {
      for (const candidate of candidates) {
        if (candidate.kind === "file") paths.add(candidate.path);
        else others.push(candidate);
      }
    }
  }
  return (file) => paths.has(file.path) || others.some((candidate) => fits(candidate, file));
}

/** A file with everything that it imports. */
export interface ImportsOfFile extends ImportingFile {
  readonly imports: readonly Import[];
}

/** Tells how near files are to this one. */
export function proximityFrom(
  from: ImportsOfFile,
  around: Surroundings,
): (file: KnownFile) => Proximity {
  const isImported = filesMeant(
    from.imports.map((imported) => resolveImport(from, imported, around)),
  );
  return (file) => {
    if (file.path === from.path) return "same_file";
    if (isImported(file)) return "imported";
    return directoryOf(file.path) === directoryOf(from.path) ? "same_folder" : "elsewhere";
  };
}

/** Orders by proximity, then by folders in common, then by path. */
export function compareNearness(
  from: string,
  one: { readonly path: string; readonly proximity: Proximity },
  other: { readonly path: string; readonly proximity: Proximity },
): number {
  return PROXIMITIES.indexOf(one.proximity) - PROXIMITIES.indexOf(other.proximity) ||
    sharedFolders(from, other.path) - sharedFolders(from, one.path) ||
    (one.path < other.path ? -1 : one.path > other.path ? 1 : 0);
}

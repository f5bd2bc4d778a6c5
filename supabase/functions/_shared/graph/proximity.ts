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
import { familyOf, fullName, isNamespace, packagesOf, packagesSeenBy } from "./packages.ts";
import { directoryOf, sharedFolders } from "./paths.ts";
import { pathBeginning, resolveImport } from "./resolve_import.ts";
import { type Surroundings } from "./surroundings.ts";

/** From the nearest to the farthest. */
export const PROXIMITIES = [
  "same_file",
  "imported",
  "same_package",
  "same_folder",
  "elsewhere",
] as const;
export type Proximity = (typeof PROXIMITIES)[number];

/** What there is to know of a file that may be meant. */
export interface KnownFile {
  readonly path: string;
  /** Linguist's name. */
  readonly language: string;
  readonly definitions: readonly KnownDefinition[];
}

/** As much of a definition as tells what it may be imported as. */
export interface KnownDefinition {
  readonly name: string;
  readonly kind: string;
  readonly container: string | null;
  readonly signature: string;
}

/** Whether a file has the definition or the namespace of a candidate. */
export function definesCandidate(
  candidate: Candidate,
  { language, definitions }: Omit<KnownFile, "path">,
): boolean {
  if (candidate.kind !== "namespace" && candidate.kind !== "definition") return false;
  if (candidate.family !== familyOf(language)) return false;
  if (candidate.kind === "namespace") {
    return definitions.some((each) => isNamespace(each) && fullName(each) === candidate.name);
  }
  const { name, within } = candidate;
  if (within === "") {
    const isOutside = !definitions.some(isNamespace);
    return isOutside && definitions.some((each) => each.name === name && each.container === null);
  }
  const declares = definitions.some((each) => isNamespace(each) && fullName(each) === within);
  return definitions.some((each) => each.name === name && (declares || each.container === within));
}

/** Whether a candidate may be a file, as far as the file itself can tell. */
export function fits(candidate: Candidate, file: KnownFile): boolean {
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
      return definesCandidate(candidate, file);
  }
}

/** Candidates, of which paths are nearly all: a path is looked up among them at once. */
interface SortedCandidates {
  readonly paths: ReadonlySet<string>;
  readonly others: readonly Candidate[];
}

/** Rules give the same list to all who import an entry of a package: it is sorted once. */
const sorted = new WeakMap<readonly Candidate[], SortedCandidates>();

function sortedCandidates(candidates: readonly Candidate[]): SortedCandidates {
  const known = sorted.get(candidates);
  if (known !== undefined) return known;
  const made = {
    paths: new Set(candidates.flatMap((each) => each.kind === "file" ? [each.path] : [])),
    others: candidates.filter(({ kind }) => kind !== "file"),
  };
  sorted.set(candidates, made);
  return made;
}

/** Tells which files one of these imports may mean. */
export function filesMeant(meanings: readonly ImportMeaning[]): (file: KnownFile) => boolean {
  const things = meanings.flatMap((meaning) => meaning.things.map(sortedCandidates));
  return (file) =>
    things.some(({ paths, others }) =>
      paths.has(file.path) || others.some((candidate) => fits(candidate, file))
    );
}

/** Tells whether an import may mean a file; what it means is worked out when it first may. */
export function mayMean(from: ImportingFile, imported: Import, around: Surroundings) {
  const beginning = pathBeginning(from, imported, around);
  let isMeant: ((file: KnownFile) => boolean) | null = null;
  return (file: KnownFile): boolean => {
    if (beginning === null || !file.path.startsWith(beginning)) return false;
    isMeant ??= filesMeant([resolveImport(from, imported, around)]);
    return isMeant(file);
  };
}

/** A file with everything that it imports and defines. */
export interface SeeingFile extends ImportingFile {
  readonly outline: {
    readonly imports: readonly Import[];
    readonly definitions: readonly KnownDefinition[];
  };
}

/** Many files ask of each that they may mean which packages it is of. */
const packagesOfKnown = new WeakMap<KnownFile, readonly string[]>();

function knownPackages(file: KnownFile): readonly string[] {
  const known = packagesOfKnown.get(file);
  if (known !== undefined) return known;
  const made = packagesOf(file);
  packagesOfKnown.set(file, made);
  return made;
}

/** Tells how near files are to this one. */
export function proximityFrom(
  from: SeeingFile,
  around: Surroundings,
): (file: KnownFile) => Proximity {
  const { path, language, outline } = from;
  const imports = outline.imports.map((imported) => mayMean(from, imported, around));
  const seen = new Set(packagesSeenBy({
    path,
    language,
    get definitions() {
      return outline.definitions;
    },
  }));
  return (file) => {
    if (file.path === path) return "same_file";
    if (imports.some((isMeant) => isMeant(file))) return "imported";
    if (seen.size > 0 && knownPackages(file).some((each) => seen.has(each))) return "same_package";
    return directoryOf(file.path) === directoryOf(path) ? "same_folder" : "elsewhere";
  };
}

interface Near {
  readonly proximity: Proximity;
}

/** The nearest first. */
export function compareProximity(one: Near, other: Near): number {
  return PROXIMITIES.indexOf(one.proximity) - PROXIMITIES.indexOf(other.proximity);
}

/** Orders by proximity, then by folders in common, then by path. */
export function compareNearness(
  from: string,
  one: Near & { readonly path: string },
  other: Near & { readonly path: string },
): number {
  return compareProximity(one, other) ||
    sharedFolders(from, other.path) - sharedFolders(from, one.path) ||
    (one.path < other.path ? -1 : one.path > other.path ? 1 : 0);
}

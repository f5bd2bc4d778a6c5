/**
 * Modules of JavaScript and TypeScript: relative paths, aliases of compiler settings and import maps,
 * `#names`, and packages of the same repository. Which files these may be is for package_files.ts.
 */
import { matchEntry, type PackageManifest } from "../configuration/package_json.ts";
import { settingsFor } from "../configuration/tsconfig.ts";
import {
  type Candidate,
  EXTERNAL,
  files,
  FROM_OUTSIDE,
  type Import,
  type ImportingFile,
  type ImportMeaning,
  UNRESOLVED,
} from "../import_meaning.ts";
import { packageTable } from "../configuration/package_table.ts";
import { directoryOf, isBelow, joined, joinPath, sharedFolders } from "../paths.ts";
import { type Surroundings } from "../surroundings.ts";
import { inPackage, probes, probesBeginning, sourcesOf } from "./package_files.ts";
import { packageNameOf } from "./package_name.ts";

/** The nearest package of that name. */
function packageNamed(
  packages: readonly PackageManifest[],
  name: string,
  path: string,
): PackageManifest | undefined {
  return packageTable(packages).named(name).toSorted((one, other) =>
    sharedFolders(path, `${other.directory}/x`) - sharedFolders(path, `${one.directory}/x`)
  )[0];
}

const RELATIVE = /^(?:\.{0,2}\/|\.{1,2}$)/;

/** What a relative specifier is joined to, without its query; null: nothing in the tree. */
function baseOf(path: string, specifier: string): string | null {
  const [plain = ""] = specifier.split("?", 1);
  return joinPath(plain.startsWith("/") ? "" : directoryOf(path), plain);
}

function relative(
  path: string,
  specifier: string,
  around: Surroundings,
  isTypeScript: boolean,
): ImportMeaning {
  const base = baseOf(path, specifier);
  if (base === null) return { things: [], missing: UNRESOLVED };
  const manifest = packageTable(around.packages).at(base);
  const mains = manifest === undefined ? [] : inPackage(manifest, ".");
  const bases = [base, ...mains].flatMap((each) => probes(each, isTypeScript));
  return { things: [files(bases.filter((each) => each !== ""))], missing: UNRESOLVED };
}

/** What aliases make of a specifier. */
interface Aliased {
  /** Where its file may be: by compiler settings first, then by import maps. */
  readonly targets: readonly string[];
  /** Whether an alias is for names like this one. `*` is for all, those of packages too. */
  readonly isOwn: boolean;
}

function aliased(path: string, specifier: string, around: Surroundings): Aliased {
  const { paths } = settingsFor(around.compilerSettings, path);
  const setting = matchEntry(paths, specifier);
  // A name may lead upwards out of what its alias stands for.
  const targets = joined("", ...setting?.targets ?? []);
  if (setting !== undefined && setting.targets.length > 0 && setting.pattern !== "*") {
    return { targets, isOwn: true };
  }
  const maps = around.importMaps.filter(({ directory }) => isBelow(path, directory))
    .toSorted((one, other) => other.directory.length - one.directory.length);
  const mapped = maps.map(({ entries }) => matchEntry(entries, specifier)?.targets ?? [])
    .find((each) => each.length > 0);
  return { targets: [...targets, ...joined("", ...mapped ?? [])], isOwn: mapped !== undefined };
}

function privateName(path: string, specifier: string, around: Surroundings): string[] {
  const manifest = packageTable(around.packages).around(path);
  if (manifest === undefined) return [];
  return (matchEntry(manifest.imports, specifier)?.targets ?? [])
    .flatMap((target) => sourcesOf(manifest.directory, target));
}

const known = new WeakMap<PackageManifest, Map<string, readonly Candidate[]>>();

/** What an entry of a package may be is worked out once, and not for each file that imports it. */
function remembered(
  manifest: PackageManifest,
  key: string,
  make: () => readonly Candidate[],
): readonly Candidate[] {
  const entries = known.get(manifest) ?? new Map<string, readonly Candidate[]>();
  known.set(manifest, entries);
  const candidates = entries.get(key) ?? make();
  entries.set(key, candidates);
  return candidates;
}

type Probe = (bases: readonly string[]) => Candidate[];

/** What a name means that no alias stands for. */
function unaliased(
  { path, language }: ImportingFile,
  specifier: string,
  around: Surroundings,
  probe: Probe,
): ImportMeaning {
  if (specifier.startsWith("#")) {
    return { things: [probe(privateName(path, specifier, around))], missing: UNRESOLVED };
  }
  const { name, entry } = packageNameOf(specifier);
  const manifest = packageNamed(around.packages, name, path);
  if (manifest !== undefined) {
    const key = `${entry} ${language}`;
    const candidates = remembered(manifest, key, () => probe(inPackage(manifest, entry)));
    return { things: [candidates], missing: UNRESOLVED };
  }
  const { baseDirectory } = settingsFor(around.compilerSettings, path);
  if (baseDirectory === null) return FROM_OUTSIDE;
  return { things: [probe(joined(baseDirectory, specifier))], missing: EXTERNAL };
}

/** Where nothing is that an alias stands for, a name means what it would without. */
function bare(
  file: ImportingFile,
  specifier: string,
  around: Surroundings,
  probe: Probe,
): ImportMeaning {
  const { targets, isOwn } = aliased(file.path, specifier, around);
  const { things, missing } = unaliased(file, specifier, around, probe);
  if (targets.length === 0 && !isOwn) return { things, missing };
  return {
    things: [[...probe(targets), ...things.flat()]],
    missing: isOwn ? UNRESOLVED : missing,
  };
}

/** What stands behind a loader's mark is no part of the name; null: from outside by its protocol. */
function plainName(specifier: string): string | null {
  // node:, npm:, https:.
  if (/^[a-z][a-z+.-]*:/.test(specifier)) return null;
  const plain = specifier.replace(/[?!].*$/, "");
  return plain === "" ? null : plain;
}

const leadingOut = new WeakMap<PackageManifest, boolean>();

/** Whether a manifest names files outside of its folder. */
function leadsOut(manifest: PackageManifest): boolean {
  const isKnown = leadingOut.get(manifest);
  if (isKnown !== undefined) return isKnown;
  const { mains, exports } = manifest;
  const targets = [...mains, ...(exports ?? []).flatMap((each) => each.targets)];
  const isOut = targets.some((target) => target.includes(".."));
  leadingOut.set(manifest, isOut);
  return isOut;
}

/**
 * What every path begins with that an import may mean, by its text and where packages lie; "" where
 * these do not tell, null where it means nothing in the tree.
 */
export function pathBeginning(
  { path }: ImportingFile,
  { specifier }: Import,
  around: Surroundings,
): string | null {
  const table = packageTable(around.packages);
  if (RELATIVE.test(specifier)) {
    const base = baseOf(path, specifier);
    // The main file of a package may lie above it.
    if (base === null || table.at(base) !== undefined) return "";
    return probesBeginning(base);
  }
  const plain = plainName(specifier);
  if (plain === null) return null;
  if (plain.startsWith("#") || aliased(path, plain, around).targets.length > 0) return "";
  const { name, entry } = packageNameOf(plain);
  const manifest = packageNamed(around.packages, name, path);
  if (manifest === undefined) {
    return settingsFor(around.compilerSettings, path).baseDirectory === null ? null : "";
  }
  const { directory } = manifest;
  // No slash behind: a manifest may name its folder, which may be a file beside it.
  return entry.includes("..") || leadsOut(manifest) ? "" : directory;
}

/** What an import of JavaScript or TypeScript may mean. */
export function ecmascript(
  file: ImportingFile,
  { specifier }: Import,
  around: Surroundings,
): ImportMeaning {
  const isTypeScript = file.language !== "JavaScript";
  if (RELATIVE.test(specifier)) {
    return relative(file.path, specifier, around, isTypeScript);
  }
  const plain = plainName(specifier);
  if (plain === null) return FROM_OUTSIDE;
  return bare(
    file,
    plain,
    around,
    (bases) => files([...new Set(bases.flatMap((base) => probes(base, isTypeScript)))]),
  );
}

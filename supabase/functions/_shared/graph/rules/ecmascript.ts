/**
 * Modules of JavaScript and TypeScript: relative paths, aliases of compiler settings and import maps,
 * `#names`, and packages of the same repository. Where a manifest names what is built, the source it is
 * built from is tried too, since that is what the repository has.
 */
import { matchEntries, type PackageManifest } from "../configuration/package_json.ts";
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
import { packageNameOf } from "./package_name.ts";

const EXTENSIONS = "ts tsx mts cts d.ts js jsx mjs cjs json vue svelte css".split(" ");
const ENDINGS = EXTENSIONS.map((extension) => `.${extension}`);
const INDEXES = EXTENSIONS.map((extension) => `index.${extension}`);
/** `./a.js` is how TypeScript writes ./a.ts. */
const SOURCES: Readonly<Record<string, readonly string[]>> = {
  js: ["ts", "tsx", "d.ts"],
  jsx: ["tsx"],
  mjs: ["mts", "d.mts"],
  cjs: ["cts", "d.cts"],
};
/** An extension that a path need not keep: the file may have another one. */
const SOURCE_EXTENSION = /\.[cm]?jsx?$/;
/** Folders that hold what a build made of src. */
const BUILT_FOLDER =
  /^(?:dist|lib|build|out|output|es|esm|cjs|types)(?:\/(?:esm|cjs|types|src))?\//;

/** The files that a path without or with an extension may be, as the file's language prefers them. */
function probes(base: string, isTypeScript: boolean): string[] {
  const extension = /\.([cm]?jsx?)$/.exec(base)?.[1] ?? "";
  const stem = base.slice(0, base.length - extension.length - 1);
  const sources = (SOURCES[extension] ?? []).map((source) => `${stem}.${source}`);
  return [
    ...(isTypeScript ? [...sources, base] : [base, ...sources]),
    ...ENDINGS.map((ending) => base + ending),
    ...INDEXES.map((index) => base === "" ? index : `${base}/${index}`),
  ];
}

/** A target as a manifest writes it, and the source that it may be built from. */
function sourcesOf(directory: string, target: string): string[] {
  const plain = target.replace(/^\.\//, "");
  const built = plain.replace(BUILT_FOLDER, "src/");
  const unbuilt = plain.replace(BUILT_FOLDER, "");
  const stem = (path: string) => path.replace(/\.d\.([cm]?)ts$/, ".$1js");
  return [...new Set([plain, built, unbuilt].map(stem))]
    .flatMap((path) => joined(directory, path));
}

/** The files that a name inside a package may be. */
function inPackage(manifest: PackageManifest, entry: string): string[] {
  const { directory, exports, mains } = manifest;
  const named = exports === null ? [] : matchEntries(exports, entry);
  const direct = entry === "." ? [...mains, "src/index", "index", "src/main"] : [];
  const below = entry === "." ? [] : [entry, `src/${entry.slice(2)}`];
  return [...named, ...direct, ...below].flatMap((target) => sourcesOf(directory, target));
}

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

/** What a relative specifier is joined to; null: nothing in the tree. */
function baseOf(path: string, specifier: string): string | null {
  return joinPath(specifier.startsWith("/") ? "" : directoryOf(path), specifier);
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

/** The files that aliases make of a specifier: compiler settings first, then import maps. */
function aliased(path: string, specifier: string, around: Surroundings): string[] {
  const { paths } = settingsFor(around.compilerSettings, path);
  const fromSettings = matchEntries(paths, specifier);
  // A name may lead upwards out of what its alias stands for.
  if (fromSettings.length > 0) return joined("", ...fromSettings);
  const maps = around.importMaps.filter(({ directory }) => isBelow(path, directory))
    .toSorted((one, other) => other.directory.length - one.directory.length);
  const fromMaps = maps.map(({ entries }) => matchEntries(entries, specifier))
    .find((targets) => targets.length > 0);
  return joined("", ...fromMaps ?? []);
}

function privateName(path: string, specifier: string, around: Surroundings): string[] {
  const manifest = packageTable(around.packages).around(path);
  if (manifest === undefined) return [];
  return matchEntries(manifest.imports, specifier)
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

function bare(
  { path, language }: ImportingFile,
  specifier: string,
  around: Surroundings,
  probe: (bases: readonly string[]) => Candidate[],
): ImportMeaning {
  const targets = aliased(path, specifier, around);
  if (targets.length > 0) return { things: [probe(targets)], missing: UNRESOLVED };
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
    return base.replace(SOURCE_EXTENSION, "");
  }
  const plain = plainName(specifier);
  if (plain === null) return null;
  if (plain.startsWith("#") || aliased(path, plain, around).length > 0) return "";
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

/** A file that a manifest names as where its package begins. */
interface PackageEntry {
  readonly why: string;
  /** What follows the package's name in an import, as it is exported; null when nothing does. */
  readonly entry: string | null;
  /** What it may be built from, with or without an extension. */
  readonly bases: readonly string[];
}

const begun = new WeakMap<PackageManifest, readonly PackageEntry[]>();

/** A package may export a thousand files, and each of them is asked for what it is exported as. */
function entriesOf(manifest: PackageManifest): readonly PackageEntry[] {
  const made = begun.get(manifest);
  if (made !== undefined) return made;
  const { directory, bins, mains, exports } = manifest;
  const named = [
    ...bins.map((target) => ({ why: "package.json bin", entry: null, targets: [target] })),
    ...(exports ?? []).filter(({ pattern }) => !pattern.includes("*"))
      .map(({ pattern, targets }) => ({ why: "package.json exports", entry: pattern, targets })),
    ...(mains.length === 0 ? [] : [{ why: "package.json main", entry: null, targets: mains }]),
  ];
  const entries = named.map(({ why, entry, targets }) => ({
    why,
    entry,
    bases: targets.flatMap((target) => sourcesOf(directory, target)),
  }));
  begun.set(manifest, entries);
  return entries;
}

/** The files that a manifest names as where its package begins: for each the paths that it may be. */
export function packageEntries(
  manifest: PackageManifest,
): { readonly why: string; readonly candidates: readonly string[] }[] {
  return entriesOf(manifest).map(({ why, bases }) => ({
    why,
    candidates: bases.flatMap((base) => probes(base, true)),
  }));
}

/** Whether one of these is a path: nearly all are ruled out by what it begins with. */
function isProbed(path: string, bases: readonly string[]): boolean {
  return bases.some((base) =>
    path.startsWith(base.replace(SOURCE_EXTENSION, "")) && probes(base, true).includes(path)
  );
}

/** What a package exports a file as: names behind its own, `.` for itself. */
export function exportsOf(manifest: PackageManifest, path: string): string[] {
  const entries = entriesOf(manifest).flatMap(({ entry, bases }) =>
    entry !== null && isProbed(path, bases) ? [entry] : []
  );
  const isMain = isProbed(path, inPackage(manifest, "."));
  return isMain ? [".", ...entries] : entries;
}

/**
 * The files of JavaScript and TypeScript that a path without an extension may be, and those that a package
 * has for a name. Where a manifest names what is built, the source it is built from is tried too, since
 * that is what the repository has.
 */
import { matchEntry, type PackageManifest } from "../configuration/package_json.ts";
import { joined } from "../paths.ts";

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
export function probes(base: string, isTypeScript: boolean): string[] {
  const extension = /\.([cm]?jsx?)$/.exec(base)?.[1] ?? "";
  const stem = base.slice(0, base.length - extension.length - 1);
  const sources = (SOURCES[extension] ?? []).map((source) => `${stem}.${source}`);
  return [
    ...(isTypeScript ? [...sources, base] : [base, ...sources]),
    ...ENDINGS.map((ending) => base + ending),
    ...INDEXES.map((index) => base === "" ? index : `${base}/${index}`),
  ];
}

/** What all of these files begin with. */
export function probesBeginning(base: string): string {
  return base.replace(SOURCE_EXTENSION, "");
}

/** A target as a manifest writes it, and the source that it may be built from. */
export function sourcesOf(directory: string, target: string): string[] {
  const plain = target.replace(/^\.\//, "");
  const built = plain.replace(BUILT_FOLDER, "src/");
  const unbuilt = plain.replace(BUILT_FOLDER, "");
  const stem = (path: string) => path.replace(/\.d\.([cm]?)ts$/, ".$1js");
  return [...new Set([plain, built, unbuilt].map(stem))]
    .flatMap((path) => joined(directory, path));
}

/** The files that a name inside a package may be. */
export function inPackage(manifest: PackageManifest, entry: string): string[] {
  const { directory, exports, mains } = manifest;
  const exported = exports === null ? undefined : matchEntry(exports, entry);
  // `"./hidden/*": null`
  if (exported?.targets.length === 0) return [];
  const direct = entry === "." ? [...mains, "src/index", "index", "src/main"] : [];
  const below = entry === "." ? [] : [entry, `src/${entry.slice(2)}`];
  return [...exported?.targets ?? [], ...direct, ...below].flatMap((target) =>
    sourcesOf(directory, target)
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
    path.startsWith(probesBeginning(base)) && probes(base, true).includes(path)
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

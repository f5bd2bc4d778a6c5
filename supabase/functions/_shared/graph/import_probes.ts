/**
 * Where to look for the files that import a file: words that an import of each of them has, all over the
 * tree or, where the word says little (`use super::x`), in some folders. So the whole
 * repository need not be read to turn imports around; whether a candidate really imports the file is
 * decided by resolving what it imports. Pure.
 */
import { type PackageManifest } from "./configuration/package_json.ts";
import { fold } from "../text/fold.ts";
import { MODULE_LANGUAGES } from "../text/languages.ts";
import { NO_WORD } from "../text/use_words.ts";
import { visitRuns } from "../text/terms.ts";
import { type Import } from "./import_meaning.ts";
import { directoryOf, isBelow, nameOf } from "./paths.ts";
import { exportsOf } from "./rules/package_files.ts";
import { type Surroundings } from "./surroundings.ts";

/** Files that import something by a word, all of the tree or below a folder. */
export interface Probe {
  readonly word: string;
  /** What their paths begin with; "" for all. */
  readonly prefix: string;
}

/** A file that may be imported, with what it defines. */
export interface ImportedFile {
  readonly path: string;
  readonly language: string;
  readonly definitions: readonly {
    readonly name: string;
    readonly kind: string;
    readonly container: string | null;
  }[];
}

/** More names of one file than this are not looked for. */
const NAMES_MAX = 24;

/** The longest word in a name: every text that has the name has it as a term, but for its case. */
export function wordIn(name: string): string | null {
  let longest = "";
  visitRuns(name, 0, name.length, (start, end) => {
    const run = name.slice(start, end);
    if (/[\p{L}\p{N}_$]/u.test(run) && run.length > longest.length) longest = run;
  });
  return longest === "" ? null : longest;
}

function stemOf(path: string): string {
  return nameOf(path).replace(/\.d\.[cm]?ts$|\.[^.]+$/, "");
}

function below(folder: string): string {
  return folder === "" ? "" : `${folder}/`;
}

function named(...names: readonly (string | null | undefined)[]): Probe[] {
  return names.flatMap((name) => {
    const word = name === null || name === undefined ? null : wordIn(name);
    return word === null ? [] : [{ word, prefix: "" }];
  });
}

/** Names that manifests and settings give to a file. */
function ecmascript({ path }: ImportedFile, around: Surroundings): Probe[] {
  const folder = directoryOf(path);
  const isIndex = stemOf(path) === "index";
  const own: Probe[] = isIndex
    ? [
      ...named(nameOf(folder)),
      { word: "index", prefix: below(folder) },
      { word: NO_WORD, prefix: below(folder) },
    ]
    : named(stemOf(path));
  const aliases = [
    ...around.compilerSettings.flatMap(({ paths }) => paths ?? []),
    ...around.importMaps.flatMap(({ entries }) => entries),
  ].filter(({ pattern, targets }) => !/[*/]$/.test(pattern) && targets.length > 0);
  const owners = around.packages.filter(({ directory }) => isBelow(path, directory))
    .toSorted((one, other) => other.directory.length - one.directory.length);
  const owner = owners[0];
  const privateNames = (owner?.imports ?? []).map(({ pattern }) => pattern.replace(/\*.*$/, ""));
  return [
    ...own,
    ...aliases.flatMap(({ pattern }) => named(nameOf(pattern))),
    ...named(...privateNames.map((name) => name.slice(1))),
    ...(owner === undefined ? [] : namesOfEntry(path, owner)),
  ];
}

/** The names by which others import a file that its package offers: its own, or that of the entry. */
function namesOfEntry(path: string, owner: PackageManifest): Probe[] {
  if (owner.name === null) return [];
  const entries = exportsOf(owner, path);
  // What a pattern exports is imported by a path that ends with the file's own name.
  const names = [
    // A path to the folder means the package too.
    ...(entries.includes(".") ? [owner.name, owner.directory] : []),
    ...entries.filter((entry) => entry !== "."),
  ];
  return named(...names.map(nameOf));
}

function python({ path }: ImportedFile): Probe[] {
  if (stemOf(path) !== "__init__") return named(stemOf(path));
  const folder = directoryOf(path);
  return [...named(nameOf(folder)), { word: NO_WORD, prefix: below(folder) }];
}

function rust({ path }: ImportedFile, { crates }: Surroundings): Probe[] {
  const folder = directoryOf(path);
  const stem = stemOf(path);
  const own = crates.filter(({ directory }) => isBelow(path, directory))
    .toSorted((one, other) => other.directory.length - one.directory.length)[0];
  const isTop = path === own?.library || own?.binaries.includes(path) === true;
  if (isTop || /^(?:lib|main)$/.test(stem)) {
    const names = crates.flatMap(({ renamed }) => renamed)
      .filter(({ directory }) => directory === own?.directory).map(({ name }) => name);
    return [
      { word: "crate", prefix: below(own?.directory ?? folder) },
      { word: "super", prefix: below(folder) },
      ...named(own?.name, ...names),
    ];
  }
  const children = stem === "mod" ? folder : `${below(folder)}${stem}`;
  return [...named(nameOf(children)), { word: "super", prefix: below(children) }];
}

function go({ path }: ImportedFile, { goModules }: Surroundings): Probe[] {
  const folder = directoryOf(path);
  const modules = goModules.flatMap(({ name, directory, replaced }) => [
    { name, directory },
    ...replaced,
  ]);
  const roots = modules.filter(({ directory }) => directory === folder).map(({ name }) => name);
  return named(nameOf(folder), ...roots.map(nameOf));
}

/** Packages, namespaces and modules are imported by their names, or by the names in them. */
function byName({ path, definitions }: ImportedFile): Probe[] {
  const names = definitions.filter(({ kind, container }) =>
    /^(?:namespace|package|module)$/.test(kind) || container === null || !container.includes(".")
  ).map(({ name }) => name);
  return named(stemOf(path), nameOf(directoryOf(path)), ...new Set(names.slice(0, NAMES_MAX)));
}

const rules: Readonly<
  Record<string, (file: ImportedFile, around: Surroundings) => readonly Probe[]>
> = {
  "C#": byName,
  "Elixir": byName,
  "Go": go,
  "Java": byName,
  "Kotlin": byName,
  "PHP": byName,
  "Python": python,
  "Rust": rust,
  "Scala": byName,
  ...Object.fromEntries(MODULE_LANGUAGES.map((language) => [language, ecmascript])),
};

/** The part of the tree that most importers of a file are in: its package, else the folder around its own. */
function neighbourhood({ path }: ImportedFile, { packages }: Surroundings): string {
  const owners = packages.map(({ directory }) => directory)
    .filter((directory) => isBelow(path, directory));
  const nearest = owners.toSorted((one, other) => other.length - one.length)[0];
  return below(nearest ?? directoryOf(directoryOf(path)));
}

/** Where whoever imports the file is, without duplicates; where it is likeliest comes first. */
export function importProbes(file: ImportedFile, around: Surroundings): readonly Probe[] {
  const near = neighbourhood(file, around);
  const everywhere = probesOf(file, around);
  const nearby = near === "" ? [] : everywhere.filter(({ prefix }) => prefix === "")
    .map(({ word }) => ({ word, prefix: near }));
  const probes = [...nearby, ...everywhere];
  return [...new Map(probes.map((probe) => [`${probe.prefix} ${probe.word}`, probe])).values()];
}

function probesOf(file: ImportedFile, around: Surroundings): readonly Probe[] {
  const stem = stemOf(file.path);
  const fallback = stem === "init" ? nameOf(directoryOf(file.path)) : stem;
  return rules[file.language]?.(file, around) ?? named(fallback);
}

/**
 * Tells, for a file, imports that may be meant by one of the probes from those that cannot: by their words
 * alone. Files of a step have thousands of imports, and its probes hundreds of words: of each only once.
 */
export function namedByProbes(
  probes: readonly Probe[],
): (from: string) => (imported: Import) => boolean {
  const byWord = [...Map.groupBy(probes, ({ word }) => fold(word))];
  const prefixes = byWord.map(([word, own]) => ({ word, own: own.map(({ prefix }) => prefix) }));
  return (from) => {
    const words = prefixes.filter(({ own }) => own.some((prefix) => from.startsWith(prefix)))
      .map(({ word }) => word);
    return ({ specifier, names }) => {
      const text = fold(
        names.length === 0 ? specifier : [specifier, ...names.map(({ name }) => name)].join("\n"),
      );
      return words.some((word) => text.includes(word));
    };
  };
}

/**
 * Languages whose imports name packages, namespaces or modules rather than files: Java, Kotlin, Scala,
 * C#, PHP, Elixir and Go.
 */
import {
  type Candidate,
  EXTERNAL,
  files,
  FROM_OUTSIDE,
  type Import,
  type ImportingFile,
  type ImportMeaning,
  type Missing,
  suffixes,
  UNRESOLVED,
} from "../import_meaning.ts";
import { familyOf } from "../packages.ts";
import { joined, joinPath, sharedFolders } from "../paths.ts";
import { type Surroundings } from "../surroundings.ts";

function isCapitalised(part: string | undefined): boolean {
  return part !== undefined && /^\p{Lu}/u.test(part);
}

/** Folders of a package from which on its first two are rather a company's or a foundation's than a project's. */
const DEEP_PACKAGE_PARTS = 4;

/**
 * Within the same organisation, `com.acme`, what is missing is missing; else it is from outside. Of deep
 * packages three parts tell: `com.google.samples.apps` has not what is missing of `com.google.firebase`.
 */
function missingIn(path: string, parts: readonly string[]): Missing {
  const isIn = (count: number) => `/${path}`.includes(`/${parts.slice(0, count).join("/")}/`);
  if (parts.length < 2 || !isIn(2)) return EXTERNAL;
  const [, below = ""] = `/${path}`.split(`/${parts.slice(0, 2).join("/")}/`);
  const isDeep = 2 + below.split("/").length - 1 >= DEEP_PACKAGE_PARTS;
  return isDeep && parts.length > 3 && !isIn(3) ? EXTERNAL : UNRESOLVED;
}

const JVM = familyOf("Java");

/** What is defined by the last part in the namespace of the others. */
function definition(parts: readonly string[], family: string): Candidate {
  return {
    kind: "definition",
    name: parts.at(-1) ?? "",
    within: parts.slice(0, -1).join("."),
    family,
  };
}

/** A class, or the classes around one that is nested: capitals tell them from packages. */
function classCandidates(
  parts: readonly string[],
  extensions: readonly string[],
): Candidate[] {
  const depths = parts.length - 1 - parts.findIndex((part) => isCapitalised(part));
  const outer = isCapitalised(parts.at(-1)) || parts.some((part) => isCapitalised(part))
    ? Math.min(depths, parts.length - 1)
    : 0;
  const each = Array.from({ length: outer + 1 }, (_, up) => parts.slice(0, parts.length - up));
  return each.flatMap((some): Candidate[] => [
    ...suffixes(extensions.map((extension) => `${some.join("/")}.${extension}`)),
    definition(some, JVM),
  ]);
}

/** What a package object of Scala gives to a package, by where it is most often and by its name. */
function packageObject(parts: readonly string[]): Candidate[] {
  return [...suffixes([`${parts.join("/")}/package.scala`]), definition(parts, JVM)];
}

/** Java, Kotlin and Scala: one list of candidates for each name that is imported. */
export function jvm(extensions: readonly string[]) {
  const objectOf = extensions.includes("scala") ? packageObject : () => [];
  return ({ path }: ImportingFile, { specifier, names }: Import): ImportMeaning => {
    const parts = specifier.split(".").filter((part) => part !== "");
    if (parts.length === 0) return FROM_OUTSIDE;
    const members = names.map(({ name }) => name);
    const isWhole = members.length === 0 || (members.length === 1 && members[0] === parts.at(-1));
    const things = isWhole
      ? [[...classCandidates(parts, extensions), ...objectOf(parts.slice(0, -1))]]
      : members.flatMap((name): Candidate[][] =>
        name === "*"
          ? [[
            ...(isCapitalised(parts.at(-1)) ? classCandidates(parts, extensions) : []),
            { kind: "namespace", name: parts.join("."), family: JVM },
          ], objectOf(parts)]
          : [[...classCandidates([...parts, name], extensions), ...objectOf(parts)]]
      );
    return { things, missing: missingIn(path, parts) };
  };
}

/** A namespace, or the type that an alias or a static import names. */
export function csharp(_file: ImportingFile, { specifier }: Import): ImportMeaning {
  const parts = specifier.split(".");
  const family = familyOf("C#");
  return {
    things: [[
      { kind: "namespace", name: specifier, family },
      ...(parts.length === 1 ? [] : [definition(parts, family)]),
    ]],
    missing: EXTERNAL,
  };
}

/** A module by its whole name. */
export function elixir(_file: ImportingFile, { specifier }: Import): ImportMeaning {
  const family = familyOf("Elixir");
  return { things: [[{ kind: "namespace", name: specifier, family }]], missing: EXTERNAL };
}

/** A class by the prefixes of composer, else by its namespace, if any, or the end of its path. */
export function phpName(
  { path }: ImportingFile,
  { specifier }: Import,
  { composers }: Surroundings,
): ImportMeaning {
  const full = specifier.replace(/^\\/, "");
  const parts = full.split("\\");
  const matching = composers.flatMap(({ prefixes }) => prefixes)
    .filter(({ prefix }) => full.startsWith(prefix))
    .toSorted((one, other) => other.prefix.length - one.prefix.length);
  const nearest = matching.flatMap(({ prefix, directories }) => {
    const rest = full.slice(prefix.length).replaceAll("\\", "/");
    return directories.flatMap((folder) => joined(folder, `${rest}.php`));
  }).toSorted((one, other) => sharedFolders(path, other) - sharedFolders(path, one));
  const byEnd = parts.length > 1 ? suffixes([`${parts.join("/")}.php`]) : [];
  return {
    things: [[...files(nearest), definition(parts, familyOf("PHP")), ...byEnd]],
    missing: matching.length > 0 ? UNRESOLVED : EXTERNAL,
  };
}

/**
 * The folders that imports of Go begin at where they name no module: of the standard library, and before modules.
 * Never the root, whose folder log would be taken for the library's.
 */
function rootsOfPackages({ goModules }: Surroundings): string[] {
  if (goModules.length === 0) return ["src"];
  return goModules.filter(({ name }) => name === "std").map(({ directory }) => directory);
}

/** Imports of Go name folders: below a module of the repository, or one that stands for another. */
export function go(
  _file: ImportingFile,
  { specifier }: Import,
  around: Surroundings,
): ImportMeaning {
  const modules = around.goModules.flatMap(({ name, directory, replaced }) => [
    { name, directory },
    ...replaced,
  ]);
  const matching = modules.filter(({ name }) =>
    specifier === name || specifier.startsWith(`${name}/`)
  )
    .toSorted((one, other) => other.name.length - one.name.length);
  const isOfModule = matching.length > 0;
  const folders = isOfModule
    ? matching.map(({ name, directory }) => joinPath(directory, specifier.slice(name.length + 1)))
    : rootsOfPackages(around).map((directory) => joinPath(directory, specifier));
  return {
    things: [
      [...new Set(folders)].filter((path) => path !== null).map((path) => ({
        kind: "folder",
        path,
        extension: "go",
      })),
    ],
    missing: isOfModule ? UNRESOLVED : EXTERNAL,
  };
}

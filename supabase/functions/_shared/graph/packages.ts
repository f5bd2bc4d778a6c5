/**
 * Packages and namespaces whose files see one another's definitions without an import. Pure.
 */
import { directoryOf } from "./paths.ts";

/** What there is to know of a file. */
export interface PackagedFile {
  readonly path: string;
  readonly language: string;
  readonly definitions: readonly {
    readonly name: string;
    readonly kind: string;
    readonly container: string | null;
    readonly signature: string;
  }[];
}

type Definition = PackagedFile["definitions"][number];

interface Family {
  readonly name: string;
  readonly by: "folder" | "name" | "repository" | "target";
  /** Whether a file sees what is in the packages around its own: in A.B what is in A. */
  readonly seesAround?: true;
}

/**
 * How the files of a language make packages: by their folder, by the namespace that they declare, by the folder
 * that has all of what is built together, or all of a repository one, where nothing is imported and a schema is
 * no file's.
 */
const families: Readonly<Record<string, Family>> = {
  "C#": { name: "C#", by: "name", seesAround: true },
  "Go": { name: "Go", by: "folder" },
  "Java": { name: "JVM", by: "name" },
  "Kotlin": { name: "JVM", by: "name" },
  "PHP": { name: "PHP", by: "name" },
  "PLSQL": { name: "SQL", by: "repository" },
  "PLpgSQL": { name: "SQL", by: "repository" },
  "SQL": { name: "SQL", by: "repository" },
  "Scala": { name: "JVM", by: "name" },
  "Swift": { name: "Swift", by: "target" },
  "TSQL": { name: "SQL", by: "repository" },
};

/** The languages whose files see one another's definitions where no import says from which: all over, or in a target. */
export const importlessLanguages: readonly string[] = Object.keys(families)
  .filter((language) => /^(?:repository|target)$/.test(families[language]?.by ?? ""));

/** Whether they do so all over, whatever schema these are in. */
export function seesRepository(language: string): boolean {
  return families[language]?.by === "repository";
}

/** The languages that see one another's packages by one name: their own, where there is one alone. */
export function familyOf(language: string): string {
  return families[language]?.name ?? language;
}

/** The languages that make packages together with this one. */
export function packagingLanguages(language: string): string[] {
  return Object.keys(families).filter((each) => familyOf(each) === familyOf(language));
}

export function isNamespace({ kind }: Pick<Definition, "kind">): boolean {
  return /^(?:namespace|package|module)$/.test(kind);
}

export function fullName({ name, container }: Pick<Definition, "name" | "container">): string {
  return container === null ? name : `${container}.${name}`;
}

/** The packages or namespaces that a file declares, where its language makes them so. */
export function declaredPackages(file: PackagedFile): string[] {
  // Of most languages nobody asks what a file defines, which is made when it is asked for.
  return families[file.language]?.by === "name"
    ? file.definitions.filter(isNamespace).map(fullName)
    : [];
}

/** Where the Swift Package Manager has its targets, each in a folder. */
const TARGET_FOLDERS = /^(?:.*\/)?(?:Sources|Tests)\/(?=[^/]+\/)/;
/** A target of tests sees, by a word in front of an import, all of the one that it is named after. */
const TESTS = /(?:UI)?Tests$/;

/** The target of a file by its path: `Rocket` of Sources/Rocket/Engine/Pump.swift; an application has one folder. */
function targetOf(path: string): string {
  const folder = TARGET_FOLDERS.exec(path)?.[0] ?? "";
  const [name = ""] = path.slice(folder.length).split("/", 1);
  return folder.replace(/(?:Sources|Tests)\/$/, "") + (path === folder + name ? "" : name);
}

/** The targets that one of tests sees. */
function testedBy(tests: string): string[] {
  const tested = tests.replace(TESTS, "");
  if (tested === tests) return [];
  // Of a repository with one target its folders are called by what they hold.
  return /[ /]$/.test(tested) ? [`${tested}Source`, `${tested}Sources`] : [tested];
}

/** The packages that a file is of, each by a name that no other has; none where its language has none. */
export function packagesOf(file: PackagedFile): readonly string[] {
  const family = families[file.language];
  if (family === undefined) return [];
  if (family.by === "repository") return [family.name];
  if (family.by === "target") return [`${family.name} ${targetOf(file.path)}`];
  const declared = declaredPackages(file);
  const names = declared.length === 0 ? [directoryOf(file.path)] : declared;
  return names.map((name) => `${family.name} ${name}`);
}

/** The packages whose names a file knows without an import: its own, and those around them in some languages. */
export function packagesSeenBy(file: PackagedFile): readonly string[] {
  const own = packagesOf(file);
  const family = families[file.language];
  if (family?.by === "target") return [...own, ...own.flatMap(testedBy)];
  if (family?.seesAround !== true) return own;
  const around = declaredPackages(file).flatMap((declared) =>
    declared.split(".").map((_, index, parts) => parts.slice(0, index).join(".")).slice(1)
  );
  return [...own, ...around.map((name) => `${family.name} ${name}`)];
}

/** The folder that has all files of the package of a file; null where they may lie anywhere. */
export function packageFolderOf(
  { path, language }: Pick<PackagedFile, "path" | "language">,
): string | null {
  return families[language]?.by === "folder" ? directoryOf(path) : null;
}

/** A constant of Ruby or a module of Elixir: whoever names it loads it, without an import. */
export interface LoadedConstant {
  readonly name: string;
  /** The last name around it, which is named too wherever it is not open; null at the top. */
  readonly within: string | null;
}

const LOADING_BY_NAME = /^(?:Ruby|Elixir)$/;

/**
 * The constants by which the file is loaded. Not those that hold others and nothing else: of many files
 * each opens them.
 */
export function loadedConstants(file: PackagedFile): LoadedConstant[] {
  if (!LOADING_BY_NAME.test(file.language)) return [];
  const { definitions } = file;
  const constants = definitions.filter(({ name, kind }) =>
    /^(?:class|module|constant|protocol)$/.test(kind) && /^\p{Lu}/u.test(name)
  );
  const isOpened = (each: Definition) => {
    const inside = definitions.filter(({ container }) => container === fullName(each));
    return each.kind === "module" && inside.length > 0 &&
      inside.every((inner) => constants.includes(inner));
  };
  return constants.filter((each) => !isOpened(each)).map(({ name, container }) => ({
    name,
    within: container?.split(/\.|::/).at(-1) ?? null,
  }));
}

/** A method of C# that is called as if it were one of its first parameter: nobody names its class. */
const EXTENSION = /\(\s*this\s/;

/** The names that a file gives to its package: those of no class, and of no function. */
export function namesForPackage(
  { language, definitions }: Pick<PackagedFile, "language" | "definitions">,
): Set<string> {
  const namespaces = new Set(definitions.filter(isNamespace).map(fullName));
  // What a schema indexes is no name that anything uses.
  const isGiven = ({ kind, container, signature }: Definition) =>
    seesRepository(language)
      ? kind !== "field" && kind !== "key"
      : container === null || namespaces.has(container) ||
        language === "C#" && kind === "method" && EXTENSION.test(signature);
  return new Set(
    definitions.filter((each) => !isNamespace(each) && isGiven(each)).map(({ name }) => name),
  );
}

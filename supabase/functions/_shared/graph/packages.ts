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
  }[];
}

type Definition = PackagedFile["definitions"][number];

/** How the files of a language make packages: by their folder, or by the namespace that they declare. */
const families: Readonly<
  Record<string, { readonly name: string; readonly by: "folder" | "name" }>
> = {
  "C#": { name: "C#", by: "name" },
  "Go": { name: "Go", by: "folder" },
  "Java": { name: "JVM", by: "name" },
  "Kotlin": { name: "JVM", by: "name" },
  "PHP": { name: "PHP", by: "name" },
  "Scala": { name: "JVM", by: "name" },
};

/** The languages that see one another's packages by one name: their own, where there is one alone. */
export function familyOf(language: string): string {
  return families[language]?.name ?? language;
}

export function isNamespace({ kind }: Pick<Definition, "kind">): boolean {
  return /^(?:namespace|package|module)$/.test(kind);
}

export function fullName({ name, container }: Pick<Definition, "name" | "container">): string {
  return container === null ? name : `${container}.${name}`;
}

/** The packages that a file is of, each by a name that no other has; none where its language has none. */
export function packagesOf({ path, language, definitions }: PackagedFile): readonly string[] {
  const family = families[language];
  if (family === undefined) return [];
  const declared = definitions.filter(isNamespace).map(fullName);
  const names = family.by === "folder" || declared.length === 0 ? [directoryOf(path)] : declared;
  return names.map((name) => `${family.name} ${name}`);
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
export function loadedConstants({ language, definitions }: PackagedFile): LoadedConstant[] {
  if (!LOADING_BY_NAME.test(language)) return [];
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

/** The names that a file gives to its package: those of no class, and of no function. */
export function namesForPackage({ definitions }: Pick<PackagedFile, "definitions">): Set<string> {
  const namespaces = new Set(definitions.filter(isNamespace).map(fullName));
  return new Set(
    definitions.filter((each) =>
      !isNamespace(each) && (each.container === null || namespaces.has(each.container))
    ).map(({ name }) => name),
  );
}

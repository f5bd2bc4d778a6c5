/**
 * What an import may mean, by the rules of the importing file's language: candidates in the order of
 * their likelihood. Which of them exist is for whoever knows the tree; `pick` then says what was meant.
 * Pure.
 */
import {
  type Candidate,
  FROM_OUTSIDE,
  type Import,
  type ImportingFile,
  type ImportMeaning,
  suffixes,
} from "./import_meaning.ts";
import { familyOf, importlessLanguages } from "./packages.ts";
import { directoryOf, sharedFolders } from "./paths.ts";
import { ecmascript, pathBeginning as ecmascriptBeginning } from "./rules/ecmascript.ts";
import { csharp, elixir, go, jvm, phpName } from "./rules/packages.ts";
import { python } from "./rules/python.ts";
import { rust } from "./rules/rust.ts";
import { besideFile, include, lua, phpFile, ruby, shell } from "./rules/search_paths.ts";
import { MODULE_LANGUAGES } from "../text/languages.ts";
import { type Surroundings } from "./surroundings.ts";

type Rule = (file: ImportingFile, imported: Import, around: Surroundings) => ImportMeaning;

const rules: Readonly<Record<string, Rule>> = {
  "C": include,
  "C#": csharp,
  "C++": include,
  "CSS": besideFile(["css"]),
  "Elixir": elixir,
  "Go": go,
  "HTML": besideFile([]),
  "Java": jvm(["java", "kt"]),
  "Kotlin": jvm(["kt", "java"]),
  "Lua": lua,
  "PHP": (file, imported, around) =>
    imported.kind === "file" ? phpFile(file, imported) : phpName(file, imported, around),
  "Python": python,
  "Ruby": ruby,
  "Rust": rust,
  "Scala": jvm(["scala", "java"]),
  "Shell": shell,
  "Zig": besideFile([]),
  ...Object.fromEntries(MODULE_LANGUAGES.map((language) => [language, ecmascript])),
};

/** The languages whose imports lead to files. */
export const importLanguages: readonly string[] = Object.keys(rules);

/** The languages whose files use what others define: with imports, or without where they need none. */
export const usingLanguages: readonly string[] = [...importLanguages, ...importlessLanguages];

const C_FAMILY = ["C", "C++"];
const JVM = ["Java", "Kotlin", "Scala"];

/** Who imports files of a language, where that is not the language alone. */
const importers: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(MODULE_LANGUAGES.map((each) => [each, [...MODULE_LANGUAGES, "HTML"]])),
  CSS: ["CSS", "HTML", ...MODULE_LANGUAGES],
  C: C_FAMILY,
  "C++": C_FAMILY,
  Java: JVM,
  Kotlin: JVM,
  Scala: JVM,
};

/** The languages whose files may import a file of this one: any, where it has no rules of its own. */
export function importingLanguages(language: string): readonly string[] {
  return importers[language] ?? (rules[language] === undefined ? importLanguages : [language]);
}

/** Whether files of a language may name what those of another one define. */
export function mayName(language: string, defining: string): boolean {
  return familyOf(language) === familyOf(defining) ||
    importers[defining]?.includes(language) === true;
}

/** What an import may mean. A language without rules imports from outside alone, a list of exports nothing. */
export function resolveImport(
  file: ImportingFile,
  imported: Import,
  around: Surroundings,
): ImportMeaning {
  if (imported.kind === "export") return FROM_OUTSIDE;
  return rules[file.language]?.(file, imported, around) ?? FROM_OUTSIDE;
}

/**
 * What every path begins with that an import may mean: nearly all imports of a file are ruled out by it
 * before their meaning is worked out. "" where it is not known, null where the import means no file.
 */
export function pathBeginning(
  file: ImportingFile,
  imported: Import,
  around: Surroundings,
): string | null {
  if (imported.kind === "export") return null;
  return rules[file.language] === ecmascript ? ecmascriptBeginning(file, imported, around) : "";
}

/** A name for a candidate that no other one has. */
export function keyOf(candidate: Candidate): string {
  switch (candidate.kind) {
    case "file":
    case "suffix":
      return `${candidate.kind}:${candidate.path}`;
    case "folder":
      return `folder:${candidate.path}`;
    case "definition":
      return `definition:${candidate.family}:${candidate.within}:${candidate.name}`;
    case "namespace":
      return `namespace:${candidate.family}:${candidate.name}`;
  }
}

/** Whether a file of Go belongs to the package of its folder for those who import it. */
function isImportable(path: string): boolean {
  return !path.endsWith("_test.go");
}

/** The files that a candidate stands for, of those that its key found. */
function meantBy(candidate: Candidate, found: readonly string[], from: string): readonly string[] {
  switch (candidate.kind) {
    case "file":
    case "namespace":
      return found;
    case "folder":
      return found.filter((path) =>
        path.endsWith(`.${candidate.extension}`) && isImportable(path) &&
        directoryOf(path) === candidate.path
      );
    case "suffix":
    case "definition":
      return found.toSorted((one, other) =>
        sharedFolders(from, other) - sharedFolders(from, one) || one.length - other.length ||
        (one < other ? -1 : 1)
      ).slice(0, 1);
  }
}

/** What an import leads to. */
export interface Resolution {
  /** Files of the repository, without the importing one. */
  readonly to: readonly string[];
  /** Where nothing was found: whether that is because it comes from outside. */
  readonly isExternal: boolean;
  /** Whether it names something inside of the repository that is not there. */
  readonly isMissing: boolean;
}

/** What the tree has of a candidate, given which files each key found: by itself, or by an end of it; null: of none. */
function finder(
  { ends }: ImportMeaning,
  found: (key: string) => readonly string[],
): ((candidate: Candidate) => readonly string[]) | null {
  if (ends === undefined) return (candidate) => found(keyOf(candidate));
  const paths = new Set(ends.flatMap((path) => found(keyOf({ kind: "suffix", path }))));
  // Nearly all of these imports are from outside.
  if (paths.size === 0) return null;
  return (candidate) => {
    if (candidate.kind === "file" && paths.has(candidate.path)) return [candidate.path];
    const own = found(keyOf(candidate));
    if (own.length > 0 || candidate.kind !== "suffix") return own;
    return [...paths].filter((path) => `/${path}`.endsWith(`/${candidate.path}`));
  };
}

/** Decides what was meant, given which files each candidate's key found. */
export function pick(
  file: ImportingFile,
  meaning: ImportMeaning,
  found: (key: string) => readonly string[],
): Resolution {
  const find = finder(meaning, found);
  const { missing } = meaning;
  if (find === null) {
    const isMissing = missing.kind === "unresolved";
    return { to: [], isExternal: !isMissing, isMissing };
  }
  const hits = (candidate: Candidate) => meantBy(candidate, find(candidate), file.path);
  const reached = meaning.things.flatMap((candidates) => {
    for (const candidate of candidates) {
      const paths = hits(candidate);
      if (paths.length > 0) return paths;
    }
    return [];
  });
  const to = [...new Set(reached)].filter((path) => path !== file.path);
  const isInside = reached.length > 0 || missing.kind === "unresolved" ||
    missing.kind === "claimed" && missing.by.some((claim) => hits(claim).length > 0);
  return { to, isExternal: !isInside, isMissing: isInside && reached.length === 0 };
}

function allOf({ things, missing }: ImportMeaning): Candidate[] {
  return [...things.flat(), ...(missing.kind === "claimed" ? missing.by : [])];
}

/** Everything that must be looked up to decide about a meaning. */
export function candidatesOf(meaning: ImportMeaning): Candidate[] {
  return meaning.ends === undefined ? allOf(meaning) : suffixes(meaning.ends);
}

/** What must be looked up besides where not all files with an end were found. */
export function candidatesAt(meaning: ImportMeaning, isCut: (end: string) => boolean): Candidate[] {
  const cut = (meaning.ends ?? []).filter(isCut);
  if (cut.length === 0) return [];
  return allOf(meaning).filter((each) =>
    "path" in each && cut.some((end) => `/${each.path}`.endsWith(`/${end}`))
  );
}

/**
 * Which language a file is in by its name, its extension or its shebang, in the words of GitHub's
 * Linguist. The path alone decides where it can, so that a file need not be read to be told apart.
 * Knows nothing of grammars: most of these languages have no symbols here.
 */
import { EXTENSIONS } from "./language_extensions.ts";
import { FILE_NAMES, INTERPRETERS } from "./language_tables.ts";

/** A Linguist name; empty when unknown. */
export type LanguageName = string;

/** Turns a table of languages into one of words. */
export function byWord(
  table: Readonly<Record<LanguageName, string>>,
): ReadonlyMap<string, LanguageName> {
  return new Map(
    Object.entries(table).flatMap(([language, words]) =>
      words.split(" ").map((word): [string, LanguageName] => [word, language])
    ),
  );
}

const languageByExtension = byWord(EXTENSIONS);
const languageByFileName = byWord(FILE_NAMES);
const languageByInterpreter = byWord(INTERPRETERS);

/** The language that a path speaks of; empty when it does not. */
export function languageOfPath(path: string): LanguageName {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const byName = languageByFileName.get(name);
  if (byName !== undefined) return byName;
  if (name.startsWith("Dockerfile.")) return "Dockerfile";
  // `a.rest.txt` has an extension of two words.
  for (let dot = name.indexOf("."); dot !== -1; dot = name.indexOf(".", dot + 1)) {
    const byExtension = languageByExtension.get(name.slice(dot + 1).toLowerCase());
    if (byExtension !== undefined) return byExtension;
  }
  return "";
}

/** The shebang's length where it is one: a kernel reads no more than this. */
const SHEBANG_UNITS_MAX = 256;

/** The language of a script's interpreter; empty without a shebang or for an unknown one. */
export function languageOfShebang(text: string): LanguageName {
  if (!text.startsWith("#!")) return "";
  const line = text.slice(2, SHEBANG_UNITS_MAX).split("\n", 1)[0] ?? "";
  const words = line.trim().split(/\s+/);
  const isEnv = words[0]?.endsWith("/env") === true;
  // `env -S VAR=value node --flag`: the first word that is neither an option nor an assignment.
  const command = isEnv ? words.slice(1).find((word) => !/^-|=/.test(word)) : words[0];
  const program = command?.slice(command.lastIndexOf("/") + 1) ?? "";
  return languageByInterpreter.get(program.replace(/[\d.]+$/, "")) ?? "";
}

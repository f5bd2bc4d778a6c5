// What ctags finds in a checkout. Knows its command line and its format, and no kind's meaning.

import { run } from "../command.ts";
import type { Tag } from "./comparison.ts";

/** Linguist's names, and what ctags calls the same languages. */
export const TAG_LANGUAGES: ReadonlyMap<string, string> = new Map([
  ["C", "C"],
  ["C#", "C#"],
  ["C++", "C++"],
  ["Elixir", "Elixir"],
  ["Go", "Go"],
  ["Java", "Java"],
  ["JavaScript", "JavaScript"],
  ["Kotlin", "Kotlin"],
  ["Lua", "Lua"],
  ["PHP", "PHP"],
  ["Python", "Python"],
  ["Ruby", "Ruby"],
  ["Rust", "Rust"],
  ["Shell", "Sh"],
  ["TypeScript", "TypeScript"],
]);

/** The tags of some files, by path. Each file is read as the language that we take it for. */
export async function readTags(
  folder: string,
  languageOf: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly Tag[]>> {
  const tags = new Map<string, Tag[]>();
  for (const [language, program] of TAG_LANGUAGES) {
    const files = Array.from(languageOf.entries())
      .flatMap(([file, each]) => (each === language ? [`${file}\n`] : []));
    if (files.length === 0) continue;
    const options = ["--quiet=yes", "--sort=no", "-f", "-", "--excmd=number", "--fields=+Kn"];
    const args = [...options, `--language-force=${program}`, "-L", "-"];
    const output = await run("ctags", args, { cwd: folder, input: files, signal });
    for (const line of output.toString("utf8").split("\n")) addTag(tags, line);
  }
  return tags;
}

/** `name<TAB>path<TAB>line;"<TAB>kind…` */
function addTag(tags: Map<string, Tag[]>, line: string): void {
  const [name = "", file = "", number = "", kind = ""] = line.split("\t");
  if (line.startsWith("!_TAG_") || kind === "") return;
  const tag: Tag = { name, line: Number.parseInt(number, 10), kind };
  const known = tags.get(file);
  if (known === undefined) tags.set(file, [tag]);
  else known.push(tag);
}

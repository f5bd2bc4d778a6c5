// Picks what to search for in a checkout: names that occur in it, from files spread evenly over the
// tree, and one that does not. The same checkout always gives the same literals.

import { readFile } from "node:fs/promises";
import path from "node:path";

/** Long enough to be a name somebody would look for. */
const NAME = /[A-Za-z_][A-Za-z0-9_]{7,39}/g;
const ABSENT = "quarryBenchmarkIsNowhere";
const PICKED = 10;

/** Ten literals that occur, fewer in a small repository, and one that does not. */
export async function pickLiterals(
  checkout: string,
  files: readonly string[],
): Promise<string[]> {
  const literals = new Set<string>();
  for (let index = 0; index < PICKED; index += 1) {
    const file = files[Math.floor(((index + 0.5) * files.length) / PICKED)];
    if (file === undefined) continue;
    const text = await readFile(path.join(checkout, file), "utf8").catch(() => "");
    const names = text.match(NAME) ?? [];
    const name = names[Math.floor(names.length / 2)];
    if (name !== undefined) literals.add(name);
  }
  return [...literals, ABSENT];
}

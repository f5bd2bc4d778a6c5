// Picks what to look for in a checkout: a name that occurs in it. The same checkout always gives the same.

import { readFile } from "node:fs/promises";
import path from "node:path";

/** Long enough to be a name somebody would look for. */
const NAME = /[A-Za-z_][A-Za-z0-9_]{7,39}/g;

/** A name from the file in the middle, or from the next one that has any; null when none has. */
export async function pickLiteral(
  checkout: string,
  files: readonly string[],
): Promise<string | null> {
  const middle = Math.floor(files.length / 2);
  for (const file of [...files.slice(middle), ...files.slice(0, middle)]) {
    const text = await readFile(path.join(checkout, file), "utf8").catch(() => "");
    const names = text.match(NAME) ?? [];
    const name = names[Math.floor(names.length / 2)];
    if (name !== undefined) return name;
  }
  return null;
}

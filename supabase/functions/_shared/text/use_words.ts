/**
 * The words by which a segment lists the blobs that use something: names that are called, as they are
 * written, the words of imports, and names that manifests give to packages. The indexer writes them and
 * whoever follows code looks them up.
 */
import { fold } from "./fold.ts";
import { visitRuns } from "./terms.ts";

/** What the words of a list are, by the number that is stored. */
export const USES = { call: 1, import: 2, package: 3 } as const;
export type Use = keyof typeof USES;

/** Listed for an import whose path has no word: `.` and `..`, which mean a folder. */
export const NO_WORD = ".";

/** Longer words are listed cut, and looked up the same way. */
const WORD_UNITS_MAX = 64;

const HAS_LETTER = /[\p{L}\p{N}_$]/u;

/** A word as it is listed. */
export function useWord(use: Use, word: string): string {
  const written = use === "import" ? fold(word) : word;
  return written.slice(0, WORD_UNITS_MAX).toWellFormed();
}

/** The words of an import, as they are listed. */
export function importWords(
  { specifier, names }: {
    readonly specifier: string;
    readonly names: readonly { readonly name: string }[];
  },
): Set<string> {
  const words = new Set<string>();
  const addWords = (text: string) =>
    visitRuns(text, 0, text.length, (start, end) => {
      const run = text.slice(start, end);
      if (HAS_LETTER.test(run)) words.add(useWord("import", run));
    });
  addWords(specifier);
  if (words.size === 0) words.add(NO_WORD);
  for (const { name } of names) addWords(name);
  return words;
}

/** As far into a manifest names of packages are looked for: they stand near its beginning. */
export const MANIFEST_HEAD_UNITS = 4096;
/** More members called `name` than a manifest has before its own. */
const MANIFEST_NAMES_MAX = 4;

/** What a text of JSON may call a package, if it is a manifest, as it is listed. */
export function packageNames(head: string): Set<string> {
  const found = head.slice(0, MANIFEST_HEAD_UNITS).matchAll(/"name"\s*:\s*"([^"\\\n\0]+)"/g);
  const names = Array.from(found, ([, name = ""]) => useWord("package", name));
  return new Set(names.slice(0, MANIFEST_NAMES_MAX));
}

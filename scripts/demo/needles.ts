// Chooses what to search for in a repository that nobody has seen before, from a sample of its files:
// something that is found in several places and reads like a name. Pure.

/** A file of the sample. */
export interface SampledFile {
  readonly path: string;
  readonly text: string;
}

/** What the demo searches for; null where the sample has nothing of the kind. */
export interface Needles {
  /** A name as it is written. */
  readonly literal: string | null;
  /** In lower case, for something that the repository writes with capitals. */
  readonly anyCase: string | null;
  /** A word inside the names of definitions. */
  readonly symbolWord: string | null;
}

const SAMPLE_FILES_MAX = 60;
const WORD_LENGTH_MIN = 4;
/** Files whose text tells what a repository is about. */
const sourceEnding =
  /\.(?:[cm]?[jt]sx?|py|go|rs|java|kt|rb|php|swift|c|h|cc|cpp|hpp|cs|scala|ex|lua|sh|sql|md)$/i;
const uninteresting =
  /(?:^|\/)(?:node_modules|vendor|dist|third_party|testdata|fixtures|\.[^/]+)\/|\.min\.|\.d\.ts$/i;
const definition =
  /\b(?:function|class|interface|type|enum|struct|trait|def|func|fn|const)\s+(?:\([^)]*\)\s*)?([A-Za-z_]\w+)/g;
const commonWords = new Set(
  ("abstract async await boolean break case catch class const continue default delete describe else " +
    "enum error event except export expect extends false file files final finally function http " +
    "https implements import index instanceof interface items length main name names native null " +
    "number object options package params path print private promise protected public readonly " +
    "require result return self static string struct super switch test tests that then this throw " +
    "throws true type typeof undefined value values void while with yield").split(" "),
);

/** Quarry's own: what its reader is about to meet in the code. */
export const ownNeedles: Needles = {
  literal: "lease_token",
  anyCase: "postgresql",
  symbolWord: "segment",
};

/** The paths to sample, evenly over the list: code first, or anything when there is no code. */
export function samplePaths(paths: readonly string[]): string[] {
  const plain = paths.filter((path) => !uninteresting.test(path));
  const code = plain.filter((path) => sourceEnding.test(path) && !/\.md$/i.test(path));
  const text = plain.filter((path) => /\.md$|(?:^|\/)readme/i.test(path));
  const chosen = code.length > 0 ? code : text.length > 0 ? text : paths;
  const step = Math.max(1, chosen.length / SAMPLE_FILES_MAX);
  const count = Math.min(SAMPLE_FILES_MAX, chosen.length);
  return Array.from({ length: count }, (_, index) => chosen[Math.floor(index * step)] ?? "");
}

/** Chooses from a sample. The same sample gives the same answer. */
export function chooseNeedles(sample: readonly SampledFile[]): Needles {
  const names = new Map<string, number>();
  const words = new Map<string, number>();
  for (const { text } of sample) {
    for (const name of new Set(text.match(/\b[A-Za-z_]\w{3,31}\b/g) ?? [])) add(names, name);
    const defined = [...text.matchAll(definition)].flatMap(([, name]) => nameWords(name ?? ""));
    for (const word of new Set(defined)) add(words, word);
  }
  const literal = best(names, nameScore);
  const capital = best(names, (name, files) =>
    // The lower-case form must not be the first search over again.
    /[A-Z]/.test(name) && !areAlike(name, literal ?? "") ? nameScore(name, files) : 0);
  return {
    literal,
    anyCase: capital === null ? null : capital.toLowerCase(),
    symbolWord: best(words, wordScore),
  };
}

/** One contains the other, so that a search for both would find much the same. */
function areAlike(first: string, second: string): boolean {
  const [a, b] = [first.toLowerCase(), second.toLowerCase()];
  return second !== "" && (a.includes(b) || b.includes(a));
}

/** Widespread is good, made of several words is better, a keyword is nothing. */
function nameScore(name: string, files: number): number {
  const parts = nameWords(name);
  if (commonWords.has(name.toLowerCase()) || name.length < 6) return 0;
  const letters = parts.join("").length;
  return Math.min(files, 20) * (parts.length > 1 ? 4 : 1) * Math.min(letters, 12);
}

function wordScore(word: string, files: number): number {
  return commonWords.has(word) || word.length < WORD_LENGTH_MIN
    ? 0
    : Math.min(files, 12) * Math.min(word.length, 8);
}

/** lease_token, leaseToken and LEASE_TOKEN are lease and token. */
function nameWords(name: string): string[] {
  return name.replace(/([a-z\d])([A-Z])|([A-Z])(?=[A-Z][a-z])/g, "$1$3_$2").toLowerCase()
    .split(/[_\d]+/).filter((word) => word !== "");
}

function best(
  counted: ReadonlyMap<string, number>,
  score: (text: string, files: number) => number,
): string | null {
  const scored = [...counted].map(([text, files]) => ({ text, score: score(text, files) }))
    .filter((each) => each.score > 0);
  scored.sort((a, b) => b.score - a.score || (a.text < b.text ? -1 : 1));
  return scored[0]?.text ?? null;
}

function add(counts: Map<string, number>, text: string): void {
  counts.set(text, (counts.get(text) ?? 0) + 1);
}

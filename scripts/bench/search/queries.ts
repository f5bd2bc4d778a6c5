// The queries that the search benchmark asks: what people type, in six kinds, made of the words of the
// corpus so that they find something in any corpus. Pure; the same texts give the same queries.

import { type CorpusWord, countWords, firstLineWith, isCompound, spread } from "./corpus_words.ts";

export const queryKinds = [
  "rare",
  "common",
  "three characters",
  "identifier",
  "regex",
  "case-insensitive",
] as const;
export type QueryKind = (typeof queryKinds)[number];

/** One query. Case counts when its text has a capital: the rule of all that are asked. */
export interface BenchQuery {
  readonly kind: QueryKind;
  readonly text: string;
  readonly isRegex: boolean;
}

/** Whether case counts. */
export function isCaseSensitive({ text }: BenchQuery): boolean {
  return text !== text.toLowerCase();
}

const RARE_FILES_MAX = 2;
const KNOWN_FILES_MIN = 5;
const KNOWN_FILES_MAX = 200;
const WIDESPREAD_WORDS = 120;
/** A fragment of a line is cut here: what somebody pastes, not a whole line. */
const FRAGMENT_UNITS_MAX = 40;

/** At least 60 queries from a corpus of a few hundred files on. */
export function deriveQueries(texts: readonly string[]): BenchQuery[] {
  const words = countWords(texts);
  const byName = (some: CorpusWord[]) => some.map(({ text }) => text).sort();
  const rare = byName(
    words.filter((each) => each.files <= RARE_FILES_MAX && each.text.length >= 7),
  );
  const known = words.filter((each) =>
    each.files >= KNOWN_FILES_MIN && each.files <= KNOWN_FILES_MAX
  );
  const compound = byName(known.filter((each) => isCompound(each.text)));
  const widespread = words.filter((each) => each.text.length >= 4).slice(0, WIDESPREAD_WORDS)
    .map(({ text }) => text);
  const fragments = (some: readonly string[]) => some.flatMap((word) => fragmentFrom(texts, word));
  const literals = (kind: QueryKind, some: readonly string[]): BenchQuery[] =>
    [...new Set(some)].map((text) => ({ kind, text, isRegex: false }));
  return [
    ...literals("rare", [...spread(rare, 8), ...fragments(spread(rare, 4))]),
    ...literals("common", [...spread(widespread, 6), ...fragments(spread(widespread, 5))]),
    ...literals("three characters", threeCharacters(words, compound)),
    ...literals("identifier", spread(compound, 12)),
    ...regexes(texts, compound, widespread)
      .map((text) => ({ kind: "regex", text, isRegex: true }) as const),
    ...literals("case-insensitive", lowered(compound)),
  ];
}

/** From a word to the next but one on its line, with what stands between: `return new Map`. */
function fragmentFrom(texts: readonly string[], word: string): string[] {
  const line = firstLineWith(texts, word) ?? "";
  const rest = line.slice(line.indexOf(word));
  const fragment = /^[\w$]+[^\w$]+[\w$]+/.exec(rest)?.[0] ?? "";
  return fragment.length > 0 && fragment.length <= FRAGMENT_UNITS_MAX ? [fragment] : [];
}

/** Words of three letters, and the middles of longer ones. */
function threeCharacters(words: readonly CorpusWord[], compound: readonly string[]): string[] {
  const short = words.filter(({ text }) => /^[a-z]{3}$/.test(text)).slice(0, 60);
  const middles = spread(compound, 6).map((name) => {
    const middle = Math.floor(name.length / 2);
    return name.slice(middle - 1, middle + 2);
  });
  return [...spread(short, 5).map(({ text }) => text), ...middles];
}

/** Names as somebody types them who does not remember the capitals. */
function lowered(compound: readonly string[]): string[] {
  const camel = compound.filter((name) => /[a-z][A-Z]/.test(name));
  const humps = spread(camel, 5).map((name) => name.split(/(?=[A-Z])/).slice(0, 2).join(""));
  const names = spread(camel.toReversed(), 6);
  return [...names, ...humps].map((name) => name.toLowerCase()).filter((name) => name.length >= 4);
}

/** Makes an expression of a name and of the line that it stands on; null when the line has no part for it. */
type Template = (name: string, line: string) => string | null;

const templates: readonly Template[] = [
  (name) => `\\b${name}\\w*\\(`,
  (name) => `(class|function|const|let|var|def|func|type) ${headOf(name)}\\w+`,
  (name) => `${headOf(name)}[A-Z][a-z]+`,
  (name) => `\\w+${tailOf(name)} *[:=]`,
  (name, line) => {
    const last = /\w{3,}(?=\W*$)/.exec(line.slice(line.indexOf(name) + name.length))?.[0];
    return last === undefined ? null : `${name}.*${last}`;
  },
  (name) => `^import .*${headOf(name)}`,
  (name) => `(return|await|new|throw) \\w*${tailOf(name)}\\b`,
  (name) => `\\.${headOf(name)}\\w*\\(.*\\)`,
  (name) => `${name}(_\\d)?\\b`,
];
/** A template takes the first of this many names whose own line its expression matches. */
const NAMES_TRIED_MAX = 60;

/**
 * Expressions of the syntax that RE2, Rust's regex crate and JavaScript share, and in which a line
 * break can never match. The last one has nothing that an index could look for.
 */
function regexes(
  texts: readonly string[],
  compound: readonly string[],
  widespread: readonly string[],
): string[] {
  const names = compound.filter((name) => /^\w+$/.test(name));
  const made = templates.flatMap((template, index) => {
    // Each begins elsewhere, so that no two are about the same name.
    const from = Math.floor((index / templates.length) * names.length);
    const tried = [...names.slice(from), ...names.slice(0, from)].slice(0, NAMES_TRIED_MAX);
    for (const name of tried) {
      const line = firstLineWith(texts, name) ?? "";
      const source = template(name, line);
      if (source !== null && new RegExp(source).test(line)) return [source];
    }
    return [];
  });
  const [word = ""] = spread(widespread.filter((each) => /^[a-z]+$/.test(each)), 1);
  return [
    ...made,
    `(${spread(names, 3).join("|")})\\b`,
    `"[a-z]+-${word}[a-z-]*"`,
    "\\b[a-z]\\d{4,6}[a-z]\\b",
  ];
}

function headOf(name: string): string {
  return /^[A-Za-z][a-z]{2,}|^\w{4}/.exec(name)?.[0] ?? name;
}

function tailOf(name: string): string {
  return /[A-Z][a-z]{2,}$|\w{4}$/.exec(name)?.[0] ?? name;
}

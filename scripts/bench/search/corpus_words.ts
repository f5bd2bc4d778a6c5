// Which words the files of a checkout have, and in how many files each is: what queries are made of.
// Pure; the same texts always give the same order.

const WORD = /[A-Za-z_$][A-Za-z0-9_$]*/g;
/** A longer run is data, not a word that somebody looks for. */
const WORD_UNITS_MAX = 40;

/** A word and the number of files that have it. */
export interface CorpusWord {
  readonly text: string;
  readonly files: number;
}

/** Every word, the most widespread first, those of equal spread by the alphabet. */
export function countWords(texts: readonly string[]): CorpusWord[] {
  const files = new Map<string, number>();
  for (const text of texts) {
    for (const word of new Set(text.match(WORD))) {
      if (word.length <= WORD_UNITS_MAX) files.set(word, (files.get(word) ?? 0) + 1);
    }
  }
  return [...files].map(([text, count]) => ({ text, files: count }))
    .sort((a, b) => b.files - a.files || (a.text < b.text ? -1 : 1));
}

/** A name of more than one word: aCamel, A_SNAKE. */
export function isCompound(word: string): boolean {
  return word.length >= 8 && /[a-z][A-Z]|[A-Za-z0-9]_[A-Za-z]/.test(word);
}

/** `count` of a list's items, as far from each other as they can be; all when there are fewer. */
export function spread<Item>(items: readonly Item[], count: number): Item[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, index) => {
    const item = items[Math.floor(((index + 0.5) * items.length) / count)];
    return item === undefined ? [] : [item];
  }).flat();
}

/** The line of the first text that has a word, without indentation; null when none has it. */
export function firstLineWith(texts: readonly string[], word: string): string | null {
  for (const text of texts) {
    const at = text.indexOf(word);
    if (at < 0) continue;
    const end = text.indexOf("\n", at);
    const line = text.slice(text.lastIndexOf("\n", at) + 1, end < 0 ? text.length : end);
    return line.trim();
  }
  return null;
}

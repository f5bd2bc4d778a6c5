/**
 * Case folding, code point by code point and length preserving, so that a match in folded text has
 * the same columns as in the text itself. The indexer folds what it stores and the query side folds
 * what it is asked for; both must run this file. Knows nothing of lines, terms or queries.
 */

const ASCII_END = 0x80;

/**
 * Case pairs exist in the first two planes only (a test checks every code point), so the reverse map
 * looks at 131,072 code points instead of 1.1 million.
 */
const CASED_END = 0x20000;

const SURROGATE_START = 0xd800;
const SURROGATE_END = 0xe000;

function unitLength(codePoint: number): number {
  return codePoint > 0xffff ? 2 : 1;
}

/**
 * The folded form of one code point. ASCII letters fold among themselves only: the Kelvin sign's
 * lower case is an ASCII k and is left alone, so an ASCII character never equals another one.
 */
export function foldCodePoint(codePoint: number): number {
  if (codePoint < ASCII_END) {
    return codePoint >= 0x41 && codePoint <= 0x5a ? codePoint + 0x20 : codePoint;
  }
  const lower = String.fromCodePoint(codePoint).toLowerCase();
  const folded = lower.codePointAt(0) ?? codePoint;
  const isOneCodePoint = lower.length === unitLength(folded);
  if (!isOneCodePoint || folded < ASCII_END) return codePoint;
  return unitLength(folded) === unitLength(codePoint) ? folded : codePoint;
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) >= ASCII_END) return false;
  }
  return true;
}

/** Folds every code point of a text; the result has the same length. */
export function fold(text: string): string {
  if (isAscii(text)) return text.toLowerCase();
  let folded = "";
  for (const character of text) {
    const codePoint = character.codePointAt(0) ?? 0;
    const target = foldCodePoint(codePoint);
    folded += target === codePoint ? character : String.fromCodePoint(target);
  }
  return folded;
}

let sourcesByFolded: ReadonlyMap<number, readonly number[]> | undefined;

function findSources(): ReadonlyMap<number, readonly number[]> {
  const sources = new Map<number, number[]>();
  for (let codePoint = ASCII_END; codePoint < CASED_END; codePoint++) {
    if (codePoint === SURROGATE_START) codePoint = SURROGATE_END;
    const folded = foldCodePoint(codePoint);
    if (folded === codePoint) continue;
    const known = sources.get(folded);
    if (known === undefined) sources.set(folded, [codePoint]);
    else known.push(codePoint);
  }
  return sources;
}

/**
 * The other code points, none of them ASCII, that fold to `folded`, ascending. The map behind it is
 * made on first use (about 10 ms): most queries are ASCII and never ask.
 */
export function codePointsFoldingTo(folded: number): readonly number[] {
  if (folded < ASCII_END) return [];
  sourcesByFolded ??= findSources();
  return sourcesByFolded.get(folded) ?? [];
}

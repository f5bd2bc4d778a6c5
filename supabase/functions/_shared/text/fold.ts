/**
 * Case folding, code point by code point and length preserving, so that a match in folded text has
 * the same columns as in the text itself. The indexer folds what it stores and the query side folds
 * what it is asked for; both must run this file. Knows nothing of lines, terms or queries.
 */
import { lowerByCodePoint } from "./fold_table.ts";

const ASCII_END = 0x80;

/**
 * The folded form of one code point. ASCII letters fold among themselves only: the Kelvin sign's
 * lower case is an ASCII k and is left alone, so an ASCII character never equals another one.
 */
export function foldCodePoint(codePoint: number): number {
  if (codePoint < ASCII_END) {
    return codePoint >= 0x41 && codePoint <= 0x5a ? codePoint + 0x20 : codePoint;
  }
  return lowerByCodePoint.get(codePoint) ?? codePoint;
}

/** From this length on the expression's engine is faster than a loop, on 4 KiB three times. */
const LONG_UNITS = 128;
const BEYOND_ASCII = /[^\0-\x7f]/;

function isAscii(text: string): boolean {
  if (text.length >= LONG_UNITS) return !BEYOND_ASCII.test(text);
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) >= ASCII_END) return false;
  }
  return true;
}

const RUNS_BEYOND_ASCII = /[^\0-\x7f]+/g;

/** Folds every code point of a text; the result has the same length. */
export function fold(text: string): string {
  if (isAscii(text)) return text.toLowerCase();
  // Such characters are few in most texts, and what is between them has the engine's own way.
  let folded = "";
  let end = 0;
  for (const { 0: run, index } of text.matchAll(RUNS_BEYOND_ASCII)) {
    folded += text.slice(end, index).toLowerCase();
    for (const character of run) {
      const codePoint = character.codePointAt(0) ?? 0;
      const target = foldCodePoint(codePoint);
      folded += target === codePoint ? character : String.fromCodePoint(target);
    }
    end = index + run.length;
  }
  return folded + text.slice(end).toLowerCase();
}

/**
 * What a code unit is to a lexer: white space, the end of a line, a part of a word, or a sign.
 */
import type { Lexis } from "./lexis.ts";

export const OTHER = 0;
export const SPACE = 1;
export const LINE_FEED = 2;
export const LETTER = 3;
export const DIGIT = 4;

/** Units below this have their class in a table. */
export const ASCII_COUNT = 128;

/** The classes of the units that have one in a table. */
export function classesOf(lexis: Lexis): Uint8Array {
  const classes = new Uint8Array(ASCII_COUNT);
  for (let unit = 0; unit < ASCII_COUNT; unit++) {
    const sign = String.fromCharCode(unit);
    if (unit <= 0x20 || unit === 0x7f) classes[unit] = SPACE;
    if (/[A-Za-z_]/.test(sign) || lexis.wordSigns?.includes(sign) === true) classes[unit] = LETTER;
    if (/\d/.test(sign)) classes[unit] = DIGIT;
  }
  classes[0x0a] = LINE_FEED;
  return classes;
}

/** Byte order marks, wide spaces and general punctuation part words like spaces. */
export function classBeyond(unit: number): number {
  const isSpace = unit === 0xfeff || unit === 0xa0 || unit === 0x3000 ||
    (unit >= 0x2000 && unit <= 0x206f);
  return isSpace ? SPACE : LETTER;
}

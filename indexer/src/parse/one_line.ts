/**
 * Text for listings: in one line, without control characters, and cut where a character ends.
 */

// Controls too: the index uses some as marks, and they have no place in a listing.
const BLANKS = /[\s\p{Cc}]+/gu;

/** White space and control characters as single spaces, none at the ends. */
export function inOneLine(text: string): string {
  return text.replace(BLANKS, " ").trim();
}

/** Cuts a text to a number of UTF-16 units without leaving half of a surrogate pair. */
export function cutUnits(text: string, unitsMax: number): string {
  if (text.length <= unitsMax) return text;
  const last = text.charCodeAt(unitsMax - 1);
  const isHalf = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, isHalf ? unitsMax - 1 : unitsMax);
}

/** Cuts a text to a number of code points. */
export function cutCodePoints(text: string, codePointsMax: number): string {
  if (text.length <= codePointsMax) return text;
  return Array.from(text).slice(0, codePointsMax).join("");
}

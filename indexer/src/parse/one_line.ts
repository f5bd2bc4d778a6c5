/**
 * Text for listings: in one line, without control characters, and cut where a character ends.
 */

// Controls too: the index uses some as marks, and they have no place in a listing.
const BLANKS = /[\s\p{Cc}]+/gu;

/** Whether a text is ASCII without controls, double spaces and spaces at its ends. */
function isPlainLine(text: string): boolean {
  // As if a space stood in front of the first character and behind the last one.
  let before = 0x20;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x20 || unit > 0x7e || (unit === 0x20 && before === 0x20)) return false;
    before = unit;
  }
  return before !== 0x20;
}

/** White space and control characters as single spaces, none at the ends. */
export function inOneLine(text: string): string {
  // Most are, and the expression is slow.
  if (isPlainLine(text)) return text;
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

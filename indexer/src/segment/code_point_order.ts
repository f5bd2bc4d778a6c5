/**
 * The order of PostgreSQL's collation "C": by UTF-8 bytes, which is by code points. JavaScript's
 * own order, by UTF-16 units, puts surrogate pairs before U+E000 to U+FFFF.
 */

const SURROGATE_START = 0xd800;
const SURROGATE_END = 0xe000;

/** A unit's rank: surrogates after everything else of the basic plane. */
function rank(unit: number): number {
  if (unit < SURROGATE_START) return unit;
  return unit < SURROGATE_END ? unit + 0x10000 : unit;
}

/** Compares two well-formed texts by code points. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const difference = rank(a.charCodeAt(index)) - rank(b.charCodeAt(index));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** The indexes of distinct texts in the order of their code points. */
export function codePointOrder(texts: readonly string[]): number[] {
  const order = Array.from(texts, (_, index) => index);
  return order.sort((a, b) => compareCodePoints(texts[a] ?? "", texts[b] ?? ""));
}

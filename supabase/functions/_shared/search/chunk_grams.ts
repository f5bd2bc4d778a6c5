/**
 * Which runs of three characters a text may have, in little memory: a text that lacks one of a needle's
 * need not be unpacked to know that the needle is not in it. Unlike those of the index they go across the
 * borders of terms. Pure.
 */

/** Of 2 KiB of text about a fifth of the bits are set, of 6 KiB two fifths. */
const BITS = 4096;

/** Bit n of word n / 32 for each run of the folded text that is n. */
export type ChunkGrams = Uint32Array;

/** The runs of a folded text. */
export function gramsOf(folded: string): ChunkGrams {
  const grams = new Uint32Array(BITS / 32);
  let first = folded.charCodeAt(0);
  let second = folded.charCodeAt(1);
  for (let index = 2; index < folded.length; index += 1) {
    const third = folded.charCodeAt(index);
    const gram = numberOf(first, second, third);
    grams[gram >> 5] = (grams[gram >> 5] ?? 0) | (1 << (gram & 31));
    first = second;
    second = third;
  }
  return grams;
}

/**
 * The numbers of the runs of what a folded text is to hold; none for what is shorter than one. Half of a
 * character may be in a text and not in its folded form.
 */
export function neededGrams(foldedParts: readonly string[]): readonly number[] {
  const needed = new Set<number>();
  for (const part of foldedParts.filter((each) => each.isWellFormed())) {
    for (let index = 2; index < part.length; index += 1) {
      needed.add(numberOf(
        part.charCodeAt(index - 2),
        part.charCodeAt(index - 1),
        part.charCodeAt(index),
      ));
    }
  }
  return [...needed];
}

/** Whether a text with these runs may have all that are needed. */
export function mayHold(grams: ChunkGrams, needed: readonly number[]): boolean {
  for (const gram of needed) {
    if (((grams[gram >> 5] ?? 0) & (1 << (gram & 31))) === 0) return false;
  }
  return true;
}

function numberOf(first: number, second: number, third: number): number {
  const mixed = Math.imul((first * 0x3f + second) * 0x3f + third, 0x9e3779b1);
  return mixed >>> 20;
}

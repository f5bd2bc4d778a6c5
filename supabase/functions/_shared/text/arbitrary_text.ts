/**
 * Generators of hostile one-line texts for the property tests of this folder and of the index:
 * code, other scripts, pairs of surrogates, long runs, controls and odd spaces. Imported by tests
 * alone.
 */
import * as fc from "fast-check";

function anyOf(characters: string): fc.Arbitrary<string> {
  return fc.constantFrom(...Array.from(characters));
}

const character = fc.oneof(
  { weight: 8, arbitrary: anyOf("abcABCxyzZ019_$") },
  { weight: 4, arbitrary: anyOf(".,;(){}[]<>=+-*/\\\"'#@!%&|^~?:`") },
  {
    weight: 3,
    arbitrary: fc.constantFrom(" ", "\t", "\r", "\u0000", "\u0002", "\u0003", "\u007f"),
  },
  { weight: 2, arbitrary: anyOf("äÄßẞéÉσςΣıİKkÅåΩωДд") },
  { weight: 2, arbitrary: anyOf("漢字かなカナ한글ÿ\u0085\ue000\uffff") },
  { weight: 2, arbitrary: fc.constantFrom("😀", "𝒳", "𐐀", "𐐨", "👩‍💻", "\u{10ffff}") },
  { weight: 1, arbitrary: fc.constantFrom("\u00a0", "\u2028", "\u3000", "\ufeff", "\u1680") },
);

const piece = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: character, maxLength: 12 }) },
  // Long runs of one class, to cross the limits of terms and windows.
  {
    weight: 2,
    arbitrary: fc.string({
      unit: anyOf("abcdeFGH_0é😀"),
      minLength: 20,
      maxLength: 220,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.string({ unit: anyOf("-=*#"), minLength: 30, maxLength: 150 }),
  },
);

/** One line: anything but a line feed, always well-formed UTF-16. */
export const arbitraryLine: fc.Arbitrary<string> = fc
  .array(piece, { maxLength: 6 })
  .map((pieces) => pieces.join(""));

/** A line and a part of it, cut between code points. */
export const arbitraryLineAndNeedle: fc.Arbitrary<{ line: string; needle: string }> = fc
  .tuple(arbitraryLine, fc.nat(), fc.nat())
  .map(([line, first, second]) => {
    const codePoints = Array.from(line);
    const start = first % (codePoints.length + 1);
    const length = second % (codePoints.length - start + 1);
    return { line, needle: codePoints.slice(start, start + length).join("") };
  });

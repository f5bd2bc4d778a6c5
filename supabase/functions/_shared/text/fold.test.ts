import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arbitraryLine } from "./arbitrary_text.ts";
import { fold, foldCodePoint } from "./fold.ts";

const CODE_POINTS_END = 0x110000;

function* allCodePoints(): Generator<number> {
  for (let codePoint = 0; codePoint < CODE_POINTS_END; codePoint++) {
    if (codePoint < 0xd800 || codePoint > 0xdfff) yield codePoint;
  }
}

describe("fold", () => {
  test("lowers ASCII letters and what has a lower case of the same length", () => {
    expect(fold("GetUserID_$09 [ÄÖÜ] ΣΑΣ Дом 𐐀")).toBe("getuserid_$09 [äöü] σασ дом 𐐨");
  });

  test("leaves alone what would become ASCII, longer or several characters", () => {
    expect(fold("\u212a")).toBe("\u212a"); // the Kelvin sign
    expect(fold("İ")).toBe("İ");
    expect(fold("ß")).toBe("ß");
    expect(fold("ς")).toBe("ς");
  });

  test("is the same for every code point, folded once or twice, and keeps its length", () => {
    for (const codePoint of allCodePoints()) {
      const folded = foldCodePoint(codePoint);
      if (folded === codePoint) continue;
      expect(foldCodePoint(folded)).toBe(folded);
      expect(folded > 0xffff).toBe(codePoint > 0xffff);
      expect(folded < 0x80).toBe(codePoint < 0x80);
    }
  });

  test("of a text is the fold of its code points", () => {
    fc.assert(fc.property(arbitraryLine, (line) => {
      const folded = Array.from(
        line,
        (character) => String.fromCodePoint(foldCodePoint(character.codePointAt(0) ?? 0)),
      );
      expect(fold(line)).toBe(folded.join(""));
    }));
  });
});

describe("the table of case pairs", () => {
  /** What this runtime thinks, by its own version of Unicode. */
  function runtimeFold(codePoint: number): number {
    const lower = String.fromCodePoint(codePoint).toLowerCase();
    const folded = lower.codePointAt(0) ?? codePoint;
    const isPair = lower === String.fromCodePoint(folded) && folded >= 0x80 &&
      folded > 0xffff === codePoint > 0xffff;
    return isPair ? folded : codePoint;
  }

  test("contradicts no runtime: where they differ, one of them knows no lower case", () => {
    const pairs = [...allCodePoints()].filter((codePoint) =>
      codePoint >= 0x80 && foldCodePoint(codePoint) !== codePoint
    );
    expect(pairs).toHaveLength(1460);
    const known = pairs.filter((codePoint) => runtimeFold(codePoint) !== codePoint);
    expect(known.map(foldCodePoint)).toEqual(known.map(runtimeFold));
  });

  test("agrees with any runtime in the scripts that have long been there", () => {
    for (let codePoint = 0x80; codePoint < 0x1c80; codePoint++) {
      expect(foldCodePoint(codePoint)).toBe(runtimeFold(codePoint));
    }
  });
});

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arbitraryLine } from "./arbitrary_text.ts";
import { fold } from "./fold.ts";
import { splitRun, TERM_CODE_POINTS_MAX, termsOf, visitRuns, WINDOW_INFIX_MAX } from "./terms.ts";

function runsOf(text: string): { run: string; isAscii: boolean }[] {
  const runs: { run: string; isAscii: boolean }[] = [];
  visitRuns(text, 0, text.length, (start, end, isAscii) => {
    runs.push({ run: text.slice(start, end), isAscii });
  });
  return runs;
}

describe("visitRuns", () => {
  test("cuts a line into runs of word characters and runs of other characters", () => {
    expect(termsOf("const $el_1 = (a=>b)?.Fn();")).toEqual(
      ["const", "$el_1", "=", "(", "a", "=>", "b", ")?.", "fn", "();"],
    );
  });

  test("takes other scripts and emoji for words, control characters for white space", () => {
    expect(termsOf("漢字かな+😀Ä\u0002b\u00a0c")).toEqual(["漢字かな", "+", "😀ä", "b", "c"]);
  });

  test("agrees with the definition as a regular expression", () => {
    const definition = /(?:[A-Za-z0-9_$]|[^\p{ASCII}\s])+|(?:(?![A-Za-z0-9_$])[!-~])+/gu;
    fc.assert(
      fc.property(arbitraryLine, (line) => {
        const runs = runsOf(line);
        expect(runs.map((found) => found.run)).toEqual(line.match(definition) ?? []);
        for (const found of runs) {
          expect(found.isAscii).toBe(/^\p{ASCII}*$/u.test(found.run));
        }
      }),
      { numRuns: 500 },
    );
  });

  test("of several lines are the runs of each line", () => {
    fc.assert(fc.property(fc.array(arbitraryLine), (lines) => {
      expect(termsOf(lines.join("\n"))).toEqual(lines.flatMap((line) => termsOf(line)));
    }));
  });
});

describe("splitRun", () => {
  test("keeps a run of the longest length whole and windows the next longer one", () => {
    expect(splitRun("x".repeat(64))).toEqual(["x".repeat(64)]);
    expect(splitRun("a" + "x".repeat(64))).toEqual(["a" + "x".repeat(63), "x".repeat(64)]);
    expect(splitRun("x".repeat(128)).length).toBe(3);
  });

  test("counts code points and never cuts one", () => {
    expect(splitRun("😀".repeat(64))).toEqual(["😀".repeat(64)]);
    for (const window of splitRun("😀".repeat(100))) expect(window.isWellFormed()).toBe(true);
  });

  test("has every short part of a long run in one window, and its ends at an edge", () => {
    const longRun = fc.string({
      unit: fc.constantFrom(...Array.from("abcdefghij01_é😀")),
      minLength: TERM_CODE_POINTS_MAX + 1,
      maxLength: 300,
    });
    fc.assert(fc.property(longRun, (run) => {
      const windows = splitRun(run);
      const codePoints = Array.from(run);
      for (let start = 0; start + WINDOW_INFIX_MAX <= codePoints.length; start++) {
        const part = codePoints.slice(start, start + WINDOW_INFIX_MAX).join("");
        expect(windows.some((window) => window.includes(part))).toBe(true);
      }
      expect(run.startsWith(windows[0] ?? "")).toBe(true);
      expect(run.endsWith(windows.at(-1) ?? "")).toBe(true);
      for (const window of windows) expect(Array.from(window).length).toBe(TERM_CODE_POINTS_MAX);
    }));
  });

  test("commutes with folding", () => {
    fc.assert(fc.property(arbitraryLine, (line) => {
      expect(splitRun(fold(line))).toEqual(splitRun(line).map(fold));
    }));
  });
});

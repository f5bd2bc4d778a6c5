import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arbitraryLine, arbitraryLineAndNeedle } from "./arbitrary_text.ts";
import { fold, foldCodePoint } from "./fold.ts";
import type { LiteralPlan } from "./literal.ts";
import { constraintGrams, planLiteral, satisfies, termGrams } from "./literal.ts";
import { termsOf } from "./terms.ts";

/** What a search does with a line. */
function planFinds(plan: LiteralPlan, line: string): boolean {
  return plan.caseSensitive ? line.includes(plan.needle) : fold(line).includes(plan.foldedNeedle);
}

function naiveFinds(needle: string, line: string): boolean {
  const codePoints = Array.from(needle, (character) => character.codePointAt(0) ?? 0);
  const hasUpperCase = codePoints.some((codePoint) => foldCodePoint(codePoint) !== codePoint);
  return hasUpperCase ? line.includes(needle) : fold(line).includes(needle);
}

describe("planLiteral", () => {
  test("asks for the first piece as a suffix, the last as a prefix, inner ones exactly", () => {
    expect(planLiteral("foo.bar(x").constraints).toEqual([
      { kind: "suffix", term: "foo" },
      { kind: "exact", term: "." },
      { kind: "exact", term: "bar" },
      { kind: "exact", term: "(" },
      { kind: "prefix", term: "x" },
    ]);
  });

  test("asks for a single piece anywhere, and exactly where white space bounds it", () => {
    expect(planLiteral("config").constraints).toEqual([{ kind: "infix", term: "config" }]);
    expect(planLiteral(" config").constraints).toEqual([{ kind: "prefix", term: "config" }]);
    expect(planLiteral("config\t").constraints).toEqual([{ kind: "suffix", term: "config" }]);
    expect(planLiteral(" config ").constraints).toEqual([{ kind: "exact", term: "config" }]);
  });

  test("has no constraint for white space and repeats none", () => {
    expect(planLiteral(" \t").constraints).toEqual([]);
    expect(planLiteral(" a a a ").constraints).toEqual([{ kind: "exact", term: "a" }]);
  });

  test("is case-sensitive when any character has another fold, in any script", () => {
    expect(planLiteral("foo").caseSensitive).toBe(false);
    expect(planLiteral("foO").caseSensitive).toBe(true);
    expect(planLiteral("é").caseSensitive).toBe(false);
    expect(planLiteral("É").caseSensitive).toBe(true);
    expect(planLiteral("\u212a").caseSensitive).toBe(false);
  });

  test("demands only what a line with the needle has", () => {
    fc.assert(
      fc.property(arbitraryLineAndNeedle, fc.boolean(), ({ line, needle }, isFolded) => {
        const terms = termsOf(line);
        for (const constraint of planLiteral(isFolded ? fold(needle) : needle).constraints) {
          const term = terms.find((candidate) => satisfies(candidate, constraint));
          expect(term, `${constraint.kind} ${constraint.term}`).toBeDefined();
          const grams = new Set(termGrams(term ?? ""));
          for (const gram of constraintGrams(constraint)) expect(grams.has(gram)).toBe(true);
        }
      }),
      { numRuns: 3000 },
    );
  });

  test("compares as folding every character does", () => {
    const cases = fc.oneof(
      arbitraryLineAndNeedle,
      arbitraryLineAndNeedle.map(({ line, needle }) => ({ line, needle: fold(needle) })),
      fc.record({ line: arbitraryLine, needle: fc.constantFrom("k", "å", "ω", "σ", "𐐨", "ß") }),
    );
    fc.assert(
      fc.property(cases, ({ line, needle }) => {
        const plan = planLiteral(needle);
        expect(plan.foldedNeedle).toBe(fold(needle));
        expect(planFinds(plan, line)).toBe(naiveFinds(needle, line));
      }),
      { numRuns: 2000 },
    );
  });
});

describe("constraintGrams", () => {
  test("anchors what is known to stand at an end of the term", () => {
    expect(constraintGrams({ kind: "exact", term: "ab" })).toEqual(["\u0002ab", "ab\u0003"]);
    expect(constraintGrams({ kind: "prefix", term: "ab" })).toEqual(["\u0002ab"]);
    expect(constraintGrams({ kind: "suffix", term: "ab" })).toEqual(["ab\u0003"]);
    expect(constraintGrams({ kind: "infix", term: "abc" })).toEqual(["abc"]);
  });

  test("is empty for what is too short to have one", () => {
    expect(constraintGrams({ kind: "infix", term: "ab" })).toEqual([]);
    expect(constraintGrams({ kind: "prefix", term: "a" })).toEqual([]);
  });
});

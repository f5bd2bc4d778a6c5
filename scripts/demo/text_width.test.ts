import fc from "fast-check";
import { expect, test } from "vitest";
import { cutEnd, cutStart, padEnd, padStart, printable, textWidth } from "./text_width.ts";

test("wide characters take two columns and marks none", () => {
  expect(textWidth("plain")).toBe(5);
  expect(textWidth("漢字")).toBe(4);
  expect(textWidth("🙂")).toBe(2);
  expect(textWidth("e\u0301")).toBe(1);
  expect(textWidth("…│█")).toBe(3);
});

test("a cut text says so on the side where something is missing", () => {
  expect(cutEnd("src/worker/lease.ts", 10)).toBe("src/worke…");
  expect(cutStart("src/worker/lease.ts", 10)).toBe("…/lease.ts");
  expect(cutEnd("short", 5)).toBe("short");
  expect(cutEnd("anything", 0)).toBe("");
});

test("padding fills up to the column", () => {
  expect(padEnd("漢", 4)).toBe("漢  ");
  expect(padStart("7", 3)).toBe("  7");
});

test("whatever the text, a cut one fits and a padded one is exactly as wide as asked", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), fc.nat(40), (raw, columns) => {
    const text = printable(raw);
    expect(textWidth(cutEnd(text, columns))).toBeLessThanOrEqual(columns);
    expect(textWidth(cutStart(text, columns))).toBeLessThanOrEqual(columns);
    expect(textWidth(padEnd(text, columns))).toBe(columns);
    expect(textWidth(padStart(text, columns))).toBe(columns);
  }));
});

test("text of a repository cannot send escape codes, turn the line around or break it", () => {
  expect(printable("a\u001b[31mb\rc\nd\te\u202ef")).toBe("a·[31mb·c·d e·f");
  expect(printable("half \ud83d")).toBe("half \ufffd");
  expect(printable("Ω 漢字")).toBe("Ω 漢字");
});

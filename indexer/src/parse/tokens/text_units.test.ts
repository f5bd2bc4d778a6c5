import * as fc from "fast-check";
import { expect, test } from "vitest";
import { TextUnits } from "./text_units.ts";

const anyText = fc.string({
  unit: fc.constantFrom("a", "é", "漢", "😀", "\ud800", "\udc00", "\n"),
});

test("the units of a text are those that the string has, one text after another", () => {
  const units = new TextUnits();
  fc.assert(fc.property(anyText, fc.integer({ min: 1, max: 20_000 }), (piece, count) => {
    const text = piece.repeat(count).slice(0, 200_000);
    const found = units.of(text);
    for (let index = 0; index < text.length; index += 1 + Math.floor(text.length / 500)) {
      expect(found[index]).toBe(text.charCodeAt(index));
    }
    expect(units.of(text)).toBe(found);
  }));
});

import { expect, test } from "vitest";
import { renamingOf } from "./identifiers.ts";

const names = Array.from({ length: 2000 }, (_, index) => `identifier${index}Name`);

test("a copy renames about a quarter of the identifiers, another copy other ones", () => {
  const second = renamingOf(2)(names.join(" ")).split(" ");
  const third = renamingOf(3)(names.join(" ")).split(" ");
  const renamed = (copy: string[]) => names.filter((name, index) => copy[index] !== name);
  expect(renamed(second).length).toBeGreaterThan(400);
  expect(renamed(second).length).toBeLessThan(600);
  expect(renamed(third)).not.toEqual(renamed(second));
});

test("a name is the same everywhere in a copy", () => {
  const rename = renamingOf(2);
  const first = rename(names.join(" "));
  expect(rename(names.join(" "))).toBe(first);
  expect(renamingOf(2)(names.join(" "))).toBe(first);
});

test("keywords, short words and everything that is no identifier stay", () => {
  const text = `export default function f(a: string) { return typeof a + 123456789 + "…"; }\r\n`;
  for (const copy of [2, 3, 4, 5, 6, 7, 8, 9]) expect(renamingOf(copy)(text)).toBe(text);
});

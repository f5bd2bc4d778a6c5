import { expect, test } from "vitest";
import { languageNamed, LANGUAGES, languagesNear } from "./languages.ts";
import { fold } from "./fold.ts";

test("a language is named as Linguist does, or by a common short name, in any case", () => {
  for (const name of LANGUAGES) expect(languageNamed(fold(name))).toBe(name);
  expect(["ts", "c++", "cpp", "golang"].map(languageNamed)).toEqual([
    "TypeScript",
    "C++",
    "C++",
    "Go",
  ]);
  expect(["", "pyhton", "c++11"].map(languageNamed)).toEqual([null, null, null]);
});

test.each([
  ["pyhton", ["Python"]],
  ["typescipt", ["TypeScript"]],
  ["javscript", ["JavaScript"]],
  ["rsut", ["Rust"]],
  ["klingon", []],
])("%s may mean %j", (name, languages) => {
  expect(languagesNear(name)).toEqual(languages);
});

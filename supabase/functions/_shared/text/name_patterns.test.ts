import { expect, test } from "vitest";
import { editDistance, fuzzyDistance, humpPattern } from "./name_patterns.ts";

test.each([
  ["gUN", "getUserName", true],
  ["getUsNa", "getUserName", true],
  ["gUN", "get_user_name", true],
  ["gUN", "_getUserName", true],
  ["GUN", "getUserName", true],
  ["gUN", "forgetUserName", false],
  ["gNU", "getUserName", false],
  ["gUx", "getUserName", false],
])("humps %s of %s: %s", (query, name, matches) => {
  expect(new RegExp(humpPattern(query) ?? "\n").test(name)).toBe(matches);
});

test("one hump, and what is no plain name, has no humps", () => {
  for (const name of ["get", "get_user", "a.b", "", "$x"]) {
    expect(humpPattern(name), name).toBeNull();
  }
});

test("short names are not guessed at", () => {
  expect(["get", "gets", "getter"].map(fuzzyDistance)).toEqual([0, 1, 2]);
});

test.each([
  ["ignite", "ignite", 0],
  ["ingite", "ignite", 1],
  ["ignit", "ignite", 1],
  ["engine", "ingite", 2],
  ["", "ab", 2],
])("%s and %s are %i edits apart", (one, other, distance) => {
  expect(editDistance(one, other)).toBe(distance);
  expect(editDistance(other, one)).toBe(distance);
});

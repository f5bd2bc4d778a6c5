import { expect, test } from "vitest";
import { KeptPages } from "./kept_pages.ts";

const page = (state: string, json = "{}") => ({ state, json, next: null });

test("a page is found by its question, and a newer one takes its place", () => {
  const kept = new KeptPages();
  expect(kept.of("q")).toBeNull();
  kept.keep("q", page("first"));
  kept.keep("other", page("other"));
  kept.keep("q", page("second"));
  expect(kept.of("q")).toEqual(page("second"));
  expect(kept.of("other")).toEqual(page("other"));
});

test("what was used longest ago is forgotten first, and room is counted again when it is", () => {
  const kept = new KeptPages(100);
  // Each has 30 units: its question, its JSON, and null.
  const json = "x".repeat(25);
  for (const question of ["a", "b", "c"]) kept.keep(question, page("s", json));
  kept.of("a");
  kept.keep("d", page("s", json));
  expect(["a", "b", "c", "d"].map((each) => kept.of(each) !== null))
    .toEqual([true, false, true, true]);
  kept.keep("a", page("s"));
  kept.keep("e", page("s", "x".repeat(20)));
  expect(kept.of("c")).not.toBeNull();
});

test("a page that would leave little room is not kept, nor the one it would replace", () => {
  const kept = new KeptPages();
  kept.keep("q", page("first"));
  kept.keep("q", page("second", "x".repeat(600_000)));
  expect(kept.of("q")).toBeNull();
});

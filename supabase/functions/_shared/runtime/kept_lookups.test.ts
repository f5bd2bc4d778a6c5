import { expect, test } from "vitest";
import { KeptLookups } from "./kept_lookups.ts";

test("what was found is told with its generation, the newest of a question alone", () => {
  const kept = new KeptLookups<string>(10_000, (found) => found.length);
  expect(kept.get("who")).toBeNull();
  kept.keep("who", "1/1", "nobody");
  expect(kept.get("who")).toMatchObject({ state: "1/1", found: "nobody" });
  kept.keep("who", "1/2", "somebody");
  expect(kept.get("who")).toMatchObject({ state: "1/2", found: "somebody" });
});

test("what was used longest ago is forgotten first, and what is too large at once", () => {
  const kept = new KeptLookups<string>(1_000, (found) => found.length);
  kept.keep("a", "1/1", "x".repeat(200));
  kept.keep("b", "1/1", "x".repeat(200));
  expect(kept.get("a")).not.toBeNull();
  kept.keep("c", "1/1", "x".repeat(200));
  expect([kept.get("a"), kept.get("b"), kept.get("c")].map((each) => each !== null))
    .toEqual([true, false, true]);
  kept.keep("d", "1/1", "x".repeat(2_000));
  expect(["a", "c", "d"].map((question) => kept.get(question))).toEqual([null, null, null]);
  kept.keep("e", "1/1", "x");
  expect(kept.get("e")).toMatchObject({ found: "x" });
});

import { expect, test } from "vitest";
import { readRef } from "./ref.ts";

test("a ref that is only too long says its limit, a wrong one that it is wrong", () => {
  const longest = "a".repeat(255 - "refs/heads/".length);
  expect(readRef(longest)).toBe(`refs/heads/${longest}`);
  for (const input of [`${longest}a`, `refs/heads/${longest}a`]) {
    expect(() => readRef(input)).toThrow(/^ref: at most 255 /);
  }
  for (const input of ["a b", `${longest} a`, "refs/heads/a b"]) {
    expect(() => readRef(input)).toThrow("ref: git allows no such branch name.");
  }
  for (const input of ["refs/tags/v1", "refs/pull/1/head"]) {
    expect(() => readRef(input)).toThrow("ref: only branches are indexed");
  }
  for (const input of ["a b", "refs/tags/v1", `${longest}a`]) {
    expect(() => readRef(input, "refs")).toThrow(/^refs: /);
  }
});

import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { branchRef } from "./git_ref.ts";

const isGitsRef = (ref: string) => spawnSync("git", ["check-ref-format", ref]).status === 0;

test.each([
  ["main", "refs/heads/main"],
  ["refs/heads/main", "refs/heads/main"],
  ["feature/äöü-🙂", "refs/heads/feature/äöü-🙂"],
  ["heads/main", "refs/heads/heads/main"],
])("%s names %s", (input, ref) => {
  expect(branchRef(input)).toBe(ref);
});

test.each([
  "",
  "refs/heads/",
  "refs/tags/v1",
  "refs/pull/1/head",
  "@",
  "HEAD",
  "-x",
  "a..b",
  "a b",
  "a.lock",
  ".a",
  "a/.b",
  "a//b",
  "/a",
  "a/",
  "a.",
  "a@{b",
  "a~1",
  "a^",
  "a:b",
  "a?",
  "a*",
  "a[b",
  "a\\b",
  "a\nb",
  "a\u0000b",
  "\ud800",
  "a".repeat(300),
])("%j names no branch", (input) => {
  expect(branchRef(input)).toBeNull();
});

test("git agrees with every answer", () => {
  const part = fc.constantFrom(..."ab/.@{~^:?*[\\- é🙂", "..", "@{", ".lock", "//");
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (parts) => {
      const branch = parts.join("");
      fc.pre(branch !== "@" && !branch.startsWith("-"));
      expect(branchRef(branch) !== null).toBe(isGitsRef(`refs/heads/${branch}`));
    }),
    { numRuns: 200 },
  );
});

import { expect, test } from "vitest";
import { defaultBranchOf, lsRemote, oidOf } from "./remote_refs.ts";

const answer = (...lines: string[]) => Buffer.from(lines.map((line) => `${line}\n`).join(""));

test("a ref is where its own line says, whatever else ends as it does", () => {
  const said = answer("1\trefs/heads/refs/heads/a", "2\trefs/heads/a");
  expect(oidOf(said, "refs/heads/a")).toBe("2");
  expect(oidOf(said, "refs/heads/b")).toBeNull();
});

test("a tag with a message is where the commit is that it points to", () => {
  expect(lsRemote("refs/tags/v1").args.slice(-2)).toEqual(["refs/tags/v1", "refs/tags/v1^{}"]);
  expect(oidOf(answer("1\trefs/tags/v1", "2\trefs/tags/v1^{}"), "refs/tags/v1")).toBe("2");
});

test("the default branch is what HEAD stands for", () => {
  expect(defaultBranchOf(answer("ref: refs/heads/a/b\tHEAD", "1\tHEAD"))).toBe("a/b");
  expect(defaultBranchOf(answer("ref: refs/heads/a\trefs/heads/HEAD", "1\tHEAD"))).toBeNull();
});

test("without a commit, or detached, HEAD stands for no branch", () => {
  expect(defaultBranchOf(answer())).toBeNull();
  expect(defaultBranchOf(answer("1\tHEAD"))).toBeNull();
  expect(defaultBranchOf(answer("ref: refs/other/a\tHEAD", "1\tHEAD"))).toBeNull();
});

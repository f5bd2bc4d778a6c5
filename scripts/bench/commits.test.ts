import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { git } from "./command.ts";
import { commitLine } from "./commits.ts";

let directory = "";
const { signal } = new AbortController();

beforeAll(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), "quarry-commits-"));
  await git(directory, ["init", "--quiet", "--bare", "--initial-branch=main", "."]);
  const person = "A Person <person@example.invalid> 1767225600 +0000";
  const input = [
    `commit refs/heads/main\ncommitter ${person}\ndata 0\n`,
    "M 100644 inline a/one.ts\ndata 6\nfirst\n\nM 100644 inline two.ts\ndata 1\n2\n",
  ];
  await git(directory, ["fast-import", "--quiet"], { input });
});
afterAll(() => rm(directory, { recursive: true }));

test("each commit adds a line to the file and leaves the others alone", async () => {
  const file = { directory, branch: "main", file: "a/one.ts" };
  await commitLine(file, "second", signal);
  const commit = await commitLine(file, "third", signal);
  expect((await git(directory, ["rev-parse", "main"])).trim()).toBe(commit);
  expect(await git(directory, ["show", "main:a/one.ts"])).toBe("first\nsecond\nthird\n");
  expect((await git(directory, ["diff", "--name-only", "main~2", "main"])).trim()).toBe("a/one.ts");
  expect(await git(directory, ["show", "main:two.ts"])).toBe("2");
});

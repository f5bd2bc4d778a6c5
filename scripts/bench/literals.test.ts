import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { grepArguments } from "./contenders.ts";
import { pickLiterals } from "./literals.ts";

test("literals occur in the files, each once, but for the last", async () => {
  const directory = await mkdtemp(path.join(os.tmpdir(), "quarry-literals-"));
  await writeFile(path.join(directory, "a.ts"), "const firstOfAll = secondOfAll(thirdOfAll);");
  await writeFile(path.join(directory, "b.ts"), "short");
  const literals = await pickLiterals(directory, ["a.ts", "b.ts", "gone.ts"]);
  await rm(directory, { recursive: true });
  expect(literals).toEqual(["secondOfAll", "quarryBenchmarkIsNowhere"]);
});

test("other programs are asked with the case rule of a literal search", () => {
  expect(grepArguments("git", "lower case")).toContain("-i");
  expect(grepArguments("git", "withCapital")).not.toContain("-i");
  expect(grepArguments("rg", "withCapital")).toContain("--smart-case");
});

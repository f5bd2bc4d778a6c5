import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { pickLiteral } from "./literals.ts";

test("a literal is a name of the middle file, or of the next one that has any", async () => {
  const directory = await mkdtemp(path.join(os.tmpdir(), "quarry-literals-"));
  await writeFile(path.join(directory, "a.ts"), "const firstOfAll = secondOfAll(thirdOfAll);");
  await writeFile(path.join(directory, "b.ts"), "short");
  const picked = [
    await pickLiteral(directory, ["b.ts", "a.ts"]),
    await pickLiteral(directory, ["a.ts", "gone.ts", "b.ts"]),
    await pickLiteral(directory, ["b.ts"]),
  ];
  await rm(directory, { recursive: true });
  expect(picked).toEqual(["secondOfAll", "secondOfAll", null]);
});

import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { startStack } from "./stack_process.ts";

test("a stack that does not start is quoted, and leaves nothing in its checkout but what .local holds", async () => {
  const checkout = await mkdtemp(path.join(os.tmpdir(), "quarry-stack-process-test-"));
  const scripts = { stack: "echo no port is free && exit 1" };
  try {
    await writeFile(path.join(checkout, "package.json"), JSON.stringify({ scripts }));
    const starting = startStack(checkout, new AbortController().signal);
    await expect(starting).rejects.toThrow(/did not start[^]*no port is free/);
    expect((await readdir(checkout)).toSorted()).toEqual([".local", "package.json"]);
  } finally {
    await rm(checkout, { recursive: true, force: true });
  }
});

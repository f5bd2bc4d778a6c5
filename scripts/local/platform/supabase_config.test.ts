// How the stack reads supabase/config.toml.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readApiSettings } from "./supabase_config.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), "quarry-config-test-"));
});
afterAll(() => rm(directory, { recursive: true }));

test("the [api] section is read, and no other", async () => {
  const file = path.join(directory, "config.toml");
  await writeFile(
    file,
    `[db]
schemas = ["wrong"]
[api]
# schemas = ["commented"]
schemas = ["one", "two"]
extra_search_path = []
[other]
max_rows = 7
`,
  );
  expect(await readApiSettings(file)).toEqual({
    schemas: ["one", "two"],
    extraSearchPath: [],
    rowsMax: 1000,
  });
});

test("a missing file means the defaults", async () => {
  expect(await readApiSettings(path.join(directory, "none.toml"))).toEqual({
    schemas: ["api"],
    extraSearchPath: ["public", "extensions"],
    rowsMax: 1000,
  });
});

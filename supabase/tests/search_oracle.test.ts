// Literal search against git grep, on this project's own files and some that are hard to read:
// for seeded random substrings both must name the same lines.

import { execFile } from "node:child_process";
import { cp, mkdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createStack, type Stack } from "../../scripts/local/stack.ts";
import { register, send } from "./support/http.ts";
import { Clone, ended, searchAll } from "./support/whole_path.ts";

const NEEDLES = 200;
const NEEDLE_UNITS_MIN = 3;
const NEEDLE_UNITS_MAX = 40;
const SEED = 20261122;
const AT_ONCE = 4;
const repositoryRoot = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

let stack: Stack;
let clone: Clone;
let repositoryId: string;

beforeAll(async () => {
  stack = await createStack({ durable: false });
  clone = await Clone.create(stack, "acme/oracle");
  for (
    const part of ["supabase/functions", "supabase/migrations", "scripts", "indexer/src", "docs"]
  ) {
    await cp(path.join(repositoryRoot, part), path.join(clone.directory, part), {
      recursive: true,
    });
  }
  await mkdir(path.join(clone.directory, "odd"));
  await clone.write(
    "odd/latin1.txt",
    Buffer.from("caf\xe9 au lait\nna\xefve = \xff\xfe;\n", "latin1"),
  );
  await clone.write("odd/crlf.txt", "first line\r\nsecond LINE\r\n\r\nlast without an end");
  await clone.write(
    "odd/unicode.md",
    "Straße ÜBER Ωmega ωmega 𝒳 日本語テキスト — “quotes” 🚀🚀\n".repeat(3),
  );
  await clone.write("odd/long.js", `var x="${"abcXYZ0189".repeat(20_000)}";\n`);
  await clone.write("odd/binary.bin", Buffer.from([0, 1, 2, 3, 0x61, 0x62, 0x63]));
  await clone.write("odd/late_nul.txt", `${"line of text\n".repeat(1000)}a\0b after a NUL\n`);
  await clone.write("odd/empty.txt", "");
  await clone.write("odd/blank.txt", "\n\n   \n\t\n");
  await clone.write('odd/a file: with "quotes" and a tab\t.txt', "the odd name's content\n");
  await clone.commitAndPush();
  const registered = await register(stack, "acme/oracle");
  repositoryId = registered.repositoryId;
  expect(await ended(stack, registered.jobId)).toMatchObject({ state: "completed" });
});
afterAll(async () => {
  await clone[Symbol.asyncDispose]();
  await stack.stop();
});

/** A small generator with a period long enough; the same needles in every run. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

async function chooseNeedles(): Promise<string[]> {
  const { stdout } = await run("git", ["grep", "-hIF", "-e", "", "HEAD"], {
    cwd: clone.directory,
    maxBuffer: 2 ** 28,
  });
  const lines = stdout.split("\n").filter((line) =>
    line.length >= NEEDLE_UNITS_MIN && !line.includes("\uFFFD") && !line.includes("\0")
  );
  const random = randomNumbers(SEED);
  const needles: string[] = [];
  while (needles.length < NEEDLES) {
    const line = lines[Math.floor(random() * lines.length)]!;
    const units = NEEDLE_UNITS_MIN +
      Math.floor(random() * (NEEDLE_UNITS_MAX - NEEDLE_UNITS_MIN + 1));
    const start = Math.floor(random() * Math.max(1, line.length - units));
    const needle = line.slice(start, start + units);
    if (needle.length >= NEEDLE_UNITS_MIN && needle.isWellFormed()) needles.push(needle);
  }
  return needles;
}

/** path:line of every line that git grep finds, but for paths that the index skipped. */
async function grep(needle: string, skipped: ReadonlySet<string>): Promise<string[]> {
  const ignoreCase = needle === needle.toLowerCase() ? ["-i"] : [];
  // A locale of UTF-8, or git folds ASCII alone.
  const env = { PATH: process.env["PATH"], LC_ALL: "C.UTF-8" };
  const args = ["grep", "-nIFz", ...ignoreCase, "-e", needle, "HEAD"];
  const result = await run("git", args, { cwd: clone.directory, env, maxBuffer: 2 ** 28 })
    .catch((error: unknown) => {
      // 1: no line matches.
      if (error instanceof Error && "code" in error && error.code === 1) return { stdout: "" };
      throw error;
    });
  return result.stdout.split("\n").filter((row) => row.includes("\0")).map((row) => {
    const [file = "", line = ""] = row.split("\0");
    return [file.slice("HEAD:".length), line] as const;
  }).filter(([file]) => !skipped.has(file)).map(([file, line]) => `${file}:${line}`).sort();
}

test("files that search cannot see are listed with their reason", async () => {
  const { body } = await send(stack, `/api/repositories/${repositoryId}/skipped-files`);
  expect(body["items"]).toEqual([{
    path: "odd/binary.bin",
    reason: "binary",
    text_searchable: false,
  }]);
});

test(`for ${NEEDLES} random substrings search names the same lines as git grep`, async () => {
  const skipped = new Set(["odd/binary.bin"]);
  const needles = (await chooseNeedles()).values();
  const differing: unknown[] = [];
  let found = 0;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (const needle of needles) {
      const expected = await grep(needle, skipped);
      const actual = (await searchAll(stack, needle)).map((match) => `${match.path}:${match.line}`);
      found += actual.length;
      if (actual.sort().join("\n") === expected.join("\n")) continue;
      const missing = expected.filter((line) => !actual.includes(line)).slice(0, 3);
      const extra = actual.filter((line) => !expected.includes(line)).slice(0, 3);
      differing.push({ needle, missing, extra });
    }
  }));
  expect(differing).toEqual([]);
  expect(found).toBeGreaterThan(NEEDLES);
}, 120_000);

test("needles at the edges of what is indexed", async () => {
  const needles = [
    "@",
    "日",
    "🚀",
    "   ",
    "\t",
    "straße",
    "ωmega",
    "\r",
    "abcXYZ0189abcXYZ",
    ");",
    "last without an end",
    "~",
    "a tab",
  ];
  for (const needle of needles) {
    const actual = (await searchAll(stack, needle)).map((match) => `${match.path}:${match.line}`)
      .sort();
    expect(actual, JSON.stringify(needle)).toEqual(await grep(needle, new Set()));
  }
});

test("columns and lengths are UTF-16 units of the line that is shown", async () => {
  for (const needle of ["語テキ", "🚀", "“quotes”", "second"]) {
    for (const match of await searchAll(stack, needle)) {
      const shown = match.text.slice(match.column - 1, match.column - 1 + match.length);
      expect(shown.toLowerCase()).toBe(needle);
    }
  }
});

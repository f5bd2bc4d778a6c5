import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { git } from "../command.ts";
import { buildPackageCorpus, importRepository } from "./corpus.ts";

let directory = "";
const at = (...parts: string[]) => path.join(directory, ...parts);

async function write(file: string, text: string | Buffer): Promise<void> {
  await mkdir(path.dirname(at(file)), { recursive: true });
  await writeFile(at(file), text);
}

beforeAll(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), "quarry-corpus-"));
  const words = Array.from({ length: 40 }, (_, index) => `export const value${index}Name = 1;`);
  await write("node_modules/alpha/package.json", "{}");
  await write("node_modules/alpha/lib/index.js", words.join("\n"));
  await write("node_modules/alpha/lib/again.js", words.join("\n"));
  await write("node_modules/alpha/image.png", "export");
  await write("node_modules/alpha/bundle.js", "x".repeat(200 * 1024));
  await write("node_modules/@scope/beta/package.json", `{ "main": "index.ts" }`);
  await write("node_modules/@scope/beta/index.ts", words.toReversed().join("\n"));
  await write("node_modules/native/package.json", `{ "os": ["linux"] }`);
  await write("node_modules/native/index.js", "only here");
  await write("node_modules/.package-lock.json", "{}");
});

afterAll(() => rm(directory, { recursive: true, force: true }));

async function pathsOf(repository: string): Promise<string[]> {
  return (await git(repository, ["ls-tree", "-r", "--name-only", "main"])).trim().split("\n");
}

test("a built corpus has each text once, of packages that run everywhere, renamed in copies", async () => {
  const corpus = await buildPackageCorpus(at("node_modules"), at("built"), { files: 6, bytes: 1 });
  expect(corpus.files).toBe(6);
  expect(await pathsOf(corpus.directory)).toEqual([
    "copy_1/@scope/beta/index.ts",
    "copy_1/@scope/beta/package.json",
    "copy_1/alpha/lib/again.js",
    "copy_1/alpha/package.json",
    "copy_2/@scope/beta/index.ts",
    "copy_2/alpha/lib/again.js",
  ]);
  const sizes = await git(corpus.directory, ["ls-tree", "-r", "-l", "main"]);
  const bytes = sizes.trim().split("\n").map((line) => Number(line.split(/\s+/)[3]));
  expect(bytes.reduce((sum, size) => sum + size, 0)).toBe(corpus.bytes);
});

test("a corpus of small files leaves the large ones out", async () => {
  const size = { files: 2, bytes: 1, fileBytesMax: 100 };
  const corpus = await buildPackageCorpus(at("node_modules"), at("small"), size);
  expect(await pathsOf(corpus.directory)).toEqual([
    "copy_1/@scope/beta/package.json",
    "copy_1/alpha/package.json",
  ]);
});

test("the same packages give the same commit", async () => {
  const size = { files: 8, bytes: 1 };
  const first = await buildPackageCorpus(at("node_modules"), at("first"), size);
  const second = await buildPackageCorpus(at("node_modules"), at("second"), size);
  expect(second.commitOid).toBe(first.commitOid);
  expect(first.description).toContain("2 npm packages");
});

test("a repository is imported as one commit with the same tree, and again with the same oid", async () => {
  const built = await buildPackageCorpus(at("node_modules"), at("origin"), { files: 5, bytes: 1 });
  const imported = await importRepository(built.directory, at("imported"));
  const treeOf = (repository: string) => git(repository, ["rev-parse", "main^{tree}"]);
  expect(await treeOf(imported.directory)).toBe(await treeOf(built.directory));
  expect([imported.files, imported.bytes]).toEqual([built.files, built.bytes]);
  const again = await importRepository(imported.directory, at("again"));
  expect(again.commitOid).toBe(imported.commitOid);
});

test("an imported repository is whole without the one it came from", async () => {
  const built = await buildPackageCorpus(at("node_modules"), at("gone"), { files: 3, bytes: 1 });
  const imported = await importRepository(built.directory, at("whole_import"));
  await rm(built.directory, { recursive: true });
  await git(imported.directory, ["fsck", "--strict"]);
  expect(await git(imported.directory, ["cat-file", "-t", "main^{tree}"])).toBe("tree\n");
});

test("what a partial clone does not hold is left out and said", async () => {
  const built = await buildPackageCorpus(at("node_modules"), at("whole"), { files: 3, bytes: 1 });
  await git(built.directory, ["config", "uploadpack.allowFilter", "true"]);
  const clone = ["clone", "--quiet", "--bare", "--filter=blob:limit=100"];
  await git(directory, [...clone, `file://${built.directory}`, at("partial")]);
  const imported = await importRepository(at("partial"), at("held"));
  expect(await pathsOf(imported.directory)).toEqual(["copy_1/@scope/beta/package.json"]);
  expect(imported.description).toContain("without 2 files");
});

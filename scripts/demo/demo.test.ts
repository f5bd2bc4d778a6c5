import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");
/** A bound against hanging: a demo takes about ten seconds, of which five are the machine's. */
const DEMO_MILLISECONDS_MAX = 120_000;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "quarry demo test "));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function makeRepository(): Promise<string> {
  const directory = path.join(folder, "a repository");
  await mkdir(path.join(directory, "src"), { recursive: true });
  await writeFile(path.join(directory, "README.md"), "# Lighthouse\n\nKeeps a logBook.\n");
  await writeFile(
    path.join(directory, "src/log_book.ts"),
    "export class LogBook {}\n\u001b[31m//\n",
  );
  await writeFile(path.join(directory, "src/keeper.py"), "def open_log_book():\n    pass\n");
  await writeFile(path.join(directory, "picture.png"), "\u0000");
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", directory, "-c", "user.name=A", "-c", "user.email=a@b", ...args]);
  git("init", "--quiet");
  git("symbolic-ref", "HEAD", "refs/heads/main");
  git("add", ".");
  git("commit", "--quiet", "--no-gpg-sign", "-m", "Light the lamp");
  return directory;
}

interface Started {
  readonly child: ChildProcess;
  output(): string;
  complaints(): string;
  /** Resolves when the output has the text. */
  said(text: string): Promise<void>;
  exitCode(): Promise<number | null>;
}

function startDemo(...args: string[]): Started {
  const script = [path.join(root, "scripts/run.cjs"), path.join(root, "scripts/demo.ts")];
  const child = spawn(process.execPath, [...script, ...args], {
    cwd: folder,
    // A group of its own, so that a signal to it is what Ctrl-C is on a terminal.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = once(child, "close") as Promise<[number | null]>;
  let output = "";
  let complaints = "";
  child.stdout.on("data", (piece: Buffer) => output += piece.toString());
  child.stderr.on("data", (piece: Buffer) => complaints += piece.toString());
  return {
    child,
    output: () => output,
    complaints: () => complaints,
    said: async (text) => {
      while (!output.includes(text)) {
        const ended = await Promise.race([
          once(child.stdout, "data").then(() => false),
          exited.then(() => true),
        ]);
        if (ended && !output.includes(text)) throw new Error(`${output}\n${complaints}`);
      }
    },
    exitCode: async () => (await exited)[0],
  };
}

test("on a small repository the demo tells everything, plainly, and ends well", async () => {
  const demo = startDemo(await makeRepository());
  expect(await demo.exitCode(), demo.output() + demo.complaints()).toBe(0);
  expect(demo.complaints()).toBe("");
  const output = demo.output();
  expect(output).not.toContain("\u001b");
  expect(output.split("\n").filter((line) => line.length > 80)).toEqual([]);
  for (
    const expected of [
      /^1 {2}Start the local stack$/m,
      /^ {3}from +.*a repository +1 commit, 4 files$/m,
      /^ {3}commit +[0-9a-f]{8} {2}Light the lamp$/m,
      /^ {3}POST +\/api\/repositories {"repository":"demo\/a-repository"} +202 /m,
      /^ {3}repository +[0-9a-f-]{36} +webhook active$/m,
      /^ {3}files +4 /m,
      /^ {3}skipped +1 binary$/m,
      /^ {3}parsing +█.* m?s$/m,
      / 1 line in 1 file | \d+ lines in \d files? /,
      /in the names of definitions +\d symbols? in \d files?/,
      /^ {3}edited +README\.md:1 {2}# Lighthouse quarryDemo[0-9a-f]{6}$/m,
      /^ {3}webhook +delivery [0-9a-f-]{36} +signature verified$/m,
      /^ {3}fetched +2 blobs, of 5 files /m,
      /^ {3}"quarryDemo[0-9a-f]{6}" {2}at [0-9a-f]{8} +2 lines in 2 files /m,
      /from the end of git push to the first answer that has it$/m,
      /^ {3}machine +quarry-[0-9a-f]{8} {2}left by itself +ran /m,
      /^ {3}No machine runs\. Stopped ones are kept for a day, and cost their disk alone\.$/m,
      /^ {3}Every process has ended\. /m,
    ]
  ) expect(output).toMatch(expected);
}, DEMO_MILLISECONDS_MAX);

test("Ctrl-C stops everything that was started and ends with 130", async () => {
  const demo = startDemo(await makeRepository());
  await demo.said("Register it");
  const address = /http:\/\/127\.0\.0\.1:\d+/.exec(demo.output())?.[0] ?? "";
  process.kill(-(demo.child.pid ?? 0), "SIGINT");
  expect(await demo.exitCode()).toBe(130);
  expect(demo.complaints()).toBe("");
  expect(demo.output()).toMatch(/^ {3}Every process has ended\. /m);
  await expect(fetch(address)).rejects.toThrow("fetch failed");
}, DEMO_MILLISECONDS_MAX);

test("a path that cannot be pushed is one line and exit code 2, before anything starts", async () => {
  const demo = startDemo("none such");
  expect(await demo.exitCode()).toBe(2);
  expect(demo.output()).toBe("");
  expect(demo.complaints()).toMatch(/^demo: .*none such does not exist\n$/);
});

test("an option that is not known is one line and exit code 2; --help is none of it", async () => {
  const demo = startDemo("--kep");
  expect(await demo.exitCode()).toBe(2);
  expect(demo.complaints()).toMatch(/^demo: unknown option --kep; .*\n$/);
  const help = startDemo("--help");
  expect(await help.exitCode()).toBe(0);
  expect(help.output()).toContain("--keep");
});

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { PushedRepository, rootCommit } from "./pushed_repository.ts";
import { readOwnSource, readSource, repositoryName } from "./source.ts";

let folder: string;
/** Nobody's configuration, and a signature that would fail if it were asked for. */
const environment = {
  PATH: process.env["PATH"],
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_SYSTEM: "/dev/null",
};

beforeEach(async () => {
  folder = await realpath(await mkdtemp(path.join(os.tmpdir(), "quarry demo ")));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function run(directory: string, ...args: string[]): string {
  const who = ["-c", "user.name=Ann", "-c", "user.email=ann@example.invalid"];
  const options = ["-c", "protocol.file.allow=always", "-c", "commit.gpgsign=false"];
  return execFileSync("git", ["-C", directory, ...who, ...options, ...args], {
    encoding: "utf8",
    env: environment,
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
}

async function makeRepository(name: string): Promise<string> {
  const directory = path.join(folder, name);
  await mkdir(directory);
  run(directory, "init", "--quiet");
  run(directory, "symbolic-ref", "HEAD", "refs/heads/trunk");
  await writeFile(path.join(directory, "README.md"), "# Title\n");
  run(directory, "add", ".");
  run(directory, "commit", "--quiet", "-m", "First");
  await writeFile(path.join(directory, "code.ts"), "export const one = 1;\n");
  run(directory, "add", ".");
  run(directory, "commit", "--quiet", "-m", "Second");
  return directory;
}

/** Pushes a source into a fresh bare repository and answers that one's folder and what was pushed. */
async function pushed(directory: string) {
  const source = await readSource(directory, environment);
  if (source.kind === "mistake") throw new Error(source.message);
  const parent = await mkdtemp(path.join(folder, "work "));
  const { signal } = new AbortController();
  const repository = await PushedRepository.create(source, parent, environment, signal);
  const host = path.join(parent, "host.git");
  run(parent, "init", "--quiet", "--bare", host);
  await repository.push(host, () => undefined);
  return { source, repository, host };
}

/** Everything in a folder by path and content, to see that nothing was written. */
async function fingerprint(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return (await Promise.all(
    entries.filter((entry) => entry.isFile()).map(async (entry) => {
      const file = path.join(entry.parentPath, entry.name);
      return `${file} ${createHash("sha256").update(await readFile(file)).digest("hex")}`;
    }),
  )).sort();
}

test("HEAD's commit is pushed under its branch, uncommitted changes are not, nothing is written", async () => {
  const directory = await makeRepository("a repository");
  await writeFile(path.join(directory, "README.md"), "# Changed\n");
  const before = await fingerprint(directory);
  const { source, repository, host } = await pushed(directory);
  expect(source).toMatchObject({
    name: "a-repository",
    branch: "trunk",
    isIncomplete: false,
    hasUncommittedChanges: true,
  });
  expect(run(host, "rev-parse", "trunk")).toBe(run(directory, "rev-parse", "HEAD"));
  expect(run(host, "show", "trunk:README.md")).toBe("# Title");
  expect(await repository.describeHead(100)).toEqual({ subject: "Second", commits: 2 });
  expect(await fingerprint(directory)).toEqual(before);
});

test("a detached HEAD is pushed as main, a bare repository under its own name", async () => {
  const directory = await makeRepository("work");
  const bare = path.join(folder, "work.git");
  run(folder, "clone", "--quiet", "--bare", directory, bare);
  expect(await readSource(bare, environment)).toMatchObject({ name: "work", branch: "trunk" });
  expect(run((await pushed(bare)).host, "rev-parse", "trunk")).toBe(run(bare, "rev-parse", "HEAD"));

  run(directory, "checkout", "--quiet", "HEAD~1");
  const { host } = await pushed(directory);
  expect(run(host, "rev-parse", "main")).toBe(run(directory, "rev-parse", "HEAD"));
});

test("of a shallow clone HEAD's tree is pushed as a commit without parents", async () => {
  const directory = await makeRepository("deep");
  const shallow = path.join(folder, "shallow");
  run(folder, "clone", "--quiet", "--depth=1", `file://${directory}`, shallow);
  const before = await fingerprint(shallow);
  const { host, repository } = await pushed(shallow);
  expect(run(host, "rev-parse", "trunk^{tree}")).toBe(run(shallow, "rev-parse", "HEAD^{tree}"));
  expect(await repository.describeHead(100)).toEqual({ subject: "Second", commits: 1 });
  expect(await fingerprint(shallow)).toEqual(before);
});

test("submodules, symlinks and a linked work tree are pushed as they are", async () => {
  const directory = await makeRepository("outer");
  const inner = await makeRepository("inner");
  run(directory, "submodule", "--quiet", "add", inner, "inner");
  await symlink("../outside", path.join(directory, "link"));
  run(directory, "add", ".");
  run(directory, "commit", "--quiet", "-m", "Third");
  const linked = path.join(folder, "linked");
  run(directory, "worktree", "add", "--quiet", "-b", "other", linked);
  const { host, repository } = await pushed(linked);
  expect(run(host, "rev-parse", "other")).toBe(run(directory, "rev-parse", "HEAD"));
  expect((await repository.files()).map((file) => file.path)).toEqual([
    ".gitmodules",
    "README.md",
    "code.ts",
  ]);
});

test("a commit adds and replaces files and leaves the rest", async () => {
  const directory = await makeRepository("changing");
  const { repository } = await pushed(directory);
  const first = await repository.headOid();
  const second = await repository.commit(
    [
      { path: 'new "file" ü.ts', mode: "100644", content: Buffer.from("new\n") },
      { path: "README.md", mode: "100755", content: Buffer.from("no newline at the end") },
    ],
    "A change\n\nwith a body",
    new Date("2026-11-22T10:00:00Z"),
  );
  const inTemporary = (...args: string[]) => run(repository.directory, ...args);
  expect(inTemporary("rev-parse", `${second}~1`)).toBe(first);
  expect(
    inTemporary("-c", "core.quotePath=false", "diff", "--raw", "--no-abbrev", first, second)
      .split("\n").map((line) => line.split(/[ \t]/).filter((_, i) => i < 2 || i > 3).join(" ")),
  )
    .toEqual([":100644 100755 M README.md", ':000000 100644 A "new \\"file\\" ü.ts"']);
  expect(inTemporary("show", `${second}:README.md`)).toBe("no newline at the end");
  expect(inTemporary("show", `${second}:code.ts`)).toBe("export const one = 1;");
});

test("contents are read in one go, without the large ones", async () => {
  const directory = await makeRepository("contents");
  const { repository } = await pushed(directory);
  const oids = (await repository.files()).map(({ oid }) => oid);
  const contents = await repository.readBlobs([...oids, "0".repeat(40)], 10);
  expect([...contents.values()].map(String)).toEqual(["# Title\n"]);
});

test("an own folder without a repository is pushed as its files, without what git ignores", async () => {
  const outer = await makeRepository("somebody else's");
  const directory = path.join(outer, "quarry-main");
  for (const inner of ["node_modules/x", ".local/postgres", "build", "src"]) {
    await mkdir(path.join(directory, inner), { recursive: true });
    await writeFile(path.join(directory, inner, "file.js"), "x\n");
  }
  await writeFile(path.join(directory, ".gitignore"), "build/\n");
  const before = await fingerprint(outer);
  const source = await readOwnSource(directory, environment);
  if (source.kind !== "files") throw new Error("not taken for files");
  const parent = await mkdtemp(path.join(folder, "work "));
  const { signal } = new AbortController();
  const repository = await PushedRepository.create(source, parent, environment, signal);
  expect((await repository.files()).map((file) => file.path)).toEqual([
    ".gitignore",
    "src/file.js",
  ]);
  expect(await repository.describeHead(100)).toMatchObject({ commits: 1 });
  expect(await fingerprint(outer)).toEqual(before);
});

test("an unpacked archive is pushed as its files, without what git ignores", async () => {
  const directory = path.join(folder, "project-1.0");
  for (const inner of ["node_modules/x", ".local", "build", "src"]) {
    await mkdir(path.join(directory, inner), { recursive: true });
    await writeFile(path.join(directory, inner, "file.js"), "x\n");
  }
  await writeFile(path.join(directory, ".gitignore"), "build/\n");
  const before = await fingerprint(directory);
  const { source, repository, host } = await pushed(directory);
  expect(source).toEqual({ kind: "files", name: "project-1.0", directory });
  expect((await repository.files()).map((file) => file.path)).toEqual([
    ".gitignore",
    "src/file.js",
  ]);
  expect(run(host, "rev-parse", "refs/heads/main")).toBe(await repository.headOid());
  expect(await fingerprint(directory)).toEqual(before);
});

test("what cannot be pushed is said in one line", async () => {
  const messageFor = async (directory: string) => {
    const source = await readSource(directory, environment);
    return source.kind === "mistake" ? source.message.replaceAll(folder, "") : "";
  };
  const repository = await makeRepository("whole");
  await mkdir(path.join(repository, "inside"));
  await writeFile(path.join(repository, "inside", "file"), "");
  await mkdir(path.join(folder, "empty"));
  await mkdir(path.join(folder, "plain"));
  await mkdir(path.join(folder, "hollow", "node_modules"), { recursive: true });
  await writeFile(path.join(folder, "hollow", "node_modules", "file"), "");
  await mkdir(path.join(folder, "broken"));
  await writeFile(path.join(folder, "broken", ".git"), "gitdir: /none\n");
  await writeFile(path.join(folder, "plain", "file"), "");
  await mkdir(path.join(folder, "unborn"));
  run(path.join(folder, "unborn"), "init", "--quiet");

  expect(await messageFor(path.join(folder, "none"))).toBe("/none does not exist");
  expect(await messageFor(path.join(folder, "plain/file"))).toBe("/plain/file is no folder");
  expect(await messageFor(path.join(folder, "empty"))).toBe(
    "/empty is empty: give a git repository",
  );
  expect(await messageFor(path.join(folder, "hollow"))).toBe(
    "/hollow holds no files: give a git repository",
  );
  expect(await messageFor(path.join(folder, "broken"))).toBe("/broken is no git repository");
  expect(await messageFor(path.join(folder, "unborn"))).toBe("/unborn has no commit yet");
  expect(await messageFor(path.join(repository, "inside"))).toBe(
    "/whole/inside is a folder of the repository /whole: give that one",
  );
});

test("inside a git hook the given path counts, not the hook's repository", async () => {
  const hooked = await makeRepository("hooked");
  const given = await makeRepository("given");
  const source = await readSource(given, {
    ...environment,
    GIT_DIR: path.join(hooked, ".git"),
    GIT_INDEX_FILE: path.join(hooked, ".git", "index"),
  });
  expect(source).toMatchObject({ commitOid: run(given, "rev-parse", "HEAD") });
});

test("a commit loses its parents and its signature and keeps the rest", () => {
  const raw = "tree 1\nparent 2\nparent 3\nauthor a\ncommitter c\ngpgsig -----BEGIN\n x\n y\n" +
    "encoding latin1\n\nparent of all\n";
  expect(rootCommit(Buffer.from(raw)).toString()).toBe(
    "tree 1\nauthor a\ncommitter c\nencoding latin1\n\nparent of all\n",
  );
});

test("names become names that a code host takes", () => {
  expect(repositoryName("/a/My Übung!", "My Übung!")).toBe("My-Ubung");
  expect(repositoryName("/a/tool.git", "tool.git")).toBe("tool");
  expect(repositoryName("/a/tool/.git", ".git")).toBe("tool");
  expect(repositoryName("/", "")).toBe("repository");
});

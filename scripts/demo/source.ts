// What lies at the path that the demo was given: a repository with a commit, plain files, or
// something that it cannot use. Only reads.

import { lstat, readdir, stat } from "node:fs/promises";
import path from "node:path";
import { type Environment, git, GitFailure, gitLine, readingEnvironment } from "./git.ts";

/** A repository to push, read with the owner's configuration once; nothing of it is written. */
export interface RepositorySource {
  readonly kind: "repository";
  readonly name: string;
  readonly directory: string;
  /** Where its objects lie. */
  readonly objectsDirectory: string;
  readonly commitOid: string;
  /** Null when HEAD is detached. */
  readonly branch: string | null;
  /** Objects that its history names are not there: a shallow or partial clone. */
  readonly isIncomplete: boolean;
  readonly hasUncommittedChanges: boolean;
}

/** A folder without a repository of its own, such as an unpacked archive. */
export interface FilesSource {
  readonly kind: "files";
  readonly name: string;
  readonly directory: string;
}

/** What was found, or one line that says why it will not do. */
export type Source =
  | RepositorySource
  | FilesSource
  | { readonly kind: "mistake"; readonly message: string };

/** Folders whose files nobody means: what git keeps, what npm installed, what Quarry leaves. */
const foreignFolders: ReadonlySet<string> = new Set([".git", "node_modules", ".local"]);

/** Looks at the folder that a person named: a repository with a commit, or files without one. */
export async function readSource(directory: string, environment: Environment): Promise<Source> {
  const problem = await folderProblem(directory);
  if (problem !== null) return mistake(`${directory} ${problem}`);
  const name = path.basename(directory);
  const source = await readRepository(directory, name, environment);
  if (source !== "no repository") return source;
  // What ought to be a repository is not to be taken for an unpacked archive.
  if (await exists(path.join(directory, ".git"))) return noRepository(directory);
  if (!await hasFiles(directory)) {
    return mistake(`${directory} holds no files: give a git repository`);
  }
  return { kind: "files", name: repositoryName(directory, name), directory };
}

/** Looks at Quarry's own folder: a repository of its own, or else files to make one of. */
export async function readOwnSource(directory: string, environment: Environment): Promise<Source> {
  const name = "quarry";
  // An archive may be unpacked inside another repository, which is not to be taken for this one.
  if (!await exists(path.join(directory, ".git"))) return { kind: "files", name, directory };
  const trusted = { ...environment, ...trustVariables(environment, directory) };
  const source = await readRepository(directory, name, trusted);
  return source === "no repository" ? noRepository(directory) : source;
}

async function readRepository(
  directory: string,
  name: string,
  environment: Environment,
): Promise<Source | "no repository"> {
  const options = { environment: readingEnvironment(environment) };
  const ask = (...args: string[]) => gitLine(["-C", directory, ...args], options);
  try {
    const [prefix, isBare] = (await ask("rev-parse", "--show-prefix", "--is-bare-repository"))
      .split("\n");
    if (prefix !== "") {
      const top = await ask("rev-parse", "--show-toplevel");
      return mistake(`${directory} is a folder of the repository ${top}: give that one`);
    }
    const commitOid = await ask("rev-parse", "--quiet", "--verify", "HEAD^{commit}")
      .catch(() => null);
    if (commitOid === null) return mistake(`${directory} has no commit yet`);
    if (commitOid.length !== 40) {
      return mistake(`${directory} names its objects by SHA-256, which GitHub does not take`);
    }
    const objects = await ask("rev-parse", "--git-path", "objects");
    return {
      kind: "repository",
      name: repositoryName(directory, name),
      directory,
      objectsDirectory: path.resolve(directory, objects),
      commitOid,
      branch: await ask("symbolic-ref", "--quiet", "--short", "HEAD").catch(() => null),
      isIncomplete: await isIncomplete(ask),
      hasUncommittedChanges: isBare === "false" && await isChanged(directory, options),
    };
  } catch (error) {
    if (error instanceof GitFailure) return refusal(directory, error);
    throw error;
  }
}

async function isIncomplete(ask: (...args: string[]) => Promise<string>): Promise<boolean> {
  if (await ask("rev-parse", "--is-shallow-repository") === "true") return true;
  const partial = [
    "config",
    "--get-regexp",
    "^(remote\\..*\\.promisor|extensions\\.partialclone)$",
  ];
  return await ask(...partial).then((lines) => lines !== "", () => false);
}

/** Tracked files only: looking for others would walk folders that git has no list of. */
async function isChanged(directory: string, options: { environment: Environment }) {
  // Without fsmonitor: a configured one would start a daemon and write into the repository.
  const args = ["-C", directory, "-c", "core.fsmonitor=false", "status", "--porcelain", "-uno"];
  const status = await git([...args, "--ignore-submodules"], options).catch(() => null);
  return status !== null && status.length > 0;
}

function refusal(directory: string, failure: GitFailure): Source | "no repository" {
  if (failure.stderr.includes("not a git repository")) return "no repository";
  if (failure.stderr.includes("dubious ownership")) {
    return mistake(
      `${directory} belongs to another user; to allow it: ` +
        `git config --global --add safe.directory '${directory}'`,
    );
  }
  return mistake(`${directory} cannot be read: ${failure.message}`);
}

function noRepository(directory: string): Source {
  return mistake(`${directory} is no git repository`);
}

/** Whether there is any file to push; ends at the first. */
async function hasFiles(directory: string): Promise<boolean> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (foreignFolders.has(entry.name)) continue;
    if (!entry.isDirectory() || await hasFiles(path.join(directory, entry.name))) return true;
  }
  return false;
}

async function folderProblem(directory: string): Promise<string | null> {
  try {
    if (!(await stat(directory)).isDirectory()) return "is no folder";
    return (await readdir(directory)).length === 0 ? "is empty: give a git repository" : null;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    return code === "ENOENT" || code === "ENOTDIR"
      ? "does not exist"
      : `cannot be read: ${String(code)}`;
  }
}

async function exists(file: string): Promise<boolean> {
  return await lstat(file).then(() => true, () => false);
}

/**
 * Running a checkout's own script is trust enough to read it, whoever owns it: as root in a mounted
 * folder git would refuse.
 */
function trustVariables(environment: Environment, directory: string): Environment {
  const count = Number(environment["GIT_CONFIG_COUNT"] ?? 0);
  return {
    GIT_CONFIG_COUNT: String(count + 1),
    [`GIT_CONFIG_KEY_${count}`]: "safe.directory",
    [`GIT_CONFIG_VALUE_${count}`]: directory,
  };
}

/** A name that the code host takes: its folder's, or for a bare one without the ending. */
export function repositoryName(directory: string, name: string): string {
  const base = name === ".git" ? path.basename(path.dirname(directory)) : name;
  const cleaned = base.normalize("NFKD").replace(/\p{Mn}/gu, "").replace(/\.git$/, "").replace(
    /[^A-Za-z0-9._-]+/g,
    "-",
  )
    .replace(/^[-.]+|[-.]+$/g, "").slice(0, 100);
  return cleaned === "" ? "repository" : cleaned;
}

function mistake(message: string): Source {
  return { kind: "mistake", message };
}

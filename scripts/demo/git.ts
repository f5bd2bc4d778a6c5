// Runs git, in one of two ways: to read a person's repository, with that person's configuration and
// without ever writing; or to work in a repository of our own, without anybody's configuration.
// Knows processes and environments, not what the commands mean.

import { spawn } from "node:child_process";
import { once } from "node:events";

/** Process variables, as process.env has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A git that ended with an error, or could not be started. */
export class GitFailure extends Error {
  readonly stderr: string;

  constructor(args: readonly string[], stderr: string) {
    const command = args.find((arg) => /^[a-z]/.test(arg)) ?? "git";
    super(`git ${command} failed: ${reasonIn(stderr)}`);
    this.name = "GitFailure";
    this.stderr = stderr;
  }
}

export interface GitOptions {
  readonly environment: Environment;
  readonly signal?: AbortSignal;
  readonly input?: string | Buffer;
  /** Pieces of what git says while it works: progress, when it was asked for. */
  readonly onStderr?: (text: string) => void;
}

/**
 * The environment for reading the repository at a path that was given: what would point git at
 * another one (as inside a hook) is taken out. Optional locks are the only thing git may write then.
 */
export function readingEnvironment(environment: Environment): Environment {
  const pointing =
    /^GIT_(?:DIR|WORK_TREE|INDEX_FILE|COMMON_DIR|OBJECT_DIRECTORY|PREFIX|NAMESPACE|ALTERNATE_OBJECT_DIRECTORIES|SHALLOW_FILE|GRAFT_FILE|REPLACE_REF_BASE)$/;
  return {
    ...Object.fromEntries(Object.entries(environment).filter(([name]) => !pointing.test(name))),
    GIT_OPTIONAL_LOCKS: "0",
    GIT_TERMINAL_PROMPT: "0",
    LC_ALL: "C",
  };
}

/**
 * The environment for a repository of our own: a home without configuration, so that no signing,
 * hook, proxy, rewritten address or credential helper of a person takes part.
 */
export function workingEnvironment(environment: Environment, home: string): Environment {
  const kept = Object.entries(environment).filter(([name]) =>
    !name.startsWith("GIT_") && !/^(?:https?|all)_proxy$/i.test(name)
  );
  return {
    ...Object.fromEntries(kept),
    HOME: home,
    XDG_CONFIG_HOME: home,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    LC_ALL: "C",
  };
}

/** Runs git to its end and answers what it wrote, or throws a GitFailure. */
export async function git(args: readonly string[], options: GitOptions): Promise<Buffer> {
  const child = spawn("git", args, {
    env: { ...options.environment },
    stdio: ["pipe", "pipe", "pipe"],
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const output: Buffer[] = [];
  let stderr = "";
  child.stdout.on("data", (piece: Buffer) => output.push(piece));
  child.stderr.on("data", (piece: Buffer) => {
    stderr = (stderr + piece.toString()).slice(-STDERR_UNITS_MAX);
    options.onStderr?.(piece.toString());
  });
  // A git that fails early does not read its input.
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.input ?? "");
  const [code] = await once(child, "close").catch(notStarted) as [number | null];
  options.signal?.throwIfAborted();
  if (code !== 0) throw new GitFailure(args, stderr);
  return Buffer.concat(output);
}

/** As git, for commands that answer a line of text. */
export async function gitLine(args: readonly string[], options: GitOptions): Promise<string> {
  return (await git(args, options)).toString().replace(/\n$/, "");
}

function notStarted(error: unknown): never {
  const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
  throw isMissing ? new Error("git is not installed, and nothing works without it") : error;
}

const STDERR_UNITS_MAX = 8000;

/** The line that says why: git's own word for it, else the last thing it said. */
function reasonIn(stderr: string): string {
  const lines = stderr.split(/[\r\n]+/).map((line) => line.trim()).filter((line) => line !== "");
  const reason = lines.find((line) => /^(?:fatal|error|remote: (?:fatal|error)):/.test(line));
  return (reason ?? lines.at(-1) ?? "it said nothing").replace(/^(?:fatal|error): /, "");
}

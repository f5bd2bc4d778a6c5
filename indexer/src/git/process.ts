/**
 * Runs git plumbing: a bounded time, bounded output, an end on abort, and the end of stderr kept for
 * the error. Never a shell. Does not know repositories.
 */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import type { GitEnvironment } from "./environment.ts";
import { GitError } from "./git_failure.ts";

const STDERR_TAIL_UNITS = 4000;

export interface GitCommand {
  readonly args: readonly string[];
  readonly directory: string;
  readonly environment: GitEnvironment;
  readonly signal: AbortSignal;
  readonly timeoutMilliseconds: number;
}

/** A running git. */
export interface GitProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Resolves after exit code 0, else rejects: GitError, or the reason of the abort. */
  readonly ended: Promise<void>;
  kill(): void;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** Starts git; whoever does must read stdout to its end and await `ended`. */
export function startGit(command: GitCommand): GitProcess {
  command.signal.throwIfAborted();
  const child: Child = spawn("git", [...command.args], {
    cwd: command.directory,
    env: { ...command.environment },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const ended = end(command, child);
  // Whoever reads stdout sees the failure there first; the rejection still waits to be awaited.
  ended.catch(() => undefined);
  // A git that ends early closes the pipe; its exit code says why.
  child.stdin.on("error", () => undefined);
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    ended,
    kill: () => kill(child),
  };
}

/** Its helper for HTTP lives on until its host is silent for too long, and has the pipe of errors: nobody waits for that. */
function kill(child: Child): void {
  child.kill("SIGKILL");
  child.stderr.destroy();
}

async function end(command: GitCommand, child: Child): Promise<void> {
  let stderr = "";
  child.stderr.setEncoding("utf8");
  child.stderr.on("data", (chunk: string) => {
    stderr = (stderr + chunk).slice(-STDERR_TAIL_UNITS);
  });
  const stop = () => kill(child);
  command.signal.addEventListener("abort", stop);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    stop();
  }, command.timeoutMilliseconds);
  const name = command.args[0] ?? "";
  try {
    const code = await exitCode(child);
    command.signal.throwIfAborted();
    if (timedOut) throw new GitError(name, null, "took too long");
    if (code !== 0) throw new GitError(name, code, stderr.trim());
  } catch (error) {
    if (error instanceof GitError || command.signal.aborted) throw error;
    // It could not be started at all.
    throw new GitError(name, null, error instanceof Error ? error.message : String(error));
  } finally {
    clearTimeout(timer);
    command.signal.removeEventListener("abort", stop);
  }
}

/** Null after a signal. Its output has ended by then. */
function exitCode(child: Child): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
}

/** Runs git to its end and answers with what it wrote, at most `stdoutBytesMax`. */
export async function runGit(
  command: GitCommand & { readonly stdoutBytesMax: number },
): Promise<Buffer> {
  const git = startGit(command);
  git.stdin.end();
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of git.stdout) {
    if (!Buffer.isBuffer(chunk)) continue;
    bytes += chunk.length;
    if (bytes > command.stdoutBytesMax) {
      git.kill();
      await git.ended.catch(() => undefined);
      throw new GitError(command.args[0] ?? "", null, "wrote more than it may");
    }
    chunks.push(chunk);
  }
  await git.ended;
  return Buffer.concat(chunks);
}

/** Writes lines to git's stdin as fast as it takes them, then closes it. */
export async function feedLines(stdin: Writable, lines: Iterable<string>): Promise<void> {
  const LINES_PER_WRITE = 1000;
  let batch: string[] = [];
  const flush = async () => {
    const more = stdin.write(batch.join(""));
    batch = [];
    if (!more && stdin.writable) {
      // A git that ended closes the pipe instead of draining it.
      const settled = new AbortController();
      const { signal } = settled;
      await Promise.race([
        once(stdin, "drain", { signal }),
        once(stdin, "close", { signal }),
      ]).catch(() => undefined);
      settled.abort();
    }
  };
  for (const line of lines) {
    batch.push(`${line}\n`);
    if (batch.length >= LINES_PER_WRITE) await flush();
    if (!stdin.writable) return;
  }
  if (batch.length > 0) await flush();
  stdin.end();
}

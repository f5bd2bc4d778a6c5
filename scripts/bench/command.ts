// Runs a program to its end and keeps what it said. Of the programs it knows only git, and that
// it must not see the configuration of whoever runs the benchmark.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";

const ERROR_TAIL_UNITS = 2000;

/** How a program is run. */
export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Written to its standard input, as fast as it reads. */
  readonly input?: Iterable<string | Buffer>;
  /** Aborting kills it. */
  readonly signal?: AbortSignal;
  /** Called with its pid as soon as it runs. */
  readonly onStart?: (pid: number) => void;
  /** Exit codes that are an answer and no failure; only 0 when left out. */
  readonly exitCodes?: readonly number[];
}

/** What a program printed, or an error with the end of what it complained about. */
export async function run(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Buffer> {
  const { cwd, signal, exitCodes = [0] } = options;
  const child = spawn(program, args, {
    ...(cwd === undefined ? {} : { cwd }),
    ...(signal === undefined ? {} : { signal }),
    env: { ...process.env, ...options.env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  if (child.pid !== undefined) options.onStart?.(child.pid);
  const [stdout, stderr] = await Promise.all([
    buffer(child.stdout),
    buffer(child.stderr),
    // A program that ends before it has read everything closes the pipe; its exit code says why.
    pipeline(Readable.from(options.input ?? []), child.stdin).catch(() => undefined),
    once(child, "close"),
  ]);
  if (!exitCodes.includes(child.exitCode ?? -1)) {
    const said = stderr.toString("utf8").trim().slice(-ERROR_TAIL_UNITS);
    throw new Error(`${program} ${args.join(" ")} failed (${child.exitCode}): ${said}`);
  }
  return stdout;
}

/** The author of every commit that a benchmark makes, so that the same tree gives the same oid. */
const IDENTITY = {
  GIT_AUTHOR_NAME: "Quarry benchmark",
  GIT_AUTHOR_EMAIL: "bench@example.invalid",
  GIT_AUTHOR_DATE: "2026-01-01T00:00:00Z",
  GIT_COMMITTER_NAME: "Quarry benchmark",
  GIT_COMMITTER_EMAIL: "bench@example.invalid",
  GIT_COMMITTER_DATE: "2026-01-01T00:00:00Z",
};

/** git in a directory, without anybody's configuration; answers what it printed. */
export async function git(
  directory: string,
  args: readonly string[],
  options: Omit<CommandOptions, "cwd"> = {},
): Promise<string> {
  const env = {
    ...IDENTITY,
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    LC_ALL: "C",
    ...options.env,
  };
  // A repository of another user is only read, so git's refusal to trust it helps nobody here.
  const all = ["-c", "safe.directory=*", ...args];
  const output = await run("git", all, { ...options, env, cwd: directory });
  return output.toString("utf8");
}

// `npm run stack` as a user starts it: in a checkout, as a process of its own, stopped by Ctrl-C.
// Knows the file by which a stack says where it is (.local/stack.json), not what a stack consists of.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { guardChild } from "./guarded_child.ts";

const START_SECONDS_MAX = 60;
const STOP_SECONDS_MAX = 20;
const POLL_MILLISECONDS = 5;
const LOG_TAIL_UNITS = 4000;

const stackFile = z.object({
  functions_url: z.string(),
  api_key: z.string(),
  database_url: z.string(),
  github_url: z.string(),
  pid: z.number().int(),
  children: z.array(
    z.object({ name: z.string(), pid: z.number().int(), port: z.number().int().nullable() }),
  ),
});

/** What a stack says of itself. */
export type StackFile = z.infer<typeof stackFile>;

/** A stack that answers. Disposing of it stops it. */
export interface RunningStack extends AsyncDisposable {
  readonly checkout: string;
  readonly file: StackFile;
  /** From the start of npm to the first answer 200 of `health`. */
  readonly startMilliseconds: number;
}

/** Starts a stack in a checkout and waits until its health is good. */
export async function startStack(checkout: string, signal: AbortSignal): Promise<RunningStack> {
  const logFile = path.join(checkout, ".local/stack.log");
  mkdirSync(path.dirname(logFile), { recursive: true });
  const log = openSync(logFile, "a");
  const started = performance.now();
  const child = spawn("npm", ["run", "stack"], {
    cwd: checkout,
    env: userEnvironment(),
    // A group of its own: Ctrl-C must reach the benchmark alone, which then stops the stack.
    detached: true,
    stdio: ["ignore", log, log],
  });
  try {
    await guardChild(child, "run stack");
    const file = await ready(checkout, child, signal);
    const startMilliseconds = performance.now() - started;
    return { checkout, file, startMilliseconds, [Symbol.asyncDispose]: () => stop(child) };
  } catch (error) {
    await stop(child);
    if (signal.aborted) throw error;
    const said = (await readFile(logFile, "utf8")).slice(-LOG_TAIL_UNITS);
    throw new Error(`npm run stack did not start\n${said}`, { cause: error });
  }
}

/** The environment that a user's shell has: without what npm and run.cjs have put into this one. */
function userEnvironment(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^npm_|^INIT_CWD$/.test(name));
  const directories = (process.env.PATH ?? "").split(path.delimiter);
  const ours = (directory: string) => directory.split(path.sep).includes("node_modules");
  const shell = directories.filter((directory) => !ours(directory)).join(path.delimiter);
  return { ...Object.fromEntries(inherited), PATH: shell };
}

async function ready(checkout: string, child: ChildProcess, signal: AbortSignal) {
  const deadline = performance.now() + START_SECONDS_MAX * 1000;
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  while (!hasEnded() && performance.now() < deadline) {
    const file = await readStackFile(path.join(checkout, ".local/stack.json"));
    if (file !== null && await isHealthy(file, signal)) return file;
    await sleep(POLL_MILLISECONDS, undefined, { signal });
  }
  throw new Error(hasEnded() ? "it ended" : `no health after ${START_SECONDS_MAX} s`);
}

async function readStackFile(file: string): Promise<StackFile | null> {
  let text;
  try {
    text = await readFile(file, "utf8");
  } catch {
    return null;
  }
  return stackFile.parse(JSON.parse(text));
}

async function isHealthy(file: StackFile, signal: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(`${file.functions_url}/health`, { signal });
    await response.arrayBuffer();
    return response.status === 200;
  } catch (error) {
    if (signal.aborted) throw error;
    return false;
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  const gone = () => child.exitCode !== null || child.signalCode !== null;
  const deadline = performance.now() + STOP_SECONDS_MAX * 1000;
  signalGroup(child.pid, "SIGINT");
  while (!gone()) {
    if (performance.now() > deadline) signalGroup(child.pid, "SIGKILL");
    await sleep(POLL_MILLISECONDS);
  }
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Already gone: what was asked for.
  }
}

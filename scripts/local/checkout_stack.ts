// The one stack of a checkout: holds .local/run.json while it lives, clears up after one that was
// killed, and says where it is in .local/stack.json (the shape others rely on) once it answers.
// Does not know terminals or signals.

import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { isOurs } from "./processes/process.ts";
import { cleanUpAfter, openRun, readRun, type Run } from "./processes/run.ts";
import { createStack, type Stack, type StackOptions } from "./stack.ts";
import { type DeadPart, watchParts } from "./processes/watch_parts.ts";

const defaultDirectory = fileURLToPath(new URL("../../.local", import.meta.url));
const CLAIM_TRIES_MAX = 3;

/** Another stack of this checkout is alive. */
export class StackIsRunningError extends Error {
  readonly pid: number;
  /** Null while it is still starting. */
  readonly functionsUrl: string | null;

  constructor(pid: number, functionsUrl: string | null) {
    super(`a stack of this checkout is already running (pid ${pid})`);
    this.pid = pid;
    this.functionsUrl = functionsUrl;
  }
}

/** A stack that is the checkout's. */
export interface CheckoutStack extends Stack {
  readonly logDirectory: string;
  /** Tells of the first part that dies before the stack is stopped. */
  watch(onDeath: (part: DeadPart) => void): void;
  /** Stops at once whatever is left, without asking it. */
  force(): Promise<void>;
}

/** The processes that a killed stack had left and that are stopped now, by name. */
export type LeftoversListener = (names: string[]) => void;

/** Starts the checkout's stack, or throws StackIsRunningError. */
export async function startCheckoutStack(
  options: Omit<StackOptions, "run" | "logDirectory"> = {},
  onLeftovers: LeftoversListener = () => undefined,
  directory: string = defaultDirectory,
): Promise<CheckoutStack> {
  const stackFile = path.join(directory, "stack.json");
  const run = await claim(directory, onLeftovers);
  const logDirectory = path.join(directory, "logs");
  const release = async () => {
    await rm(stackFile, { force: true });
    await run.close();
  };
  try {
    await rm(logDirectory, { recursive: true, force: true });
    await mkdir(logDirectory, { recursive: true });
    const stack = await createStack({ ...options, run, logDirectory });
    let stopWatching: (() => void) | null = null;
    const watch = (onDeath: (part: DeadPart) => void) => {
      stopWatching = watchParts(() => stack.children(), onDeath);
    };
    const stop = async () => {
      stopWatching?.();
      // First: whoever finds the file may rely on what it says.
      await rm(stackFile, { force: true });
      await stack.stop();
      await release();
    };
    await writeStackFile(stackFile, stack);
    const force = async () => {
      stopWatching?.();
      await cleanUpAfter(run.file);
      await release();
    };
    return { ...stack, stop, [Symbol.asyncDispose]: stop, logDirectory, watch, force };
  } catch (error) {
    await release();
    throw error;
  }
}

/** Takes .local/run.json; clears up after a dead owner first. */
async function claim(directory: string, onLeftovers: LeftoversListener): Promise<Run> {
  const file = path.join(directory, "run.json");
  for (let tries = 1;; tries += 1) {
    try {
      return await openRun({ file });
    } catch (error) {
      const isTaken = error instanceof Error && "code" in error && error.code === "EEXIST";
      if (!isTaken || tries === CLAIM_TRIES_MAX) throw error;
    }
    const owner = readRun(file);
    if (owner !== null && isOurs(owner)) {
      throw new StackIsRunningError(owner.pid, await readFunctionsUrl(directory));
    }
    const left = await cleanUpAfter(file);
    onLeftovers(left.map((entry) => entry.name));
    await rm(path.join(directory, "stack.json"), { force: true });
    // Unless somebody else has cleared up and started meanwhile.
    if (readRun(file)?.pid === owner?.pid) await rm(file, { force: true });
  }
}

async function readFunctionsUrl(directory: string): Promise<string | null> {
  try {
    const text = await readFile(path.join(directory, "stack.json"), "utf8");
    const { functions_url } = JSON.parse(text) as { functions_url?: string };
    return functions_url ?? null;
  } catch {
    return null;
  }
}

async function writeStackFile(file: string, stack: Stack): Promise<void> {
  const content = {
    functions_url: stack.functionsUrl,
    api_key: stack.apiKey,
    operator_token: stack.secrets.operatorToken,
    database_url: stack.databaseUrl,
    github_url: stack.githubUrl,
    machines_url: stack.machinesUrl,
    pid: process.pid,
    children: stack.children().map(({ name, pid, port }) => ({ name, pid, port })),
  };
  await writeFile(`${file}.new`, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

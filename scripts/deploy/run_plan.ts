// Carries out the steps of a deployment. Files with secrets exist only while their step runs, in a
// folder that nobody else may read. Knows no step by name.

import { spawn } from "node:child_process";
import { mkdir, open, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Step } from "./plan.ts";
import { fill, type SettingValues } from "./settings.ts";

const RETRY_MILLISECONDS = 1000;
const REQUEST_MILLISECONDS_MAX = 10_000;

export interface RunOptions {
  /** The checkout: where commands run and .local lies. */
  readonly root: string;
  readonly values: SettingValues;
  /** What the programs get besides the settings. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly say: (line: string) => void;
  /** Where the programs write: this terminal, or nowhere unless one fails. */
  readonly output: "inherit" | "pipe";
}

/** Stops at the first step that fails, with an error that names it. */
export async function runSteps(steps: readonly Step[], options: RunOptions): Promise<void> {
  for (const [index, step] of steps.entries()) {
    options.say(`[${index + 1}/${steps.length}] ${step.title}`);
    try {
      await (step.kind === "command" ? runCommand(step, options) : runRequest(step, options));
    } catch (error) {
      throw new Error(`${step.title}: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
    }
  }
}

type CommandStep = Extract<Step, { kind: "command" }>;
type RequestStep = Extract<Step, { kind: "request" }>;

async function runCommand(step: CommandStep, options: RunOptions): Promise<void> {
  const file = step.file === undefined ? null : path.join(options.root, step.file.path);
  try {
    if (file !== null && step.file !== undefined) {
      await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
      await writeFile(file, fill(step.file.text, options.values), { mode: 0o600 });
    }
    await runProgram(step, file, options);
  } finally {
    if (file !== null) await rm(file, { force: true });
  }
}

async function runProgram(
  step: CommandStep,
  file: string | null,
  options: RunOptions,
): Promise<void> {
  const [program = "", ...args] = step.command.split(" ").map((each) => fill(each, options.values));
  const input = step.fileIsInput === true && file !== null ? await open(file) : null;
  try {
    const child = spawn(program, args, {
      cwd: options.root,
      env: { ...options.environment, ...Object.fromEntries(options.values) },
      stdio: [input?.fd ?? "ignore", options.output, options.output],
    });
    const written: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk: Buffer) => written.push(chunk));
    }
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", resolve);
    });
    if (code !== 0) {
      throw new Error([`${program} ended with ${code}`, ...written.map(String)].join("\n"));
    }
  } finally {
    await input?.close();
  }
}

/** A GET is repeated until its deadline: a function that was just deployed takes a moment. */
async function runRequest(step: RequestStep, options: RunOptions): Promise<void> {
  const deadline = performance.now() + step.secondsMax * 1000;
  for (;;) {
    const problem = await request(step, options.values);
    if (problem === null) return;
    if (step.method !== "GET" || performance.now() > deadline) throw new Error(problem);
    await sleep(RETRY_MILLISECONDS);
  }
}

async function request(step: RequestStep, values: SettingValues): Promise<string | null> {
  const headers = {
    ...(step.token === undefined ? {} : { authorization: `Bearer ${fill(step.token, values)}` }),
    ...(step.body === undefined ? {} : { "content-type": "application/json" }),
  };
  const url = fill(step.url, values);
  try {
    const response = await fetch(url, {
      method: step.method,
      headers,
      body: step.body ?? null,
      signal: AbortSignal.timeout(REQUEST_MILLISECONDS_MAX),
    });
    return response.ok ? null : `${url} answers ${response.status}: ${await response.text()}`;
  } catch (error) {
    return `${url} does not answer: ${String(error)}`;
  }
}

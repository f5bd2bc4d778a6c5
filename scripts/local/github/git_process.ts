// Runs git for the GitHub stand-in, untouched by the configuration of whoever runs the stack.

import { execFile } from "node:child_process";
import { promisify } from "node:util";

const OUTPUT_BYTES_MAX = 256 * 1024 * 1024;
const run = promisify(execFile);

/** The environment of every git process here: no user or system configuration, no prompts. */
export function gitEnvironment(): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_TERMINAL_PROMPT: "0",
    GIT_DEFAULT_REF_FORMAT: "files",
    GIT_DEFAULT_HASH: "sha1",
  };
}

/** Runs git in a directory and returns what it prints. */
export async function git(directory: string, ...args: string[]): Promise<string> {
  const { stdout } = await run("git", args, {
    cwd: directory,
    env: gitEnvironment(),
    maxBuffer: OUTPUT_BYTES_MAX,
  });
  return stdout;
}

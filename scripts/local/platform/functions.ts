// Starts the edge functions in Deno with the permissions of the hosted runtime: network, the
// environment it is given, and its own files; no run, no write, nothing outside.
// Stands for: the platform's function hosting. functions_main.ts, which it starts, says what is left
// out. Does not know what the functions do.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, existsSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { denoBinary } from "../../deno_binary.ts";
import { stopProcess, tailOf } from "../processes/process.ts";
import type { Run } from "../processes/run.ts";

const repositoryRoot = fileURLToPath(new URL("../../..", import.meta.url));
const entryFile = fileURLToPath(new URL("./functions_main.ts", import.meta.url));

export interface FunctionsOptions {
  run: Run;
  /** Holds one folder a function, as supabase/functions. */
  directory: string;
  /** The functions' whole environment: nothing of this process's own is passed on. */
  environment: Readonly<Record<string, string>>;
  /** What the functions print is appended here; without it dropped. */
  logFile?: string;
}

/** A running Deno that serves all functions. */
export interface Functions {
  readonly pid: number;
  readonly port: number;
  stop(): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
}

/** Starts Deno and waits until it listens. */
export async function startFunctions(options: FunctionsOptions): Promise<Functions> {
  const deno = spawn(denoBinary(repositoryRoot), denoArguments(options.directory), {
    cwd: repositoryRoot,
    env: {
      ...options.environment,
      DENO_DIR: path.join(repositoryRoot, ".local", "deno"),
      DENO_NO_UPDATE_CHECK: "1",
      NO_COLOR: "1",
    },
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const pid = deno.pid ?? 0;
  const entry = { name: "functions", pid, mark: entryFile, lastSignal: "SIGKILL" } as const;
  options.run.add({ ...entry, port: null });
  deno.stdin.on("error", () => undefined);
  const log = options.logFile === undefined
    ? null
    : createWriteStream(options.logFile, { flags: "a" });
  if (log !== null) deno.stderr.pipe(log, { end: false });
  const stderr = tailOf(deno.stderr);
  const port = await listeningPort(deno.stdout, (line) => log?.write(`${line}\n`));
  if (port === null) throw new Error(`Deno did not start the functions: ${stderr()}`);
  options.run.add({ ...entry, port });
  const stop = async () => {
    const gone = deno.exitCode === null && deno.signalCode === null ? once(deno, "exit") : null;
    deno.stdin.end();
    await stopProcess(pid, "SIGTERM");
    await gone;
    options.run.remove(pid);
  };
  const kill = async () => {
    await stopProcess(pid, "SIGKILL");
    options.run.remove(pid);
  };
  return { pid, port, stop, kill };
}

function denoArguments(directory: string): string[] {
  const config = path.join(directory, "deno.json");
  return [
    "run",
    "--quiet",
    "--no-prompt",
    "--cached-only",
    // One install for both runtimes: npm's. The hosted bundler reads the same deno.json and must
    // not find this there.
    "--node-modules-dir=manual",
    "--allow-net",
    "--allow-env",
    `--allow-read=${directory},${path.join(repositoryRoot, "node_modules")}`,
    ...(existsSync(config) ? ["--config", config] : ["--no-config"]),
    entryFile,
    directory,
  ];
}

/** The port from the line that says so; null when the output ends without it. Reads on for the log. */
function listeningPort(
  output: NodeJS.ReadableStream,
  onLine: (line: string) => void,
): Promise<number | null> {
  return new Promise((resolve) => {
    const lines = createInterface({ input: output });
    lines.on("line", (line) => {
      const port = /^\{"listening":(\d+)\}$/.exec(line)?.[1];
      if (port === undefined) onLine(line);
      else resolve(Number(port));
    });
    lines.on("close", () => resolve(null));
  });
}

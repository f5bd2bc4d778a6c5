// What a command that takes minutes leaves behind when somebody ends `npm run …` by a signal: nothing.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readdir, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { isAlive } from "./local/processes/process.ts";
import { readRun, type RunProcess } from "./local/processes/run.ts";

const ROOT = path.resolve(import.meta.dirname, "..");
const POLL_MILLISECONDS = 50;
const START_MILLISECONDS_MAX = 30_000;
const STOP_MILLISECONDS_MAX = 30_000;
const TEST_MILLISECONDS_MAX = 90_000;

test.each(
  [
    ["bench", "SIGTERM", ["queue"], "clean: latency"],
    ["chaos", "SIGTERM", ["--minutes", "1"], "chaos  "],
  ] as const,
)(
  "npm run %s that gets %s stops all that it started",
  async (name, signal, args, line) => {
    const directory = await mkdtemp(path.join(os.tmpdir(), "quarry-interruption-test-"));
    // PostgreSQL does not run as root, and must reach its files.
    await chmod(directory, 0o755);
    const command = spawn("npm", ["run", name, "--", ...args], {
      cwd: ROOT,
      env: { ...process.env, TMPDIR: directory },
      // A group of its own, so that what is left of it can be told from this test.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const group = command.pid ?? 0;
    const gone = async () => isGroupGone(group) && (await runsIn(directory)).length === 0 || null;
    try {
      const said = Promise.withResolvers<void>();
      for (const stream of [command.stdout, command.stderr]) {
        stream.on("data", (text) => String(text).includes(line) && said.resolve());
      }
      await said.promise;
      const started = await until(START_MILLISECONDS_MAX, async () => {
        const processes = await startedIn(directory);
        return processes.length > 0 ? processes : null;
      });
      const ended = once(command, "exit");
      command.kill(signal);
      await ended;
      await until(STOP_MILLISECONDS_MAX, gone);
      expect(started.filter(({ pid }) => isAlive(pid))).toEqual([]);
    } finally {
      if (!isGroupGone(group)) process.kill(-group, "SIGKILL");
      // The guards of its runs need their files for that.
      await until(STOP_MILLISECONDS_MAX, gone);
      await rm(directory, { recursive: true, force: true, maxRetries: 10 });
    }
  },
  TEST_MILLISECONDS_MAX,
);

/** What `look` answers once that is not null. */
async function until<T>(milliseconds: number, look: () => Promise<T | null>): Promise<T> {
  const deadline = performance.now() + milliseconds;
  for (;;) {
    const seen = await look();
    if (seen !== null) return seen;
    if (performance.now() > deadline) throw new Error(`not within ${milliseconds} ms`);
    await sleep(POLL_MILLISECONDS);
  }
}

async function runsIn(directory: string): Promise<string[]> {
  return (await readdir(directory)).filter((name) => name.startsWith("quarry-run-"));
}

async function startedIn(directory: string): Promise<RunProcess[]> {
  const runs = await runsIn(directory);
  return runs.flatMap((name) => readRun(path.join(directory, name, "run.json"))?.processes ?? []);
}

function isGroupGone(group: number): boolean {
  try {
    process.kill(-group, 0);
    return false;
  } catch {
    return true;
  }
}

// What `npm run stack` does when one of its processes dies by itself: it says which, and ends.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isAlive, tailOf } from "./processes/process.ts";
import { readRun } from "./processes/run.ts";

const COMMAND = fileURLToPath(new URL("../stack.ts", import.meta.url));
const TEST_MILLISECONDS_MAX = 60_000;

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), "quarry-stack-command-test-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

test.each(["functions", "postgres"])(
  "the command says that %s died, stops everything and fails",
  async (name) => {
    const local = path.join(directory, name);
    const command = spawn(process.execPath, [COMMAND, local], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const stderr = tailOf(command.stderr);
    const ended = once(command, "close");
    try {
      await once(command.stdout, "data");
      const processes = readRun(path.join(local, "run.json"))?.processes ?? [];
      const victim = processes.find((entry) => entry.name === name);
      process.kill(victim?.pid ?? 0, "SIGKILL");
      expect(await ended).toEqual([1, null]);
      expect(stderr()).toContain(`stack: ${name} died`);
      expect(stderr()).toContain(path.join("logs", `${name}.log`));
      expect(existsSync(path.join(local, "stack.json"))).toBe(false);
      expect(existsSync(path.join(local, "run.json"))).toBe(false);
      expect(processes.filter(({ pid }) => isAlive(pid))).toEqual([]);
    } finally {
      command.kill("SIGTERM");
    }
  },
  TEST_MILLISECONDS_MAX,
);

// What a run promises: nothing of it outlives the process that opened it, however that one dies.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { isAlive } from "./process.ts";
import { cleanUpAfter, openRun, readRun } from "./run.ts";

const PATIENCE = { timeout: 10_000, interval: 10 };
let directory: string;
let sleeper: ChildProcess;

beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), "quarry-run-test-"));
  sleeper = spawn("sleep", ["1000.5"], { stdio: "ignore" });
  await once(sleeper, "spawn");
});
afterEach(async () => {
  sleeper.kill("SIGKILL");
  await rm(directory, { recursive: true, force: true });
});

/** A process that opens a run with a child and a directory of its own, and then does nothing. */
async function startOwner() {
  const module = new URL("./run.ts", import.meta.url).href;
  const source = `
    import { openRun } from ${JSON.stringify(module)};
    import { spawn } from "node:child_process";
    import { mkdtempSync } from "node:fs";
    const run = await openRun();
    const child = spawn("sleep", ["1000.25"], { detached: true, stdio: "ignore" });
    const directory = mkdtempSync(${JSON.stringify(path.join(directory, "left-"))});
    run.addDirectory(directory);
    run.add({ name: "c", pid: child.pid, port: null, mark: "1000.25", lastSignal: "SIGKILL" });
    console.log(JSON.stringify({ file: run.file, child: child.pid, directory }));
    setInterval(() => undefined, 1000);`;
  const owner = spawn(process.execPath, ["--input-type=module-typescript", "-e", source], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(createInterface({ input: owner.stdout }), "line") as [string];
  return { owner, ...JSON.parse(line) as { file: string; child: number; directory: string } };
}

test("after kill -9 of its owner, a run's processes and directories are gone", async () => {
  const { owner, file, child, directory: left } = await startOwner();
  expect([isAlive(child), existsSync(left)]).toEqual([true, true]);
  owner.kill("SIGKILL");
  await vi.waitFor(() => {
    expect([isAlive(child), existsSync(left), existsSync(file)]).toEqual([false, false, false]);
  }, PATIENCE);
});

test("a closed run leaves neither file nor directory", async () => {
  const run = await openRun();
  const own = path.join(directory, "own");
  await mkdir(own);
  run.addDirectory(own);
  await run.close();
  expect([existsSync(own), existsSync(run.file)]).toEqual([false, false]);
});

test("two runs do not take the same file", async () => {
  const file = path.join(directory, "run.json");
  const first = await openRun({ file });
  await expect(openRun({ file })).rejects.toMatchObject({ code: "EEXIST" });
  await first.close();
  await (await openRun({ file })).close();
});

test("cleaning up stops what still is the run's, and spares a stranger with its pid", async () => {
  const file = path.join(directory, "run.json");
  const entry = { name: "c", pid: sleeper.pid, port: null, lastSignal: "SIGKILL" };
  const left = { pid: 1, mark: "", directories: [] };
  await writeFile(file, JSON.stringify({ ...left, processes: [{ ...entry, mark: "postgres" }] }));
  expect(await cleanUpAfter(file)).toEqual([]);
  expect(isAlive(sleeper.pid ?? 0)).toBe(true);
  await writeFile(file, JSON.stringify({ ...left, processes: [{ ...entry, mark: "1000.5" }] }));
  expect(await cleanUpAfter(file)).toMatchObject([{ name: "c" }]);
  expect(isAlive(sleeper.pid ?? 0)).toBe(false);
});

test("a file that is no run's counts as none", async () => {
  const file = path.join(directory, "run.json");
  await writeFile(file, "{ half");
  expect(readRun(file)).toBeNull();
  expect(await cleanUpAfter(file)).toEqual([]);
});

// A short run as a process of its own, as `npm run chaos` starts it: always the same choices.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parseArguments } from "./arguments.ts";
import { allFaults } from "./faults/all.ts";
import { Random } from "./random.ts";

const run = promisify(execFile);
const entryFile = fileURLToPath(new URL("../chaos.ts", import.meta.url));
const FAULTS = [
  "kill_at_failpoint",
  "kill_worker",
  "freeze_worker",
  "kill_functions",
  "crash_postgres",
  "clock_jump",
  "drop_wakes",
  "fly_unclear",
  "fly_never_starts",
  "duplicate_webhooks",
  "reorder_webhooks",
];

test("nothing is lost, doubled or left behind in a short run of faults", async () => {
  const options = ["--seed", "20", "--minutes", "0.08", "--repositories", "2"];
  const { stdout } = await run(
    process.execPath,
    [entryFile, ...options, "--faults", FAULTS.join(",")],
  ).catch((error: { stdout?: string; stderr?: string }) => ({
    stdout: `${error.stdout ?? ""}${error.stderr ?? String(error)}`,
  }));
  expect(stdout).toContain("ok seed 20");
}, 240_000);

test("a seed stands for the same choices each time", () => {
  const choices = (seed: number) => new Random(seed).shuffle(allFaults.map(({ name }) => name));
  expect(choices(7)).toEqual(choices(7));
  expect(choices(7)).not.toEqual(choices(8));
});

test("a fault that does not exist is a mistake of whoever asks for it", () => {
  expect(parseArguments(["--faults", "kill_worker,flood"])).toEqual({
    kind: "mistake",
    message: "no such fault: flood",
  });
});

// A short run as a process of its own, as `npm run chaos` starts it: always the same choices.

import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { FAILPOINTS } from "../../indexer/src/failpoint.ts";
import { parseArguments } from "./arguments.ts";
import { allFaults } from "./faults/all.ts";
import { awaitVictim } from "./faults/fault.ts";
import { KILL_POINTS } from "./faults/workers.ts";
import { Random } from "./random.ts";

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
  "late_host",
];

test("nothing is lost, doubled or left behind in a short run of faults", async () => {
  const options = ["--seed", "20", "--minutes", "0.05", "--repositories", "2"];
  const child = spawn(
    process.execPath,
    [entryFile, ...options, "--faults", FAULTS.join(",")],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  expect(`${stdout}${stderr}`).toContain("ok seed 20");
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

test("a fault that finds nothing to break is none", async () => {
  await expect(awaitVictim("machine", () => null)).rejects.toThrow("there is no machine to break");
  expect(await awaitVictim("machine", () => "one")).toBe("one");
});

test("workers are killed at every failpoint that the indexer has", () => {
  expect(KILL_POINTS).toEqual(FAILPOINTS);
});

// The end of the work: nobody pushes, so the machines leave by themselves and stop.

import { setTimeout as sleep } from "node:timers/promises";
import { FLY_APP_NAME } from "../local/stack_environment.ts";
import { formatDuration } from "./figures.ts";
import { listMachines, type MachineLife } from "./machines.ts";
import { label } from "./screen.ts";
import { span } from "./spans.ts";
import { DemoFailure, type Tour } from "./tour.ts";

const POLL_MILLISECONDS = 100;
/** "quarry-" and the first group of its launch id. */
const SHORT_NAME_UNITS = 15;
/** A worker leaves after 5 s without a job. */
const GONE_MILLISECONDS_MAX = 30_000;

/** Waits until no machine runs, and shows how long each did. */
export async function idleStep({ screen, stack, signal }: Tour): Promise<void> {
  screen.step("Nobody pushes");
  const access = {
    url: stack.machinesUrl,
    token: stack.secrets.flyToken,
    appName: FLY_APP_NAME,
  };
  const started = performance.now();
  for (;;) {
    const machines = await listMachines(access, signal);
    const waited = performance.now() - started;
    const running = machines.filter(({ isRunning }) => isRunning);
    if (running.length === 0) {
      for (const machine of machines) screen.row(...lifeRow(machine));
      screen.row(["No machine runs. Stopped ones are kept for a day, and cost their disk alone."]);
      return;
    }
    if (waited > GONE_MILLISECONDS_MAX) {
      throw new DemoFailure(`a machine still runs after ${formatDuration(waited)} without work`);
    }
    screen.live("idle", [
      span("faint", `waiting for the machine to leave  ${formatDuration(waited)}`),
    ]);
    await sleep(POLL_MILLISECONDS, undefined, { signal });
  }
}

function lifeRow({ name, startedAt, exitedAt, exitCode }: MachineLife) {
  const ran = startedAt === null || exitedAt === null ? "" : formatDuration(exitedAt - startedAt);
  const end = exitCode === 0 ? "left by itself" : `ended with exit code ${exitCode ?? "unknown"}`;
  const shortName = name.slice(0, SHORT_NAME_UNITS);
  return [[label("machine"), `${shortName}  `, span("faint", end)], [`ran ${ran}`]] as const;
}

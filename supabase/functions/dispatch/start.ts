/**
 * Starts a machine that has stopped. Its worker has left, so the machine comes to rest within
 * seconds; until then the platform refuses, and it is asked again.
 */
import { LAUNCH_PAUSE_SECONDS_MAX, START_TRIES_MAX } from "../_shared/contracts/limits.ts";
import { type LaunchRecord } from "../_shared/runtime/database_functions.ts";
import { failed, launched, type LaunchOptions, UNCLEAR } from "./launch_record.ts";

/** Doubled each time: 4 s in all. The platform takes one start a second, in bursts of three. */
const RETRY_MILLISECONDS = 250;
const COMING_UP: readonly string[] = ["starting", "started"];

/** Starts it; answers what to record. */
export async function startMachine(
  machineId: string,
  { fly, deadline, sleep }: LaunchOptions,
): Promise<LaunchRecord> {
  // Whether an earlier start may have happened: then "still running" may mean "running again".
  let isUnclear = false;
  for (let tries = 1;; tries += 1) {
    const started = await fly.start(machineId, deadline);
    if ("value" in started) return launched(machineId, null);
    const { error } = started;
    let waitSeconds = 0;
    switch (error.code) {
      case "unclear": {
        isUnclear = true;
        const machine = await fly.get(machineId, deadline);
        if ("value" in machine && COMING_UP.includes(machine.value.state)) return UNCLEAR;
        break;
      }
      case "wrong_state":
        if (isUnclear) return UNCLEAR;
        break;
      case "rate_limited":
        waitSeconds = error.retryAfterSeconds ?? 0;
        if (waitSeconds <= LAUNCH_PAUSE_SECONDS_MAX) break;
        // The machine is sound; the fleet waits as long as the platform says.
        return isUnclear
          ? { ...UNCLEAR, pauseSeconds: waitSeconds }
          : failed(error, { isReusable: true, pauseSeconds: waitSeconds });
      case "no_capacity":
      case "not_found":
      case "rejected":
      case "name_taken":
        return failed(error);
    }
    if (tries === START_TRIES_MAX || deadline.aborted) {
      return isUnclear ? UNCLEAR : failed(error, { isReusable: error.code === "rate_limited" });
    }
    await sleep(Math.max(waitSeconds * 1000, RETRY_MILLISECONDS * 2 ** (tries - 1)));
  }
}

// How long a job waits for an idle worker: from the call that enqueues it to the worker's handler. The
// lanes of all contenders run at once; they do next to nothing but wait.

import { setTimeout as sleep } from "node:timers/promises";
import { startTogether } from "../../local/processes/start_together.ts";
import { percentileOf } from "../statistics.ts";
import type { Contender, Lanes, Waiting } from "./contender.ts";
import { createRandom, type Random } from "./random.ts";

const CLAIM_SECONDS_MAX = 30;

/** Of one contender and one way of waiting; null when no job was claimed in the time. */
export interface LatencyResult {
  readonly contender: string;
  readonly waiting: string;
  readonly milliseconds: readonly number[];
  readonly p50: number | null;
  readonly p99: number | null;
}

export interface LatencyOptions {
  readonly seconds: number;
  readonly seed: number;
  readonly signal: AbortSignal;
}

export async function measureLatency(
  contenders: readonly Contender[],
  options: LatencyOptions,
): Promise<LatencyResult[]> {
  const pairs = contenders.flatMap((contender) =>
    contender.waitings.map((waiting) => ({ contender, waiting }))
  );
  // All have stopped when one has failed: a contender that stops beside a database that is gone waits for it.
  return await startTogether(pairs.map(async ({ contender, waiting }, index) => {
    const milliseconds = await measureWaiting(waiting, options, options.seed + index);
    return {
      contender: contender.name,
      waiting: waiting.name,
      milliseconds,
      p50: percentileOf(milliseconds, 0.5),
      p99: percentileOf(milliseconds, 0.99),
    };
  }));
}

async function measureWaiting(
  waiting: Waiting,
  options: LatencyOptions,
  seed: number,
): Promise<number[]> {
  const claimed: (() => void)[] = [];
  const lanes = await waiting.open((lane) => claimed[lane]?.());
  try {
    const deadline = performance.now() + options.seconds * 1000;
    const times = await startTogether(
      Array.from({ length: lanes.count }, (_, lane) => {
        const arrived = (onClaim: () => void) => void (claimed[lane] = onClaim);
        const random = createRandom(seed * 1000 + lane);
        return measureLane(lanes, lane, arrived, random, deadline, options.signal);
      }),
    );
    return times.flat();
  } finally {
    await lanes.stop();
  }
}

/** One job after the other, each after a random pause, so that it falls anywhere between two looks. */
async function measureLane(
  lanes: Lanes,
  lane: number,
  arrived: (onClaim: () => void) => void,
  random: Random,
  deadline: number,
  signal: AbortSignal,
): Promise<number[]> {
  const times: number[] = [];
  while (performance.now() < deadline) {
    await sleep(random() * lanes.pauseMillisecondsMax, undefined, { signal });
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const impatience = setTimeout(
      () => reject(new Error(`no claim within ${CLAIM_SECONDS_MAX} s`)),
      CLAIM_SECONDS_MAX * 1000,
    );
    arrived(() => resolve(performance.now()));
    const started = performance.now();
    await Promise.all([lanes.enqueue(lane), promise]);
    clearTimeout(impatience);
    times.push(await promise - started);
  }
  return times;
}

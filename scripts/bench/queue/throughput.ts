// Jobs per second: claim, do nothing, complete, one job per claim. Each window has more ready jobs
// than can be done in it, and begins when the workers are warm.

import { setTimeout as sleep } from "node:timers/promises";
import { statisticsOf } from "../statistics.ts";
import type { Contender } from "./contender.ts";

/** More than the fastest does in one window. */
const READY_JOBS = 12_800;
const WARM_MILLISECONDS = 400;
const WINDOW_MILLISECONDS = 1600;
const DRAINED_BELOW = 200;

/** Of one contender, with so many workers. */
export interface ThroughputResult {
  readonly contender: string;
  readonly workers: number;
  /** Every window. */
  readonly jobsPerSecond: readonly number[];
  readonly median: number | null;
}

export interface ThroughputOptions {
  readonly workers: readonly number[];
  readonly rounds: number;
  readonly signal: AbortSignal;
  readonly onResult: (line: string) => void;
}

/** The contenders take turns in every round, so that a busy moment of the machine hits each. */
export async function measureThroughput(
  contenders: readonly Contender[],
  { workers, rounds, signal, onResult }: ThroughputOptions,
): Promise<ThroughputResult[]> {
  const rates = new Map<string, number[]>();
  const keyOf = (contender: Contender, count: number) => `${contender.name} ${count}`;
  for (let round = 0; round < rounds; round += 1) {
    for (const count of workers) {
      for (const contender of contenders) {
        signal.throwIfAborted();
        const rate = await measureWindow(contender, count);
        const key = keyOf(contender, count);
        rates.set(key, [...rates.get(key) ?? [], rate]);
        onResult(`${contender.name}, ${count} workers: ${Math.round(rate)} jobs/s`);
      }
    }
  }
  return workers.flatMap((count) =>
    contenders.map((contender) => {
      const jobsPerSecond = rates.get(keyOf(contender, count)) ?? [];
      const { median } = statisticsOf(jobsPerSecond);
      return { contender: contender.name, workers: count, jobsPerSecond, median };
    })
  );
}

async function measureWindow(contender: Contender, workers: number): Promise<number> {
  await contender.fill(READY_JOBS);
  let done = 0;
  const running = await contender.start(workers, () => void (done += 1));
  try {
    await sleep(WARM_MILLISECONDS);
    const doneBefore = done;
    const started = performance.now();
    await sleep(WINDOW_MILLISECONDS);
    const seconds = (performance.now() - started) / 1000;
    const doneAfter = done;
    if (READY_JOBS - doneAfter < DRAINED_BELOW) {
      throw new Error(`${contender.name} drained its ${READY_JOBS} jobs within a window`);
    }
    return (doneAfter - doneBefore) / seconds;
  } finally {
    await running.stop();
  }
}

// Jobs per second: claim, do nothing, complete, one job per claim. Each window has more ready jobs
// than can be done in it, and begins when the workers are warm.

import { setTimeout as sleep } from "node:timers/promises";
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
  /** Every window, in the order of the rounds. */
  readonly jobsPerSecond: readonly number[];
}

export interface ThroughputOptions {
  readonly workers: readonly number[];
  readonly rounds: number;
  readonly signal: AbortSignal;
  readonly onResult: (line: string) => void;
}

/**
 * In every round each contender has a window under each condition, one after the other, so that a busy
 * moment of the machine hits all. Of each condition the results in the order of its contenders.
 */
export async function measureThroughput<Name extends string>(
  conditions: readonly { readonly name: Name; readonly contenders: readonly Contender[] }[],
  { workers, rounds, signal, onResult }: ThroughputOptions,
): Promise<Map<Name, ThroughputResult[]>> {
  const subjects = conditions.flatMap(({ name, contenders }) =>
    contenders.map((contender, place) => ({ condition: name, contender, place }))
  ).toSorted((a, b) => a.place - b.place);
  const windows = workers.flatMap((count) =>
    subjects.map((subject) => ({ ...subject, workers: count, jobsPerSecond: [] as number[] }))
  );
  for (let round = 0; round < rounds; round += 1) {
    for (const { condition, contender, workers: count, jobsPerSecond } of windows) {
      signal.throwIfAborted();
      const rate = await measureWindow(contender, count);
      jobsPerSecond.push(rate);
      onResult(`${condition}: ${contender.name}, ${count} workers: ${Math.round(rate)} jobs/s`);
    }
  }
  const results = new Map<Name, ThroughputResult[]>(conditions.map(({ name }) => [name, []]));
  for (const { condition, contender, workers: count, jobsPerSecond } of windows) {
    results.get(condition)?.push({ contender: contender.name, workers: count, jobsPerSecond });
  }
  return results;
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

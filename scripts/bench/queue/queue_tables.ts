// The tables of the queue benchmark. Pure.

import { formatCount, formatDuration } from "../../demo/figures.ts";
import { statisticsOf } from "../statistics.ts";
import { ratio, shown, type Table } from "../table.ts";
import type { ConditionResult } from "./conditions.ts";
import type { FairnessResult } from "./fairness.ts";
import type { RecoveryResult } from "./recovery.ts";

export const QUARRY = "Quarry";
const JOBS_PER_SECOND_GOAL = 1000;
/** "Flat within 10 %". */
const FLAT_SHARE_MIN = 0.9;
const SMALL_TENANT_SHARE_GOAL = 0.45;

function windowsOf(
  { throughput }: ConditionResult,
  contender: string,
  workers: number,
): readonly number[] {
  return throughput.find((each) => each.contender === contender && each.workers === workers)
    ?.jobsPerSecond ?? [];
}

function medianOf(condition: ConditionResult, contender: string, workers: number): number | null {
  return statisticsOf(windowsOf(condition, contender, workers)).median;
}

/** What is left of the jobs/s of a clean table: the median of the rounds, each compared within itself. */
function flatnessOf(
  clean: ConditionResult,
  condition: ConditionResult,
  contender: string,
  workers: number,
): number | null {
  const ofClean = windowsOf(clean, contender, workers);
  const parts = windowsOf(condition, contender, workers).flatMap((rate, round) => {
    const whole = ofClean[round];
    return whole === undefined ? [] : [rate / whole];
  });
  return statisticsOf(parts).median;
}

/** Jobs per second, and Quarry's as a multiple of each other contender's. */
export function throughputTable(conditions: readonly ConditionResult[]): Table {
  const all = conditions.flatMap(({ throughput }) => throughput);
  const contenders = [...new Set(all.map(({ contender }) => contender))];
  const workers = [...new Set(all.map((each) => each.workers))];
  const others = contenders.filter((contender) => contender !== QUARRY);
  return {
    title: "Throughput: claim and complete, one job per claim (jobs/s, median)",
    columns: [
      "table",
      "workers",
      ...contenders,
      ...others.map((other) => `${QUARRY} ÷ ${other}`),
    ],
    rows: conditions.flatMap((condition) =>
      workers.map((count) => [
        condition.condition,
        String(count),
        ...contenders.map((each) => shown(medianOf(condition, each, count), formatCount)),
        ...others.map((other) =>
          ratio(medianOf(condition, QUARRY, count), medianOf(condition, other, count))
        ),
      ])
    ),
  };
}

/** What is left of each contender's throughput under a condition, of that on a clean table. */
export function flatnessTable(conditions: readonly ConditionResult[]): Table {
  const [clean, ...others] = conditions;
  if (clean === undefined) throw new Error("nothing was measured");
  const contenders = [...new Set(clean.throughput.map(({ contender }) => contender))];
  const workers = [...new Set(clean.throughput.map((each) => each.workers))];
  return {
    title: "Throughput under a condition, as a part of that on a clean table",
    columns: ["table", "workers", ...contenders],
    rows: others.flatMap((condition) =>
      workers.map((count) => [
        condition.condition,
        String(count),
        ...contenders.map((each) => ratio(flatnessOf(clean, condition, each, count), 1)),
      ])
    ),
  };
}

export function latencyTable(conditions: readonly ConditionResult[]): Table {
  return {
    title: "Latency: from the call that enqueues to the handler of an idle worker",
    columns: ["table", "contender", "how its worker waits", "jobs", "p50", "p99"],
    rows: conditions.flatMap(({ condition, latency }) =>
      latency.map(({ contender, waiting, milliseconds, p50, p99 }) => [
        condition,
        contender,
        waiting,
        formatCount(milliseconds.length),
        shown(p50, formatShort),
        shown(p99, formatShort),
      ])
    ),
  };
}

/** Tenths below 100 ms, where they matter. */
function formatShort(milliseconds: number): string {
  return milliseconds < 100 ? `${milliseconds.toFixed(1)} ms` : formatDuration(milliseconds);
}

export function fairnessTable(results: readonly FairnessResult[]): Table {
  return {
    title: "Fairness: the small tenant's share of completions while it has work, 90/10 skew",
    columns: ["contender", "share"],
    rows: results.map(({ contender, smallTenantShare }) => [
      contender,
      `${(smallTenantShare * 100).toFixed(0)} %`,
    ]),
  };
}

export function recoveryTable(results: readonly RecoveryResult[]): Table {
  return {
    title: "Recovery: from the end of a worker to the next claim of its job",
    columns: ["event", "contender", "setting", "until the next claim"],
    rows: results.map(({ event, contender, setting, milliseconds, documented }) => [
      event,
      contender,
      setting,
      milliseconds === null ? `documented: ${documented ?? "–"}` : formatDuration(milliseconds),
    ]),
  };
}

/** The goals that this benchmark decides. */
export function goalTable(
  conditions: readonly ConditionResult[],
  fairness: readonly FairnessResult[],
  recovery: readonly RecoveryResult[],
): Table {
  const [clean, ...others] = conditions;
  if (clean === undefined) throw new Error("nothing was measured");
  const rows: [string, number | null, (value: number) => string, (value: number) => boolean][] = [];
  for (const { workers, contender } of clean.throughput) {
    if (contender !== QUARRY) continue;
    const name = `at least ${formatCount(JOBS_PER_SECOND_GOAL)} jobs/s, ${workers} workers`;
    rows.push([
      name,
      medianOf(clean, QUARRY, workers),
      formatCount,
      (value) => value >= JOBS_PER_SECOND_GOAL,
    ]);
    for (const other of others) {
      rows.push([
        `flat within 10 %, ${other.condition}, ${workers} workers`,
        flatnessOf(clean, other, QUARRY, workers),
        (value) => `${value.toFixed(2)}×`,
        (value) => value >= FLAT_SHARE_MIN,
      ]);
    }
  }
  const share = fairness.find(({ contender }) => contender === QUARRY)?.smallTenantShare ?? null;
  rows.push([
    "small tenant at least 45 %",
    share,
    (value) => `${(value * 100).toFixed(0)} %`,
    (value) => value >= SMALL_TENANT_SHARE_GOAL,
  ]);
  const recoveryGoals = { "kill -9": 75_000, "SIGTERM": 3000 };
  for (const [event, limit] of Object.entries(recoveryGoals)) {
    const times = recovery.filter((each) => each.contender === QUARRY && each.event === event)
      .flatMap((each) => each.milliseconds ?? []);
    const worst = times.length === 0 ? null : Math.max(...times);
    rows.push([
      `recovery after ${event} below ${formatDuration(limit)}`,
      worst,
      formatDuration,
      (value) => value < limit,
    ]);
  }
  return {
    title: "Against the goals",
    columns: ["goal", "measured", "met"],
    rows: rows.map(([name, value, format, isMet]) => [
      name,
      shown(value, format),
      value === null ? "–" : isMet(value) ? "yes" : "no",
    ]),
  };
}

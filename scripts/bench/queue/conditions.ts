// What the queues are measured under. Each condition has databases of its own, so that all are measured
// in turns: what is flat is told by windows beside one another, whatever the machine does meanwhile.

import type { Backlog, Contender } from "./contender.ts";
import { withHeldTransactions } from "./held_transaction.ts";
import { type LatencyResult, measureLatency } from "./latency.ts";
import { settle } from "./queue_database.ts";
import { measureThroughput, type ThroughputResult } from "./throughput.ts";

const WORKERS = [1, 8, 32];
const BACKLOG: Backlog = { finished: 100_000, failed: 100_000, blocked: 100_000 };
const LATENCY_SECONDS = 15;

/** The first is what the others are compared with. */
export const CONDITIONS = ["clean", "used", "held"] as const;
export type ConditionName = (typeof CONDITIONS)[number];

const titles: Record<ConditionName, string> = {
  clean: "clean",
  used: "3 × 100,000 rows",
  held: "old transaction open",
};

/** A condition and the contenders whose databases are in it. */
export interface Condition {
  readonly name: ConditionName;
  readonly contenders: readonly Contender[];
}

/** What lay in the table, or in the way, during throughput and latency. */
export interface ConditionResult {
  readonly condition: string;
  readonly throughput: readonly ThroughputResult[];
  readonly latency: readonly LatencyResult[];
}

export interface ConditionOptions {
  readonly rounds: number;
  readonly seed: number;
  readonly measures: { readonly latency: boolean; readonly throughput: boolean };
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Brings every database into its condition, then measures; answers in the order of the conditions. */
export async function measureConditions(
  conditions: readonly Condition[],
  options: ConditionOptions,
): Promise<ConditionResult[]> {
  for (const { name, contenders } of conditions) {
    if (name === "used") options.say("adding 100,000 finished, failed and blocked jobs each");
    for (const contender of contenders) {
      if (name === "used") await contender.addBacklog(BACKLOG);
      await settle(contender);
    }
  }
  const held = conditions.flatMap(({ name, contenders }) => name === "held" ? contenders : []);
  return await withHeldTransactions(held, async () => {
    const latencies = new Map<ConditionName, LatencyResult[]>();
    for (const { name, contenders } of options.measures.latency ? conditions : []) {
      options.say(`${titles[name]}: latency, ${LATENCY_SECONDS} s`);
      latencies.set(
        name,
        await measureLatency(contenders, { ...options, seconds: LATENCY_SECONDS }),
      );
    }
    const throughputs = options.measures.throughput
      ? await measureThroughput(conditions, { ...options, workers: WORKERS, onResult: options.say })
      : new Map<ConditionName, ThroughputResult[]>();
    return conditions.map(({ name }) => ({
      condition: titles[name],
      latency: latencies.get(name) ?? [],
      throughput: throughputs.get(name) ?? [],
    }));
  });
}

// `npm run bench -- queue`: Quarry's queue beside graphile-worker and pg-boss on one PostgreSQL, in one
// run: throughput, latency, both in a used table and with an old transaction open, fairness, recovery.

import { mkdir } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { type PostgresServer, startPostgres } from "../../local/database/postgres.ts";
import {
  type Benchmark,
  type BenchmarkContext,
  type BenchmarkResult,
  countOption,
  UsageError,
} from "../benchmark.ts";
import {
  type Condition,
  type ConditionResult,
  CONDITIONS,
  measureConditions,
} from "./conditions.ts";
import type { Contender, SharedQueue } from "./contender.ts";
import { type Contenders, openContenders } from "./contenders.ts";
import { FAIRNESS_WORKERS, type FairnessResult, measureFairness } from "./fairness.ts";
import type { GraphileWorker } from "./graphile_worker.ts";
import type { PgBossQueue } from "./pg_boss.ts";
import {
  fairnessTable,
  flatnessTable,
  goalTable,
  latencyTable,
  recoveryTable,
  throughputTable,
} from "./queue_tables.ts";
import { measureRecovery, type RecoveryResult } from "./recovery.ts";
import { formatTable, type Table } from "../table.ts";

/** What may be left out; `held` and `used` are conditions of throughput and latency. */
const PARTS = ["throughput", "latency", "held", "used", "fairness", "recovery"] as const;
type Part = (typeof PARTS)[number];

interface QueueOptions {
  readonly rounds: number;
  readonly seed: number;
  readonly parts: ReadonlySet<Part>;
}

export const queueBenchmark: Benchmark = {
  name: "queue",
  usage: `queue [--rounds 4] [--seed 1] [--parts ${PARTS.join(",")}]   ` +
    "the queue beside graphile-worker and pg-boss",
  run: async (args, context) => {
    const { values } = parseArgs({
      args: [...args],
      options: {
        rounds: { type: "string", default: "4" },
        seed: { type: "string", default: "1" },
        parts: { type: "string", default: PARTS.join(",") },
      },
    });
    const options = {
      rounds: countOption("rounds", values.rounds),
      seed: countOption("seed", values.seed),
      parts: partsOf(values.parts),
    };
    const server = await startPostgres();
    try {
      return await measureAll(server, options, context);
    } finally {
      await server.stop();
    }
  },
};

function partsOf(list: string): ReadonlySet<Part> {
  const parts = list.split(",").map((name) => {
    const part = PARTS.find((known) => known === name);
    if (part === undefined) throw new UsageError(`--parts has no part ${name}`);
    return part;
  });
  return new Set(parts);
}

async function measureAll(
  server: PostgresServer,
  options: QueueOptions,
  context: BenchmarkContext,
): Promise<BenchmarkResult> {
  await using stack = new AsyncDisposableStack();
  const open = (name: string) => openContenders(server, name, stack, context.root);
  const { parts } = options;
  const conditions: Condition[] = [];
  for (const name of CONDITIONS) {
    if (name !== "clean" && !parts.has(name)) continue;
    conditions.push({ name, contenders: Object.values(await open(name)) });
  }
  const measures = { latency: parts.has("latency"), throughput: parts.has("throughput") };
  const results = await measureConditions(conditions, { ...options, ...context, measures });
  // Shown as it is measured: what goes wrong later does not take it away.
  for (const table of withRows([throughputTable(results), latencyTable(results)])) {
    context.say(formatTable(table));
  }
  const fairness = parts.has("fairness")
    ? await measureAllFairness(await open("shared"), options.seed, context)
    : [];
  const recovery = parts.has("recovery") ? await recover(server, context) : [];
  return resultOf(conditions[0]?.contenders ?? [], results, fairness, recovery);
}

async function recover(
  server: PostgresServer,
  context: BenchmarkContext,
): Promise<RecoveryResult[]> {
  context.say("recovery takes about 75 s");
  const directory = path.join(context.directory, "work");
  await mkdir(directory);
  return await measureRecovery(server, { ...context, directory });
}

async function measureAllFairness(
  { quarry, graphile, pgBoss }: Contenders,
  seed: number,
  { say, signal }: BenchmarkContext,
): Promise<FairnessResult[]> {
  const queues = [quarry.shared(), graphileShared(graphile), pgBossShared(pgBoss)];
  queues.push(pgBoss.withGroupLimit(FAIRNESS_WORKERS / 2));
  const fairness: FairnessResult[] = [];
  for (const queue of queues) {
    await Promise.all([graphile.clear(), pgBoss.clear()]);
    fairness.push(await measureFairness(queue, seed, signal));
  }
  say(formatTable(fairnessTable(fairness)));
  return fairness;
}

function graphileShared(graphile: GraphileWorker): SharedQueue {
  return {
    name: graphile.name,
    fill: (tenants) => graphile.fillTenants(tenants),
    start: (workers, onJob) => graphile.start(workers, onJob),
  };
}

function pgBossShared(pgBoss: PgBossQueue): SharedQueue {
  return {
    name: pgBoss.name,
    fill: (tenants) => pgBoss.fillTenants(tenants),
    start: (workers, onJob) => pgBoss.start(workers, onJob),
  };
}

function withRows(tables: readonly Table[]): Table[] {
  return tables.filter(({ rows }) => rows.length > 0);
}

function resultOf(
  contenders: readonly Contender[],
  conditions: readonly ConditionResult[],
  fairness: readonly FairnessResult[],
  recovery: readonly RecoveryResult[],
): BenchmarkResult {
  const versions = contenders.map(({ name, version }) => `${name} ${version}`).join(", ");
  return {
    tables: withRows([
      goalTable(conditions, fairness, recovery),
      throughputTable(conditions),
      flatnessTable(conditions),
      latencyTable(conditions),
      fairnessTable(fairness),
      recoveryTable(recovery),
    ]),
    notes: [
      `Contenders: ${versions}; one PostgreSQL with durability on, a database each under each condition, workers + 1 ` +
      "connections each, one job per claim, a handler that does nothing, all in one Node process. For " +
      "latency jobs come over one more connection, as from another process. Throughput is measured in " +
      "turns: a window under each condition beside the others, and what is left of a clean table's is " +
      "the median of such comparisons.",
      "Quarry writes its events, fences every completion by the lease, and takes the next job in the " +
      "transaction that completes one; the commit of what hands out a job does not wait for the disk, " +
      "so of these jobs none but the last: what a job has done is committed before, and waits. " +
      "graphile-worker deletes a finished job and sends the deletion while it asks for the next; " +
      "pg-boss is driven by fetch and complete.",
    ],
    data: { versions, conditions, fairness, recovery },
  };
}

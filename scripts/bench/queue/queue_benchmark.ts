// `npm run bench -- queue`: Quarry's queue beside graphile-worker and pg-boss on one PostgreSQL, in one
// run: throughput, latency, both in a used table and with an old transaction open, fairness, recovery.

import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { type PostgresServer, startPostgres } from "../../local/database/postgres.ts";
import {
  type Benchmark,
  type BenchmarkContext,
  type BenchmarkResult,
  countOption,
  UsageError,
} from "../benchmark.ts";
import type { Contender, SharedQueue } from "./contender.ts";
import { FAIRNESS_WORKERS, type FairnessResult, measureFairness } from "./fairness.ts";
import { GraphileWorker } from "./graphile_worker.ts";
import { withHeldTransactions } from "./held_transaction.ts";
import { measureLatency } from "./latency.ts";
import { PgBossQueue } from "./pg_boss.ts";
import { QuarryQueue, shareQuarry } from "./quarry.ts";
import { createQueueDatabase, migrate, settle } from "./queue_database.ts";
import {
  type ConditionResult,
  fairnessTable,
  flatnessTable,
  goalTable,
  latencyTable,
  recoveryTable,
  throughputTable,
} from "./queue_tables.ts";
import { measureRecovery, type RecoveryResult } from "./recovery.ts";
import { measureThroughput } from "./throughput.ts";
import { formatTable, type Table } from "../table.ts";

const WORKERS = [1, 8, 32];
const BACKLOG = { finished: 100_000, failed: 100_000, blocked: 100_000 };
const LATENCY_SECONDS = 15;
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
  usage: `queue [--rounds 2] [--seed 1] [--parts ${PARTS.join(",")}]   ` +
    "the queue beside graphile-worker and pg-boss",
  run: async (args, context) => {
    const { values } = parseArgs({
      args: [...args],
      options: {
        rounds: { type: "string", default: "2" },
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
  const versionOf = (name: string) => readVersion(context.root, name);
  const quarry = stack.use(new QuarryQueue(await createMigrated(server, "quarry", context)));
  const graphile = stack.use(
    new GraphileWorker(
      await createQueueDatabase(server, "graphile"),
      await versionOf("graphile-worker"),
    ),
  );
  const pgBoss = stack.use(
    new PgBossQueue(await createQueueDatabase(server, "pgboss"), await versionOf("pg-boss")),
  );
  await graphile.prepare();
  await pgBoss.prepare();
  const contenders: Contender[] = [quarry, graphile, pgBoss];
  const conditions = await measureConditions(contenders, options, context);
  // Shown as it is measured: what goes wrong later does not take it away.
  for (const table of withRows([throughputTable(conditions), latencyTable(conditions)])) {
    context.say(formatTable(table));
  }
  const fairness = options.parts.has("fairness")
    ? await measureAllFairness(server, graphile, pgBoss, options.seed, context)
    : [];
  const recovery = options.parts.has("recovery") ? await recover(server, context) : [];
  return resultOf(contenders, conditions, fairness, recovery);
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
  server: PostgresServer,
  graphile: GraphileWorker,
  pgBoss: PgBossQueue,
  seed: number,
  context: BenchmarkContext,
): Promise<FairnessResult[]> {
  await using stack = new AsyncDisposableStack();
  const shared = stack.use(await createMigrated(server, "quarry_shared", context));
  const queues = [shareQuarry(shared), graphileShared(graphile), pgBossShared(pgBoss)];
  queues.push(pgBoss.withGroupLimit(FAIRNESS_WORKERS / 2));
  const fairness: FairnessResult[] = [];
  for (const queue of queues) {
    await Promise.all([graphile.clear(), pgBoss.clear()]);
    fairness.push(await measureFairness(queue, seed, context.signal));
  }
  context.say(formatTable(fairnessTable(fairness)));
  return fairness;
}

async function createMigrated(server: PostgresServer, name: string, { root }: BenchmarkContext) {
  const database = await createQueueDatabase(server, name);
  await migrate(database, root);
  return database;
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

async function measureConditions(
  contenders: readonly Contender[],
  { rounds, seed, parts }: QueueOptions,
  { say, signal }: BenchmarkContext,
): Promise<ConditionResult[]> {
  const latencyOf = async (condition: string) => {
    say(`${condition}: latency, ${LATENCY_SECONDS} s`);
    return await measureLatency(contenders, { seconds: LATENCY_SECONDS, seed, signal });
  };
  const measure = async (condition: string): Promise<ConditionResult> => {
    const latency = parts.has("latency") ? await latencyOf(condition) : [];
    const onResult = (line: string) => say(`${condition}: ${line}`);
    const options = { workers: WORKERS, rounds, signal, onResult };
    const throughput = parts.has("throughput") ? await measureThroughput(contenders, options) : [];
    return { condition, latency, throughput };
  };
  const cleanUp = async () => {
    for (const contender of contenders) {
      await contender.clear();
      await settle(contender);
    }
  };
  await cleanUp();
  const clean = await measure("clean");
  await cleanUp();
  const conditions = [clean];
  if (parts.has("held")) {
    const held = () => measure("old transaction open");
    conditions.push(await withHeldTransactions(contenders, held));
    await cleanUp();
  }
  if (!parts.has("used")) return conditions;
  say("adding 100,000 finished, failed and blocked jobs each");
  for (const contender of contenders) await contender.addBacklog(BACKLOG);
  await cleanUp();
  // Before the old transaction in the tables, though measured after it: vacuum would not undo this.
  conditions.splice(1, 0, await measure("3 × 100,000 rows"));
  await cleanUp();
  return conditions;
}

function withRows(tables: readonly Table[]): Table[] {
  return tables.filter(({ rows }) => rows.length > 0);
}

const manifest = z.object({ version: z.string() });

async function readVersion(root: string, name: string): Promise<string> {
  const file = path.join(root, "node_modules", name, "package.json");
  return manifest.parse(JSON.parse(await readFile(file, "utf8"))).version;
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
      `Contenders: ${versions}; one PostgreSQL with durability on, a database each, workers + 1 ` +
      "connections each, one job per claim, a handler that does nothing, all in one Node process. For " +
      "latency jobs come over one more connection, as from another process.",
      "Quarry writes its events, fences every completion by the lease, and takes the next job in the " +
      "transaction that completes one; the commit of what hands out a job does not wait for the disk, " +
      "so of these jobs none but the last: what a job has done is committed before, and waits. " +
      "graphile-worker deletes a finished job and sends the deletion while it asks for the next; " +
      "pg-boss is driven by fetch and complete.",
    ],
    data: { versions, conditions, fairness, recovery },
  };
}

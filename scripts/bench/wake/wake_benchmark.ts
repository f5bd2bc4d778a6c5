// `npm run bench -- wake`: from the insert of a job to its claim by a machine that did not run, stage
// by stage; for machines that are created and for stopped ones that are started again.

import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { formatDuration } from "../../demo/figures.ts";
import { createStack, type Stack } from "../../local/stack.ts";
import {
  type Benchmark,
  type BenchmarkContext,
  type BenchmarkResult,
  countOption,
} from "../benchmark.ts";
import { git } from "../command.ts";
import {
  type Stage,
  stagesOf,
  stageStatistics,
  type Statistics,
  statisticsOf,
} from "../statistics.ts";
import { shown, type Table } from "../table.ts";
import { RequestWatch, wakeMarks } from "./wake_marks.ts";

const WAKE_MILLISECONDS_GOAL = 400;
const READY_MILLISECONDS_GOAL = 150;
const POLL_MILLISECONDS = 5;
const WAIT_SECONDS_MAX = 30;
const FULL_NAME = "bench/wake";
/** What a machine prints when it is known and about to claim. */
const READY = "worker registered";

/** How the machine of a run comes to run. */
const KINDS = ["created", "started again"] as const;
type Kind = (typeof KINDS)[number];

interface WakeRun {
  readonly kind: Kind;
  readonly milliseconds: number;
  readonly stages: readonly Stage[];
}

export const wakeBenchmark: Benchmark = {
  name: "wake",
  usage: "wake [--runs 20]   from the insert of a job to its claim by a machine that did not run",
  run: async (args, context) => {
    const { values } = parseArgs({
      args: [...args],
      options: { runs: { type: "string", default: "20" } },
    });
    return resultOf(await measure(countOption("runs", values.runs), context));
  },
};

async function measure(runCount: number, context: BenchmarkContext): Promise<WakeRun[]> {
  // Durable, as a user's; and machines leave after a second, so that the next run need not wait.
  await using stack = await createStack({ machineEnvironment: { IDLE_EXIT_SECONDS: "1" } });
  using watch = new RequestWatch();
  const repositoryId = await registerRepository(stack, context);
  const runs: WakeRun[] = [];
  // The first of each kind warms what a deployment has warm: Deno's modules, the compile cache.
  for (let count = 0; count <= runCount; count += 1) {
    for (const kind of KINDS) {
      const run = await wakeOnce(stack, watch, repositoryId, kind, context.signal);
      if (count === 0) continue;
      runs.push(run);
      context.say(`${kind} ${count} of ${runCount}: ${formatDuration(run.milliseconds)}`);
    }
  }
  return runs;
}

/** Pushes a repository of one file and waits for its first index. */
async function registerRepository(
  stack: Stack,
  { directory, signal }: BenchmarkContext,
): Promise<string> {
  const checkout = path.join(directory, "pushed");
  await mkdir(checkout);
  await writeFile(path.join(checkout, "one.ts"), "export const one = 1;\n");
  await git(checkout, ["init", "--quiet", "--initial-branch=main"], { signal });
  await git(checkout, ["add", "--all"], { signal });
  await git(checkout, ["commit", "--quiet", "-m", "One file"], { signal });
  await git(checkout, ["push", "--quiet", `${stack.githubUrl}/${FULL_NAME}.git`, "main"], {
    signal,
  });
  const response = await fetch(`${stack.functionsUrl}/api/repositories`, {
    method: "POST",
    headers: { authorization: `Bearer ${stack.apiKey}` },
    body: JSON.stringify({ repository: FULL_NAME }),
    signal,
  });
  const { repository } = await response.json() as { repository: { id: string } };
  return repository.id;
}

async function wakeOnce(
  stack: Stack,
  watch: RequestWatch,
  repositoryId: string,
  kind: Kind,
  signal: AbortSignal,
): Promise<WakeRun> {
  await until("a fleet at rest", signal, async () => await isAtRest(stack));
  if (kind === "created") await emptyPool(stack, signal);
  watch.clear();
  const [job] = await stack.sql<{ id: string }[]>`
    select id from quarry.enqueue_job(${repositoryId}, 'index', 'refs/heads/main', 'bench')`;
  const jobId = job?.id ?? "";
  await until("the end of the job", signal, async () => {
    const [row] = await stack.sql`select state from quarry.indexing_jobs where id = ${jobId}`;
    return row?.["state"] === "completed";
  });
  const stages = stagesOf(await wakeMarks(stack, jobId, watch.seen));
  const milliseconds = stages.reduce((sum, stage) => sum + stage.milliseconds, 0);
  return { kind, milliseconds, stages };
}

async function isAtRest({ machines, sql }: Stack): Promise<boolean> {
  if (machines.running().length > 0) return false;
  const live = await sql`select from quarry.machines where state <> 'gone'
    union all select from quarry.indexing_jobs where state in ('queued', 'running')`;
  return live.length === 0;
}

/** Has dispatch destroy every machine, as it does with those of an old image. */
async function emptyPool(stack: Stack, signal: AbortSignal): Promise<void> {
  await stack.sql`update quarry.machines set leftover = 'condemned', clean_at = clock_timestamp()
    where leftover = 'stopped'`;
  await fetch(`${stack.functionsUrl}/dispatch`, {
    method: "POST",
    headers: { authorization: `Bearer ${stack.secrets.wakeSecret}` },
    signal,
  });
  await until("an empty pool", signal, () => Promise.resolve(stack.machines.list().length === 0));
}

async function until(
  what: string,
  signal: AbortSignal,
  look: () => Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + WAIT_SECONDS_MAX * 1000;
  while (!await look()) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await sleep(POLL_MILLISECONDS, undefined, { signal });
  }
}

function resultOf(runs: readonly WakeRun[]): BenchmarkResult {
  const of = (kind: Kind) => runs.filter((run) => run.kind === kind);
  const total = (kind: Kind) => statisticsOf(of(kind).map(({ milliseconds }) => milliseconds));
  const ready = statisticsOf(
    runs.flatMap(({ stages }) => stages.filter(({ name }) => name === READY))
      .map(({ milliseconds }) => milliseconds),
  );
  const goals: Table = {
    title: "Against the goals",
    columns: ["", "runs", "min", "median", "max", "goal (median)", "met"],
    rows: [
      ...KINDS.map((kind) =>
        goalRow(`insert to claim, machine ${kind}`, total(kind), WAKE_MILLISECONDS_GOAL)
      ),
      goalRow("process spawned to ready to claim", ready, READY_MILLISECONDS_GOAL),
    ],
  };
  const tables = [goals, ...KINDS.map((kind) => stageTable(kind, of(kind), total(kind)))];
  const notes = [
    "A job is queued by SQL while no machine runs. Each run ends with a machine at rest; before a " +
    "create the pool of stopped machines is emptied. The first run of each kind is not counted.",
    "pg_net, the gateway and the Machines API are stand-ins on the same machine: they show what our " +
    "own part costs. At Fly a start takes under a second more, and a create about ten.",
  ];
  return { tables, notes, data: { runs } };
}

function stageTable(kind: Kind, runs: readonly WakeRun[], total: Statistics): Table {
  const stages = stageStatistics(runs.map((run) => run.stages));
  return {
    title: `Stage by stage, machine ${kind}`,
    columns: ["until", "runs", "min", "median", "max"],
    rows: [...stages, ["together", total] as const].map(([name, statistics]) =>
      statisticsRow(name, statistics)
    ),
  };
}

function goalRow(name: string, statistics: Statistics, goal: number): string[] {
  const { median } = statistics;
  const met = median === null ? "–" : median <= goal ? "yes" : "no";
  return [...statisticsRow(name, statistics), formatDuration(goal), met];
}

function statisticsRow(name: string, { runs, min, median, max }: Statistics): string[] {
  return [name, String(runs), ...[min, median, max].map((value) => shown(value, formatDuration))];
}

// `npm run bench -- stack`: how long a stack takes to start, and how long a push takes to be found.

import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { formatDuration } from "../demo/figures.ts";
import { ApiClient } from "./api_client.ts";
import {
  type Benchmark,
  type BenchmarkContext,
  type BenchmarkResult,
  countOption,
} from "./benchmark.ts";
import { git } from "./command.ts";
import { FleetView } from "./fleet.ts";
import { pushAndSearch, type PushedRepository, type PushRun } from "./push_to_search.ts";
import { copyCheckout } from "./sandbox.ts";
import { type RunningStack, startStack } from "./stack_process.ts";
import { stageStatistics, type Statistics, statisticsOf } from "./statistics.ts";
import { shown, type Table } from "./table.ts";

const START_MILLISECONDS_GOAL = 2500;
const SEEN_MILLISECONDS_GOAL = 1000;
const FULL_NAME = "bench/quarry";
const JOB_POLL_MILLISECONDS = 100;

export const stackBenchmark: Benchmark = {
  name: "stack",
  usage: "stack [--starts 5] [--pushes 20]   start of the stack, and from push to search",
  run: async (args, context) => {
    const options = { starts: { type: "string", default: "5" } } as const;
    const pushOption = { pushes: { type: "string", default: "20" } } as const;
    const { values } = parseArgs({ args: [...args], options: { ...options, ...pushOption } });
    const starts = countOption("starts", values.starts);
    const pushes = countOption("pushes", values.pushes);

    const checkout = path.join(context.directory, "checkout");
    await copyCheckout(context.root, checkout);
    const startTimes = await measureStarts(checkout, starts, context);
    const runs = await measurePushes(checkout, pushes, context);
    return resultOf(startTimes, runs);
  },
};

async function measureStarts(
  checkout: string,
  starts: number,
  { say, signal }: BenchmarkContext,
): Promise<number[]> {
  const times: number[] = [];
  for (let start = 1; start <= starts; start += 1) {
    await rm(path.join(checkout, ".local"), { recursive: true, force: true });
    await using stack = await startStack(checkout, signal);
    times.push(stack.startMilliseconds);
    say(`start ${start} of ${starts}: ${formatDuration(stack.startMilliseconds)}`);
  }
  return times;
}

async function measurePushes(
  checkout: string,
  pushes: number,
  context: BenchmarkContext,
): Promise<PushRun[]> {
  const { say, signal } = context;
  await using stack = await startStack(checkout, signal);
  await using fleet = new FleetView(stack);
  const api = new ApiClient(stack.file, signal);
  const repository = await registerOwnSources(stack, api, context);
  const runs: PushRun[] = [];
  for (let push = 1; push <= pushes; push += 1) {
    const run = await pushAndSearch(repository, push, "cold", api, fleet, signal);
    runs.push(run);
    say(`push ${push} of ${pushes}: seen after ${formatDuration(run.seenMilliseconds)}`);
  }
  return runs;
}

/** Pushes this project's own sources as a repository and waits for its first index. */
async function registerOwnSources(
  stack: RunningStack,
  api: ApiClient,
  { root, directory, signal }: BenchmarkContext,
): Promise<PushedRepository> {
  const checkout = path.join(directory, "pushed");
  const url = `${stack.file.github_url}/${FULL_NAME}.git`;
  await mkdir(checkout);
  for (const folder of ["indexer", "scripts", "supabase", "docs"]) {
    await copyCheckout(path.join(root, folder), path.join(checkout, folder));
  }
  await git(checkout, ["init", "--quiet", "--initial-branch=main"], { signal });
  await git(checkout, ["add", "--all"], { signal });
  await git(checkout, ["commit", "--quiet", "-m", "Quarry's own sources"], { signal });
  await git(checkout, ["push", "--quiet", url, "main"], { signal });
  const { repository, job } = await api.register(FULL_NAME);
  await api.finished(job.id, JOB_POLL_MILLISECONDS);
  const file = "scripts/bench/push_to_search.ts";
  return { directory: checkout, url, branch: "main", repositoryId: repository.id, file };
}

function resultOf(startTimes: readonly number[], runs: readonly PushRun[]): BenchmarkResult {
  const start = statisticsOf(startTimes);
  const seen = statisticsOf(runs.map((run) => run.seenMilliseconds));
  const completed = runs.flatMap((run) => run.completedMilliseconds ?? []);
  const stages = stageStatistics(runs.map((run) => run.stages));
  const tables: Table[] = [
    {
      title: "Against the goals",
      columns: ["", "runs", "min", "median", "max", "goal (median)", "met"],
      rows: [
        goalRow("`npm run stack` to health 200", start, START_MILLISECONDS_GOAL),
        goalRow("exit of git push to found", seen, SEEN_MILLISECONDS_GOAL),
      ],
    },
    {
      title: "From push to search, stage by stage",
      columns: ["until", "runs", "min", "median", "max"],
      rows: [
        ...[...stages].map(([name, statistics]) => statisticsRow(name, statistics)),
        statisticsRow("together", seen),
        statisticsRow("job completed, from the push", statisticsOf(completed)),
      ],
    },
  ];
  const notes = [
    "Start: `npm run stack` in a copy of the checkout with an installed node_modules and without " +
    "`.local`; files are in the system's cache. The clock runs from the start of npm.",
    "Push: this project's sources with one more line. Each push waits until no machine is alive. " +
    "Search is asked over HTTP every 20 ms, on the same machine. A stage ends when the database " +
    "wrote what names it; the job may complete after search has seen its result.",
  ];
  return { tables, notes, data: { startTimes, start, seen, stages: [...stages], runs } };
}

function goalRow(name: string, statistics: Statistics, goal: number): string[] {
  const { runs, median } = statistics;
  const met = median === null ? "–" : median <= goal ? "yes" : "no";
  return [...statisticsRow(name, { ...statistics, runs }), formatDuration(goal), met];
}

function statisticsRow(name: string, { runs, min, median, max }: Statistics): string[] {
  return [name, String(runs), ...[min, median, max].map((value) => shown(value, formatDuration))];
}

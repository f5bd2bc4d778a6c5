// `npm run bench -- NAME [ARGS]`: runs one benchmark, prints its tables with the conditions they
// came about under, and writes all it measured to .local/bench/NAME.json; with --markdown FILE also as a
// section for the documentation, in its place there. What is measured, and how, is in scripts/bench.

import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { agentBenchmark } from "./bench/agent/agent_benchmark.ts";
import { type Benchmark, type BenchmarkContext, UsageError } from "./bench/benchmark.ts";
import { formatConditions, watchConditions } from "./bench/conditions.ts";
import { differentialBenchmark } from "./bench/differential/differential_benchmark.ts";
import { growthBenchmark } from "./bench/growth/growth_benchmark.ts";
import { extractBenchmark } from "./bench/extract_benchmark.ts";
import { indexBenchmark } from "./bench/index_benchmark.ts";
import { formatMarkdown, placeSection } from "./bench/markdown.ts";
import { queueBenchmark } from "./bench/queue/queue_benchmark.ts";
import { rankingBenchmark } from "./bench/ranking/ranking_benchmark.ts";
import { searchBenchmark } from "./bench/search/search_benchmark.ts";
import { stackBenchmark } from "./bench/stack_benchmark.ts";
import { formatTable } from "./bench/table.ts";
import { wakeBenchmark } from "./bench/wake/wake_benchmark.ts";
import { onStopSignal } from "./stop_signals.ts";

const EXIT_CODE_USAGE = 2;
const EXIT_CODE_INTERRUPTED = 130;
/** More than a stack is given to stop. */
const STOP_MILLISECONDS_MAX = 25_000;

const benchmarks: readonly Benchmark[] = [
  stackBenchmark,
  extractBenchmark,
  indexBenchmark,
  growthBenchmark,
  searchBenchmark,
  rankingBenchmark,
  wakeBenchmark,
  queueBenchmark,
  agentBenchmark,
  differentialBenchmark,
];

function usage(): string {
  return [
    "usage: npm run bench -- NAME [ARGS] [--markdown FILE]",
    ...benchmarks.map((each) => `  ${each.usage}`),
  ]
    .join("\n");
}

async function runBenchmark(
  benchmark: Benchmark,
  args: readonly string[],
  context: BenchmarkContext,
): Promise<void> {
  const { file: markdownFile, rest } = takeMarkdownFile(args);
  // Before minutes are spent on what could not be written.
  if (markdownFile !== null) await placeIn(markdownFile, benchmark.name, "");
  const endConditions = watchConditions(context.root, new Date());
  const { tables, notes, data } = await benchmark.run(rest, context);
  const conditions = await endConditions();
  const command = `npm run bench -- ${[benchmark.name, ...rest].join(" ")}`;
  const paragraphs = [...tables.map(formatTable), ...notes, formatConditions(conditions)];
  console.log(`\n${command}\n\n${paragraphs.join("\n\n")}`);
  const file = path.join(context.root, ".local/bench", `${benchmark.name}.json`);
  await mkdir(path.dirname(file), { recursive: true });
  const result = { command, conditions, tables, notes };
  await writeFile(file, `${JSON.stringify({ ...result, data }, null, 2)}\n`);
  console.log(`\nwritten to ${path.relative(context.root, file)}`);
  if (markdownFile !== null) {
    await writeFile(
      markdownFile,
      await placeIn(markdownFile, benchmark.name, formatMarkdown(result)),
    );
  }
}

/** The section alone for a new file, or the file with it in its place; another file is left alone. */
async function placeIn(file: string, name: string, section: string): Promise<string> {
  const document = await readFile(file, "utf8").catch(() => "");
  const placed = document === "" ? section : placeSection(document, name, section);
  if (placed === null) throw new UsageError(`${file} has no place for ${name}`);
  return placed;
}

/** Takes `--markdown FILE` out of the arguments: every benchmark has it. */
function takeMarkdownFile(args: readonly string[]): { file: string | null; rest: string[] } {
  const at = args.indexOf("--markdown");
  if (at < 0) return { file: null, rest: [...args] };
  const file = args[at + 1];
  if (file === undefined) throw new UsageError("--markdown needs a FILE");
  return { file, rest: args.toSpliced(at, 2) };
}

async function main([name = "", ...args]: readonly string[]): Promise<number> {
  const benchmark = benchmarks.find((each) => each.name === name);
  if (benchmark === undefined) {
    console.error(name === "" ? usage() : `bench: there is no benchmark ${name}\n${usage()}`);
    return EXIT_CODE_USAGE;
  }
  const interruption = new AbortController();
  onStopSignal((_signal, times) => {
    // What was started is then stopped by its run's guard, as it is where a measurement does not hear.
    const exit = () => process.exit(EXIT_CODE_INTERRUPTED);
    if (times > 1) exit();
    setTimeout(exit, STOP_MILLISECONDS_MAX).unref();
    interruption.abort();
  });
  const directory = await mkdtemp(path.join(os.tmpdir(), "quarry-bench-"));
  const root = path.resolve(import.meta.dirname, "..");
  const say = (line: string) => console.error(line);
  try {
    await runBenchmark(benchmark, args, { root, directory, signal: interruption.signal, say });
    return 0;
  } catch (error) {
    if (interruption.signal.aborted) return EXIT_CODE_INTERRUPTED;
    if (!isUsageError(error)) throw error;
    console.error(`bench: ${error.message}\n${usage()}`);
    return EXIT_CODE_USAGE;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Ours, or what node:util's parseArgs says of an option that it does not know. */
function isUsageError(error: unknown): error is Error {
  return error instanceof UsageError ||
    (error instanceof TypeError && "code" in error &&
      String(error.code).startsWith("ERR_PARSE_ARGS"));
}

// Whatever a contender still waits for.
process.exit(await main(process.argv.slice(2)));

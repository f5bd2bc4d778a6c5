// What a user would run instead: ctags for definitions, ripgrep and git grep for text. One that is
// not on the PATH is reported as absent. All read a checkout that the system has in its cache.

import { stat } from "node:fs/promises";
import path from "node:path";
import { run } from "./command.ts";
import { measureCommand, type MeasuredRun } from "./measured_command.ts";
import { statisticsOf } from "./statistics.ts";

/** Each program runs this often; the medians count. */
export const CONTENDER_RUNS = 3;

/** A program that is there. */
export interface Contender {
  readonly program: string;
  readonly version: string;
}

/** Medians of its runs over the whole checkout. */
export interface TagsResult extends Contender {
  readonly milliseconds: number | null;
  readonly processorMilliseconds: number | null;
  readonly peakBytes: number | null;
  readonly bytesOnDisk: number;
  readonly definitions: number;
}

/** The first line of `--version`, or null when the program is absent. */
export async function findContender(program: string): Promise<Contender | null> {
  try {
    const version = (await run(program, ["--version"])).toString("utf8").split("\n")[0] ?? "";
    return { program, version: version.replace(/, Copyright.*| \(rev .*/, "") };
  } catch {
    return null;
  }
}

/** ctags over the languages that Quarry finds definitions in. */
export async function measureTags(
  contender: Contender,
  checkout: string,
  signal: AbortSignal,
): Promise<TagsResult> {
  const file = path.join(checkout, "..", "tags");
  const maps = ["TypeScript=+.tsx", "TypeScript=+.mts", "TypeScript=+.cts", "JavaScript=+.cjs"];
  const args = ["--quiet=yes", "--languages=TypeScript,JavaScript,Python,Go"]
    .concat(maps.map((map) => `--map-${map}`), ["--recurse", "-f", file, "."]);
  const runs: MeasuredRun[] = [];
  for (let count = 0; count < CONTENDER_RUNS; count += 1) {
    runs.push(await measureCommand(contender.program, args, { cwd: checkout, signal }));
  }
  const lines = (await run("grep", ["-vc", "^!_TAG_", file], { exitCodes: [0, 1] })).toString();
  return {
    ...contender,
    milliseconds: statisticsOf(runs.map((each) => each.milliseconds)).median,
    processorMilliseconds: medianOf(runs.map((each) => each.processorMilliseconds)),
    peakBytes: medianOf(runs.map((each) => each.peakBytes)),
    bytesOnDisk: (await stat(file)).size,
    definitions: Number(lines),
  };
}

function medianOf(values: readonly (number | null)[]): number | null {
  return statisticsOf(values.filter((value) => value !== null)).median;
}

/** The command line that searches a checkout for a literal, with case as Quarry takes it. */
export function grepArguments(program: "rg" | "git", literal: string): string[] {
  if (program === "rg") {
    const everything = ["--hidden", "--no-ignore", "--glob", "!.git"];
    return ["--fixed-strings", "--line-number", "--smart-case", ...everything, "-e", literal, "."];
  }
  const sensitive = literal !== literal.toLowerCase();
  return ["grep", "-n", "-I", "-F", ...(sensitive ? [] : ["-i"]), "-e", literal];
}

/** Milliseconds of each run and the number of matching lines. */
export async function measureGrep(
  program: "rg" | "git",
  literal: string,
  checkout: string,
  signal: AbortSignal,
): Promise<{ readonly milliseconds: number[]; readonly lines: number }> {
  const milliseconds: number[] = [];
  let lines = 0;
  for (let count = 0; count < CONTENDER_RUNS; count += 1) {
    // Exit code 1 says that nothing was found.
    const options = { cwd: checkout, signal, exitCodes: [0, 1] };
    const started = performance.now();
    const output = await run(program, grepArguments(program, literal), options);
    milliseconds.push(performance.now() - started);
    lines = output.reduce((sum, byte) => sum + (byte === 0x0a ? 1 : 0), 0);
  }
  return { milliseconds, lines };
}

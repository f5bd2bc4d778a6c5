// What a user would run over the same repository instead: ctags for definitions, zoekt for an index, rg
// for one question without an index. One that is not on this machine is reported as absent.

import { stat } from "node:fs/promises";
import path from "node:path";
import { run } from "./command.ts";
import type { Corpus } from "./corpus/corpus.ts";
import { measureCommand, type MeasuredRun } from "./measured_command.ts";
import { findGoProgram, findProgram, type Program } from "./programs.ts";
import { statisticsOf } from "./statistics.ts";
import { indexWithZoekt } from "./zoekt_index.ts";

/** Each program runs this often; the medians count. */
const RUNS = 3;

/** Medians of the runs of a program over the whole repository; null: it has no such thing. */
export interface ContenderResult {
  /** What it did. */
  readonly name: string;
  readonly version: string;
  readonly milliseconds: number | null;
  readonly processorMilliseconds: number | null;
  readonly peakBytes: number | null;
  readonly bytesOnDisk: number | null;
  readonly definitions: number | null;
}

/** Who was measured, and the names of who is not there. */
export interface Contenders {
  readonly results: readonly ContenderResult[];
  readonly absent: readonly string[];
}

/** What is measured of it, over a corpus and a checkout of it that the system has in its cache. */
export const ZOEKT_WITH_CTAGS = "zoekt with ctags: text and definitions";

export async function measureContenders(
  corpus: Corpus,
  checkout: string,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<Contenders> {
  const ctags = await findProgram("ctags");
  const rg = await findProgram("rg");
  const zoekt = await findGoProgram("zoekt-git-index");
  const directory = path.join(checkout, "..", "zoekt");
  const index = async (program: Program, tags: Program | null, name: string) =>
    await measureZoekt(program, tags, name, corpus.directory, directory, signal);
  const measured: [string, (() => Promise<ContenderResult>) | null][] = [
    ["ctags", ctags && (() => measureTags(ctags, checkout, signal))],
    ["rg", rg && (() => measureScan(rg, checkout, signal))],
    ["zoekt-git-index", zoekt && (() => index(zoekt, null, "zoekt without ctags: text"))],
    [
      "zoekt-git-index with ctags",
      zoekt && ctags && (() => index(zoekt, ctags, ZOEKT_WITH_CTAGS)),
    ],
  ];
  const results: ContenderResult[] = [];
  const absent: string[] = [];
  for (const [name, measure] of measured) {
    if (measure === null) absent.push(name);
    else {
      say(`measuring ${name}`);
      results.push(await measure());
    }
  }
  return { results, absent };
}

/** The languages that have definitions in Quarry, by their names in ctags; it may lack some. */
const TAGGED_LANGUAGES = ["C", "C++", "C#", "Elixir", "Go", "Java", "JavaScript", "Kotlin", "Lua"]
  .concat(["PHP", "Python", "Ruby", "Rust", "Sh", "TypeScript"]);

async function measureTags(
  ctags: Program,
  checkout: string,
  signal: AbortSignal,
): Promise<ContenderResult> {
  const known = (await run(ctags.file, ["--list-languages"])).toString("utf8").split("\n");
  const languages = TAGGED_LANGUAGES.filter((language) => known.includes(language));
  const file = path.join(checkout, "..", "tags");
  const maps = ["TypeScript=+.tsx", "TypeScript=+.mts", "TypeScript=+.cts", "JavaScript=+.cjs"];
  const args = ["--quiet=yes", `--languages=${languages.join(",")}`]
    .concat(maps.map((map) => `--map-${map}`), ["--recurse", "-f", file, "."]);
  const runs: MeasuredRun[] = [];
  for (let count = 0; count < RUNS; count += 1) {
    runs.push(await measureCommand(ctags.file, args, { cwd: checkout, signal }));
  }
  const lines = (await run("grep", ["-vc", "^!_TAG_", file], { exitCodes: [0, 1] })).toString();
  const bytesOnDisk = (await stat(file)).size;
  return {
    ...medians("ctags: definitions", ctags, runs),
    bytesOnDisk,
    definitions: Number(lines),
  };
}

/** One literal that is nowhere: every file is read to its end. */
async function measureScan(
  rg: Program,
  checkout: string,
  signal: AbortSignal,
): Promise<ContenderResult> {
  const args = ["--no-config", "--hidden", "--no-ignore", "--glob", "!.git", "--fixed-strings"];
  const options = { cwd: checkout, signal, exitCodes: [0, 1] };
  const runs: MeasuredRun[] = [];
  for (let count = 0; count < RUNS; count += 1) {
    runs.push(await measureCommand(rg.file, [...args, "quarryBenchmarkIsNowhere", "."], options));
  }
  return medians("rg: one question, no index", rg, runs);
}

async function measureZoekt(
  zoekt: Program,
  ctags: Program | null,
  name: string,
  repository: string,
  directory: string,
  signal: AbortSignal,
): Promise<ContenderResult> {
  const indexes = [];
  for (let count = 0; count < RUNS; count += 1) {
    indexes.push(await indexWithZoekt(zoekt, ctags, repository, directory, signal));
  }
  const bytesOnDisk = indexes.at(-1)?.bytesOnDisk ?? null;
  return { ...medians(name, zoekt, indexes.map((index) => index.run)), bytesOnDisk };
}

function medians(
  name: string,
  { version }: Program,
  runs: readonly Omit<MeasuredRun, "output">[],
): ContenderResult {
  const median = (values: readonly (number | null)[]) =>
    statisticsOf(values.filter((value) => value !== null)).median;
  return {
    name,
    version,
    milliseconds: median(runs.map((each) => each.milliseconds)),
    processorMilliseconds: median(runs.map((each) => each.processorMilliseconds)),
    peakBytes: median(runs.map((each) => each.peakBytes)),
    bytesOnDisk: null,
    definitions: null,
  };
}

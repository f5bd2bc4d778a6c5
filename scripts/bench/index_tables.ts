// The findings of the index benchmark as tables and sentences. Pure.

import { formatBytes, formatCount, formatDuration, plural } from "../demo/figures.ts";
import { type ContenderResult, type Contenders, ZOEKT_WITH_CTAGS } from "./contenders.ts";
import type { Corpus } from "./corpus/corpus.ts";
import { type Goal, goalsTable } from "./goals.ts";
import type { IndexRun } from "./index_run.ts";
import type { MachineState, PushRun } from "./push_to_search.ts";
import { stageStatistics, type Statistics, statisticsOf } from "./statistics.ts";
import { ratio, shown, type Table } from "./table.ts";

/** Everything that was measured of one repository. */
export interface IndexFindings {
  readonly corpus: Corpus;
  readonly contenders: Contenders;
  readonly runs: readonly IndexRun[];
  readonly pushes: readonly PushRun[];
}

const STAGE = /^(.*)_milliseconds$/;
const QUARRY = "Quarry: text, definitions, references, imports";

const INDEX_SECONDS_GOAL = 12;
const SEARCHABLE_SECONDS_GOAL = 5;
const STORED_GOAL = 1;
const PEAK_BYTES_GOAL = 1_500_000_000;
const POSTGRES_SHARE_GOAL = 0.25;
const PUSH_MILLISECONDS_GOAL = 300;

export function indexTables(findings: IndexFindings): Table[] {
  return [
    goalsTable(indexGoals(findings)),
    contendersTable(findings),
    ratiosTable(findings),
    runsTable(findings),
    stagesTable(findings),
    diskTable(findings),
    pushTable(findings, "cold"),
    pushTable(findings, "warm"),
  ];
}

export function indexNotes({ corpus, contenders, runs }: IndexFindings): string[] {
  const { results, absent } = contenders;
  const versions = [...new Set(results.map(({ version }) => version))];
  return [
    `Repository: ${corpus.description}; ${formatCount(corpus.files)} files, ` +
    `${formatBytes(corpus.bytes)}, commit ${corpus.commitOid}.`,
    `${plural(runs.length, "full index")}, each cold: a new stack, an empty database, a machine ` +
    "that is started for it. Indexer, PostgreSQL and the git server share the machine, and " +
    "there is no network between them. Beside them a search asks for one literal, every 150 ms until it is found.",
    `Beside it: ${versions.join(", ") || "nobody"}. ` +
    "ctags and rg read a checkout in the system's cache, zoekt-git-index the bare repository; " +
    "medians of three runs; peak memory is that of the program without those it starts. ctags " +
    "writes one file and keeps no text; what counts as a definition differs.",
    ...(absent.length === 0 ? [] : [`Absent, not measured: ${absent.join(", ")}.`]),
  ];
}

/** The goals, judged by medians. */
export function indexGoals({ corpus, contenders, runs, pushes }: IndexFindings): Goal[] {
  const median = (value: (run: IndexRun) => number | null | undefined) => over(runs, value).median;
  const times = (value: number) => `${value.toFixed(2)}×`;
  const job = median((run) => run.jobMilliseconds);
  const zoekt = contenders.results.find(({ name }) => name === ZOEKT_WITH_CTAGS)?.milliseconds;
  const goal = (
    name: string,
    measured: number | null,
    limit: number,
    format: (value: number) => string,
  ): Goal => ({ name, measured, limit, format });
  const push = (machine: MachineState) =>
    over(pushesOf(pushes, machine), (each) => each.publishedMilliseconds).median;
  return [
    goal("full index, claim to completed", job, INDEX_SECONDS_GOAL * 1000, formatDuration),
    goal(
      "full index / zoekt with ctags",
      job === null || !zoekt ? null : job / zoekt,
      1,
      times,
    ),
    goal(
      "text searchable, from the claim",
      median((run) => run.searchableMilliseconds),
      SEARCHABLE_SECONDS_GOAL * 1000,
      formatDuration,
    ),
    goal("stored / source", median((run) => diskBytes(run) / corpus.bytes), STORED_GOAL, times),
    goal("peak memory", median(peakBytes), PEAK_BYTES_GOAL, formatBytes),
    goal(
      "PostgreSQL's share of the processor time",
      median(postgresShare),
      POSTGRES_SHARE_GOAL,
      (value) => `${(value * 100).toFixed(0)} %`,
    ),
    ...(["warm", "cold"] as const).map((machine) =>
      goal(
        `push of one line, claim to published, machine ${machine}`,
        push(machine),
        PUSH_MILLISECONDS_GOAL,
        formatDuration,
      )
    ),
  ];
}

const peakBytes = (run: IndexRun) => run.indexer.peakBytes ?? run.reportedPeakBytes;

function postgresShare(run: IndexRun): number | null {
  const all = processorMilliseconds(run);
  return all === null || run.postgresMilliseconds === null ? null : run.postgresMilliseconds / all;
}

function pushesOf(pushes: readonly PushRun[], machine: MachineState): PushRun[] {
  return pushes.filter((push) => push.machine === machine);
}

function over<Run>(
  runs: readonly Run[],
  value: (run: Run) => number | null | undefined,
): Statistics {
  return statisticsOf(runs.flatMap((run) => value(run) ?? []));
}

const diskBytes = (run: IndexRun) => sum(Object.values(run.bytesOnDisk));

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function processorMilliseconds(run: IndexRun): number | null {
  const { processorMilliseconds: indexer } = run.indexer;
  return indexer === null || run.postgresMilliseconds === null
    ? null
    : indexer + run.postgresMilliseconds;
}

function quarryResult(runs: readonly IndexRun[]): ContenderResult {
  return {
    name: QUARRY,
    version: "this commit",
    milliseconds: over(runs, (run) => run.jobMilliseconds).median,
    processorMilliseconds: over(runs, processorMilliseconds).median,
    peakBytes: over(runs, peakBytes).median,
    bytesOnDisk: over(runs, diskBytes).median,
    definitions: over(runs, (run) => run.report.symbols).median,
  };
}

function contendersTable({ corpus, contenders, runs }: IndexFindings): Table {
  return {
    title: "Full index, medians",
    columns: ["", "wall time", "processor", "peak memory", "stored", "/ source", "definitions"],
    rows: [quarryResult(runs), ...contenders.results].map((each) => [
      each.name,
      shown(each.milliseconds, formatDuration),
      shown(each.processorMilliseconds, formatDuration),
      shown(each.peakBytes, formatBytes),
      shown(each.bytesOnDisk, formatBytes),
      ratio(each.bytesOnDisk, corpus.bytes),
      shown(each.definitions, formatCount),
    ]),
  };
}

function ratiosTable({ contenders, runs }: IndexFindings): Table {
  const quarry = quarryResult(runs);
  return {
    title: "Quarry beside the others: how many times as much",
    columns: ["Quarry /", "wall time", "processor", "peak memory", "stored", "definitions"],
    rows: contenders.results.map((other) => [
      other.name,
      ratio(quarry.milliseconds, other.milliseconds),
      ratio(quarry.processorMilliseconds, other.processorMilliseconds),
      ratio(quarry.peakBytes, other.peakBytes),
      ratio(quarry.bytesOnDisk, other.bytesOnDisk),
      ratio(quarry.definitions, other.definitions),
    ]),
  };
}

function runsTable({ corpus, runs }: IndexFindings): Table {
  const duration = (name: string, value: (run: IndexRun) => number | null | undefined) =>
    rangeRow(name, over(runs, value), formatDuration);
  const bytes = (name: string, value: (run: IndexRun) => number | null | undefined) =>
    rangeRow(name, over(runs, value), formatBytes);
  const rate = (run: IndexRun) => (corpus.bytes / run.jobMilliseconds) * 1000;
  return {
    title: "Full index, run by run",
    columns: ["", "runs", "min", "median", "max"],
    rows: [
      duration("from registering to indexed", (run) => run.registeredToIndexedMilliseconds),
      duration("from claim to completed", (run) => run.jobMilliseconds),
      duration("from claim to searchable", (run) => run.searchableMilliseconds),
      rangeRow("source indexed", over(runs, rate), (value) => `${formatBytes(value)}/s`),
      duration("processor time of the indexer", (run) => run.indexer.processorMilliseconds),
      duration("processor time of PostgreSQL", (run) => run.postgresMilliseconds),
      rangeRow(
        "PostgreSQL's share",
        over(runs, postgresShare),
        (value) => `${(value * 100).toFixed(0)} %`,
      ),
      bytes("peak memory by the indexer's report", (run) => run.reportedPeakBytes),
      bytes("peak memory by the system", (run) => run.indexer.peakBytes),
      bytes("peak memory with its gits", (run) => run.indexer.familyPeakBytes),
      bytes("peak of the memory-backed folder", (run) => run.indexer.sharedMemoryPeakBytes),
      bytes("index on disk", diskBytes),
      rangeRow(
        "index / source",
        over(runs, (run) => diskBytes(run) / corpus.bytes),
        (value) => `${value.toFixed(2)}×`,
      ),
    ],
  };
}

function stagesTable({ runs }: IndexFindings): Table {
  const names = Object.keys(runs[0]?.report ?? {}).filter((name) => STAGE.test(name));
  return {
    title: "Stages of the job, as it reports them (parsing and writing overlap)",
    columns: ["stage", "runs", "min", "median", "max"],
    rows: names.map((name) =>
      rangeRow(
        name.replace(STAGE, "$1").replaceAll("_", " "),
        over(runs, (run) => run.report[name]),
        formatDuration,
      )
    ),
  };
}

function diskTable({ runs }: IndexFindings): Table {
  const last = runs.at(-1);
  return {
    title: "On disk by table, with indexes and TOAST (last run)",
    columns: ["table", "rows", "bytes"],
    rows: Object.entries(last?.bytesOnDisk ?? {}).map(([name, bytes]) => [
      name,
      shown(last?.rows[name] ?? null, formatCount),
      formatBytes(bytes),
    ]),
  };
}

function pushTable({ pushes }: IndexFindings, machine: MachineState): Table {
  const some = pushesOf(pushes, machine);
  const stages = stageStatistics(some.map((push) => push.stages));
  const of = machine === "cold" ? "started for it" : "that is there";
  return {
    title: `Push of one line to the indexed repository, by a machine ${of}`,
    columns: ["until", "runs", "min", "median", "max"],
    rows: [
      ...[...stages].map(([name, statistics]) => rangeRow(name, statistics, formatDuration)),
      rangeRow("together", over(some, (push) => push.seenMilliseconds), formatDuration),
      rangeRow(
        "claim to published",
        over(some, (push) => push.publishedMilliseconds),
        formatDuration,
      ),
    ],
  };
}

function rangeRow(
  name: string,
  { runs, min, median, max }: Statistics,
  format: (value: number) => string,
): string[] {
  return [name, String(runs), ...[min, median, max].map((value) => shown(value, format))];
}

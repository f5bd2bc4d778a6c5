// The findings of the index benchmark as tables and sentences. Pure.

import { formatBytes, formatCount, formatDuration, plural } from "../demo/figures.ts";
import type { Contender, TagsResult } from "./contenders.ts";
import type { Corpus } from "./corpus/corpus.ts";
import type { IndexRun } from "./index_run.ts";
import type { PushRun } from "./push_to_search.ts";
import type { SearchComparison } from "./search_comparison.ts";
import { stageStatistics, type Statistics, statisticsOf } from "./statistics.ts";
import { MISSING, ratio, shown, type Table } from "./table.ts";

/** Everything that was measured. */
export interface IndexFindings {
  readonly corpus: Corpus;
  /** Null: not on the PATH. */
  readonly tags: TagsResult | null;
  readonly rg: Contender | null;
  readonly runs: readonly IndexRun[];
  readonly searches: readonly SearchComparison[];
  readonly pushes: readonly PushRun[];
}

const STAGE = /^(.*)_milliseconds$/;

export function indexTables(findings: IndexFindings): Table[] {
  return [
    contendersTable(findings),
    runsTable(findings),
    stagesTable(findings),
    diskTable(findings),
    searchTable(findings),
    pushTable(findings),
  ];
}

export function indexNotes({ corpus, tags, rg, runs, searches }: IndexFindings): string[] {
  return [
    `Repository: ${corpus.description}; ${formatCount(corpus.files)} files, ` +
    `${formatBytes(corpus.bytes)}, commit ${corpus.commitOid}.`,
    `${plural(runs.length, "full index")}, each cold: a new stack, an empty database, a machine ` +
    "that is started for it. Indexer, PostgreSQL and the git server share the machine, and " +
    "there is no network between them.",
    tags === null
      ? "ctags is not on the PATH and was not measured."
      : `${tags.version}: the same four languages, definitions only, from a checkout in the ` +
        "system's cache; it writes one file and keeps no text.",
    rg === null
      ? "rg is not on the PATH and was not measured."
      : `${rg.version}, with --hidden --no-ignore --smart-case; git grep -n -I -F. Both print ` +
        "every matching line; Quarry answers the first 50 over HTTP, with their commit. " +
        `${searches.length} literals: names spread evenly over the files, and one that is nowhere.`,
  ];
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

function contendersTable({ tags, runs }: IndexFindings): Table {
  const quarry = {
    milliseconds: over(runs, (run) => run.jobMilliseconds).median,
    processor: over(runs, processorMilliseconds).median,
    peak: over(runs, (run) => run.indexer.peakBytes ?? run.report.peak_rss_bytes).median,
    disk: over(runs, diskBytes).median,
    definitions: over(runs, (run) => run.report.symbols).median,
  };
  const row = (name: string, other: typeof quarry) => [
    name,
    shown(other.milliseconds, formatDuration),
    shown(other.processor, formatDuration),
    shown(other.peak, formatBytes),
    shown(other.disk, formatBytes),
    shown(other.definitions, formatCount),
  ];
  const ctags = tags === null ? null : {
    milliseconds: tags.milliseconds,
    processor: tags.processorMilliseconds,
    peak: tags.peakBytes,
    disk: tags.bytesOnDisk,
    definitions: tags.definitions,
  };
  const compared = ["milliseconds", "processor", "peak", "disk", "definitions"] as const;
  return {
    title: "Full index, medians",
    columns: ["", "wall time", "processor time", "peak memory", "on disk", "definitions"],
    rows: [
      row("Quarry: text, terms and definitions", quarry),
      ...(ctags === null ? [["ctags: absent", ...compared.map(() => MISSING)]] : [
        row("ctags: definitions", ctags),
        ["Quarry / ctags", ...compared.map((key) => ratio(quarry[key], ctags[key]))],
      ]),
    ],
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
      rangeRow("source indexed", over(runs, rate), (value) => `${formatBytes(value)}/s`),
      duration("processor time of the indexer", (run) => run.indexer.processorMilliseconds),
      duration("processor time of PostgreSQL", (run) => run.postgresMilliseconds),
      bytes("peak memory by the indexer's report", (run) => run.report.peak_rss_bytes),
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

function searchTable({ searches, rg }: IndexFindings): Table {
  const milliseconds = (value: number | null) => shown(value, (each) => `${each.toFixed(1)} ms`);
  const medians = {
    quarry: over(searches, (each) => each.quarry.milliseconds).median,
    rg: over(searches, (each) => each.rg?.milliseconds).median,
    git: over(searches, (each) => each.git.milliseconds).median,
  };
  return {
    title: "A literal in the indexed repository",
    columns: ["literal", "lines", "Quarry", rg === null ? "rg: absent" : "rg", "git grep"],
    rows: [
      ...searches.map((each) => [
        each.literal,
        formatCount(each.git.lines),
        milliseconds(each.quarry.milliseconds),
        milliseconds(each.rg?.milliseconds ?? null),
        milliseconds(each.git.milliseconds),
      ]),
      [
        "median",
        "",
        milliseconds(medians.quarry),
        milliseconds(medians.rg),
        milliseconds(medians.git),
      ],
    ],
  };
}

function pushTable({ pushes }: IndexFindings): Table {
  const stages = stageStatistics(pushes.map((push) => push.stages));
  return {
    title: "Push of one line to the indexed repository, stage by stage",
    columns: ["until", "runs", "min", "median", "max"],
    rows: [
      ...[...stages].map(([name, statistics]) => rangeRow(name, statistics, formatDuration)),
      rangeRow("together", over(pushes, (push) => push.seenMilliseconds), formatDuration),
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

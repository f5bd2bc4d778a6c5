// `npm run bench -- extract [PATH]`: what the extraction of a repository costs in one thread, stage by
// stage, and how what tokens say of definitions compares with what grammars say.

import path from "node:path";
import { z } from "zod";
import { formatBytes } from "../demo/figures.ts";
import { type Benchmark, type BenchmarkContext, UsageError } from "./benchmark.ts";
import { run } from "./command.ts";
import { buildPackageCorpus, type Corpus, importRepository } from "./corpus/corpus.ts";
import type { Table } from "./table.ts";

/** A third of the corpus of the index benchmark: each text once. */
const CORPUS_SIZE = { files: 1, bytes: 40_000_000 };

const languageReport = z.object({
  files: z.number(),
  bytes: z.number(),
  filesByTokens: z.number(),
  grammarBytes: z.number(),
  definitions: z.number(),
  onlyGrammar: z.number(),
  onlyTokens: z.number(),
});

const extractionReport = z.object({
  files: z.number(),
  bytes: z.number(),
  /** Milliseconds of processor time. */
  whole: z.number(),
  peakBytes: z.number(),
  stages: z.record(z.string(), z.number()),
  languages: z.record(z.string(), languageReport),
});

type ExtractionReport = z.infer<typeof extractionReport>;

export const extractBenchmark: Benchmark = {
  name: "extract",
  usage: "extract [PATH]   what extraction costs in one thread, and tokens against grammars",
  run: async (args, context) => {
    if (args.length > 1) throw new UsageError("one PATH at most");
    const corpus = await prepareCorpus(args[0], context);
    context.say(`corpus: ${corpus.files} files, ${formatBytes(corpus.bytes)}`);
    const bench = path.join(context.root, "indexer/bench/extract.bench.ts");
    const { signal } = context;
    const output = await run(process.execPath, [bench, corpus.directory], { signal });
    const report = extractionReport.parse(JSON.parse(output.toString("utf8")));
    return {
      tables: [stageTable(report), languageTable(report)],
      notes: [
        `Corpus: ${corpus.description}. Peak memory with the corpus in it: ` +
        `${formatBytes(report.peakBytes)}.`,
      ],
      data: { corpus, ...report },
    };
  },
};

async function prepareCorpus(
  repository: string | undefined,
  { root, directory, signal }: BenchmarkContext,
): Promise<Corpus> {
  const target = path.join(directory, "corpus.git");
  if (repository !== undefined) return await importRepository(repository, target, signal);
  return await buildPackageCorpus(path.join(root, "node_modules"), target, CORPUS_SIZE, signal);
}

function stageTable({ bytes, whole, stages }: ExtractionReport): Table {
  const entries = Object.entries(stages);
  const rest = whole - entries.reduce((sum, [, milliseconds]) => sum + milliseconds, 0);
  const rows = [...entries, ["rows, pages and dictionary", rest] as const, ["all", whole] as const];
  return {
    title: "Extraction in one thread, by its stages",
    columns: ["stage", "processor time", "share", "MB/s"],
    rows: rows.map(([stage, milliseconds]) => [
      stage.replaceAll("_", " "),
      `${Math.round(milliseconds)} ms`,
      `${Math.round((100 * milliseconds) / whole)} %`,
      (bytes / 1000 / milliseconds).toFixed(1),
    ]),
  };
}

function languageTable({ languages }: ExtractionReport): Table {
  const percent = (part: number, all: number) =>
    all === 0 ? "–" : `${((100 * part) / all).toFixed(1)} %`;
  return {
    title: "What is told by tokens, and what a grammar has to read",
    columns: [
      "language",
      "files",
      "bytes",
      "files by tokens",
      "bytes for grammars",
      "definitions by tokens",
      "only grammar",
      "only tokens",
    ],
    rows: Object.entries(languages).toSorted(([, a], [, b]) => b.bytes - a.bytes)
      .map(([language, each]) => [
        language,
        String(each.files),
        formatBytes(each.bytes),
        percent(each.filesByTokens, each.files),
        percent(each.grammarBytes, each.bytes),
        String(each.definitions),
        String(each.onlyGrammar),
        String(each.onlyTokens),
      ]),
  };
}

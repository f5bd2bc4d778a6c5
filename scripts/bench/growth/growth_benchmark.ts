// `npm run bench -- growth`: full indexes and one-file pushes of repositories from 1,000 to 100,000 files,
// as a table and as a picture for the documentation.

import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { formatBytes, formatCount, formatDuration } from "../../demo/figures.ts";
import { type Benchmark, type BenchmarkContext, countOption } from "../benchmark.ts";
import { git } from "../command.ts";
import { buildPackageCorpus, type Corpus, CORPUS_BRANCH } from "../corpus/corpus.ts";
import { goalsTable } from "../goals.ts";
import { type IndexedCorpus, indexOnce } from "../index_run.ts";
import { pushAndSearch } from "../push_to_search.ts";
import { copyCheckout } from "../sandbox.ts";
import {
  growthCharts,
  growthExponent,
  growthGoals,
  type GrowthStep,
  growthTable,
} from "./growth_table.ts";
import { drawCharts } from "./line_chart.ts";

const FILES = "1000,3000,10000,30000,100000";
/** Small files, so that 100,000 of them are some 150 MB. */
const FILE_BYTES_MAX = 4_096;
const PUSHES = 3;
const PICTURE = "docs/growth.svg";

export const growthBenchmark: Benchmark = {
  name: "growth",
  usage: "growth [--quick]   full index and one-file push of 1,000 to 100,000 files; draws " +
    PICTURE,
  run: async (args, context) => {
    const { values } = parseArgs({
      args: [...args],
      options: { files: { type: "string", default: FILES } },
    });
    const sizes = values.files.split(",").map((files) => countOption("files", files));
    const product = path.join(context.directory, "checkout");
    await copyCheckout(context.root, product);
    const steps: GrowthStep[] = [];
    for (const files of sizes) steps.push(await measureSize(product, files, context));
    const isDrawn = values.files === FILES;
    if (isDrawn) {
      await writeFile(path.join(context.root, PICTURE), drawCharts(growthCharts(steps)));
      context.say(`drawn: ${PICTURE}`);
    }
    const tables = [goalsTable(growthGoals(steps)), growthTable(steps)];
    const picture = `![Time and bytes by files](${path.basename(PICTURE)})`;
    const notes = [...(isDrawn ? [picture] : []), ...notesOf(steps)];
    return { tables, notes, data: { steps } };
  },
};

async function measureSize(
  product: string,
  files: number,
  { root, directory, signal, say }: BenchmarkContext,
): Promise<GrowthStep> {
  const target = path.join(directory, "growing.git");
  await rm(target, { recursive: true, force: true });
  const size = { files, bytes: 0, fileBytesMax: FILE_BYTES_MAX };
  const corpus = await buildPackageCorpus(path.join(root, "node_modules"), target, size, signal);
  let pushMilliseconds: number[] = [];
  const run = await indexOnce(product, corpus, signal, async (indexed) => {
    pushMilliseconds = await measurePushes(corpus, indexed, signal);
  });
  const step = {
    files: corpus.files,
    bytes: corpus.bytes,
    indexMilliseconds: run.jobMilliseconds,
    indexerMilliseconds: run.indexer.processorMilliseconds,
    postgresMilliseconds: run.postgresMilliseconds,
    peakBytes: run.indexer.peakBytes,
    bytesOnDisk: Object.values(run.bytesOnDisk).reduce((sum, bytes) => sum + bytes, 0),
    pushMilliseconds,
  };
  say(
    `${formatCount(files)} files: full index ${formatDuration(step.indexMilliseconds)}, stored ` +
      `${formatBytes(step.bytesOnDisk)}, pushes ${pushMilliseconds.map(formatDuration).join(", ")}`,
  );
  return step;
}

async function measurePushes(
  corpus: Corpus,
  { api, fleet, url, repositoryId }: IndexedCorpus,
  signal: AbortSignal,
): Promise<number[]> {
  const listed = await git(corpus.directory, ["ls-tree", "-r", "-z", "--name-only", CORPUS_BRANCH]);
  const file = listed.split("\0").find((name) => name.endsWith(".ts")) ?? "";
  const repository = {
    directory: corpus.directory,
    branch: CORPUS_BRANCH,
    url,
    repositoryId,
    file,
  };
  const milliseconds: number[] = [];
  for (let push = 1; push <= PUSHES; push += 1) {
    const run = await pushAndSearch(repository, push, "warm", api, fleet, signal);
    if (run.publishedMilliseconds !== null) milliseconds.push(run.publishedMilliseconds);
  }
  return milliseconds;
}

function notesOf(steps: readonly GrowthStep[]): string[] {
  const exponent = growthExponent(
    steps.map(({ files, indexMilliseconds }) => ({ x: files, y: indexMilliseconds })),
  );
  return [
    "Repositories of the corpus' files of up to " + formatBytes(FILE_BYTES_MAX) +
    ", in copies with " +
    "other names, so that no two are the same. Each size has a stack of its own, an empty database " +
    `and a machine that is started for it; then ${PUSHES} pushes, one after the other, to the ` +
    "machine that is there (median).",
    exponent === null
      ? "One size says nothing of growth."
      : `From the least to the greatest the time of a full index grows with the files to the power ` +
        `of ${exponent.toFixed(2)}: 1 is in step.`,
  ];
}

// `npm run bench -- index [PATH...]`: cold full indexes of large repositories, beside what ctags, rg and
// zoekt do with the same files, and then pushes of one line to them.

import { rm } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { formatBytes, formatDuration } from "../demo/figures.ts";
import { type Benchmark, type BenchmarkContext, countOption, UsageError } from "./benchmark.ts";
import { git } from "./command.ts";
import { measureContenders } from "./contenders.ts";
import {
  buildPackageCorpus,
  type Corpus,
  CORPUS_BRANCH,
  importRepository,
} from "./corpus/corpus.ts";
import { type IndexedCorpus, indexOnce, type IndexRun } from "./index_run.ts";
import { type IndexFindings, indexNotes, indexTables } from "./index_tables.ts";
import { pickLiteral } from "./literals.ts";
import { pushAndSearch, type PushRun } from "./push_to_search.ts";
import { copyCheckout } from "./sandbox.ts";

const CORPUS_SIZE = { files: 10_000, bytes: 100_000_000 };

/** How often things are done. */
interface Counts {
  readonly runs: number;
  readonly pushes: number;
}

export const indexBenchmark: Benchmark = {
  name: "index",
  usage: "index [--runs 3] [--pushes 5] [PATH...]   full index of a large repository, or of PATHs",
  run: async (args, context) => {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        runs: { type: "string", default: "3" },
        pushes: { type: "string", default: "5" },
      },
      allowPositionals: true,
    });
    const counts = {
      runs: countOption("runs", values.runs),
      pushes: countOption("pushes", values.pushes),
    };
    const product = path.join(context.directory, "checkout");
    await copyCheckout(context.root, product);
    const findings: IndexFindings[] = [];
    for (const repository of positionals.length === 0 ? [undefined] : positionals) {
      findings.push(await measure(repository, product, counts, context));
    }
    return {
      tables: findings.flatMap((each) => indexTables(each)),
      notes: findings.flatMap((each) => indexNotes(each)),
      data: findings,
    };
  },
};

async function measure(
  repository: string | undefined,
  product: string,
  counts: Counts,
  context: BenchmarkContext,
): Promise<IndexFindings> {
  const { directory, signal, say } = context;
  const corpus = await prepareCorpus(repository, context);
  say(`corpus: ${corpus.files} files, ${formatBytes(corpus.bytes)}, commit ${corpus.commitOid}`);
  const files = path.join(directory, "files");
  await rm(files, { recursive: true, force: true });
  await git(directory, ["clone", "--quiet", "--shared", corpus.directory, files], { signal });
  const contenders = await measureContenders(corpus, files, signal, say);
  const paths = (await git(files, ["ls-files", "-z"], { signal })).split("\0").filter(Boolean);
  const literal = await pickLiteral(files, paths);

  const runs: IndexRun[] = [];
  let pushes: PushRun[] = [];
  for (let count = 1; count <= counts.runs; count += 1) {
    const run = await indexOnce(product, corpus, signal, async (indexed) => {
      if (count < counts.runs) return;
      pushes = await measurePushes(corpus, paths, indexed, counts.pushes, context);
    }, literal);
    runs.push(run);
    say(`full index ${count} of ${counts.runs}: ${formatDuration(run.jobMilliseconds)}`);
  }
  return { corpus, contenders, runs, pushes };
}

async function prepareCorpus(
  repository: string | undefined,
  { root, directory, signal, say }: BenchmarkContext,
): Promise<Corpus> {
  const target = path.join(directory, "corpus.git");
  await rm(target, { recursive: true, force: true });
  if (repository !== undefined) {
    const head = git(repository, ["rev-parse", "--quiet", "--verify", "HEAD^{commit}"], { signal });
    await head.catch(() => {
      throw new UsageError(`${repository} is no git repository with a commit`);
    });
    return await importRepository(repository, target, signal);
  }
  say("building the corpus from the sources of the installed packages");
  return await buildPackageCorpus(path.join(root, "node_modules"), target, CORPUS_SIZE, signal);
}

/** So many pushes to machines that must be started, and then as many to the one that is there. */
async function measurePushes(
  corpus: Corpus,
  paths: readonly string[],
  { api, fleet, url, repositoryId }: IndexedCorpus,
  pushCount: number,
  { signal, say }: BenchmarkContext,
): Promise<PushRun[]> {
  const file = paths.find((each) => /\.(?:ts|js|go|py)$/.test(each)) ?? paths[0];
  if (file === undefined) return [];
  const repository = {
    directory: corpus.directory,
    branch: CORPUS_BRANCH,
    url,
    repositoryId,
    file,
  };
  const pushes: PushRun[] = [];
  for (let push = 1; push <= pushCount * 2; push += 1) {
    const machine = push <= pushCount ? "cold" : "warm";
    const run = await pushAndSearch(repository, push, machine, api, fleet, signal);
    pushes.push(run);
    const shown = run.publishedMilliseconds === null
      ? "?"
      : formatDuration(run.publishedMilliseconds);
    say(`push ${push} of ${pushCount * 2}, machine ${machine}: published after ${shown}`);
  }
  return pushes;
}

// `npm run bench -- index [PATH]`: a full index of a large repository, cold, beside what ctags and
// ripgrep do with the same files, and then pushes of one line to it.

import { mkdir } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { formatBytes, formatDuration } from "../demo/figures.ts";
import { type Benchmark, type BenchmarkContext, countOption, UsageError } from "./benchmark.ts";
import { git } from "./command.ts";
import { findContender, measureTags } from "./contenders.ts";
import {
  buildPackageCorpus,
  type Corpus,
  CORPUS_BRANCH,
  importRepository,
} from "./corpus/corpus.ts";
import { type IndexedCorpus, indexOnce, type IndexRun } from "./index_run.ts";
import { type IndexFindings, indexNotes, indexTables } from "./index_tables.ts";
import { pickLiterals } from "./literals.ts";
import { pushAndSearch, type PushRun } from "./push_to_search.ts";
import { copyCheckout } from "./sandbox.ts";
import { compareSearches, type SearchComparison } from "./search_comparison.ts";

const CORPUS_SIZE = { files: 10_000, bytes: 100_000_000 };

export const indexBenchmark: Benchmark = {
  name: "index",
  usage: "index [--runs 3] [--pushes 5] [PATH]   full index of a large repository, or of PATH",
  run: async (args, context) => {
    const runsOption = { runs: { type: "string", default: "3" } } as const;
    const pushesOption = { pushes: { type: "string", default: "5" } } as const;
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { ...runsOption, ...pushesOption },
      allowPositionals: true,
    });
    if (positionals.length > 1) throw new UsageError("one PATH at most");
    const runs = countOption("runs", values.runs);
    const pushes = countOption("pushes", values.pushes);
    const findings = await measure(positionals[0], runs, pushes, context);
    return { tables: indexTables(findings), notes: indexNotes(findings), data: findings };
  },
};

async function measure(
  repository: string | undefined,
  runCount: number,
  pushCount: number,
  context: BenchmarkContext,
): Promise<IndexFindings> {
  const { root, directory, signal, say } = context;
  const corpus = await prepareCorpus(repository, context);
  say(`corpus: ${corpus.files} files, ${formatBytes(corpus.bytes)}, commit ${corpus.commitOid}`);
  const files = path.join(directory, "files");
  await git(directory, ["clone", "--quiet", "--shared", corpus.directory, files], { signal });
  const ctags = await findContender("ctags");
  const rg = await findContender("rg");
  const tags = ctags === null ? null : await measureTags(ctags, files, signal);
  say(tags === null ? "ctags: absent" : `ctags: ${formatDuration(tags.milliseconds ?? 0)}`);

  const checkout = path.join(directory, "checkout");
  await copyCheckout(root, checkout);
  const runs: IndexRun[] = [];
  let searches: SearchComparison[] = [];
  let pushes: PushRun[] = [];
  for (let count = 1; count <= runCount; count += 1) {
    const run = await indexOnce(checkout, corpus, signal, async (indexed) => {
      if (count < runCount) return;
      const literals = await pickLiterals(files, await pathsOf(files));
      searches = await compareSearches(literals, files, { ...indexed, rg }, signal);
      pushes = await measurePushes(files, indexed, pushCount, context);
    });
    runs.push(run);
    say(`full index ${count} of ${runCount}: ${formatDuration(run.jobMilliseconds)}`);
  }
  return { corpus, tags, rg, runs, searches, pushes };
}

async function prepareCorpus(
  repository: string | undefined,
  { root, directory, signal, say }: BenchmarkContext,
): Promise<Corpus> {
  const target = path.join(directory, "corpus.git");
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

async function measurePushes(
  checkout: string,
  { api, fleet, url, repositoryId }: IndexedCorpus,
  pushCount: number,
  { signal, say }: BenchmarkContext,
): Promise<PushRun[]> {
  const paths = await pathsOf(checkout);
  const file = paths.find((each) => /\.(?:ts|js|go|py)$/.test(each)) ?? paths[0];
  if (file === undefined) return [];
  await mkdir(path.dirname(path.join(checkout, file)), { recursive: true });
  const repository = { checkout, url, branch: CORPUS_BRANCH, repositoryId, file };
  const pushes: PushRun[] = [];
  for (let push = 1; push <= pushCount; push += 1) {
    const run = await pushAndSearch(repository, push, api, fleet, signal);
    pushes.push(run);
    say(`push ${push} of ${pushCount}: seen after ${formatDuration(run.seenMilliseconds)}`);
  }
  return pushes;
}

async function pathsOf(checkout: string): Promise<string[]> {
  return (await git(checkout, ["ls-files", "-z"])).split("\0").filter(Boolean);
}

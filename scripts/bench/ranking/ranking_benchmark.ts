// `npm run bench -- ranking [--clones DIR]`: how often the best file of a query comes first. Indexes the
// pinned commits of a folder of clones through a real stack and asks over HTTP; says which are missing.

import { stat } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { ApiClient } from "../api_client.ts";
import type { Benchmark, BenchmarkContext, BenchmarkResult } from "../benchmark.ts";
import { UsageError } from "../benchmark.ts";
import { git } from "../command.ts";
import { copyCheckout } from "../sandbox.ts";
import { type RunningStack, startStack } from "../stack_process.ts";
import { MISSING, type Table } from "../table.ts";
import {
  HELD_OUT_EVERY,
  type PinnedRepository,
  rankingQueries,
  type RankingQuery,
  rankingRepositories,
} from "./ranking_queries.ts";
import { placeOf, type RankingScores, rankingScores } from "./ranking_scores.ts";

const JOB_POLL_MILLISECONDS = 200;
const LINES = 200;
const BRANCH = "main";
/** What zoekt publishes of its own set of queries. */
const BAR = { recall1: 0.56, recall5: 0.69, meanReciprocalRank: 0.632 };

export const rankingBenchmark: Benchmark = {
  name: "ranking",
  usage: "ranking --clones DIR               how often the best file of a query comes first; " +
    "DIR/OWNER/NAME or DIR/OWNER+NAME",
  run: async (args, context) => {
    const { values } = parseArgs({ args: [...args], options: { clones: { type: "string" } } });
    if (values.clones === undefined) throw new UsageError("ranking needs --clones DIR");
    const clones = path.resolve(values.clones);
    const present = new Map<PinnedRepository, string>();
    for (const repository of rankingRepositories) {
      const clone = await findClone(clones, repository, context.signal);
      if (clone !== null) present.set(repository, clone);
    }
    const missing = rankingRepositories.filter((repository) => !present.has(repository));
    const checkout = path.join(context.directory, "checkout");
    await copyCheckout(context.root, checkout);
    await using stack = await startStack(checkout, context.signal);
    for (const [repository, clone] of present) await index(stack, repository, clone, context);
    return await ask(stack, [...present.keys()], missing, context);
  },
};

/** The clone of a repository that has its pinned commit; null where there is none. */
async function findClone(
  clones: string,
  { name, commitOid }: PinnedRepository,
  signal: AbortSignal,
): Promise<string | null> {
  for (const folder of [name, name.replace("/", "+"), `${name.replace("/", "+")}/repo`]) {
    const clone = path.join(clones, folder);
    const has = await stat(clone).then(
      () => git(clone, ["cat-file", "-e", `${commitOid}^{tree}`], { signal }),
    ).then(() => true, () => false);
    if (has) return clone;
  }
  return null;
}

async function index(
  stack: RunningStack,
  { name, commitOid }: PinnedRepository,
  clone: string,
  { signal, say }: BenchmarkContext,
): Promise<void> {
  const api = new ApiClient(stack.file, signal);
  // A commit without its history: a shallow clone has none to push.
  const message = `The tree of ${commitOid}`;
  const commit = await git(clone, ["commit-tree", `${commitOid}^{tree}`, "-m", message], {
    signal,
  });
  const url = `${stack.file.github_url}/${name}.git`;
  await git(clone, ["push", "--quiet", url, `${commit.trim()}:refs/heads/${BRANCH}`], { signal });
  const { job } = await api.register(name);
  await api.finished(job.id, JOB_POLL_MILLISECONDS);
  say(`${name} is indexed`);
}

interface Asked {
  readonly query: RankingQuery;
  readonly place: number | null;
  readonly first: string;
  readonly isHeldOut: boolean;
}

async function ask(
  stack: RunningStack,
  present: readonly PinnedRepository[],
  missing: readonly PinnedRepository[],
  { signal }: BenchmarkContext,
): Promise<BenchmarkResult> {
  const api = new ApiClient(stack.file, signal);
  const names = new Set(present.map(({ name }) => name));
  const asked: Asked[] = [];
  for (const [number, query] of rankingQueries.entries()) {
    const [q, repository, file] = query;
    if (!names.has(repository)) continue;
    const { matches } = await api.query(q, LINES);
    const files = matches.map((match) => `${match.repository} ${match.path}`);
    const place = placeOf(`${repository} ${file}`, files);
    const isHeldOut = number % HELD_OUT_EVERY === HELD_OUT_EVERY - 1;
    asked.push({ query, place, first: files[0] ?? MISSING, isHeldOut });
  }
  return {
    tables: [scoreTable(asked), missTable(asked)],
    notes: missing.map(({ name, commitOid }) => `Not asked: ${name} has no clone at ${commitOid}.`),
    data: { asked },
  };
}

function scoreTable(asked: readonly Asked[]): Table {
  const row = (name: string, { queries, ...scores }: RankingScores) => [
    name,
    String(queries),
    scores.recall1.toFixed(2),
    scores.recall5.toFixed(2),
    scores.meanReciprocalRank.toFixed(3),
  ];
  const of = (some: readonly Asked[]) => rankingScores(some.map(({ place }) => place));
  return {
    title: "The best file's place, over all repositories at once",
    columns: ["", "queries", "recall@1", "recall@5", "MRR"],
    rows: [
      row("all", of(asked)),
      row("held out", of(asked.filter(({ isHeldOut }) => isHeldOut))),
      [
        "bar",
        MISSING,
        BAR.recall1.toFixed(2),
        BAR.recall5.toFixed(2),
        BAR.meanReciprocalRank.toFixed(3),
      ],
    ],
  };
}

function missTable(asked: readonly Asked[]): Table {
  return {
    title: "Queries whose best file does not come first",
    columns: ["query", "place", "best file", "first file"],
    rows: asked.filter(({ place }) => place !== 1).map(({ query: [q, , file], place, first }) => [
      q,
      place === null ? MISSING : String(place),
      file,
      first,
    ]),
  };
}

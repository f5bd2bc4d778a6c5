// Small repositories out of the corpus, each a run of its files, indexed by real jobs.

import path from "node:path";
import type { ApiClient } from "../api_client.ts";
import { git } from "../command.ts";
import { type Corpus, CORPUS_BRANCH } from "../corpus/corpus.ts";

const JOB_POLL_MILLISECONDS = 50;

/** How many, and how large. */
export interface SmallRepositories {
  readonly count: number;
  readonly filesEach: number;
}

/** Pushes and registers them one after the other; answers their ids. */
export async function indexSmallRepositories(
  corpus: Corpus,
  { count, filesEach }: SmallRepositories,
  githubUrl: string,
  api: ApiClient,
  signal: AbortSignal,
): Promise<string[]> {
  const listed = await git(corpus.directory, ["ls-tree", "-r", "-z", CORPUS_BRANCH], { signal });
  const entries = listed.split("\0").filter(Boolean);
  const ids: string[] = [];
  for (let number = 0; number < count; number += 1) {
    const from = Math.floor((number / count) * entries.length);
    const commit = await commitOf(corpus, entries.slice(from, from + filesEach), signal);
    const fullName = `bench/small-${number}`;
    const push = ["push", "--quiet", `${githubUrl}/${fullName}.git`];
    await git(corpus.directory, [...push, `${commit}:refs/heads/${CORPUS_BRANCH}`], { signal });
    const { repository, job } = await api.register(fullName);
    await api.finished(job.id, JOB_POLL_MILLISECONDS);
    ids.push(repository.id);
  }
  return ids;
}

/** A commit of these entries of a tree, in the corpus' own repository. */
async function commitOf(
  { directory }: Corpus,
  entries: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  const env = { GIT_INDEX_FILE: path.join(directory, "small.index") };
  await git(directory, ["read-tree", "--empty"], { env, signal });
  const input = entries.map((entry) => `${entry}\0`);
  await git(directory, ["update-index", "-z", "--index-info"], { env, input, signal });
  const tree = (await git(directory, ["write-tree"], { env, signal })).trim();
  return (await git(directory, ["commit-tree", "-m", "small", tree], { signal })).trim();
}

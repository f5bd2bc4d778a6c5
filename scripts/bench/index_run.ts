// One cold full index: a new stack, a repository that nobody has indexed before, the first job.

import { rm } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ApiClient, type Event } from "./api_client.ts";
import { git } from "./command.ts";
import { type Corpus, CORPUS_BRANCH } from "./corpus/corpus.ts";
import { FleetView } from "./fleet.ts";
import { type IndexerUse, sampleIndexer } from "./index_sampler.ts";
import { familyMilliseconds } from "./proc.ts";
import { type RunningStack, startStack } from "./stack_process.ts";

const FULL_NAME = "bench/corpus";
const JOB_POLL_MILLISECONDS = 100;
/** Often enough to tell, seldom enough not to slow what it waits for. */
const SEARCH_POLL_MILLISECONDS = 150;
const SEARCHABLE_SECONDS_MAX = 600;

/** What one run took. */
export interface IndexRun {
  /** From the request that registers to the end of the job, as the client saw it. */
  readonly registeredToIndexedMilliseconds: number;
  /** From claim to completion, as the queue saw it. */
  readonly jobMilliseconds: number;
  /** From the claim to the first search answer that has a line of the repository; null: not asked. */
  readonly searchableMilliseconds: number | null;
  /** Counts, bytes and milliseconds of its stages, in the indexer's own words. */
  readonly report: Readonly<Record<string, number>>;
  /** The peak of the job's process by its own report, which tenants do not see. */
  readonly reportedPeakBytes: number | null;
  readonly indexer: IndexerUse;
  readonly postgresMilliseconds: number | null;
  readonly bytesOnDisk: Readonly<Record<string, number>>;
  readonly rows: Readonly<Record<string, number>>;
  readonly events: readonly Event[];
}

/** An index that is up, for what is measured on it afterwards. */
export interface IndexedCorpus {
  readonly api: ApiClient;
  readonly fleet: FleetView;
  readonly url: string;
  readonly repositoryId: string;
  readonly stack: RunningStack;
}

/**
 * Indexes once, then hands the living index to `afterwards`, and stops everything. `literal` is searched
 * for all the while, to see from when on the text is there.
 */
export async function indexOnce(
  checkout: string,
  corpus: Corpus,
  signal: AbortSignal,
  afterwards: (indexed: IndexedCorpus) => Promise<void>,
  literal: string | null = null,
): Promise<IndexRun> {
  await rm(path.join(checkout, ".local"), { recursive: true, force: true });
  await using stack = await startStack(checkout, signal);
  await using fleet = new FleetView(stack);
  const api = new ApiClient(stack.file, signal);
  const url = `${stack.file.github_url}/${FULL_NAME}.git`;
  await git(corpus.directory, ["push", "--quiet", url, CORPUS_BRANCH], { signal });

  const server = stack.file.children.find(({ name }) => name === "postgres")?.pid ?? 0;
  const before = familyMilliseconds(server);
  const sampler = await sampleIndexer(() => fleet.indexers());
  const started = performance.now();
  const { repository, job } = await api.register(FULL_NAME);
  const [finished, searchedAt] = await Promise.all([
    api.finished(job.id, JOB_POLL_MILLISECONDS),
    literal === null ? null : searchableAt(api, repository.id, literal, signal),
  ]);
  const registeredToIndexedMilliseconds = performance.now() - started;
  const after = familyMilliseconds(server);
  const indexer = await sampler.end();

  const events = await api.events(job.id);
  const startedAt = Date.parse(finished.started_at ?? "");
  const run = {
    registeredToIndexedMilliseconds,
    jobMilliseconds: Date.parse(finished.finished_at ?? "") - startedAt,
    searchableMilliseconds: searchedAt === null ? null : searchedAt - startedAt,
    report: numbersOf(events.findLast((event) => event.event === "completed")),
    reportedPeakBytes: await fleet.reportedPeakBytes(job.id),
    indexer,
    postgresMilliseconds: before === null || after === null ? null : after - before,
    bytesOnDisk: Object.fromEntries(await fleet.indexBytes()),
    rows: Object.fromEntries(await fleet.indexRows()),
    events,
  };
  await afterwards({ api, fleet, url, repositoryId: repository.id, stack });
  return run;
}

/** When a search first answered a line, in milliseconds since 1970. It must, once all is indexed. */
async function searchableAt(
  api: ApiClient,
  repositoryId: string,
  literal: string,
  signal: AbortSignal,
): Promise<number> {
  const deadline = performance.now() + SEARCHABLE_SECONDS_MAX * 1000;
  for (;;) {
    const { matches } = await api.search(literal, repositoryId, 1);
    if (matches.length > 0) return Date.now();
    if (performance.now() > deadline) throw new Error(`${literal} was never found`);
    await sleep(SEARCH_POLL_MILLISECONDS, undefined, { signal });
  }
}

function numbersOf(event: Event | undefined): Record<string, number> {
  const entries = Object.entries(event?.context ?? {});
  return Object.fromEntries(
    entries.flatMap(([name, value]) => typeof value === "number" ? [[name, value]] : []),
  );
}

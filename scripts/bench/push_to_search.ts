// From the exit of `git push` of a one-line change to the first search answer that has it: either by a
// machine that must be started, as after a quiet night, or by one that is still there.

import { setTimeout as sleep } from "node:timers/promises";
import type { ApiClient, Event } from "./api_client.ts";
import { git } from "./command.ts";
import { commitLine, type GrowingFile } from "./commits.ts";
import type { FleetView } from "./fleet.ts";
import { type Mark, type Stage, stagesOf } from "./statistics.ts";

const SEARCH_POLL_MILLISECONDS = 20;
const SEEN_SECONDS_MAX = 60;

/** A repository that is pushed from, and what it is called where it is pushed to. */
export interface PushedRepository extends GrowingFile {
  readonly url: string;
  readonly repositoryId: string;
}

/** Whether the machine of a push must be started, or has just been busy with the push before. */
export type MachineState = "cold" | "warm";

/** One push, followed until search had it and the job was done. */
export interface PushRun {
  readonly machine: MachineState;
  readonly seenMilliseconds: number;
  readonly completedMilliseconds: number | null;
  /** From the claim of the job to the commit of its publication, by the database's clock. */
  readonly publishedMilliseconds: number | null;
  readonly searches: number;
  readonly stages: readonly Stage[];
  readonly marks: readonly Mark[];
  readonly events: readonly Event[];
}

/** Pushes one line and waits for it. `number` makes the line one that was never there before. */
export async function pushAndSearch(
  repository: PushedRepository,
  number: number,
  machine: MachineState,
  api: ApiClient,
  fleet: FleetView,
  signal: AbortSignal,
): Promise<PushRun> {
  const needle = `quarryBenchmark${number}Line`;
  const commitOid = await commitLine(repository, `const ${needle} = 1;`, signal);
  if (machine === "cold") await fleet.empty(signal);
  const push = ["push", "--quiet", repository.url, `${commitOid}:refs/heads/${repository.branch}`];
  await git(repository.directory, push, { signal });
  const pushedAt = Date.now();

  const searches = await searchUntilSeen(api, repository.repositoryId, needle, commitOid, signal);
  const seenAt = Date.now();

  const [newest] = await api.jobs(repository.repositoryId);
  if (newest === undefined) throw new Error("the push queued no job");
  await api.finished(newest.id, SEARCH_POLL_MILLISECONDS);
  const events = await api.events(newest.id);
  const marks = await marksOf(newest.id, pushedAt, seenAt, events, fleet);
  const completedAt = timeOf(events, "completed");
  const claimedAt = timeOf(events, "claimed");
  const publishedAt = timeOf(events, "published");
  return {
    machine,
    seenMilliseconds: seenAt - pushedAt,
    completedMilliseconds: completedAt === null ? null : completedAt - pushedAt,
    publishedMilliseconds: claimedAt === null || publishedAt === null
      ? null
      : publishedAt - claimedAt,
    searches,
    stages: stagesOf(marks),
    marks,
    events,
  };
}

/** Asks every 20 ms, or at once when the answer took longer; answers how often it asked. */
async function searchUntilSeen(
  api: ApiClient,
  repositoryId: string,
  needle: string,
  commitOid: string,
  signal: AbortSignal,
): Promise<number> {
  const started = performance.now();
  for (let searches = 1;; searches += 1) {
    const { matches } = await api.search(needle, repositoryId);
    if (matches.some((match) => match.commit_oid === commitOid)) return searches;
    const elapsed = performance.now() - started;
    if (elapsed > SEEN_SECONDS_MAX * 1000) {
      throw new Error(`search did not see the push within ${SEEN_SECONDS_MAX} s`);
    }
    const wait = searches * SEARCH_POLL_MILLISECONDS - elapsed;
    if (wait > 0) await sleep(wait, undefined, { signal });
  }
}

/** The way of a push, in order. Who is not heard of in between counts to the next one. */
async function marksOf(
  jobId: string,
  pushedAt: number,
  seenAt: number,
  events: readonly Event[],
  fleet: FleetView,
): Promise<Mark[]> {
  // A machine that was there already was asked for and registered before the push.
  const sincePush = (at: number | null) => at !== null && at >= pushedAt ? at : null;
  const { launchedAt, registeredAt } = await fleet.launchTimes(jobId);
  return [
    { name: "git push has exited", at: pushedAt },
    { name: "webhook delivered", at: await fleet.deliveredAt(jobId) },
    { name: "job queued", at: timeOf(events, "queued") },
    { name: "machine asked for", at: sincePush(launchedAt) },
    { name: "worker registered", at: sincePush(registeredAt) },
    { name: "job claimed", at: timeOf(events, "claimed") },
    { name: "commit and trees fetched", at: timeOf(events, "fetched") },
    { name: "trees compared", at: timeOf(events, "diffed") },
    { name: "blobs fetched, parsed, written", at: timeOf(events, "written") },
    { name: "published", at: timeOf(events, "published") },
    { name: "seen by search", at: seenAt },
  ];
}

function timeOf(events: readonly Event[], name: string): number | null {
  const event = events.findLast((each) => each.event === name);
  return event === undefined ? null : Date.parse(event.at);
}

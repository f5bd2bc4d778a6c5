/**
 * Runs a search: asks the database for batches of candidate files, verifies and ranks each, and stops
 * when the page is full or the work is enough. The one engine behind every mode.
 */
import {
  SEARCH_CHUNKS_MAX,
  SEARCH_VERIFY_AGAIN_MILLISECONDS_MAX,
  SEARCH_VERIFY_MILLISECONDS_MAX,
  SEARCH_WORK_MILLISECONDS_MAX,
  SEARCHES_IN_FULL_MAX,
} from "../../_shared/contracts/limits.ts";
import { type Database } from "../../_shared/runtime/database.ts";
import { type BatchRequest } from "../../_shared/runtime/database_index_functions.ts";
import {
  type BatchPosition,
  type SearchBatchAnswer,
} from "../../_shared/runtime/search_batch_answer.ts";
import { type WorkShare } from "../../_shared/runtime/work_share.ts";
import { planBatches, runsOfEachChunk } from "../../_shared/search/batch_plan.ts";
import { type CompiledQuery, compileQuery } from "../../_shared/search/condition.ts";
import {
  type KeptChunks,
  SearchChunks,
  type StatedChunks,
} from "../../_shared/search/kept_chunks.ts";
import { type CandidateChunk } from "../../_shared/search/file_search.ts";
import { timeLimit } from "../../_shared/search/time_limit.ts";
import { rankBatch } from "./ranked_batch.ts";
import {
  firstWeight,
  pinsAt,
  type SearchOutcome,
  type SearchRequest,
  SearchRun,
  START,
} from "./search_run.ts";

/** A batch, and the text of each of its blobs. */
interface Asked {
  readonly answer: SearchBatchAnswer;
  readonly chunks: readonly (readonly CandidateChunk[])[];
}

interface SearchDependencies {
  readonly database: Pick<Database, "searchBatch">;
  readonly reads: Pick<WorkShare, "running">;
  readonly keptChunks: KeptChunks;
  readonly now: () => number;
}

/** Searches until the page is full, everything was read, or the work is enough. */
export async function runSearch(
  dependencies: SearchDependencies,
  request: SearchRequest,
): Promise<SearchOutcome> {
  const found = await searchOnce(dependencies, request);
  // Segments were merged between its batches, or symbols came: only a caller's own cursor is a reason to refuse.
  return found.outcome === "cursor_expired" && request.position === null
    ? await searchOnce(dependencies, request)
    : found;
}

/** Asks for batches, and opens their texts as soon as they are there. */
function batchAsker(
  { database, keptChunks }: Pick<SearchDependencies, "database" | "keptChunks">,
  { tenantId, repository, query, wishes }: SearchRequest,
  compiled: CompiledQuery,
  texts: SearchChunks,
) {
  const plan = planBatches(query, compiled, wishes);
  const runs = runsOfEachChunk(plan, compiled);
  let lacking: StatedChunks | null = null;
  return async (
    cursor: BatchRequest["cursor"],
    weightMax: number,
    state: string | null,
  ): Promise<Asked> => {
    // Where the first batch did not do, there are many candidates. What is read again was all counted.
    const isOneMore = cursor !== null && cursor.until === null;
    if (isOneMore && runs.length > 0) lacking ??= keptChunks.lacking(tenantId, runs);
    const held = keptChunks.hold(tenantId);
    try {
      const stated = { held: held.stated, lacking: isOneMore ? lacking ?? {} : {} };
      const wanted = { plan, repository, cursor, weightMax, ...stated, state };
      const answer = await database.searchBatch(tenantId, wanted);
      const blobs = answer.outcome === "ok" ? answer.blobs : [];
      const chunks = blobs.map((blob) => texts.open(held, blob.segment, blob.chunks));
      return { answer, chunks };
    } finally {
      held.release();
    }
  };
}

async function searchOnce(
  { database, reads, keptChunks, now }: SearchDependencies,
  request: SearchRequest,
): Promise<SearchOutcome> {
  const compiled = compileQuery(request.query);
  const run = new SearchRun(request);
  const texts = new SearchChunks(keptChunks);
  const ask = batchAsker({ database, keptChunks }, request, compiled, texts);
  const started = now();
  let verifyEnd = Infinity;
  let isFirst = true;
  let weightMax = firstWeight(compiled.leaves.length, request.limit);
  let { state } = request;
  let known: string | null = null;
  let ahead: ReturnType<typeof ask> | null = null;
  for (;;) {
    const { from, until, pins } = run.position;
    const cursor: BatchRequest["cursor"] = run.position === START
      ? null
      : { from, until, pins, known };
    const { answer, chunks }: Asked = await (ahead ?? ask(cursor, weightMax, state));
    if (answer.outcome !== "ok") return answer;
    state = null;
    ({ known } = answer);
    const weightNext = run.nextWeight(weightMax);
    const share = Math.min(1, SEARCHES_IN_FULL_MAX / reads.running);
    ahead = share === 1 && run.wantsMoreThan(answer)
      ? ask(
        { from: answer.at, until: null, pins: pinsAt(answer.pins, answer.at), known },
        weightNext,
        null,
      )
      : null;
    if (ahead !== null) {
      // Whether it failed matters only if it is needed.
      ahead.catch(() => undefined);
      await hasLeft();
    }
    // The time of verifying begins with the first text: one is done, or given up, in any case.
    if (isFirst) verifyEnd = now() + verifyMilliseconds(until);
    const limit = timeLimit(now, verifyEnd);
    const found = rankBatch(compiled, answer, chunks, run.facets, limit, isFirst);
    texts.keep();
    isFirst &&= answer.blobs.length === 0;
    // Lines that were shown are counted in the order of the whole, which there is no time for.
    if (found.isCut && until !== null) return { outcome: "cursor_expired" };
    run.take(answer, found);
    if (run.isEnough || found.isCut) return run.outcome();
    if (run.weight >= SEARCH_CHUNKS_MAX) return run.outcome();
    if (now() - started >= SEARCH_WORK_MILLISECONDS_MAX * share) return run.stop();
    weightMax = ahead === null ? run.nextWeight(weightMax) : weightNext;
  }
}

/**
 * When a request that was just made is on its way: verifying would hold it up. A message takes one turn of
 * the event loop, where Deno gives a timer of no time two milliseconds.
 */
async function hasLeft(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  const arrived = new Promise<void>((resolve) => {
    port1.addEventListener("message", () => resolve());
  });
  port1.start();
  port2.postMessage(null);
  await arrived;
  port1.close();
}

function verifyMilliseconds(until: BatchPosition | null): number {
  return until === null ? SEARCH_VERIFY_MILLISECONDS_MAX : SEARCH_VERIFY_AGAIN_MILLISECONDS_MAX;
}

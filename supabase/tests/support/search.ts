// Searches straight in a test's database, by the code that the API searches with: no HTTP, no stack.

import type { Sql } from "postgres";
import {
  readSearchBatch,
  type SearchBatchAnswer,
} from "../../functions/_shared/runtime/search_batch_answer.ts";
import { planBatches } from "../../functions/_shared/search/batch_plan.ts";
import { compileQuery } from "../../functions/_shared/search/condition.ts";
import { KeptChunks, type StatedChunks } from "../../functions/_shared/search/kept_chunks.ts";
import type { BatchRequest } from "../../functions/_shared/runtime/database_index_functions.ts";
import { readQuery } from "../../functions/api/search/search.ts";
import { runSearch } from "../../functions/api/search/search_engine.ts";
import type { SearchOutcome, SearchPosition } from "../../functions/api/search/search_run.ts";
import { showLines } from "../../functions/api/search/search_views.ts";

export interface SearchOptions {
  readonly mode?: "query" | "literal";
  readonly repository?: string;
  readonly limit?: number;
  readonly position?: SearchPosition | null;
  /** What was kept of searches before; nothing when absent. */
  readonly keptChunks?: KeptChunks;
  /** Of a page that was answered before. */
  readonly state?: string | null;
  /** Stands still when absent, so that time is never over. */
  readonly now?: () => number;
}

/** One batch of files, as the database hands it out. */
export async function askForBatch(
  serviceRole: Sql,
  tenant: string,
  batch: BatchRequest,
): Promise<SearchBatchAnswer> {
  const [row] = await serviceRole<{ answer: Uint8Array }[]>`
    select api.search_batch(${tenant}, (${JSON.stringify(batch.plan)}::text)::jsonb,
      ${batch.repository}, (${JSON.stringify(batch.cursor)}::text)::jsonb, ${batch.weightMax},
      (${JSON.stringify(batch.held)}::text)::jsonb, (${JSON.stringify(batch.lacking)}::text)::jsonb,
      ${batch.state}) as answer`;
  return readSearchBatch(row?.answer ?? new Uint8Array());
}

/** How the batches of a search are asked for. */
export interface BatchOptions {
  /** Of each batch. */
  readonly weightMax: number;
  /** Whether a batch is told what the one before knew. */
  readonly passesOn?: boolean;
  /** Chunks that are not to be sent. */
  readonly held?: StatedChunks;
  /** Chunks that are not to be named. */
  readonly lacking?: StatedChunks;
}

/** The batches of a search, one after the other; what the caller does comes before the next is asked for. */
export async function* searchBatches(
  serviceRole: Sql,
  tenant: string,
  q: string,
  { weightMax, passesOn = true, held = {}, lacking = {} }: BatchOptions,
) {
  const query = readQuery(q, "query");
  const plan = planBatches(query, compileQuery(query), { context: false, enclosing: false });
  let cursor: BatchRequest["cursor"] = null;
  for (;;) {
    const request = { plan, repository: null, cursor, weightMax, held, lacking, state: null };
    const answer = await askForBatch(serviceRole, tenant, request);
    if (answer.outcome !== "ok") throw new Error(answer.outcome);
    yield answer;
    if (answer.done) return;
    const { at: from, pins, known } = answer;
    cursor = { from, until: null, pins, known: passesOn ? known : null };
  }
}

/** One page of a search of a tenant. */
export async function searchPage(
  serviceRole: Sql,
  tenantId: string,
  q: string,
  options: SearchOptions = {},
): Promise<SearchOutcome> {
  const { mode = "query", repository, limit = 200, position = null, now = () => 0 } = options;
  const searchBatch = (tenant: string, batch: BatchRequest) =>
    askForBatch(serviceRole, tenant, batch);
  return await runSearch({
    database: { searchBatch },
    reads: { running: 1 },
    keptChunks: options.keptChunks ?? new KeptChunks(),
    now,
  }, {
    tenantId,
    repository: repository ?? null,
    query: readQuery(q, mode),
    wishes: { context: false, enclosing: false },
    position,
    limit,
    countsAll: false,
    state: options.state ?? null,
  });
}

/** The matches of a page as the flat view shows them. */
export async function searchMatches(
  serviceRole: Sql,
  tenantId: string,
  q: string,
  options: SearchOptions = {},
) {
  const found = await searchPage(serviceRole, tenantId, q, options);
  if (found.outcome !== "ok") throw new Error(`${q}: ${found.outcome}`);
  return showLines(found.lines, false);
}

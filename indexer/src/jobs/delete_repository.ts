/**
 * Deletes the index of a repository that was marked deleted, in short transactions.
 */
import type { JobResult, JobRun } from "../job.ts";
import { IndexStore } from "../store/index_store.ts";
import type { JobTools } from "./tools.ts";

/** Some ten thousand files a call. */
const SEGMENTS_PER_CALL = 4;

/** The job of kind delete_repository. */
export async function deleteRepository(job: JobRun, tools: JobTools): Promise<JobResult> {
  const index = new IndexStore(tools.connection, job.claim, job.signal, tools.failpoint);
  const started = performance.now();
  while (!await index.deleteRepositoryData(SEGMENTS_PER_CALL)) job.signal.throwIfAborted();
  const milliseconds = Math.round(performance.now() - started);
  return { outcome: "empty", commitOid: null, report: { milliseconds } };
}

/**
 * Deletes what is left of a ref that is no longer followed, in short transactions.
 */
import type { JobResult, JobRun } from "../job.ts";
import { IndexStore } from "../store/index_store.ts";
import type { JobTools } from "./tools.ts";

const FILES_PER_CALL = 5000;

/** The job of kind delete_ref. */
export async function deleteRef(job: JobRun, tools: JobTools): Promise<JobResult> {
  const index = new IndexStore(tools.connection, job.claim, job.signal, tools.failpoint);
  const started = performance.now();
  while (!await index.deleteRefData(FILES_PER_CALL)) job.signal.throwIfAborted();
  const milliseconds = Math.round(performance.now() - started);
  return { outcome: "empty", commitOid: null, report: { milliseconds } };
}

/**
 * Deletes the index of a repository that was marked deleted, in short transactions.
 */
import type { JobResult, JobRun } from "../job.ts";
import { IndexStore } from "../store/index_store.ts";
import type { JobTools } from "./tools.ts";

const FILES_PER_CALL = 5000;
/** Some ten thousand blobs a call. */
const SEGMENTS_PER_CALL = 4;

/** The job of kind delete_repository. */
export async function deleteRepository(job: JobRun, tools: JobTools): Promise<JobResult> {
  const index = new IndexStore(tools.connection, job.claim, job.signal, tools.failpoint);
  const started = performance.now();
  const perCall = { filesMax: FILES_PER_CALL, segmentsMax: SEGMENTS_PER_CALL };
  while (!await index.deleteRepositoryData(perCall)) job.signal.throwIfAborted();
  const milliseconds = Math.round(performance.now() - started);
  return { outcome: "empty", commitOid: null, report: { milliseconds } };
}

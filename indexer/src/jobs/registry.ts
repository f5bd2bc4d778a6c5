/**
 * Which code runs which kind of job.
 */
import { JobError } from "../errors.ts";
import type { JobResult, JobRun } from "../job.ts";
import { compact } from "./compact.ts";
import { deleteRef } from "./delete_ref.ts";
import { deleteRepository } from "./delete_repository.ts";
import { indexRef } from "./index_ref.ts";
import type { JobTools } from "./tools.ts";

export type JobKind = "index" | "delete_ref" | "delete_repository" | "compact";

/** Runs a job to its result, or rejects with what is reported as its failure. */
export type JobHandler = (job: JobRun, tools: JobTools) => Promise<JobResult>;

const handlers: Readonly<Record<JobKind, JobHandler>> = {
  index: indexRef,
  delete_ref: deleteRef,
  delete_repository: deleteRepository,
  compact,
};

const PAYLOAD_VERSION = 1;

function isKnown(kind: string): kind is JobKind {
  return Object.hasOwn(handlers, kind);
}

/** Runs the job that was claimed. */
export async function runJob(job: JobRun, tools: JobTools): Promise<JobResult> {
  const { kind, payloadVersion } = job.claim;
  if (!isKnown(kind) || payloadVersion !== PAYLOAD_VERSION) {
    throw new JobError("unsupported_job", `${kind} with payload ${payloadVersion}`);
  }
  return await handlers[kind](job, tools);
}

/**
 * Jobs: the closed sets that both runtimes and the database share, and a job as the API shows it.
 */
import { z } from "zod";
import { id, oid, time } from "./ids.ts";

/** What a job does. */
export const jobKinds = ["index", "delete_ref", "delete_repository", "compact"] as const;
/** Where a job stands; waiting for a retry is queued. */
export const jobStates = ["queued", "running", "completed", "failed", "cancelled"] as const;
/** How a completed job ended. */
export const jobOutcomes = ["indexed", "unchanged", "empty", "superseded"] as const;
/** What a running job is doing, in this order. */
export const jobPhases = ["fetching", "diffing", "parsing", "writing", "publishing"] as const;

export type JobKind = (typeof jobKinds)[number];
export type JobState = (typeof jobStates)[number];
export type JobOutcome = (typeof jobOutcomes)[number];
export type JobPhase = (typeof jobPhases)[number];

/** The payload's version that this code writes and reads. */
export const JOB_PAYLOAD_VERSION = 1;

/** How far a job is. Totals grow while they are being found out. */
export const progress = z.object({
  percent: z.number().meta({
    description: "Of the whole job; within an attempt it never goes back.",
  }),
  files_done: z.number(),
  files_total: z.number(),
  bytes_done: z.number(),
  bytes_total: z.number(),
});
export type Progress = z.infer<typeof progress>;

/** An attempt that went wrong, as its tenant may read it. */
export const jobError = z.object({
  attempt: z.number().int(),
  code: z.string(),
  message: z.string(),
  at: time,
});

/** A job as the API shows it. */
export const job = z.object({
  id,
  repository_id: id,
  kind: z.enum(jobKinds),
  ref: z.string().nullable(),
  commit_oid: oid.nullable(),
  state: z.enum(jobStates),
  outcome: z.enum(jobOutcomes).nullable(),
  phase: z.enum(jobPhases).nullable(),
  progress,
  attempt: z.number().int(),
  max_attempts: z.number().int(),
  errors: z.array(jobError),
  requested_by: z.string(),
  queued_at: time,
  started_at: time.nullable(),
  claimed_at: time.nullable().meta({
    description:
      "When its last attempt began. Errors from before are of earlier ones: a job also " +
      "waits, or is cancelled, without an error.",
  }),
  finished_at: time.nullable(),
});
export type Job = z.infer<typeof job>;

/** Whether an error is what the job's last attempt ended with. */
export function isOfLastAttempt(
  { at }: z.infer<typeof jobError>,
  { claimed_at }: Pick<Job, "claimed_at">,
): boolean {
  return claimed_at !== null && at >= claimed_at;
}

/** The answer of a route that made or changed a job. */
export const jobAnswer = z.object({ job });

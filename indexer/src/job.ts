/**
 * What a job is to a worker: the claim that names it, how far it is, and how it ended. Types alone.
 */
import type { Log } from "./log.ts";

/** What the queue hands out for one attempt at one job. */
export interface Claim {
  readonly jobId: string;
  /** New at every claim; every write carries it. */
  readonly leaseToken: string;
  readonly kind: string;
  /** Null for jobs that concern the whole repository. */
  readonly ref: string | null;
  readonly payload: JobPayload;
  readonly payloadVersion: number;
  /** From 1. */
  readonly attempt: number;
  readonly repositoryId: string;
  readonly fullName: string;
  readonly defaultBranch: string;
  readonly gitToken: string | null;
  readonly repositoryBytesMax: number;
}

/** The payload of version 1. */
export interface JobPayload {
  /** Extract everything anew, whatever the index has. */
  readonly full: boolean;
  /** Where the ref was said to be; zeros: nowhere, it was deleted. A hint: deliveries arrive in any order. */
  readonly commitOid: string | null;
  /** Where else it was said to be, before that; the one may be newer all the same. */
  readonly announced: readonly string[];
  /** Where a push by force was said to have set it. What comes after that may be what this has taken back. */
  readonly setTo: string | null;
  /** Whether more was announced than this, or more by force. */
  readonly isAmbiguous: boolean;
  /** The commit for which, as for those before it, the job was given back once, since the host did not have it. */
  readonly lookedFor: string | null;
  /** What a delivery called the default branch, where another one is known. A hint as well. */
  readonly defaultBranch: string | null;
}

/** The lease that a write must hold. */
export type Lease = Pick<Claim, "jobId" | "leaseToken">;

export type JobPhase = "fetching" | "diffing" | "parsing" | "writing" | "publishing";

/** How far a phase is. Facts, not guesses: zero where a number is not known. */
export interface Progress {
  /** Of the job, 0 to 100; within an attempt it never goes back. */
  readonly percent: number;
  readonly filesDone: number;
  readonly filesTotal: number;
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

export const NO_PROGRESS: Progress = {
  percent: 0,
  filesDone: 0,
  filesTotal: 0,
  bytesDone: 0,
  bytesTotal: 0,
};

export type JobOutcome = "indexed" | "unchanged" | "empty";

/** Counts and milliseconds, for the job's history. */
export type JobReport = Readonly<Record<string, string | number>>;

/** A job that ended well. */
export interface JobResult {
  readonly outcome: JobOutcome;
  readonly commitOid: string | null;
  readonly report: JobReport;
}

/** What a job gets while it runs. */
export interface JobRun {
  readonly claim: Claim;
  /** Aborts when the job must stop, whatever the reason. */
  readonly signal: AbortSignal;
  /** What the next heartbeat tells. */
  readonly report: (phase: JobPhase, progress: Progress) => void;
  readonly log: Log;
}

/** What a heartbeat brings back. */
export type Verdict = "continue" | "cancelled" | "lease_lost";

/** How an attempt that did not end well is reported. */
export interface Failure {
  readonly class: "retry" | "give_up" | "cancelled";
  readonly code: string;
  /** For the tenant: no path of ours, no address, no stack. */
  readonly message: string;
  /** How long to wait with the next attempt, which then costs none; null leaves it to the queue's backoff. */
  readonly retryMilliseconds: number | null;
  /** For operators. */
  readonly detail: string | null;
}

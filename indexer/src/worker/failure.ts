/**
 * What follows from an error: whether the job is tried again, and what its tenant is told. Pure; does
 * not know where errors come from.
 */
import { HostRateLimited, JobError, type JobErrorCode } from "../errors.ts";
import type { Failure } from "../job.ts";
import { describeError } from "../log.ts";

/** Where the host says no time with its refusal: its windows are of this length. */
const RATE_LIMIT_WAIT_MILLISECONDS = 60_000;

interface Consequence {
  readonly class: Failure["class"];
  readonly message: string;
}

const consequences: Readonly<Record<JobErrorCode, Consequence>> = {
  access_denied: {
    class: "give_up",
    message:
      "The host refuses access to the repository. Check its visibility or the token, then register it again.",
  },
  commit_gone: {
    class: "retry",
    message: "The commit was replaced while it was fetched.",
  },
  database_unavailable: {
    class: "retry",
    message: "The database could not be reached.",
  },
  extraction_failed: {
    class: "retry",
    message: "Extracting the repository's files failed.",
  },
  git_failed: {
    class: "retry",
    message: "Fetching the repository failed.",
  },
  host_unreachable: {
    class: "retry",
    message: "The host could not be reached, or broke off.",
  },
  internal_error: {
    class: "retry",
    message: "The indexer failed for a reason of its own.",
  },
  invalid_ref: {
    class: "give_up",
    message: "The ref has a name that git does not allow.",
  },
  job_time_limit: {
    class: "give_up",
    message: "Indexing took longer than a job may.",
  },
  rate_limited: {
    class: "retry",
    message: "The host limits how often we may ask. The job goes on when it allows.",
  },
  ref_not_found: {
    class: "give_up",
    message:
      "The repository has no such ref, or one of no commit. Push it or check its name, then index it again.",
  },
  repository_gone: {
    class: "give_up",
    message: "The host knows no such repository.",
  },
  repository_too_large: {
    class: "give_up",
    message: "The repository is larger than the plan allows.",
  },
  unsupported_job: {
    class: "give_up",
    message: "This version of the indexer does not know this kind of job.",
  },
  unsupported_repository: {
    class: "give_up",
    message: "The repository names its objects by SHA-256, which cannot be read yet.",
  },
  version_mismatch: {
    class: "retry",
    message: "The indexer and the database are of different versions for the moment.",
  },
  work_area_full: {
    class: "retry",
    message: "The machine had no room for the repository.",
  },
};

/** The report of an attempt that ended with this error. */
export function classifyFailure(error: unknown): Failure {
  const code = codeOf(error);
  return {
    ...consequences[code],
    code,
    retryMilliseconds: code === "rate_limited" ? waitAfter(error) : null,
    detail: describeError(error),
  };
}

function codeOf(error: unknown): JobErrorCode {
  if (error instanceof JobError) return error.code;
  const isForRoom = error instanceof Error && "code" in error &&
    (error.code === "ENOSPC" || error.code === "EDQUOT");
  // Whatever is written to a file lies in the work area.
  return isForRoom ? "work_area_full" : "internal_error";
}

/** For as long as the host says, else for one of its windows. No clock is asked: ours may be wrong. */
function waitAfter(error: unknown): number {
  const named = error instanceof HostRateLimited ? error.waitMilliseconds : null;
  return named ?? RATE_LIMIT_WAIT_MILLISECONDS;
}

/** The report of a job that its tenant cancelled. */
export const CANCELLED: Failure = {
  class: "cancelled",
  code: "cancelled",
  message: "",
  retryMilliseconds: null,
  detail: null,
};

/**
 * Everything that can end a job other than well: the closed set of error codes, and the reasons for
 * which a worker drops what it does. Does not know what follows from them; worker/failure.ts does.
 */

/** Why an attempt failed. The code is shown to the tenant and stored with the job. */
export type JobErrorCode =
  | "access_denied"
  | "commit_gone"
  | "database_unavailable"
  | "extraction_failed"
  | "git_failed"
  | "host_unreachable"
  | "internal_error"
  | "invalid_ref"
  | "job_time_limit"
  | "rate_limited"
  | "ref_not_found"
  | "repository_gone"
  | "repository_too_large"
  | "unsupported_job"
  | "unsupported_repository"
  | "version_mismatch"
  | "work_area_full";

/** An attempt failed for a reason that has a name. The detail is for operators alone. */
export class JobError extends Error {
  override readonly name = "JobError";
  readonly code: JobErrorCode;
  readonly detail: string | null;

  constructor(code: JobErrorCode, detail: string | null = null, cause?: unknown) {
    super(detail === null ? code : `${code}: ${detail}`, cause === undefined ? {} : { cause });
    this.code = code;
    this.detail = detail;
  }
}

/** The host limits how often we may ask. */
export class HostRateLimited extends JobError {
  /** For how long, from now on; null: it does not say. */
  readonly waitMilliseconds: number | null;

  constructor(detail: string | null, cause: unknown, waitMilliseconds: number | null) {
    super("rate_limited", detail, cause);
    this.waitMilliseconds = waitMilliseconds;
  }
}

/** Why a worker stops at once, whatever it is doing. */
export type StopReason = "cancelled" | "gave_way" | "lease_lost" | "not_shown" | "shutdown";

/** The reason of an aborted signal; also thrown where a write was refused for want of the lease. */
export class Stopped extends Error {
  override readonly name = "Stopped";
  readonly reason: StopReason;

  constructor(reason: StopReason) {
    super(reason);
    this.reason = reason;
  }
}

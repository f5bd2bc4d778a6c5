/**
 * What git's last words mean. They come in English, since the locale is fixed. Knows the words of
 * git and of its HTTP library; does not know what is done about a failure.
 */
import { JobError, type JobErrorCode } from "../errors.ts";

/** A git process that ended badly. */
export class GitError extends Error {
  override readonly name = "GitError";
  readonly exitCode: number | null;
  readonly stderr: string;

  constructor(command: string, exitCode: number | null, stderr: string) {
    super(`git ${command} ended with ${exitCode ?? "a signal"}: ${stderr}`);
    this.exitCode = exitCode;
    this.stderr = stderr;
  }
}

const NO_SUCH_REF = /couldn't find remote ref|no such remote ref/i;

/** Whether the host has the repository but not the ref that was asked for. */
export function isMissingRef(error: unknown): boolean {
  return error instanceof GitError && NO_SUCH_REF.test(error.stderr);
}

const REDIRECT = /requested URL returned error: 30[12378]/i;

/** Whether the host sends whoever asks to another address. */
export function isRedirect(error: unknown): boolean {
  return error instanceof GitError && REDIRECT.test(error.stderr);
}

const UNAVAILABLE = /requested URL returned error: 503/i;

/** Whether the host is away by its own word; it may have said for how long. */
export function isUnavailable(error: GitError): boolean {
  return UNAVAILABLE.test(error.stderr);
}

/** First match wins: what says most comes first. */
const meanings: readonly (readonly [RegExp, JobErrorCode])[] = [
  [/No space left on device|Disk quota exceeded/i, "work_area_full"],
  [/requested URL returned error: 429/i, "rate_limited"],
  [/requested URL returned error: (?:404|410)|repository '[^']*' not found/i, "repository_gone"],
  [/Repository not found/i, "repository_gone"],
  [
    // 400: a token in a form that is none, or an address; 451: taken away by law. The same question again is no other.
    /requested URL returned error: (?:400|401|403|451)|Authentication failed|could not read (?:User|Pass)/i,
    "access_denied",
  ],
  // Git has fetched what the ref names, a tree or a blob that somebody has tagged.
  [/expected commit type/i, "ref_not_found"],
  [/mismatched algorithms/i, "unsupported_repository"],
  [/not our ref|unadvertised object|remote did not send all necessary/i, "commit_gone"],
  [
    /unable to access|Could not resolve|Failed to connect|Connection (?:refused|reset|timed out)/i,
    "host_unreachable",
  ],
  [
    /RPC failed|early EOF|hung up unexpectedly|unexpected disconnect|requested URL returned error/i,
    "host_unreachable",
  ],
];

/** The error of a job that git failed. */
export function gitFailure(error: GitError): JobError {
  const meaning = meanings.find(([pattern]) => pattern.test(error.stderr));
  return new JobError(meaning?.[1] ?? "git_failed", error.message, error);
}

/**
 * A repository on its host: where it is, with which credentials it is asked, and what it means when
 * git fails there. Does not know what is asked for.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { HostRateLimited, JobError, type JobErrorCode } from "../errors.ts";
import {
  authorizationOf,
  gitEnvironment,
  type GitHost,
  nameAt,
  redact,
  repositoryUrl,
} from "./environment.ts";
import { FetchTooLarge } from "./fetch.ts";
import { GitError, gitFailure, isRedirect, isUnavailable } from "./git_failure.ts";
import { askAgain, askForMove, askForProtocol } from "./host_answer.ts";
import { writeConfig } from "./layout.ts";

/** What a host answers for good, or for a moment: as while it is at odds with itself, or rights are being changed. */
const REFUSALS: ReadonlySet<JobErrorCode> = new Set(["access_denied", "repository_gone"]);
const MOMENT_MILLISECONDS = 1000;

export interface RemoteOptions {
  /** Of the copy that git fetches into. */
  readonly directory: string;
  readonly host: GitHost;
  readonly fullName: string;
  readonly token: string | null;
  readonly signal: AbortSignal;
}

export class Remote {
  readonly #options: RemoteOptions;
  /** What every git of the job runs with. */
  readonly environment: ReturnType<typeof gitEnvironment>;
  #fullName: string;

  constructor(options: RemoteOptions) {
    this.#options = options;
    const { host, token, directory, fullName } = options;
    this.#fullName = fullName;
    this.environment = gitEnvironment({ host, token, home: directory });
  }

  get url(): string {
    return repositoryUrl(this.#options.host, this.#fullName);
  }

  /** Whom requests of our own ask. */
  get question() {
    const { token, signal } = this.#options;
    const authorization = token === null ? null : authorizationOf(token);
    return { url: this.url, authorization, environment: this.environment, signal };
  }

  /** Runs a git that may ask the host; where the repository has another name there by now, once more with that. */
  async ask<T>(git: () => Promise<T>): Promise<T> {
    try {
      return await git();
    } catch (error) {
      if (!isRedirect(error)) throw error;
      const address = await askForMove(this.question);
      const name = address === null ? null : nameAt(this.#options.host, address);
      if (name === null) throw error;
      this.#fullName = name;
      await writeConfig(this.#options.directory, this.url);
      return await git();
    }
  }

  /** Throws where it is not the host that has said that it has no such ref. */
  async confirmMissing(): Promise<void> {
    if (await askForProtocol(this.question)) return;
    throw new JobError("host_unreachable", "no answer in git's protocol");
  }

  /** Git's own words become a job's error; whatever else it is stays what it is. */
  async failure(error: unknown): Promise<unknown> {
    if (error instanceof FetchTooLarge) {
      return new JobError("repository_too_large", error.message, error);
    }
    if (!(error instanceof GitError)) return error;
    const stderr = redact(error.stderr, this.#options.token);
    const failure = gitFailure(new GitError("", error.exitCode, stderr));
    const isLimited = failure.code === "rate_limited";
    const isRefused = REFUSALS.has(failure.code);
    if (!isLimited && !isRefused && !isUnavailable(error)) return failure;
    if (isRefused) await sleep(MOMENT_MILLISECONDS, undefined, { signal: this.#options.signal });
    const { isAccepted, waitMilliseconds } = await askAgain(this.question);
    // One that it takes back is none to give up for.
    if (isRefused && isAccepted) {
      return new JobError("host_unreachable", failure.detail, failure);
    }
    // Some limits are told as a refusal or an outage, of which git does not say that it is to end.
    if (!isLimited && waitMilliseconds === null) return failure;
    return new HostRateLimited(failure.detail, failure, waitMilliseconds);
  }
}

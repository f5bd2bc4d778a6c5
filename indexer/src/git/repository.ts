/**
 * One repository on the host, as a bare shallow copy that lives as long as a job: the head of a ref,
 * its tree, and the blobs that are asked for. Never a checkout, no hooks, no submodules, and once
 * it is sealed no object comes over the network any more. Does not know the index.
 */
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { JobError } from "../errors.ts";
import { readSizes } from "./cat_file.ts";
import { gitEnvironment, type GitHost, redact, repositoryUrl } from "./environment.ts";
import { type Fetch, FetchTooLarge, packBytes, runFetch } from "./fetch.ts";
import { GitError, gitFailure, isMissingRef } from "./git_failure.ts";
import { feedLines, type GitCommand, runGit, startGit } from "./process.ts";
import { removeDirectory } from "./work_area.ts";
import { readTree, type TreeEntry, TreeTooLarge } from "./tree.ts";

/**
 * A host that computes says so every five seconds. Besides, git's helper for HTTP outlives a git that
 * is killed, for as long as this.
 */
const SILENCE_SECONDS_MAX = 30;
const FILES_MAX = 1_000_000;
const PLUMBING_MILLISECONDS_MAX = 300_000;
const REMOTE_MILLISECONDS_MAX = 60_000;
const ANSWER_BYTES_MAX = 65_536;
const HEAD = "refs/quarry/head";
const FETCH_ARGS = ["--no-tags", "--no-write-fetch-head", "--recurse-submodules=no"];

/** A full ref or an oid: nothing that a refspec or an option gives a meaning to. */
const FETCHABLE = /^(?:refs(?:\/[^\x00-\x20~^:?*[\\\x7f/]+)+|[0-9a-f]{40}|[0-9a-f]{64})$/;

export interface RepositoryOptions {
  /** Empty; whoever made it removes it. */
  readonly directory: string;
  readonly host: GitHost;
  readonly fullName: string;
  readonly token: string | null;
  readonly signal: AbortSignal;
  /** What the tenant's plan allows the object store to hold. */
  readonly bytesMax: number;
  /** What the file system has room for. */
  readonly freeBytes: () => Promise<number>;
  readonly onPercent: (percent: number) => void;
}

/** What to bring beside the commit and its trees. */
export type Blobs = "none" | { readonly upToBytes: number };

/** Which blobs a repository has, and how large each is. */
export type BlobSizes = ReadonlyMap<string, number>;

/** A copy of a repository. One call at a time, but `listTree` and `readHead`. */
export class Repository {
  readonly #options: RepositoryOptions;
  readonly #environment: ReturnType<typeof gitEnvironment>;

  constructor(options: RepositoryOptions) {
    this.#options = options;
    const { host, token, directory } = options;
    this.#environment = gitEnvironment({ host, token, home: directory });
  }

  /**
   * Fetches the newest commit of a ref, or this very commit, with its trees, into an empty store.
   * False: the host has no such ref.
   */
  async fetchCommit(refOrOid: string, blobs: Blobs): Promise<boolean> {
    if (!FETCHABLE.test(refOrOid)) throw new JobError("invalid_ref", refOrOid);
    const filter = blobs === "none" ? "blob:none" : `blob:limit=${blobs.upToBytes}`;
    await this.#layOut();
    try {
      await this.#fetch(this.#options.bytesMax, {
        args: ["--depth=1", `--filter=${filter}`, ...FETCH_ARGS, "origin", `+${refOrOid}:${HEAD}`],
      });
      return true;
    } catch (error) {
      if (isMissingRef(error)) return false;
      throw this.#failure(error);
    }
  }

  /** The oid of the commit that was fetched. */
  async readHead(): Promise<string> {
    const args = ["rev-parse", "--verify", "--end-of-options", `${HEAD}^{commit}`];
    const answer = await this.#run({ args, stdoutBytesMax: ANSWER_BYTES_MAX });
    return answer.toString("latin1").trim();
  }

  /** Where the ref is at this moment on the host; null: no such ref. */
  async readRemoteHead(ref: string): Promise<string | null> {
    const answer = await this.#run({
      args: ["ls-remote", "origin", ref],
      stdoutBytesMax: ANSWER_BYTES_MAX,
      timeoutMilliseconds: REMOTE_MILLISECONDS_MAX,
    });
    const line = answer.toString("utf8").split("\n").find((each) => each.endsWith(`\t${ref}`));
    return line?.split("\t")[0] ?? null;
  }

  /** Every path of the commit that was fetched. */
  async listTree(): Promise<TreeEntry[]> {
    const git = startGit(this.#command({ args: ["ls-tree", "-r", "-z", HEAD] }));
    git.stdin.end();
    try {
      const entries = await readTree(git.stdout, FILES_MAX);
      await git.ended;
      return entries;
    } catch (error) {
      git.kill();
      if (error instanceof TreeTooLarge) {
        throw new JobError("repository_too_large", error.message, error);
      }
      // A listing that breaks off says less than the end of the git that wrote it.
      throw this.#failure(await git.ended.then(() => error, (cause: unknown) => cause));
    }
  }

  /**
   * Fetches blobs in one batch. The host sends what is asked for by name however large it is; where
   * that turns out to be more than `bytesMax`, the answer is false and nothing can be relied on.
   */
  async fetchBlobs(oids: readonly string[], bytesMax: number): Promise<boolean> {
    const before = await packBytes(this.#options.directory);
    try {
      const limit = Math.min(this.#options.bytesMax, before + bytesMax);
      await this.#fetch(limit, {
        args: [...FETCH_ARGS, "--filter=blob:none", "--stdin", "origin"],
        oids,
      });
      return true;
    } catch (error) {
      if (error instanceof FetchTooLarge) return false;
      throw this.#failure(error);
    }
  }

  /** From here on what is missing is missing: git would fetch such objects one by one. */
  async seal(): Promise<void> {
    await this.#writeConfig(false);
  }

  /** The sizes of those of the blobs that are here. */
  async readBlobSizes(oids: Iterable<string>): Promise<BlobSizes> {
    const git = startGit(this.#command({ args: ["cat-file", "--batch-check", "--buffer"] }));
    const [sizes] = await Promise.all([readSizes(git.stdout), feedLines(git.stdin, oids)]);
    await git.ended;
    return sizes;
  }

  /** What has arrived so far, compressed as it came. */
  storedBytes(): Promise<number> {
    return packBytes(this.#options.directory);
  }

  async #fetch(bytesMax: number, fetch: Pick<Fetch, "args" | "oids">): Promise<void> {
    const { directory, signal, onPercent, freeBytes } = this.#options;
    const room = await packBytes(directory) + await freeBytes();
    try {
      await runFetch({
        ...fetch,
        directory,
        signal,
        onPercent,
        environment: this.#environment,
        bytesMax: Math.min(bytesMax, room),
      });
    } catch (error) {
      if (error instanceof FetchTooLarge && room < bytesMax) {
        throw new JobError("work_area_full", `${room} bytes of room`, error);
      }
      throw error;
    }
  }

  /** What `git init --bare` makes, without the time it takes and without templates and hooks. */
  async #layOut(): Promise<void> {
    const { directory } = this.#options;
    await Promise.all(
      ["objects", "refs", "shallow"].map((name) => removeDirectory(path.join(directory, name))),
    );
    await Promise.all([
      mkdir(path.join(directory, "objects"), { recursive: true }),
      mkdir(path.join(directory, "refs"), { recursive: true }),
      writeFile(path.join(directory, "HEAD"), "ref: refs/heads/none\n"),
      this.#writeConfig(true),
    ]);
  }

  async #writeConfig(connected: boolean): Promise<void> {
    const { directory, host, fullName } = this.#options;
    const remote = `
[extensions]
	partialClone = origin
[remote "origin"]
	url = ${repositoryUrl(host, fullName)}
	promisor = true
	partialclonefilter = blob:none
[fetch]
	negotiationAlgorithm = noop
[gc]
	auto = 0
[maintenance]
	auto = false
[http]
	lowSpeedLimit = 1
	lowSpeedTime = ${SILENCE_SECONDS_MAX}
`;
    const text = `[core]\n\trepositoryformatversion = 1\n\tbare = true\n${connected ? remote : ""}`;
    await writeFile(path.join(directory, "config"), text);
  }

  #command(command: Partial<GitCommand> & Pick<GitCommand, "args">): GitCommand {
    return {
      directory: this.#options.directory,
      environment: this.#environment,
      signal: this.#options.signal,
      timeoutMilliseconds: PLUMBING_MILLISECONDS_MAX,
      ...command,
    };
  }

  async #run(
    command: Partial<GitCommand> & Pick<GitCommand, "args"> & { stdoutBytesMax: number },
  ): Promise<Buffer> {
    try {
      return await runGit({
        ...this.#command(command),
        stdoutBytesMax: command.stdoutBytesMax,
      });
    } catch (error) {
      throw this.#failure(error);
    }
  }

  /** Git's own words become a job's error; whatever else it is stays what it is. */
  #failure(error: unknown): unknown {
    if (error instanceof FetchTooLarge) {
      return new JobError("repository_too_large", error.message, error);
    }
    if (!(error instanceof GitError)) return error;
    const { token } = this.#options;
    return gitFailure(new GitError("", error.exitCode, redact(error.stderr, token)));
  }
}

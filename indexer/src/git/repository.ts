/**
 * One repository on the host, as a bare shallow copy that lives as long as a job: the head of a ref,
 * its tree, and the blobs that are asked for. Never a checkout, no hooks, no submodules, and once
 * it is sealed no object comes over the network any more. Does not know the index.
 */
import { JobError } from "../errors.ts";
import { readSizes } from "./cat_file.ts";
import { askForRef, type DirectFetch, fetchDirectly } from "./direct_fetch.ts";
import { type Fetch, FetchTooLarge, packBytes, runFetch } from "./fetch.ts";
import { hasFetched } from "./fetch_head.ts";
import { isMissingRef } from "./git_failure.ts";
import { HEAD, layOutRepository, layOutSeeded, SEEDED, writeConfig } from "./layout.ts";
import { packObjects } from "./pack_objects.ts";
import { feedLines, type GitCommand, type GitProcess, runGit, startGit } from "./process.ts";
import { Remote, type RemoteOptions } from "./remote.ts";
import { defaultBranchOf, isFetchable, lsRemote, oidOf, REMOTE_HEAD } from "./remote_refs.ts";
import {
  type Differences,
  readDifferences,
  readTree,
  separate,
  type TreeEntry,
  TreeTooLarge,
} from "./tree.ts";
import { type Seed, type Since, sizeOf, type TreePack } from "./tree_packs.ts";

const FILES_MAX = 1_000_000;
const PLUMBING_MILLISECONDS_MAX = 300_000;
const ANSWER_BYTES_MAX = 65_536;
/** An oid and a newline for each tree of a repository that is worth a pack. */
const OIDS_BYTES_MAX = 64 * 1024 * 1024;
/** Pushes that meet in one job are few commits apart; by merges so many generations may be any number of these. */
const HISTORY_DEPTH_MAX = 32;
const HISTORY_BYTES_MAX = 4 * 1024 * 1024;
const FETCH_ARGS = ["--no-tags", "--recurse-submodules=no"];

export interface RepositoryOptions extends RemoteOptions {
  /** Empty; whoever made it removes it. */
  readonly directory: string;
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
  readonly #remote: Remote;

  constructor(options: RepositoryOptions) {
    this.#options = options;
    this.#remote = new Remote(options);
  }

  /**
   * Fetches the newest commit of a ref, or this very commit, with its trees, into an empty store.
   * False: the host has no such ref.
   */
  async fetchCommit(refOrOid: string, blobs: Blobs): Promise<boolean> {
    if (!isFetchable(refOrOid)) throw new JobError("invalid_ref", refOrOid);
    const filter = blobs === "none" ? "blob:none" : `blob:limit=${blobs.upToBytes}`;
    await layOutRepository(this.#options.directory, this.#remote.url);
    return await this.#fetchRef(refOrOid, this.#options.bytesMax, {
      args: ["--depth=1", `--filter=${filter}`, ...FETCH_ARGS, "origin", `+${refOrOid}:${HEAD}`],
    });
  }

  /**
   * Fetches the newest commit of a ref into a store that holds an earlier one. False: the host has
   * no such ref. Whether every tree has come shows in `listDifferences`: of what was committed since,
   * the host may leave out what an ancestor of the earlier commit has.
   */
  async fetchSince(ref: string, seed: Seed, since: Since): Promise<boolean> {
    if (!isFetchable(ref)) throw new JobError("invalid_ref", ref);
    const isHistory = since.kind === "history";
    const depth = isHistory ? [] : ["--depth=1"];
    const bytesMax = isHistory ? sizeOf(seed.packs) + since.bytesMax : Infinity;
    await layOutSeeded(this.#options.directory, this.#remote.url, seed, !isHistory);
    return await this.#fetchRef(ref, Math.min(this.#options.bytesMax, bytesMax), {
      config: ["fetch.negotiationAlgorithm=consecutive"],
      args: [...depth, "--filter=blob:none", ...FETCH_ARGS, "origin", `+${ref}:${HEAD}`],
    });
  }

  /** Where a ref is on the host, for `fetchDirectly`; null: that is not for it to do. */
  async askForRef(ref: string): Promise<string | null> {
    return isFetchable(ref) ? await askForRef({ ...this.#remote.question, ref }) : null;
  }

  /**
   * As `fetchSince`, by requests of our own, with blobs below a size, once it is known where the ref is.
   * Answers the commit's oid; null: that is for `fetchSince` to do. Which blobs have come shows in their
   * sizes.
   */
  async fetchDirectly(
    fetch: Pick<DirectFetch, "seed" | "oid" | "blobBytesMax" | "packBytesMax">,
  ): Promise<string | null> {
    const { directory, bytesMax } = this.#options;
    const packBytesMax = Math.min(fetch.packBytesMax, bytesMax - sizeOf(fetch.seed.packs));
    return await fetchDirectly({ ...this.#remote.question, ...fetch, packBytesMax, directory });
  }

  /** The commit that was fetched, its root and these of its trees, or all, as one pack. */
  async packTrees(treeOids: readonly string[] | "all"): Promise<TreePack> {
    const filter = treeOids === "all" ? "blob:none" : "tree:1";
    // Its ancestors are of no use, and may be missing.
    const args = ["rev-list", "--no-walk", "--objects", "--no-object-names", `--filter=${filter}`];
    const listed = await this.#run({ args: [...args, HEAD], stdoutBytesMax: OIDS_BYTES_MAX });
    const more = treeOids === "all" ? [] : treeOids.map((oid) => `${oid}\n`);
    const oids = Buffer.concat([listed, Buffer.from(more.join(""), "latin1")]);
    try {
      return await packObjects(this.#command({ args: [] }), oids);
    } catch (error) {
      throw await this.#remote.failure(error);
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
    return oidOf(await this.#run(lsRemote(ref)), ref);
  }

  /** The default branch at this moment on the host; null: it does not say. Leaves the store empty. */
  async readDefaultBranch(): Promise<string | null> {
    await layOutRepository(this.#options.directory, this.#remote.url);
    return defaultBranchOf(await this.#run(lsRemote(REMOTE_HEAD)));
  }

  /** Every path of the commit that was fetched. */
  async listTree(): Promise<TreeEntry[]> {
    return await this.#list(["ls-tree", "-r", "-z", HEAD], readTree);
  }

  /** What the commit that was fetched has otherwise than the one it was seeded with. */
  async listDifferences(): Promise<Differences> {
    const args = ["diff-tree", "-r", "-t", "-z", "--no-renames", SEEDED, HEAD];
    return separate(await this.#list(args, readDifferences));
  }

  async #list<T>(
    args: readonly string[],
    read: (output: AsyncIterable<Uint8Array>, entriesMax: number) => Promise<T>,
  ): Promise<T> {
    return await this.#read(args, async ({ stdin, stdout }) => {
      stdin.end();
      return await read(stdout, FILES_MAX);
    });
  }

  /** What a git writes, read while it does. */
  async #read<T>(args: readonly string[], read: (git: GitProcess) => Promise<T>): Promise<T> {
    const git = startGit(this.#command({ args }));
    try {
      const answer = await read(git);
      await git.ended;
      return answer;
    } catch (error) {
      git.kill();
      if (error instanceof TreeTooLarge) {
        throw new JobError("repository_too_large", error.message, error);
      }
      // What breaks off says less than the end of the git that wrote it.
      throw await this.#remote.failure(
        await git.ended.then(() => error, (cause: unknown) => cause),
      );
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
        args: [...FETCH_ARGS, "--no-write-fetch-head", "--filter=blob:none", "--stdin", "origin"],
        oids,
      });
      return true;
    } catch (error) {
      if (error instanceof FetchTooLarge) return false;
      throw await this.#remote.failure(error);
    }
  }

  /**
   * Whether a commit that the ref had is all of these or comes after them, as far as the newest history
   * of the ref tells. Leaves that alone in the store.
   */
  async comesAfter(ref: string, commitOid: string, oids: readonly string[]): Promise<boolean> {
    await layOutRepository(this.#options.directory, this.#remote.url);
    const depth = `--depth=${HISTORY_DEPTH_MAX}`;
    const isThere = await this.#fetchRef(ref, Math.min(this.#options.bytesMax, HISTORY_BYTES_MAX), {
      args: [depth, "--filter=tree:0", ...FETCH_ARGS, "origin", `+${ref}:${HEAD}`],
    });
    if (!isThere) return false;
    const args = ["rev-list", "--end-of-options", commitOid];
    const listed = await this.#run({ args, stdoutBytesMax: OIDS_BYTES_MAX });
    const history = new Set(listed.toString("latin1").split("\n"));
    return oids.every((oid) => history.has(oid));
  }

  /** While sealed, what is missing is missing: git would fetch such objects one by one. */
  async seal(isSealed = true): Promise<void> {
    await writeConfig(this.#options.directory, isSealed ? null : this.#remote.url);
  }

  /** The sizes of those of the blobs that are here; only of a sealed repository. */
  async readBlobSizes(oids: Iterable<string>): Promise<BlobSizes> {
    return await this.#read(["cat-file", "--batch-check", "--buffer"], async (git) => {
      const [sizes] = await Promise.all([readSizes(git.stdout), feedLines(git.stdin, oids)]);
      return sizes;
    });
  }

  /** What has arrived so far, compressed as it came. */
  storedBytes = (): Promise<number> => packBytes(this.#options.directory);

  /** False: the host has no such ref. */
  async #fetchRef(
    ref: string,
    bytesMax: number,
    fetch: Pick<Fetch, "args" | "config">,
  ): Promise<boolean> {
    try {
      await this.#fetch(bytesMax, fetch);
      return await hasFetched(this.#options.directory, ref);
    } catch (error) {
      if (isMissingRef(error)) {
        await this.#remote.confirmMissing();
        return false;
      }
      throw await this.#remote.failure(error);
    }
  }

  async #fetch(bytesMax: number, fetch: Pick<Fetch, "args" | "oids" | "config">): Promise<void> {
    const { directory, signal, onPercent, freeBytes } = this.#options;
    const room = await packBytes(directory) + await freeBytes();
    try {
      await this.#remote.ask(() =>
        runFetch({
          ...fetch,
          directory,
          signal,
          onPercent,
          environment: this.#remote.environment,
          bytesMax: Math.min(bytesMax, room),
        })
      );
    } catch (error) {
      if (error instanceof FetchTooLarge && room < bytesMax) {
        throw new JobError("work_area_full", `${room} bytes of room`, error);
      }
      throw error;
    }
  }

  #command(command: Partial<GitCommand> & Pick<GitCommand, "args">): GitCommand {
    return {
      directory: this.#options.directory,
      environment: this.#remote.environment,
      signal: this.#options.signal,
      timeoutMilliseconds: PLUMBING_MILLISECONDS_MAX,
      ...command,
    };
  }

  async #run(
    command: Partial<GitCommand> & Pick<GitCommand, "args"> & { stdoutBytesMax: number },
  ): Promise<Buffer> {
    try {
      const { stdoutBytesMax } = command;
      const whole = { ...this.#command(command), stdoutBytesMax };
      return await this.#remote.ask(() => runGit(whole));
    } catch (error) {
      throw await this.#remote.failure(error);
    }
  }
}

/**
 * Brings a repository's objects here, choosing the cheapest way: commit and trees first and then the
 * blobs that are missing, or all blobs of a sensible size at once. Does not know the index.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { JobError, type JobErrorCode } from "../errors.ts";
import type { Claim, Progress } from "../job.ts";
import { NO_PROGRESS } from "../job.ts";
import type { ObjectStore } from "../pipeline/extraction.ts";
import { gitEnvironment } from "../git/environment.ts";
import { type BlobSizes, Repository } from "../git/repository.ts";
import type { Differences, TreeEntry } from "../git/tree.ts";
import { type Seed, type Since, sizeOf, type TreePack } from "../git/tree_packs.ts";
import { removeDirectory } from "../git/work_area.ts";
import { FILE_BYTES_MAX } from "../segment/decode.ts";
import type { JobTools } from "./tools.ts";

/** Git leaves out blobs of at least this size; one of exactly FILE_BYTES_MAX is still wanted. */
const BLOBS_OF_SENSIBLE_SIZE = { upToBytes: FILE_BYTES_MAX + 1 };
/** Beyond what blobs may have together if none is too large; compressed they have less. */
const BATCH_SLACK_BYTES = 1024 * 1024;
/** Commits and trees of a push, compressed. More is not worth it: the newest commit's alone come then. */
export const HISTORY_BYTES_MAX = 4 * 1024 * 1024;
/** The ways of a fetch that is told of an earlier commit, and after which errors comes the next. */
const SEEDED_WAYS: readonly {
  readonly since: Since;
  readonly givesUpAt: ReadonlySet<JobErrorCode>;
}[] = [
  {
    since: { kind: "history", bytesMax: HISTORY_BYTES_MAX },
    // Git also fails at a tree that the host left out as known.
    givesUpAt: new Set(["git_failed", "commit_gone", "repository_too_large"]),
  },
  // So it fails when the objects laid out are broken, or not what they were said to be.
  { since: { kind: "trees" }, givesUpAt: new Set(["git_failed", "commit_gone"]) },
];
/** A host may announce a push before each of its servers shows it. */
export const MOVE_WAITS_MILLISECONDS: readonly number[] = [300, 1000, 2500];

export interface SourceOptions {
  readonly claim: Claim;
  readonly ref: string;
  readonly signal: AbortSignal;
  readonly onFetchProgress: (progress: Progress) => void;
}

/** The newest commit of a ref. */
export interface Head {
  readonly commitOid: string;
  /** What brought it: two requests, with its blobs but for large ones; or git, without blobs. */
  readonly by: "requests" | "git";
  /** How it differs from the seed's commit; null: it was not seeded, and every tree came. */
  readonly since: Differences | null;
}

/** How to fetch a head. */
export interface HeadOptions {
  /** Blobs of a sensible size too. */
  readonly withBlobs: boolean;
  /** What an earlier job left; null: nothing of use. */
  readonly seed: Seed | null;
  readonly onSeedRefused: (error: JobError) => void;
}

/** The objects of one job; `remove` when done. */
export class Source {
  readonly #ref: string;
  readonly #signal: AbortSignal;
  readonly #directory: string;
  readonly #repository: Repository;
  readonly #waits: readonly number[];
  /** Of the object store, what was laid there before the fetch. */
  #seedBytes = 0;
  /** Where the ref is, if that was asked ahead. */
  #asked: Promise<string | null> | null = null;
  /** The sizes of the new blobs that came with the head; null: they are not looked for. */
  #arrived: Promise<BlobSizes> | null = null;
  readonly objects: ObjectStore;

  constructor(options: SourceOptions, tools: JobTools, directory: string) {
    const { claim, ref, signal, onFetchProgress } = options;
    const { gitHost: host, workArea } = tools;
    this.#ref = ref;
    this.#waits = tools.moveWaitsMilliseconds;
    this.#signal = signal;
    this.#directory = directory;
    this.#repository = new Repository({
      directory,
      host,
      fullName: claim.fullName,
      token: claim.gitToken,
      signal,
      bytesMax: claim.repositoryBytesMax,
      freeBytes: () => workArea.freeBytes(),
      onPercent: (percent) => onFetchProgress({ ...NO_PROGRESS, percent }),
    });
    const environment = gitEnvironment({ host, token: null, home: directory });
    this.objects = { directory, environment };
  }

  /** Asks the host where the ref is: what `fetchHead` begins with where it has a seed. */
  askAhead(): void {
    this.#asked = this.#repository.askForRef(this.#ref);
    // It is awaited there; until then a failure must not count as forgotten.
    this.#asked.catch(() => undefined);
  }

  /** Fetches the ref's newest commit; null when the host has no such ref. */
  async fetchHead({ withBlobs, seed, onSeedRefused }: HeadOptions): Promise<Head | null> {
    const head = seed === null ? null : await this.#fetchDirectly(seed);
    if (head !== null) return head;
    let refusal: JobError | null = null;
    for (const { since, givesUpAt } of seed === null ? [] : SEEDED_WAYS) {
      try {
        if (seed !== null) return await this.#fetchSince(seed, since);
      } catch (error) {
        // What git makes nothing of is left aside; a host that is away is away for every way.
        if (!(error instanceof JobError) || !givesUpAt.has(error.code)) throw error;
        refusal = error;
      }
    }
    if (refusal !== null) onSeedRefused(refusal);
    this.#seedBytes = 0;
    const blobs = withBlobs ? BLOBS_OF_SENSIBLE_SIZE : "none";
    if (!await this.#repository.fetchCommit(this.#ref, blobs)) return null;
    return { commitOid: await this.#repository.readHead(), by: "git", since: null };
  }

  /** Null: git must do it. */
  async #fetchDirectly(seed: Seed): Promise<Head | null> {
    this.#seedBytes = sizeOf(seed.packs);
    const oid = this.#asked ?? this.#repository.askForRef(this.#ref);
    this.#asked = null;
    const commitOid = await this.#repository.fetchDirectly({
      ...{ seed, oid },
      blobBytesMax: BLOBS_OF_SENSIBLE_SIZE.upToBytes,
      packBytesMax: HISTORY_BYTES_MAX,
    });
    if (commitOid === null) return null;
    try {
      const since = await this.#repository.listDifferences();
      const oids = since.files.flatMap(({ after }) => after === null ? [] : after.oid);
      if (oids.length > 0) this.#arrived = this.seal(oids);
      // It is awaited where blobs are wanted; until then a failure must not count as forgotten.
      this.#arrived?.catch(() => undefined);
      return { commitOid, by: "requests", since };
    } catch (error) {
      // A tree that the host left out as known is missing.
      if (error instanceof JobError && error.code === "git_failed") return null;
      throw error;
    }
  }

  async #fetchSince(seed: Seed, since: Since): Promise<Head | null> {
    if (!await this.#repository.fetchSince(this.#ref, seed, since)) return null;
    const [commitOid, differences] = await Promise.all([
      this.#repository.readHead(),
      this.#repository.listDifferences(),
    ]);
    return { commitOid, by: "git", since: differences };
  }

  /** The host's default branch at this moment; null: it does not say. What was fetched is gone. */
  async readDefaultBranch(): Promise<string | null> {
    return await this.#repository.readDefaultBranch();
  }

  /** Every path of the head. */
  async listTree(): Promise<TreeEntry[]> {
    await this.#reopen();
    return await this.#repository.listTree();
  }

  /** The head's commit and these of its trees, or all, for a later job to begin with. */
  async packTrees(treeOids: readonly string[] | "all"): Promise<TreePack> {
    return await this.#repository.packTrees(treeOids);
  }

  /**
   * Looks again, and again, whether the ref has moved away from a commit. False: it stays, so what
   * was announced is older than the head, or never comes.
   */
  async waitForMove(from: string): Promise<boolean> {
    for (const milliseconds of this.#waits) {
      await sleep(milliseconds, undefined, { signal: this.#signal });
      if (await this.#repository.readRemoteHead(this.#ref) !== from) return true;
    }
    return false;
  }

  /**
   * Whether a commit that was fetched is all of these or comes after them, as far as the ref's newest history
   * tells. What was fetched is gone.
   */
  async comesAfter(commitOid: string, oids: readonly string[]): Promise<boolean> {
    await this.#arrived?.catch(() => undefined);
    return await this.#repository.comesAfter(this.#ref, commitOid, oids);
  }

  /**
   * Brings blobs here and answers the sizes of those that there are. What did not come with the head is
   * fetched by oid, in one batch; where that would be every blob of the head, or more than blobs of a
   * sensible size can be, the commit is fetched again without the large ones. Nothing can be fetched
   * any more.
   */
  async bringBlobs(head: Head, oids: readonly string[], areAll: boolean): Promise<BlobSizes> {
    let absent = oids;
    if (head.by === "requests") {
      const sizes = await (this.#arrived ??= this.seal(oids));
      absent = oids.filter((oid) => !sizes.has(oid));
      if (absent.length === 0) return sizes;
      await this.#reopen();
    }
    const bytesMax = oids.length * FILE_BYTES_MAX + BATCH_SLACK_BYTES;
    if (areAll || !await this.#repository.fetchBlobs(absent, bytesMax)) {
      await this.#fetchWhole(head);
    }
    return await this.seal(oids);
  }

  /** Lets objects be fetched again, if they may not be. */
  async #reopen(): Promise<void> {
    if (this.#arrived === null) return;
    await this.#arrived.catch(() => undefined);
    this.#arrived = null;
    await this.#repository.seal(false);
  }

  /** All blobs but the large ones, with their commit anew. */
  async #fetchWhole({ commitOid }: Head): Promise<void> {
    this.#seedBytes = 0;
    if (!await this.#repository.fetchCommit(commitOid, BLOBS_OF_SENSIBLE_SIZE)) {
      throw new JobError("commit_gone", commitOid);
    }
  }

  /** The sizes of the blobs that are here. Nothing can be fetched any more. */
  async seal(oids: Iterable<string>): Promise<BlobSizes> {
    await this.#repository.seal();
    return await this.#repository.readBlobSizes(oids);
  }

  /** What has arrived, as it lies in the object store. */
  async fetchedBytes(): Promise<number> {
    return Math.max(0, await this.#repository.storedBytes() - this.#seedBytes);
  }

  async remove(): Promise<void> {
    await removeDirectory(this.#directory);
  }
}

/** An empty source in a directory of its own. */
export async function openSource(options: SourceOptions, tools: JobTools): Promise<Source> {
  return new Source(options, tools, await tools.workArea.createDirectory());
}

/**
 * Brings a repository's objects here, choosing the cheapest way: commit and trees first and then the
 * blobs that are missing, or all blobs of a sensible size at once. Does not know the index.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { JobError } from "../errors.ts";
import type { Claim, Progress } from "../job.ts";
import { NO_PROGRESS } from "../job.ts";
import type { ObjectStore } from "../pipeline/extraction.ts";
import { gitEnvironment } from "../git/environment.ts";
import { type BlobSizes, Repository } from "../git/repository.ts";
import type { TreeEntry } from "../git/tree.ts";
import { removeDirectory } from "../git/work_area.ts";
import { FILE_BYTES_MAX } from "../segment/decode.ts";
import { isFile } from "./plan.ts";
import type { JobTools } from "./tools.ts";

/** Git leaves out blobs of at least this size; one of exactly FILE_BYTES_MAX is still wanted. */
const BLOBS_OF_SENSIBLE_SIZE = { upToBytes: FILE_BYTES_MAX + 1 };
/** Beyond what blobs may have together if none is too large; compressed they have less. */
const BATCH_SLACK_BYTES = 1024 * 1024;
/** A host may announce a push before each of its servers shows it. */
export const MOVE_WAITS_MILLISECONDS: readonly number[] = [300, 1000, 2500];

export interface SourceOptions {
  readonly claim: Claim;
  readonly ref: string;
  readonly signal: AbortSignal;
  readonly onFetchProgress: (progress: Progress) => void;
}

/** The newest commit of a ref, and its paths. */
export interface Head {
  readonly commitOid: string;
  readonly tree: readonly TreeEntry[];
}

/** The objects of one job; `remove` when done. */
export class Source {
  readonly #ref: string;
  readonly #signal: AbortSignal;
  readonly #directory: string;
  readonly #repository: Repository;
  readonly #waits: readonly number[];
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

  /** Fetches the ref's newest commit; null when the host has no such ref. */
  async fetchHead(withBlobs: boolean): Promise<Head | null> {
    const blobs = withBlobs ? BLOBS_OF_SENSIBLE_SIZE : "none";
    if (!await this.#repository.fetchCommit(this.#ref, blobs)) return null;
    const [commitOid, tree] = await Promise.all([
      this.#repository.readHead(),
      this.#repository.listTree(),
    ]);
    return { commitOid, tree };
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
   * Fetches blobs by their oids, in one batch. Where that would be everything, or more than blobs of
   * a sensible size can be, the commit is fetched again without the large ones.
   */
  async fetchBlobs(head: Head, oids: readonly string[]): Promise<void> {
    const wanted = new Set(oids);
    const isEverything = head.tree.every((entry) => !isFile(entry) || wanted.has(entry.oid));
    const bytesMax = oids.length * FILE_BYTES_MAX + BATCH_SLACK_BYTES;
    if (!isEverything && await this.#repository.fetchBlobs(oids, bytesMax)) return;
    if (!await this.#repository.fetchCommit(head.commitOid, BLOBS_OF_SENSIBLE_SIZE)) {
      throw new JobError("commit_gone", head.commitOid);
    }
  }

  /** The sizes of the blobs that are here. Nothing can be fetched any more. */
  async seal(oids: Iterable<string>): Promise<BlobSizes> {
    await this.#repository.seal();
    return await this.#repository.readBlobSizes(oids);
  }

  /** What has arrived, as it lies in the object store. */
  fetchedBytes(): Promise<number> {
    return this.#repository.storedBytes();
  }

  async remove(): Promise<void> {
    await removeDirectory(this.#directory);
  }
}

/** An empty source in a directory of its own. */
export async function openSource(options: SourceOptions, tools: JobTools): Promise<Source> {
  return new Source(options, tools, await tools.workArea.createDirectory());
}

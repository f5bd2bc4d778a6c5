/**
 * What a job leaves of the commit that it indexed, so that the next one has the host send only what
 * changed since: when that is of use, how it grows, and when it is packed anew. Does not know git's
 * ways, nor the database's.
 */
import { JobError } from "../errors.ts";
import { type Seed, sizeOf, type TreePack } from "../git/tree_packs.ts";
import type { Log } from "../log.ts";
import type { Base } from "../store/published.ts";
import type { TreePackStore } from "../store/tree_pack_store.ts";
import type { Head, Source } from "./source.ts";

/** Each push adds a pack, and every fetch searches all of them. */
export const SEED_PACKS_MAX = 16;
/**
 * Every job reads all of it. The commit and trees of 13,000 files take 0.7 MB; beyond the limit
 * trees are fetched whole.
 */
export const SEED_BYTES_MAX = 16 * 1024 * 1024;

/** The seed of one job: what it began with, and what it leaves. */
export class TreeSeed {
  readonly #store: TreePackStore;
  readonly #log: Log;
  #packs: readonly TreePack[] | null = null;
  #commitOid: string | null = null;

  constructor(store: TreePackStore, log: Log) {
    this.#store = store;
    this.#log = log;
  }

  /** What is kept of the base's commit; null when that is something else, or nothing. */
  async load({ commitOid, packedCommitOid }: Base): Promise<Seed | null> {
    if (commitOid === null || packedCommitOid !== commitOid) return null;
    this.#packs = await this.#store.read();
    this.#commitOid = commitOid;
    return { commitOid, packs: this.#packs };
  }

  /** What was loaded is of no use: it will be replaced. */
  refuse(error: JobError): void {
    this.#log.warning("the objects that were kept are of no use", { error: error.message });
    this.#packs = null;
    this.#commitOid = null;
  }

  /** Keeps what is needed of the head that was indexed. */
  async keep({ commitOid, since }: Head, source: Source): Promise<void> {
    if (commitOid === this.#commitOid) return;
    const kept = this.#packs;
    if (since !== null && kept !== null && kept.length < SEED_PACKS_MAX) {
      const pack = await this.#pack(source, since.treeOids);
      if (pack !== null && sizeOf([...kept, pack]) <= SEED_BYTES_MAX) {
        return await this.#store.add(commitOid, pack);
      }
    }
    await this.#store.replace(commitOid, await this.#pack(source, "all"));
  }

  /** Keeps nothing: the next job compares every path. */
  async drop(commitOid: string): Promise<void> {
    await this.#store.replace(commitOid, null);
  }

  /** The index is published: that it cannot be packed makes the next job slower, and no more. */
  async #pack(source: Source, treeOids: readonly string[] | "all"): Promise<TreePack | null> {
    try {
      const pack = await source.packTrees(treeOids);
      return sizeOf([pack]) <= SEED_BYTES_MAX ? pack : null;
    } catch (error) {
      if (!(error instanceof JobError)) throw error;
      this.#log.warning("the commit's trees could not be packed", { error: error.message });
      return null;
    }
  }
}

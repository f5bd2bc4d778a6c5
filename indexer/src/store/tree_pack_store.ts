/**
 * The commit and tree objects that are kept of the last indexed commit, under one lease. Does not
 * know what git makes of them.
 */
import type { Lease } from "../job.ts";
import type { Connection } from "./connection.ts";

/** A pack of git, whose files have this hash in their names. */
export interface StoredPack {
  readonly name: string;
  readonly pack: Uint8Array;
  readonly index: Uint8Array;
}

/** The packs of the job's ref. */
export class TreePackStore {
  readonly #connection: Connection;
  readonly #lease: Lease;
  readonly #signal: AbortSignal;

  constructor(connection: Connection, lease: Lease, signal: AbortSignal) {
    this.#connection = connection;
    this.#lease = lease;
    this.#signal = signal;
  }

  /** The packs that together hold the commit and the trees of `packedCommitOid`. */
  async read(): Promise<StoredPack[]> {
    const { jobId, leaseToken } = this.#lease;
    const rows = await this.#connection.call(
      (sql) =>
        sql<{ name: string; pack: Buffer; pack_index: Buffer }[]>`
        select name, pack, pack_index
        from quarry.read_tree_packs(p_job_id => ${jobId}, p_lease_token => ${leaseToken})`,
      this.#signal,
    );
    return rows.map(({ name, pack, pack_index: index }) => ({ name, pack, index }));
  }

  /** Keeps a pack beside the others, which then hold the commit; one that is there stays. */
  async add(commitOid: string, pack: StoredPack): Promise<void> {
    await this.#store(commitOid, pack, false);
  }

  /** Keeps this pack, which holds the commit, instead of the others; null: keeps nothing. */
  async replace(commitOid: string, pack: StoredPack | null): Promise<void> {
    await this.#store(pack === null ? null : commitOid, pack, true);
  }

  async #store(
    commitOid: string | null,
    pack: StoredPack | null,
    replaces: boolean,
  ): Promise<void> {
    const { jobId, leaseToken } = this.#lease;
    const [bytes, index] = pack === null ? [null, null] : [bytea(pack.pack), bytea(pack.index)];
    await this.#connection.call(
      (sql) =>
        sql`select quarry.store_tree_pack(p_job_id => ${jobId}, p_lease_token => ${leaseToken},
        p_commit_oid => ${commitOid}, p_replaces => ${replaces}, p_name => ${pack?.name ?? null},
        p_pack => ${bytes}, p_pack_index => ${index})`,
      this.#signal,
    );
  }
}

/** The same bytes as the driver wants them. */
function bytea(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * The index in the database: one method, one SQL function, and the COPY of a segment's tables. Every
 * write is fenced by the lease. Does not know git, nor how a segment is built.
 */
import { Stopped } from "../errors.ts";
import type { Failpoint } from "../failpoint.ts";
import type { Lease } from "../job.ts";
import { COPY_COLUMNS, type CopyTable } from "../segment/copy_rows.ts";
import { SEGMENT_FORMAT_VERSION } from "../segment/format_version.ts";
import { arrayLiteral } from "./array_literal.ts";
import type { Connection, Query, Transaction } from "./connection.ts";
import { errorCode, isConnectionLost } from "./connection_loss.ts";
import { Fields } from "./fields.ts";
import { type BlobKey, type BlobRow, type IndexedBlob, parseBlob } from "./indexed_blobs.ts";
import { type Base, type BaseFile, parseBase, parseFile, type TreeRow } from "./published.ts";

/** A COPY whose connection is lost again and again is given up; the job is tried anew. */
const COPY_TRIES_MAX = 3;
const UNIQUE_VIOLATION = "23505";

export interface TextPublication {
  readonly commitOid: string;
  readonly segmentIds: readonly bigint[];
  /** The segment that the tree's changes were copied to. */
  readonly changesSegmentId: bigint | null;
}

export interface Publication {
  /** Null: the ref has no commit. */
  readonly commitOid: string | null;
  readonly segmentIds: readonly bigint[];
  /** The segment that the tree's changes were copied to; null: there are none. */
  readonly changesSegmentId: bigint | null;
  readonly features: readonly string[];
  /** What every file of the tree is extracted by. */
  readonly extractorVersion: number;
}

/** The rows of some tables, as COPY streams. */
export type CopyStreams = Partial<Readonly<Record<CopyTable, readonly Uint8Array[]>>>;

/** The index under one lease. After an abort of the signal nothing is written any more. */
export class IndexStore {
  readonly #connection: Connection;
  readonly #lease: Lease;
  readonly #signal: AbortSignal;
  readonly #failpoint: Failpoint;

  constructor(connection: Connection, lease: Lease, signal: AbortSignal, failpoint: Failpoint) {
    this.#connection = connection;
    this.#lease = lease;
    this.#signal = signal;
    this.#failpoint = failpoint;
  }

  #call<T>(statement: (sql: Query, lease: Lease) => PromiseLike<T>): Promise<T> {
    return this.#connection.call((sql) => statement(sql, this.#lease), this.#signal);
  }

  async readBase(): Promise<Base> {
    const [row] = await this.#call((sql, { jobId, leaseToken }) =>
      sql`select quarry.read_base(p_job_id => ${jobId}, p_lease_token => ${leaseToken}) as base`
    );
    return parseBase(new Fields("read_base", row).fields("base"));
  }

  async readTree(): Promise<BaseFile[]> {
    const rows = await this.#call((sql, { jobId, leaseToken }) =>
      sql<TreeRow[]>`
        select path, mode, encode(blob_oid, 'hex') as oid, language, extractor_version,
          format_version
        from quarry.read_tree(p_job_id => ${jobId}, p_lease_token => ${leaseToken})`
    );
    return rows.map(parseFile);
  }

  /** Those of the published files that have one of these paths; one character for each byte. */
  async readTreeFiles(paths: readonly string[]): Promise<BaseFile[]> {
    if (paths.length === 0) return [];
    const bytes = arrayLiteral(
      paths.map((path) => `\\x${Buffer.from(path, "latin1").toString("hex")}`),
    );
    const rows = await this.#call((sql, { jobId, leaseToken }) =>
      sql<TreeRow[]>`
        select path, mode, encode(blob_oid, 'hex') as oid, language, extractor_version,
          format_version
        from quarry.read_tree_files(p_job_id => ${jobId}, p_lease_token => ${leaseToken},
          p_paths => ${bytes}::bytea[])`
    );
    return rows.map(parseFile);
  }

  /** Those of the blobs that the repository has already, by this extractor version. */
  async findBlobs(keys: readonly BlobKey[], extractorVersion: number): Promise<IndexedBlob[]> {
    if (keys.length === 0) return [];
    const oids = arrayLiteral(keys.map(({ oid }) => `\\x${oid}`));
    const languages = arrayLiteral(keys.map(({ language }) => language));
    const rows = await this.#call((sql, { jobId, leaseToken }) =>
      sql<BlobRow[]>`
        select encode(blob_oid, 'hex') as oid, language, text_language, text_marks, segment_id,
          blob_no, skip_reason
        from quarry.find_blobs(p_job_id => ${jobId}, p_lease_token => ${leaseToken},
          p_blob_oids => ${oids}::bytea[], p_languages => ${languages}::text[],
          p_extractor_version => ${extractorVersion},
          p_format_version => ${SEGMENT_FORMAT_VERSION})`
    );
    return rows.map(parseBlob);
  }

  async openSegment(): Promise<bigint> {
    const [row] = await this.#call((sql, { jobId, leaseToken }) =>
      sql<{ id: bigint }[]>`select quarry.open_segment(p_job_id => ${jobId},
        p_lease_token => ${leaseToken}, p_format_version => ${SEGMENT_FORMAT_VERSION}) as id`
    );
    if (row === undefined) throw new Error("open_segment answered nothing");
    return row.id;
  }

  /** Copies rows into an unpublished segment and notes how many terms it has. */
  async writeSegment(segmentId: bigint, streams: CopyStreams, termCount: number): Promise<void> {
    await this.#copy(segmentId, streams, async (transaction) => {
      await transaction.run((sql) =>
        sql`select quarry.close_segment(p_segment_id => ${segmentId},
          p_lease_token => ${this.#lease.leaseToken}, p_term_count => ${termCount})`
      );
    });
  }

  /** Copies what a segment lacks whose text was published alone. */
  async completeSegment(segmentId: bigint, streams: CopyStreams): Promise<void> {
    await this.#copy(segmentId, streams, async (transaction) => {
      await transaction.run((sql) =>
        sql`select quarry.complete_segment(p_segment_id => ${segmentId},
          p_lease_token => ${this.#lease.leaseToken})`
      );
    });
  }

  /** Copies the changes of the tree into an unpublished segment. */
  async writeTreeChanges(segmentId: bigint, stream: readonly Uint8Array[]): Promise<void> {
    await this.#copy(segmentId, { tree_changes: stream }, () => Promise.resolve());
  }

  async #copy(
    segmentId: bigint,
    streams: CopyStreams,
    close: (transaction: Transaction) => Promise<void>,
  ): Promise<void> {
    let inDoubt = false;
    for (let tries = 1;; tries += 1) {
      try {
        const end = await this.#connection.transaction(async (transaction) => {
          // Invariant 2: locks the segment and asks whether the lease is still ours.
          await transaction.run((sql) =>
            sql`select quarry.lock_segment(p_segment_id => ${segmentId},
              p_lease_token => ${this.#lease.leaseToken})`
          );
          for (const table of tableNames) {
            const chunks = streams[table];
            if (chunks === undefined) continue;
            const columns = COPY_COLUMNS[table].join(", ");
            await transaction.copy(
              `copy quarry.${table} (${columns}) from stdin (format binary)`,
              chunks,
            );
            await this.#failpoint("during_copy");
          }
          await close(transaction);
        }, this.#signal);
        if (end === "committed") return;
        inDoubt = true;
      } catch (error) {
        // The rows are there: the commit whose answer was lost had happened.
        if (inDoubt && errorCode(error) === UNIQUE_VIOLATION) return;
        if (!isConnectionLost(error) || tries === COPY_TRIES_MAX) throw error;
      }
      // Any call waits for the server to be back, and says whether the lease still holds.
      await this.readBase();
    }
  }

  /** Makes the text of a first index visible, and its tree with it; answers the base that it is now. */
  async publishText(publication: TextPublication, base: Base): Promise<Base> {
    const segmentIds = arrayLiteral(publication.segmentIds.map(String));
    await this.#publishOnce(
      publication,
      base,
      (sql, { jobId, leaseToken }) =>
        sql`select quarry.publish_text(p_job_id => ${jobId}, p_lease_token => ${leaseToken},
        p_commit_oid => ${publication.commitOid}, p_segment_ids => ${segmentIds}::bigint[],
        p_changes_segment_id => ${publication.changesSegmentId})`,
    );
    return await this.readBase();
  }

  /** Makes segments and the tree's changes visible at once. */
  async publish(publication: Publication, base: Base): Promise<void> {
    const segmentIds = arrayLiteral(publication.segmentIds.map(String));
    const features = arrayLiteral(publication.features);
    await this.#publishOnce(
      publication,
      base,
      (sql, { jobId, leaseToken }) =>
        sql`select quarry.publish_index(p_job_id => ${jobId}, p_lease_token => ${leaseToken},
        p_commit_oid => ${publication.commitOid}, p_segment_ids => ${segmentIds}::bigint[],
        p_changes_segment_id => ${publication.changesSegmentId},
        p_features => ${features}::text[],
        p_extractor_version => ${publication.extractorVersion},
        p_format_version => ${SEGMENT_FORMAT_VERSION})`,
    );
  }

  /** A publish whose answer was lost is refused when it is repeated, like one without the lease. */
  async #publishOnce(
    { commitOid }: Pick<Publication, "commitOid">,
    base: Base,
    statement: (sql: Query, lease: Lease) => PromiseLike<unknown>,
  ): Promise<void> {
    try {
      await this.#call(statement);
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
      const now = await this.readBase();
      if (now.generation === base.generation || now.commitOid !== commitOid) throw error;
    }
  }

  /**
   * Tells what the host calls its default branch, where the job's claim knew another one. True: the job
   * is cancelled, since its ref was that one.
   */
  async noteDefaultBranch(known: string, defaultBranch: string): Promise<boolean> {
    const [row] = await this.#call((sql, { jobId, leaseToken }) =>
      sql`select quarry.note_default_branch(p_job_id => ${jobId}, p_lease_token => ${leaseToken},
        p_known => ${known}, p_default_branch => ${defaultBranch}) as is_cancelled`
    );
    return new Fields("note_default_branch", row).flag("is_cancelled");
  }

  /** Deletes some of what the job's ref was before it was dropped; true when nothing is left. */
  async deleteRefData(filesMax: number): Promise<boolean> {
    const [row] = await this.#call((sql, { jobId, leaseToken }) =>
      sql`select quarry.delete_ref_data(p_job_id => ${jobId},
        p_lease_token => ${leaseToken}, p_files_max => ${filesMax}) as done`
    );
    return new Fields("delete_ref_data", row).flag("done");
  }

  /** Deletes some of a deleted repository's index; true when nothing is left. */
  async deleteRepositoryData(
    { filesMax, segmentsMax }: { readonly filesMax: number; readonly segmentsMax: number },
  ): Promise<boolean> {
    const [row] = await this.#call((sql, { jobId, leaseToken }) =>
      sql`select quarry.delete_repository_data(p_job_id => ${jobId},
        p_lease_token => ${leaseToken}, p_files_max => ${filesMax}, p_segments_max => ${segmentsMax}) as done`
    );
    return new Fields("delete_repository_data", row).flag("done");
  }
}

const tableNames: readonly CopyTable[] = [
  "blobs",
  "blob_chunks",
  "term_pages",
  "gram_pages",
  "symbol_pages",
  "use_pages",
  "tree_changes",
];

/**
 * What a compaction asks of the database, under its lease: one method, one SQL function. Each but the
 * last gives way to other work of the repository. Does not know how a segment is built.
 */
import type { Lease } from "../job.ts";
import type { ContentSkipReason } from "../segment/decode.ts";
import { SEGMENT_FORMAT_VERSION } from "../segment/format_version.ts";
import type { StoredBlob } from "../segment/segment_builder.ts";
import { arrayLiteral } from "./array_literal.ts";
import type { Connection, Query } from "./connection.ts";
import { Fields } from "./fields.ts";

/** Where a blob lies. */
export interface BlobPlace {
  readonly segmentId: bigint;
  readonly blobNo: number;
}

/** A blob to merge. */
export interface LiveBlob extends BlobPlace {
  readonly sizeBytes: number;
}

/** From where to where a blob goes. */
export interface MovedBlob {
  readonly from: BlobPlace;
  readonly to: BlobPlace;
}

/** A run of blobs of one segment. */
export interface BlobRun {
  readonly segmentId: bigint;
  readonly firstBlobNo: number;
  readonly lastBlobNo: number;
}

/** The segments of a repository under one lease. */
export class CompactionStore {
  readonly #connection: Connection;
  readonly #lease: Lease;
  readonly #signal: AbortSignal;

  constructor(connection: Connection, lease: Lease, signal: AbortSignal) {
    this.#connection = connection;
    this.#lease = lease;
    this.#signal = signal;
  }

  #call<T>(statement: (sql: Query, lease: Lease) => PromiseLike<T>): Promise<T> {
    return this.#connection.call((sql) => statement(sql, this.#lease), this.#signal);
  }

  /** The blobs that are worth merging, by segment and number. */
  async listBlobs(extractorVersion: number): Promise<LiveBlob[]> {
    const rows = await this.#call((sql, { jobId, leaseToken }) =>
      sql<{ segment_id: bigint; blob_no: number; size_bytes: number | null }[]>`
        select segment_id, blob_no, size_bytes
        from quarry.list_blobs_to_merge(p_job_id => ${jobId}, p_lease_token => ${leaseToken},
          p_extractor_version => ${extractorVersion},
          p_format_version => ${SEGMENT_FORMAT_VERSION})`
    );
    return rows.map((row) => ({
      segmentId: row.segment_id,
      blobNo: row.blob_no,
      sizeBytes: row.size_bytes ?? 0,
    }));
  }

  /** The blobs of a run as they were extracted, those that nobody needs among them. */
  async readBlobs(run: BlobRun): Promise<(StoredBlob & { readonly blobNo: number })[]> {
    const rows = await this.#call((sql, { jobId, leaseToken }) =>
      sql<StoredRow[]>`
        select blob_no, encode(blob_oid, 'hex') as oid, language, text_language, text_marks,
          size_bytes, line_count, decoded_leniently, skip_reason, symbols_skip_reason, outline, chunks
        from quarry.read_stored_blobs(p_job_id => ${jobId}, p_lease_token => ${leaseToken},
          p_segment_id => ${run.segmentId}, p_first_blob_no => ${run.firstBlobNo},
          p_last_blob_no => ${run.lastBlobNo})`
    );
    return rows.map((row) => ({
      blobNo: row.blob_no,
      blobOid: row.oid,
      language: row.language,
      textLanguage: row.text_language,
      textMarks: row.text_marks,
      sizeBytes: row.size_bytes,
      lineCount: row.line_count,
      decodedLeniently: row.decoded_leniently,
      skipReason: row.skip_reason,
      symbolsSkipReason: row.symbols_skip_reason,
      outline: row.outline,
      chunks: row.chunks.map(([firstLine, content]) => ({
        firstLine,
        content: Buffer.from(content, "base64"),
      })),
    }));
  }

  /** Makes the new segments visible and turns the files to them; answers how many rows turned. */
  async publish(segmentIds: readonly bigint[], moved: readonly MovedBlob[]): Promise<number> {
    const list = (numbers: readonly (bigint | number)[]) => arrayLiteral(numbers.map(String));
    const [row] = await this.#call((sql, { jobId, leaseToken }) =>
      sql`select quarry.publish_compaction(p_job_id => ${jobId}, p_lease_token => ${leaseToken},
        p_segment_ids => ${list(segmentIds)}::bigint[],
        p_old_segment_ids => ${list(moved.map(({ from }) => from.segmentId))}::bigint[],
        p_old_blob_nos => ${list(moved.map(({ from }) => from.blobNo))}::integer[],
        p_new_segment_ids => ${list(moved.map(({ to }) => to.segmentId))}::bigint[],
        p_new_blob_nos => ${list(moved.map(({ to }) => to.blobNo))}::integer[]) as files`
    );
    return new Fields("publish_compaction", row).integer("files");
  }

  /** Drops some segments that nobody needs; 0: there are none left. */
  async dropMerged(segmentsMax: number): Promise<number> {
    const [row] = await this.#call((sql, { jobId, leaseToken }) =>
      sql`select quarry.drop_merged_segments(p_job_id => ${jobId},
        p_lease_token => ${leaseToken}, p_segments_max => ${segmentsMax}) as dropped`
    );
    return new Fields("drop_merged_segments", row).integer("dropped");
  }
}

interface StoredRow {
  readonly blob_no: number;
  readonly oid: string;
  readonly language: string;
  readonly text_language: string | null;
  readonly text_marks: StoredBlob["textMarks"];
  readonly size_bytes: number | null;
  readonly line_count: number;
  readonly decoded_leniently: boolean;
  readonly skip_reason: ContentSkipReason | null;
  readonly symbols_skip_reason: StoredBlob["symbolsSkipReason"];
  readonly outline: Buffer | null;
  readonly chunks: readonly (readonly [number, string])[];
}

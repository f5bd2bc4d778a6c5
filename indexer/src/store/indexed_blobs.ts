/**
 * Blobs that the index has, as the database answers them. Does not ask.
 */
import type { FileMarks } from "../../../supabase/functions/_shared/text/path_marks.ts";
import type { ContentSkipReason } from "../segment/decode.ts";

/** What is extracted once: the bytes, seen as the language that a path speaks of. */
export interface BlobKey {
  readonly oid: string;
  readonly language: string;
}

/** The key as a string: an oid has no space. */
export function blobKey({ oid, language }: BlobKey): string {
  return `${oid} ${language}`;
}

/** Where an extraction is. */
export interface IndexedBlob extends BlobKey {
  /** What the text is in, where it says so itself and it is another language. */
  readonly textLanguage: string | null;
  /** What the text says of its file. */
  readonly textMarks: FileMarks;
  readonly segmentId: bigint;
  readonly blobNo: number;
  readonly skipReason: ContentSkipReason | null;
}

/** A row of find_blobs. */
export interface BlobRow {
  readonly oid: string;
  readonly language: string;
  readonly text_language: string | null;
  readonly text_marks: FileMarks;
  readonly segment_id: bigint;
  readonly blob_no: number;
  readonly skip_reason: ContentSkipReason | null;
}

/** A row as a blob. */
export function parseBlob(row: BlobRow): IndexedBlob {
  return {
    oid: row.oid,
    language: row.language,
    textLanguage: row.text_language,
    textMarks: row.text_marks,
    segmentId: row.segment_id,
    blobNo: row.blob_no,
    skipReason: row.skip_reason,
  };
}

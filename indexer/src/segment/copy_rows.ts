/**
 * The rows of a segment's tables in COPY column order. The copier names COPY_COLUMNS in its
 * statement, so the order here and the order of the bytes cannot differ.
 */
import type { FileMarks } from "../../../supabase/functions/_shared/text/path_marks.ts";
import type { SymbolsSkipReason } from "../parse/symbol.ts";
import type { CopyEncoder } from "./copy_encoder.ts";
import type { ContentSkipReason } from "./decode.ts";

/** The columns of each table, in the order in which their bytes are written. */
export const COPY_COLUMNS = {
  blobs: [
    "segment_id",
    "blob_no",
    "blob_oid",
    "language",
    "text_language",
    "text_marks",
    "size_bytes",
    "line_count",
    "decoded_leniently",
    "skip_reason",
    "symbols_skip_reason",
    "extractor_version",
    "outline",
  ],
  blob_chunks: ["segment_id", "chunk_no", "blob_no", "first_line", "content"],
  term_pages: ["segment_id", "page_no", "first_term", "terms", "list_starts", "chunk_nos"],
  gram_pages: ["segment_id", "first_gram", "grams", "list_starts", "page_nos"],
  symbol_pages: [
    "segment_id",
    "page_no",
    "first_name",
    "names_folded",
    "names",
    "humps",
    "name_nos",
    "kinds",
    "blob_nos",
    "symbol_nos",
  ],
  use_pages: ["segment_id", "use", "first_word", "words", "list_starts", "blob_nos"],
  tree_changes: [
    "segment_id",
    "page_no",
    "paths",
    "path_texts",
    "modes",
    "blob_oids",
    "languages",
    "marks",
    "blob_segment_ids",
    "blob_nos",
    "skip_reasons",
  ],
} as const;

/** The tables that are written by COPY. */
export type CopyTable = keyof typeof COPY_COLUMNS;

/** Why the content of a path is not wanted, whatever it is. */
export type EntrySkipReason = "path_too_long" | "symlink" | "submodule";

/** Why the index has no text of a path. */
export type SkipReason = ContentSkipReason | EntrySkipReason;

export interface BlobRow {
  readonly blobNo: number;
  /** Hexadecimal. */
  readonly blobOid: string;
  /** What a path speaks of; with the oid, the key. */
  readonly language: string;
  /** What the text is in, where it says so itself and it is another language. */
  readonly textLanguage: string | null;
  /** What the text says of its file: bits of FILE_MARKS. */
  readonly textMarks: FileMarks;
  /** Null when the blob was never fetched. */
  readonly sizeBytes: number | null;
  readonly lineCount: number;
  readonly decodedLeniently: boolean;
  readonly skipReason: ContentSkipReason | null;
  readonly symbolsSkipReason: SymbolsSkipReason | null;
  readonly extractorVersion: number;
  /** Packed and compressed; null when there is nothing in it. */
  readonly outline: Uint8Array | null;
}

export interface ChunkRow {
  readonly chunkNo: number;
  readonly blobNo: number;
  readonly firstLine: number;
  /** Packed. */
  readonly content: Uint8Array;
}

/** What becomes of a path. */
export interface TreeChange {
  /** As git has it: any bytes but NUL. */
  readonly path: Uint8Array;
  /** Null: the path is removed. */
  readonly mode: number | null;
  /** Hexadecimal; null where the blob at blobSegmentId and blobNo says it. */
  readonly blobOid: string | null;
  /** What the file is in. */
  readonly language: string;
  /** What path and text say of the file: bits of FILE_MARKS. */
  readonly marks: FileMarks;
  readonly blobSegmentId: bigint | null;
  readonly blobNo: number | null;
  readonly skipReason: SkipReason | null;
}

export function writeBlob(to: CopyEncoder, segmentId: bigint, blob: BlobRow): void {
  to.row(COPY_COLUMNS.blobs.length);
  to.int8(segmentId);
  to.int4(blob.blobNo);
  to.bytea(Buffer.from(blob.blobOid, "hex"));
  to.text(blob.language);
  to.text(blob.textLanguage);
  to.int2(blob.textMarks);
  to.int4(blob.sizeBytes);
  to.int4(blob.lineCount);
  to.boolean(blob.decodedLeniently);
  to.text(blob.skipReason);
  to.text(blob.symbolsSkipReason);
  to.int4(blob.extractorVersion);
  to.bytea(blob.outline);
}

export function writeChunk(to: CopyEncoder, segmentId: bigint, chunk: ChunkRow): void {
  to.row(COPY_COLUMNS.blob_chunks.length);
  to.int8(segmentId);
  to.int4(chunk.chunkNo);
  to.int4(chunk.blobNo);
  to.int4(chunk.firstLine);
  to.bytea(chunk.content);
}

/** Joins the entries of a page: a control character, which none of them has. */
const ENTRY_SEPARATOR = "\n";

/** Texts in the order of collation "C", and a list of numbers for each. */
export interface ListPage {
  readonly entries: readonly string[];
  /** List n is `numbers` from `starts[n]` up to `starts[n + 1]`: one more than there are entries. */
  readonly starts: ArrayLike<number>;
  /** Ascending in each list. */
  readonly numbers: ArrayLike<number>;
}

export function writeTermPage(
  to: CopyEncoder,
  segmentId: bigint,
  pageNo: number,
  page: ListPage,
): void {
  to.row(COPY_COLUMNS.term_pages.length);
  to.int8(segmentId);
  to.int2(pageNo);
  writeListPage(to, page);
}

export function writeGramPage(to: CopyEncoder, segmentId: bigint, page: ListPage): void {
  to.row(COPY_COLUMNS.gram_pages.length);
  to.int8(segmentId);
  writeListPage(to, page);
}

export function writeUsePage(
  to: CopyEncoder,
  segmentId: bigint,
  use: number,
  page: ListPage,
): void {
  to.row(COPY_COLUMNS.use_pages.length);
  to.int8(segmentId);
  to.int2(use);
  writeListPage(to, page);
}

function writeListPage(to: CopyEncoder, { entries, starts, numbers }: ListPage): void {
  to.text(entries[0] ?? "");
  to.text(entries.join(ENTRY_SEPARATOR));
  to.int2Array(starts);
  to.int2Array(numbers);
}

/** Names in the order of their folded form, and the definitions of each. */
export interface SymbolPage {
  readonly pageNo: number;
  readonly namesFolded: readonly string[];
  readonly names: readonly string[];
  /** The initials of each name. */
  readonly humps: readonly string[];
  /** By definition: its name's position in the page, from 1. */
  readonly nameNos: readonly number[];
  readonly kinds: readonly number[];
  readonly blobNos: readonly number[];
  readonly symbolNos: readonly number[];
}

export function writeSymbolPage(to: CopyEncoder, segmentId: bigint, page: SymbolPage): void {
  to.row(COPY_COLUMNS.symbol_pages.length);
  to.int8(segmentId);
  to.int2(page.pageNo);
  to.text(page.namesFolded[0] ?? "");
  to.text(page.namesFolded.join(ENTRY_SEPARATOR));
  to.text(page.names.join(ENTRY_SEPARATOR));
  to.text(page.humps.join(ENTRY_SEPARATOR));
  to.int2Array(page.nameNos);
  to.int2Array(page.kinds);
  to.int2Array(page.blobNos);
  to.int4Array(page.symbolNos);
}

/** Writes some changes of a tree as one row; a path's display form is its bytes decoded leniently. */
export function writeTreeChanges(
  to: CopyEncoder,
  segmentId: bigint,
  pageNo: number,
  changes: readonly TreeChange[],
): void {
  to.row(COPY_COLUMNS.tree_changes.length);
  to.int8(segmentId);
  to.int4(pageNo);
  to.byteaArray(changes.map(({ path }) => path));
  to.textArray(changes.map(({ path }) => unlikeItsBytes(path)));
  to.int4Array(changes.map(({ mode }) => mode));
  to.byteaArray(
    changes.map(({ blobOid }) => blobOid === null ? null : Buffer.from(blobOid, "hex")),
  );
  to.textArray(changes.map(({ language }) => language));
  to.int4Array(changes.map(({ marks }) => marks));
  to.int8Array(changes.map(({ blobSegmentId }) => blobSegmentId));
  to.int4Array(changes.map(({ blobNo }) => blobNo));
  to.textArray(changes.map(({ skipReason }) => skipReason));
}

/** The display form of a path; null where it has the path's own bytes. */
function unlikeItsBytes(path: Uint8Array): string | null {
  const text = Buffer.from(path.buffer, path.byteOffset, path.byteLength).toString("utf8");
  return Buffer.from(text).equals(path) ? null : text;
}

/**
 * The rows of a segment's tables in COPY column order. The copier names COPY_COLUMNS in its
 * statement, so the order here and the order of the bytes cannot differ.
 */
import type { ExtractedSymbol, SymbolsSkipReason } from "../parse/symbol.ts";
import type { CopyEncoder } from "./copy_encoder.ts";
import type { ContentSkipReason } from "./decode.ts";

/** The columns of each table, in the order in which their bytes are written. */
export const COPY_COLUMNS = {
  blobs: [
    "segment_id",
    "blob_no",
    "blob_oid",
    "language",
    "size_bytes",
    "line_count",
    "decoded_leniently",
    "skip_reason",
    "symbols_skip_reason",
    "extractor_version",
    "outline",
  ],
  blob_chunks: ["segment_id", "chunk_no", "blob_no", "first_line", "content"],
  terms: ["segment_id", "term_no", "term", "chunk_nos"],
  term_grams: ["segment_id", "gram", "term_nos"],
  symbols: [
    "segment_id",
    "blob_no",
    "symbol_no",
    "name",
    "name_folded",
    "kind",
    "start_line",
    "start_column",
    "end_line",
    "end_column",
    "container",
    "signature",
  ],
  tree_changes: [
    "segment_id",
    "path",
    "path_text",
    "removed",
    "mode",
    "blob_oid",
    "language",
    "blob_segment_id",
    "blob_no",
    "skip_reason",
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
  readonly language: string;
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
  readonly content: string;
}

export interface TreeChangeRow {
  /** As git has it: any bytes but NUL. */
  readonly path: Uint8Array;
  readonly removed: boolean;
  readonly mode: number;
  /** Hexadecimal. */
  readonly blobOid: string | null;
  readonly language: string;
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
  to.text(chunk.content);
}

/** Some of the numbers in an array, from `start` up to `end`. */
export interface NumberRange {
  readonly numbers: Int32Array;
  readonly start: number;
  readonly end: number;
}

export function writeTerm(
  to: CopyEncoder,
  segmentId: bigint,
  termNo: number,
  term: string,
  chunkNos: NumberRange,
): void {
  to.row(COPY_COLUMNS.terms.length);
  to.int8(segmentId);
  to.int4(termNo);
  to.text(term);
  to.int4Array(chunkNos.numbers, chunkNos.start, chunkNos.end);
}

export function writeGram(
  to: CopyEncoder,
  segmentId: bigint,
  gram: string,
  termNos: NumberRange,
): void {
  to.row(COPY_COLUMNS.term_grams.length);
  to.int8(segmentId);
  to.text(gram);
  to.int4Array(termNos.numbers, termNos.start, termNos.end);
}

/** Where a symbol stands in its segment, and its name as the dictionary has it. */
export interface SymbolPlace {
  readonly blobNo: number;
  readonly symbolNo: number;
  readonly nameFolded: string;
}

export function writeSymbol(
  to: CopyEncoder,
  segmentId: bigint,
  place: SymbolPlace,
  symbol: ExtractedSymbol,
): void {
  to.row(COPY_COLUMNS.symbols.length);
  to.int8(segmentId);
  to.int4(place.blobNo);
  to.int4(place.symbolNo);
  to.text(symbol.name);
  to.text(place.nameFolded);
  to.text(symbol.kind);
  to.int4(symbol.startLine);
  to.int4(symbol.startColumn);
  to.int4(symbol.endLine);
  to.int4(symbol.endColumn);
  to.text(symbol.container);
  to.text(symbol.signature);
}

/** Writes one change of a tree; the path's display form is its bytes decoded leniently. */
export function writeTreeChange(to: CopyEncoder, segmentId: bigint, change: TreeChangeRow): void {
  const { path, blobOid } = change;
  to.row(COPY_COLUMNS.tree_changes.length);
  to.int8(segmentId);
  to.bytea(path);
  to.text(Buffer.from(path.buffer, path.byteOffset, path.byteLength).toString("utf8"));
  to.boolean(change.removed);
  to.int4(change.mode);
  to.bytea(blobOid === null ? null : Buffer.from(blobOid, "hex"));
  to.text(change.language);
  to.int8(change.blobSegmentId);
  to.int4(change.blobNo);
  to.text(change.skipReason);
}

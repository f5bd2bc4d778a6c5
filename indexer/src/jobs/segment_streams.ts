/**
 * The streams of a finished segment that have rows: each COPY is a round trip. Pure.
 */
import type { FinishedSegment } from "../segment/segment_builder.ts";
import type { CopyStreams } from "../store/index_store.ts";

/** What of a segment is copied. */
export function segmentStreams({ tables, counts }: FinishedSegment): CopyStreams {
  return {
    ...(counts.blobs > 0 && { blobs: tables.blobs }),
    ...(counts.chunks > 0 && { blob_chunks: tables.blob_chunks }),
    ...(counts.terms > 0 && { term_pages: tables.term_pages }),
    ...(counts.grams > 0 && { gram_pages: tables.gram_pages }),
    ...(counts.symbols > 0 && { symbol_pages: tables.symbol_pages }),
    ...(counts.uses > 0 && { use_pages: tables.use_pages }),
  };
}

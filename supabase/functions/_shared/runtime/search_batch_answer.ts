/**
 * What api.search_batch answers: candidate files with the text to verify, and how far it came. The
 * positions travel in cursors, so their schemas check what comes back too.
 */
import { z } from "zod";
import { oid } from "../contracts/ids.ts";
import { type CandidateChunk } from "../search/file_search.ts";

const bigint = z.int().nonnegative();
/** Where a batch of a search ended. */
export const batchPosition = z.object({
  tier: z.int().min(0).max(1),
  tree: bigint,
  segment: bigint,
  blob: z.int32(),
});
/** By tree: the generation that is read, its commit, and whether the tree's tier 0 was shown. */
export const batchPins = z.record(
  z.string().regex(/^\d{1,15}$/),
  z.tuple([bigint, oid, z.boolean()]),
);
export type BatchPosition = z.infer<typeof batchPosition>;
export type BatchPins = z.infer<typeof batchPins>;

/** A text of a tree and the files that have it; how much of it follows the header. */
const blobHeader = z.object({
  tier: z.int(),
  tree: bigint,
  segment: bigint,
  blob: z.int(),
  language: z.string(),
  paths: z.array(z.string()),
  defines: z.array(z.int()),
  chunks: z.int().nonnegative(),
  outline: z.int().nonnegative().nullable(),
});
type BlobHeader = z.infer<typeof blobHeader>;

const batchHeader = z.object({
  outcome: z.literal("ok"),
  trees: z.record(
    z.string(),
    z.object({ repository: z.string(), ref: z.string(), commit_oid: z.string() }),
  ),
  /** The database lists them by step. */
  blobs: z.array(z.array(blobHeader)),
  weight: z.int(),
  at: batchPosition.nullable(),
  pins: batchPins,
  done: z.boolean(),
  unindexed: z.int(),
  access_lost: z.int(),
  skipped: z.int(),
});
const refusal = z.object({ outcome: z.enum(["cursor_expired", "not_found"]) });
const header = z.discriminatedUnion("outcome", [batchHeader, refusal]);

/** A text of a tree, the files that have it, what of it may match, and its outline as it is stored. */
export type BatchBlob = Omit<BlobHeader, "chunks" | "outline"> & {
  readonly chunks: readonly CandidateChunk[];
  readonly outline: Uint8Array | null;
};

/** A batch; its files are in the order in which positions go. */
export type SearchBatchAnswer =
  | (Omit<z.infer<typeof batchHeader>, "blobs"> & { readonly blobs: readonly BatchBlob[] })
  | z.infer<typeof refusal>;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Takes apart what api.search_batch answers, as its comment lays it out; throws for anything else. The
 * texts are views of these bytes.
 */
export function readSearchBatch(bytes: Uint8Array): SearchBatchAnswer {
  const reader = new FrameReader(bytes);
  const answer = header.parse(JSON.parse(utf8.decode(reader.bytes(reader.uint32()))));
  if (answer.outcome !== "ok") return answer;
  const blobs = answer.blobs.flat().map((blob) => ({
    ...blob,
    outline: blob.outline === null ? null : reader.bytes(blob.outline),
    chunks: Array.from({ length: blob.chunks }, () => reader.chunk()),
  }));
  return { ...answer, blobs };
}

/** Reads numbers, the highest byte first, and runs of bytes, one after the other. */
export class FrameReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  uint32(): number {
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4);
  }

  bytes(length: number): Uint8Array {
    this.#at += length;
    if (this.#at > this.#bytes.length) throw new RangeError("the texts end early");
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  chunk(): CandidateChunk {
    const firstLine = this.uint32();
    // Fewer leaves than a double has bits.
    const mask = this.uint32() * 2 ** 32 + this.uint32();
    return [firstLine, mask, this.bytes(this.uint32())];
  }
}

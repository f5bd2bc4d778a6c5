/**
 * What api.search_batch answers: candidate files with the text to verify, and how far it came. The
 * positions travel in cursors, so their schemas check what comes back too.
 */
import { z } from "zod";
import { oid } from "../contracts/ids.ts";
import { type HandedChunk } from "../search/kept_segment.ts";
import { type FileMarks } from "../text/path_marks.ts";
import { FrameReader } from "./frame_reader.ts";

const bigint = z.int().nonnegative();
/** Where a batch of a search ended. */
export const batchPosition = z.object({
  tier: z.int().min(0).max(1),
  tree: bigint,
  segment: bigint,
  blob: z.int32(),
});
/**
 * By tree: the generation that is read, its commit (null where the host had no such ref: it is empty), and
 * whether the tree's tier 0 was shown.
 */
export const batchPins = z.record(
  z.string().regex(/^\d{1,15}$/),
  z.tuple([bigint, oid.nullable(), z.boolean()]),
);
export type BatchPosition = z.infer<typeof batchPosition>;
export type BatchPins = z.infer<typeof batchPins>;

const batchHeader = z.object({
  outcome: z.literal("ok"),
  /** Of all that is published of what is searched: while it is the same, so are the answers. */
  state: z.string(),
  trees: z.record(
    z.string(),
    z.object({ repository: z.string(), ref: z.string(), commit_oid: z.string() }),
  ),
  weight: z.int(),
  at: batchPosition.nullable(),
  pins: batchPins,
  /** Of the query and the segments that are left, for the next batch alone: it need not find it out again. */
  known: z.string().nullable(),
  done: z.boolean(),
  unindexed: z.int(),
  symbols_pending: z.int(),
  access_lost: z.int(),
  skipped: z.int(),
});
const noBatch = z.object({ outcome: z.enum(["unchanged", "cursor_expired", "not_found"]) });
const header = z.discriminatedUnion("outcome", [batchHeader, noBatch]);

/** A text of a tree, the files that have it, what of it may match, and its outline as it is stored. */
export interface BatchBlob {
  readonly tier: number;
  readonly tree: number;
  readonly segment: number;
  readonly blob: number;
  readonly language: string;
  /** What all files of this text are; their paths may say more. */
  readonly marks: FileMarks;
  readonly paths: readonly string[];
  readonly defines: readonly number[];
  readonly outline: Uint8Array | null;
  readonly chunks: readonly HandedChunk[];
}

/** A batch; its files are in the order in which positions go. */
export type SearchBatchAnswer =
  | (z.infer<typeof batchHeader> & { readonly blobs: readonly BatchBlob[] })
  | z.infer<typeof noBatch>;

/**
 * Takes apart what api.search_batch answers, as its comment lays it out; throws for anything else. The
 * texts are views of these bytes.
 */
export function readSearchBatch(bytes: Uint8Array): SearchBatchAnswer {
  const reader = new FrameReader(bytes);
  const answer = header.parse(JSON.parse(reader.text()));
  if (answer.outcome !== "ok") return answer;
  const blobs: BatchBlob[] = [];
  while (!reader.isAtEnd) blobs.push(readBlob(reader));
  return { ...answer, blobs };
}

function readBlob(reader: FrameReader): BatchBlob {
  const tree = reader.uint64();
  const segment = reader.uint64();
  const blob = reader.uint32();
  const tier = reader.uint32();
  const language = reader.text();
  const marks = reader.uint32();
  const paths = reader.list(() => reader.text());
  const defines = reader.list(() => reader.uint32());
  const outline = reader.sizedBytes();
  const chunks = reader.list((): HandedChunk => {
    const chunk = { no: reader.uint32(), mask: reader.uint64(), firstLine: reader.uint32() };
    // Lines are counted from 1.
    return { ...chunk, packed: chunk.firstLine === 0 ? null : reader.sizedBytes() };
  });
  const known = { tree, segment, blob, tier, language, marks, paths, defines, chunks };
  return { ...known, outline: outline.length === 0 ? null : outline };
}

/**
 * What api.search_batch answers: candidate files with the text to verify, and how far it came. The
 * positions travel in cursors, so their schemas check what comes back too.
 */
import { z } from "zod";
import { oid } from "../contracts/ids.ts";

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

/** A text of a tree, the files that have it, and what of it may match. */
const storedBlob = z.object({
  tier: z.int(),
  tree: bigint,
  segment: bigint,
  blob: z.int(),
  language: z.string(),
  paths: z.array(z.string()),
  defines: z.array(z.int()),
  chunks: z.array(z.tuple([z.int(), z.number(), z.string()])),
  outline: z.string().nullable(),
});
export type BatchBlob = z.infer<typeof storedBlob>;

export const searchBatchAnswer = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("ok"),
    trees: z.record(
      z.string(),
      z.object({ repository: z.string(), ref: z.string(), commit_oid: z.string() }),
    ),
    /** In the order in which positions go. The database lists them by step. */
    blobs: z.array(z.array(storedBlob)).transform((steps) => steps.flat()),
    weight: z.int(),
    at: batchPosition.nullable(),
    pins: batchPins,
    done: z.boolean(),
    unindexed: z.int(),
    access_lost: z.int(),
    skipped: z.int(),
  }),
  z.object({ outcome: z.enum(["cursor_expired", "not_found"]) }),
]);
export type SearchBatchAnswer = z.infer<typeof searchBatchAnswer>;

/**
 * Writes the difference of two trees as the rows that publish_index moves. Pure.
 */
import { CopyEncoder } from "../segment/copy_encoder.ts";
import { type TreeChangeRow, writeTreeChange } from "../segment/copy_rows.ts";
import { blobKey, type IndexedBlob } from "../store/index_store.ts";
import type { ChangedFile, Plan } from "./plan.ts";

/** The COPY stream of a plan; `blobs` has every blob that a changed file needs. */
export function encodeTreeChanges(
  segmentId: bigint,
  plan: Plan,
  blobs: ReadonlyMap<string, IndexedBlob>,
): Uint8Array[] {
  const encoder = new CopyEncoder();
  for (const { path, mode, language } of plan.removed) {
    writeTreeChange(encoder, segmentId, {
      path: Buffer.from(path, "latin1"),
      removed: true,
      mode,
      blobOid: null,
      language,
      marks: 0,
      blobSegmentId: null,
      blobNo: null,
      skipReason: null,
    });
  }
  for (const file of plan.changed) {
    writeTreeChange(encoder, segmentId, changeOf(file, blobs));
  }
  return encoder.finish();
}

function changeOf(file: ChangedFile, blobs: ReadonlyMap<string, IndexedBlob>): TreeChangeRow {
  const { mode, oid, language, marks, skipReason: entrySkipReason } = file;
  const change = {
    path: Buffer.from(file.path, "latin1"),
    removed: false,
    mode,
    blobOid: oid,
    language,
    marks,
  };
  if (entrySkipReason !== null) {
    return { ...change, blobSegmentId: null, blobNo: null, skipReason: entrySkipReason };
  }
  const blob = blobs.get(blobKey({ oid, language }));
  if (blob === undefined) throw new Error(`blob ${oid} was neither known nor extracted`);
  const { segmentId: blobSegmentId, blobNo, skipReason } = blob;
  return { ...change, blobSegmentId, blobNo, skipReason };
}

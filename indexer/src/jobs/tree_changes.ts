/**
 * Writes the difference of two trees as the rows that publish_index moves. Pure.
 */
import { CopyEncoder } from "../segment/copy_encoder.ts";
import { type TreeChange, writeTreeChanges } from "../segment/copy_rows.ts";
import { blobKey, type IndexedBlob } from "../store/indexed_blobs.ts";
import type { ChangedFile, Plan } from "./plan.ts";

/** Changes of one row: enough for what is alike in them to be compressed. */
const CHANGES_PER_ROW = 1024;

/** The COPY stream of a plan; `blobs` has every blob that a changed file needs. */
export function encodeTreeChanges(
  segmentId: bigint,
  plan: Plan,
  blobs: ReadonlyMap<string, IndexedBlob>,
): Uint8Array[] {
  const encoder = new CopyEncoder();
  const count = plan.removed.length + plan.changed.length;
  for (let first = 0; first < count; first += CHANGES_PER_ROW) {
    writeTreeChanges(encoder, segmentId, encoder.rowCount, changesFrom(first, plan, blobs));
  }
  return encoder.finish();
}

/** What is removed comes before what has changed. */
function changesFrom(
  first: number,
  { removed, changed }: Plan,
  blobs: ReadonlyMap<string, IndexedBlob>,
): TreeChange[] {
  const end = first + CHANGES_PER_ROW;
  const from = (index: number) => Math.max(0, index - removed.length);
  return [
    ...removed.slice(first, end).map(({ path }) => removalOf(path)),
    ...changed.slice(from(first), from(end)).map((file) => changeOf(file, blobs)),
  ];
}

function removalOf(path: string): TreeChange {
  return {
    path: Buffer.from(path, "latin1"),
    mode: null,
    blobOid: null,
    language: "",
    marks: 0,
    blobSegmentId: null,
    blobNo: null,
    skipReason: null,
  };
}

function changeOf(file: ChangedFile, blobs: ReadonlyMap<string, IndexedBlob>): TreeChange {
  const { mode, oid, language, marks, skipReason: entrySkipReason } = file;
  const path = Buffer.from(file.path, "latin1");
  const change = { path, mode };
  if (entrySkipReason !== null) {
    const nowhere = { blobSegmentId: null, blobNo: null };
    return { ...change, ...nowhere, language, marks, blobOid: oid, skipReason: entrySkipReason };
  }
  const blob = blobs.get(blobKey({ oid, language }));
  if (blob === undefined) throw new Error(`blob ${oid} was neither known nor extracted`);
  const { textLanguage, textMarks, segmentId: blobSegmentId, blobNo, skipReason } = blob;
  const place = { blobOid: null, blobSegmentId, blobNo };
  const said = { language: textLanguage ?? language, marks: marks | textMarks };
  return { ...change, ...place, ...said, skipReason };
}

/**
 * Which blobs of a tree the index has, and where each lies. Pure.
 */
import { type BlobKey, blobKey, type IndexedBlob } from "../store/indexed_blobs.ts";

/** Where each blob that the tree needs lies: known before, or extracted now. */
export function placesOf(
  known: readonly IndexedBlob[],
  extracted: readonly IndexedBlob[],
): ReadonlyMap<string, IndexedBlob> {
  return new Map([...known, ...extracted].map((blob) => [blobKey(blob), blob]));
}

/** What is still to be extracted. */
export function withoutKnown(
  needs: readonly BlobKey[],
  known: readonly IndexedBlob[],
): BlobKey[] {
  const keys = new Set(known.map(blobKey));
  return needs.filter((need) => !keys.has(blobKey(need)));
}

/**
 * What of a tree's paths the index can hold. Pure; paths are latin1, one character for each byte.
 */
import { createHash } from "node:crypto";
import { PATH_BYTES_MAX } from "../../../supabase/functions/_shared/contracts/limits.ts";

/** An ellipsis in UTF-8. */
const CUT_MARK = "\xe2\x80\xa6";

/** Whether the index holds the path as it is. */
export function isPathTooLong(path: string): boolean {
  return path.length > PATH_BYTES_MAX;
}

/**
 * The path as the index has it: one that is too long is cut, and a hash of all of it follows. Longer
 * than any path that is not cut, so that it is never another file's.
 */
export function indexedPath(path: string): string {
  if (!isPathTooLong(path)) return path;
  const hash = createHash("sha256").update(path, "latin1").digest("hex");
  return `${path.slice(0, PATH_BYTES_MAX)}${CUT_MARK}${hash}`;
}

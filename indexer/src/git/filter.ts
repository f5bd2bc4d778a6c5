/**
 * Which blobs a fetch brings beside commits and trees, as git is told of it.
 */

/** Those of at least this size are left out, or all. */
export type Blobs = "none" | { readonly upToBytes: number };

/** The argument of `git fetch`. */
export function filterOf(blobs: Blobs): string {
  return blobs === "none" ? "--filter=blob:none" : `--filter=blob:limit=${blobs.upToBytes}`;
}

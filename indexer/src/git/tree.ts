/**
 * Reads the listing of a tree, `git ls-tree -r -z`, byte by byte: a path is any bytes but NUL, and
 * a name may hold a newline or half of a character. Does not run git.
 */

/** A path in a tree. */
export interface TreeEntry {
  /**
   * One character for each byte (latin1), so that it is a map key and loses nothing. For people
   * there is `displayPath`.
   */
  readonly path: string;
  /** 0o100644, 0o100755, 0o120000 (symlink), 0o160000 (submodule). */
  readonly mode: number;
  /** In hexadecimal; of a submodule, the commit. */
  readonly oid: string;
}

export const SYMLINK_MODE = 0o120000;
export const SUBMODULE_MODE = 0o160000;

const SPACE = 0x20;
const TAB = 0x09;
const NUL = 0x00;

/** There are more paths than allowed. */
export class TreeTooLarge extends Error {}

/** Parses a whole listing, which may come in any pieces. Some 200 bytes of memory a path. */
export async function readTree(
  chunks: AsyncIterable<Uint8Array>,
  entriesMax: number,
): Promise<TreeEntry[]> {
  const entries: TreeEntry[] = [];
  let rest = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = bytes.indexOf(NUL); end !== -1; end = bytes.indexOf(NUL, start)) {
      // Few objects can make endless paths: a tree may hold itself many times over, level by level.
      if (entries.length === entriesMax) throw new TreeTooLarge(`more than ${entriesMax} paths`);
      entries.push(parseEntry(bytes, start, end));
      start = end + 1;
    }
    rest = bytes.subarray(start);
  }
  if (rest.length > 0) throw new Error("the listing of a tree ends in the middle of an entry");
  return entries;
}

/** `<mode> <type> <oid>\t<path>` */
function parseEntry(bytes: Buffer, start: number, end: number): TreeEntry {
  const modeEnd = bytes.indexOf(SPACE, start);
  const typeEnd = bytes.indexOf(SPACE, modeEnd + 1);
  const oidEnd = bytes.indexOf(TAB, typeEnd + 1);
  if (modeEnd === -1 || typeEnd === -1 || oidEnd === -1 || oidEnd > end) {
    throw new Error("the listing of a tree has an entry that is none");
  }
  return {
    mode: Number.parseInt(bytes.toString("latin1", start, modeEnd), 8),
    oid: bytes.toString("latin1", typeEnd + 1, oidEnd),
    path: bytes.toString("latin1", oidEnd + 1, end),
  };
}

/** The path as people read it: UTF-8, with U+FFFD for what is not. */
export function displayPath(path: string): string {
  return Buffer.from(path, "latin1").toString("utf8");
}

/**
 * Reads the listing of a tree, `git ls-tree -r -z`, and the difference of two, `git diff-tree -z`,
 * byte by byte: a path is any bytes but NUL, and a name may hold a newline or half of a character.
 * Does not run git.
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

const TREE_MODE = 0o040000;
export const SYMLINK_MODE = 0o120000;
export const SUBMODULE_MODE = 0o160000;

const SPACE = 0x20;
const TAB = 0x09;
const NUL = 0x00;

/** There are more paths than allowed. */
export class TreeTooLarge extends Error {}

/** A path that two trees have differently; null where one of them does not have it. */
export interface TreeDifference {
  readonly path: string;
  readonly before: Omit<TreeEntry, "path"> | null;
  readonly after: Omit<TreeEntry, "path"> | null;
}

/** What two trees have differently. */
export interface Differences {
  /** The files. */
  readonly files: readonly TreeDifference[];
  /** The trees below the root that only the second has, or has elsewhere. */
  readonly treeOids: readonly string[];
}

/** Tells the files from the trees that `-t` lists among them. */
export function separate(differences: readonly TreeDifference[]): Differences {
  const isTree = ({ before, after }: TreeDifference) => (before ?? after)?.mode === TREE_MODE;
  return {
    files: differences.filter((each) => !isTree(each)),
    treeOids: differences.filter(isTree).flatMap(({ after }) => after?.oid ?? []),
  };
}

/** The fields of a listing, which may come in any pieces; each ends with a NUL. */
async function* readFields(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = bytes.indexOf(NUL); end !== -1; end = bytes.indexOf(NUL, start)) {
      yield bytes.subarray(start, end);
      start = end + 1;
    }
    rest = bytes.subarray(start);
  }
  if (rest.length > 0) throw new Error("the listing of a tree ends in the middle of an entry");
}

/** Parses a whole listing. Some 200 bytes of memory a path. */
export async function readTree(
  chunks: AsyncIterable<Uint8Array>,
  entriesMax: number,
): Promise<TreeEntry[]> {
  const entries: TreeEntry[] = [];
  for await (const field of readFields(chunks)) {
    // Few objects can make endless paths: a tree may hold itself many times over, level by level.
    if (entries.length === entriesMax) throw new TreeTooLarge(`more than ${entriesMax} paths`);
    entries.push(parseEntry(field));
  }
  return entries;
}

/** Parses a whole difference. Some 400 bytes of memory a path. */
export async function readDifferences(
  chunks: AsyncIterable<Uint8Array>,
  entriesMax: number,
): Promise<TreeDifference[]> {
  const differences: TreeDifference[] = [];
  let states: Omit<TreeDifference, "path"> | null = null;
  for await (const field of readFields(chunks)) {
    if (states === null) {
      states = parseStates(field.toString("latin1"));
      continue;
    }
    if (differences.length === entriesMax) throw new TreeTooLarge(`more than ${entriesMax} paths`);
    differences.push({ path: field.toString("latin1"), ...states });
    states = null;
  }
  if (states !== null) throw new Error("the difference of two trees ends before a path");
  return differences;
}

/** `:<mode> <mode> <oid> <oid> <status>`; mode 0 where the path is not there. */
function parseStates(field: string): Omit<TreeDifference, "path"> {
  const states = /^:(\d+) (\d+) ([0-9a-f]+) ([0-9a-f]+) [A-Z]$/.exec(field);
  if (states === null) throw new Error("the difference of two trees has an entry that is none");
  const [, modeBefore = "", modeAfter = "", oidBefore = "", oidAfter = ""] = states;
  const stateOf = (mode: string, oid: string) =>
    Number(mode) === 0 ? null : { mode: Number.parseInt(mode, 8), oid };
  return { before: stateOf(modeBefore, oidBefore), after: stateOf(modeAfter, oidAfter) };
}

/** `<mode> <type> <oid>\t<path>` */
function parseEntry(field: Buffer): TreeEntry {
  const modeEnd = field.indexOf(SPACE);
  const typeEnd = field.indexOf(SPACE, modeEnd + 1);
  const oidEnd = field.indexOf(TAB, typeEnd + 1);
  if (modeEnd === -1 || typeEnd === -1 || oidEnd === -1) {
    throw new Error("the listing of a tree has an entry that is none");
  }
  return {
    mode: Number.parseInt(field.toString("latin1", 0, modeEnd), 8),
    oid: field.toString("latin1", typeEnd + 1, oidEnd),
    path: field.toString("latin1", oidEnd + 1),
  };
}

/** The path as people read it: UTF-8, with U+FFFD for what is not. */
export function displayPath(path: string): string {
  return Buffer.from(path, "latin1").toString("utf8");
}

/**
 * The directories in which repositories are fetched: one per process, gone with it, and those of
 * processes that died without a word are removed by the next. Does not know git.
 */
import { mkdtemp, readdir, rm, statfs } from "node:fs/promises";
import path from "node:path";

const PREFIX = "quarry-indexer-";

/** Where one process may put files. */
export interface WorkArea {
  /** An empty directory of its own; remove it when done. */
  createDirectory(): Promise<string>;
  /** What the file system has left for us, in bytes. */
  freeBytes(): Promise<number>;
  /** Removes everything this process put here. */
  remove(): Promise<void>;
}

/** The work area of the process `pid` below `root`. */
export function openWorkArea(root: string, pid: number): WorkArea {
  const created = new Set<string>();
  return {
    async createDirectory() {
      const directory = await mkdtemp(path.join(root, `${PREFIX}${pid}-`));
      created.add(directory);
      return directory;
    },
    async freeBytes() {
      const { bavail, bsize } = await statfs(root);
      return bavail * bsize;
    },
    async remove() {
      await Promise.all([...created].map(removeDirectory));
      created.clear();
    },
  };
}

/** A git that was killed may still be closing a file in it. */
export function removeDirectory(directory: string): Promise<void> {
  return rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
}

/**
 * Removes what dead processes left. Call it before the first createDirectory: a directory with our
 * own pid belongs to an earlier process, since a machine gives the same pid at every start.
 */
export async function removeStaleWorkAreas(
  root: string,
  pid: number,
  isAlive: (pid: number) => boolean,
): Promise<void> {
  const names = await readdir(root).catch(() => []);
  const stale = names.filter((name) => {
    const owner = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    return owner !== undefined && (Number(owner) === pid || !isAlive(Number(owner)));
  });
  await Promise.all(stale.map((name) => removeDirectory(path.join(root, name))));
}

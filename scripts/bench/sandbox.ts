// A second checkout of this project in a temporary folder: its files as they are now, node_modules
// by hard links, no `.local`. A benchmark can start a stack there as after `npm ci`, and a stack
// that runs in the real checkout is not disturbed.

import { copyFile, link, mkdir, readdir, readlink, symlink } from "node:fs/promises";
import path from "node:path";

const LEFT_OUT = new Set([".git", ".local", "coverage"]);

/** Makes the copy. Nothing in it is to be changed: what lies in node_modules is the original. */
export async function copyCheckout(root: string, directory: string): Promise<void> {
  await copyTree(root, directory, copyFile);
}

type PlaceFile = (from: string, to: string) => Promise<void>;

async function copyTree(source: string, target: string, place: PlaceFile): Promise<void> {
  await mkdir(target, { recursive: true });
  const entries = await readdir(source, { withFileTypes: true });
  await Promise.all(entries.map(async (entry) => {
    if (LEFT_OUT.has(entry.name)) return;
    const from = path.join(source, entry.name);
    const to = path.join(target, entry.name);
    if (entry.isDirectory()) {
      await copyTree(from, to, entry.name === "node_modules" ? linkOrCopy : place);
    } else if (entry.isSymbolicLink()) {
      // A workspace is a relative link, and leads to the copy from here.
      await symlink(await readlink(from), to);
    } else if (entry.isFile()) {
      await place(from, to);
    }
  }));
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    const otherFileSystem = error instanceof Error && "code" in error && error.code === "EXDEV";
    if (!otherFileSystem) throw error;
    await copyFile(from, to);
  }
}

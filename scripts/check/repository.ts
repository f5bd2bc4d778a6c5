// Reads the files that are committed or would be: what git knows and what it does not ignore.

import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import type { SourceFile } from "./source_file.ts";

const LIST_BYTES_MAX = 64 * 1024 * 1024;

/** Every text file of the checkout, sorted by path. Binary files (with a NUL) are left out. */
export async function readRepository(root: string): Promise<SourceFile[]> {
  const paths = await listFiles(root);
  const files = await Promise.all(paths.map(async (file) => {
    const text = await readFile(path.join(root, file), "utf8").catch(absent);
    return text === null || text.includes("\0") ? [] : [{ path: file, text }];
  }));
  return files.flat();
}

async function listFiles(root: string): Promise<string[]> {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const { stdout } = await promisify(execFile)("git", args, {
    cwd: root,
    maxBuffer: LIST_BYTES_MAX,
  });
  return [...new Set(stdout.split("\0"))].filter((file) => file !== "").toSorted();
}

/** A file that git still lists but that is deleted, or a link to a folder, has no text. */
function absent(error: unknown): null {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT" || code === "EISDIR") return null;
  throw error;
}

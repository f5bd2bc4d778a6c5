// Commits of one more line in one file, made in a repository without a working tree: the cost of a
// checkout of 100,000 files is nobody's question.

import path from "node:path";
import { git } from "./command.ts";

/** A branch of a bare repository, and the file of it that grows. */
export interface GrowingFile {
  readonly directory: string;
  readonly branch: string;
  readonly file: string;
}

/** Commits the file with one more line and moves the branch; answers the commit's oid. */
export async function commitLine(
  { directory, branch, file }: GrowingFile,
  line: string,
  signal: AbortSignal,
): Promise<string> {
  const ref = `refs/heads/${branch}`;
  const env = { GIT_INDEX_FILE: path.join(directory, "growing.index") };
  const read = async (args: readonly string[], input: readonly string[] = []) =>
    (await git(directory, args, { env, input, signal })).trim();
  const before = await git(directory, ["cat-file", "blob", `${ref}:${file}`], { signal });
  const oid = await read(["hash-object", "-w", "--stdin"], [before, `${line}\n`]);
  await read(["read-tree", ref]);
  await read(["update-index", "--cacheinfo", `100644,${oid},${file}`]);
  const tree = await read(["write-tree"]);
  const commit = await read(["commit-tree", "-p", ref, "-m", line, tree]);
  await read(["update-ref", ref, commit]);
  return commit;
}

/**
 * Which ref of the host a fetch has taken. Git looks for what the host does not have under `refs/`,
 * `refs/tags/` and `refs/heads/` too, and so may bring the branch `refs/heads/a` for a branch `a`.
 */
import { readFile } from "node:fs/promises";
import path from "node:path";

const HEADS = "refs/heads/";

/** Whether the last fetch of a repository took this very branch; of other refs it is not told. */
export async function hasFetched(directory: string, ref: string): Promise<boolean> {
  if (!ref.startsWith(HEADS)) return true;
  const noted = await readFile(path.join(directory, "FETCH_HEAD"), "utf8");
  return noted.includes(`\tbranch '${ref.slice(HEADS.length)}' of `);
}

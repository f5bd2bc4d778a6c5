// The files of a repository's newest commit, as a checkout that other programs can read. Works on bare
// repositories too, and leaves the repository as it is.

import { mkdir } from "node:fs/promises";
import path from "node:path";
import { git } from "../command.ts";

/** The last step of a checkout says 1 or 128 where a snapshot lacks its largest files. */
const EXIT_CODES_PARTIAL = [0, 1, 128];

/** A commit's files in a folder of their own. */
export interface Checkout {
  readonly name: string;
  readonly folder: string;
  readonly commitOid: string;
  readonly paths: readonly string[];
}

/** Writes HEAD's files into a folder below `directory`. */
export async function checkOut(
  repository: string,
  directory: string,
  signal: AbortSignal,
): Promise<Checkout> {
  const name = nameOf(repository);
  const folder = path.join(directory, name);
  await mkdir(folder, { recursive: true });
  const commitOid = (await git(repository, ["rev-parse", "HEAD"], { signal })).trim();
  const env = { GIT_INDEX_FILE: path.join(directory, `${name}.index`) };
  await git(repository, ["read-tree", "HEAD"], { signal, env });
  await git(repository, [`--work-tree=${folder}`, "checkout-index", "--all", "--quiet"], {
    signal,
    env,
    exitCodes: EXIT_CODES_PARTIAL,
  });
  // Symbolic links and submodules are no files of their own.
  const listing = await git(repository, ["ls-tree", "-r", "-z", "HEAD"], { signal });
  const paths = listing.split("\0").flatMap((entry) => {
    const [meta = "", file] = entry.split("\t");
    return file !== undefined && /^100(?:644|755) /.test(meta) ? [file] : [];
  });
  return { name, folder, commitOid, paths };
}

/** `redis` of `…/redis/redis`, `…/redis/.git` and `…/redis+redis/repo`. */
function nameOf(repository: string): string {
  const parts = path.resolve(repository).split("/").filter((part) =>
    !/^(?:\.git|repo)$/.test(part)
  );
  return parts.at(-1)?.split("+").at(-1)?.replace(/\.git$/, "") ?? "repository";
}

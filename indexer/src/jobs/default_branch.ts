/**
 * Looks at what the default branch is, where there is doubt: pushes say so too, but may be late, and
 * nothing says so where nobody pushes. Does not know the queue.
 */
import { JobError, Stopped } from "../errors.ts";
import type { Claim } from "../job.ts";
import type { IndexStore } from "../store/index_store.ts";
import type { Source } from "./source.ts";

export interface Doubt {
  readonly claim: Claim;
  readonly source: Pick<Source, "readDefaultBranch">;
  readonly index: Pick<IndexStore, "noteDefaultBranch">;
}

/**
 * Asks the host, and tells the database if it is another branch than the claim says. Answers whether it
 * is. Rejects with Stopped where that ends the job: its ref was the default branch.
 */
export async function isDefaultBranchAnother({ claim, source, index }: Doubt): Promise<boolean> {
  const branch = await source.readDefaultBranch();
  if (branch === null || branch === claim.defaultBranch) return false;
  if (await index.noteDefaultBranch(claim.defaultBranch, branch)) throw new Stopped("cancelled");
  return true;
}

/** That the host lacks the default branch says nothing of the repository if it has another one now. */
export async function refuseFormerDefaultBranch(doubt: Doubt): Promise<void> {
  // Somebody has told the database something else meanwhile: the next attempt is given that.
  if (await isDefaultBranchAnother(doubt)) throw new JobError("commit_gone", "default branch");
}

/**
 * Whether the commits that pushes announced are ones that the host has. Does not know what is indexed.
 */
import { JobError, Stopped } from "../errors.ts";
import type { Claim } from "../job.ts";
import type { Source } from "./source.ts";

/**
 * Invariant 1: where the host does not have what was announced, whatever it shows of the ref may be from
 * before. It is looked at once more, later: what it never shows must not hold the job for ever. A host
 * that serves no commit by its id, which GitHub does, has a job of several pushes come back once as well.
 */
export async function lookForAnnounced(
  { payload: { commitOid: hint, announced, lookedFor } }: Claim,
  commitOid: string | null,
  source: Source,
): Promise<void> {
  if (hint === null || lookedFor !== null) return;
  const oids = [hint, ...announced].filter((oid) => oid !== commitOid);
  if (oids.length > 0 && !await areShown(oids, source)) throw new Stopped("not_shown");
}

/** What the job found is published: a host that does not answer now costs no attempt, but is asked again. */
async function areShown(oids: readonly string[], source: Source): Promise<boolean> {
  try {
    return await source.hasCommits(oids);
  } catch (error) {
    if (error instanceof JobError) return false;
    throw error;
  }
}

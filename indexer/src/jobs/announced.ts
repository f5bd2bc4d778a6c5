/**
 * Whether what a job has found is as new as what pushes announced. Does not know what is indexed.
 */
import { isNullOid } from "../../../supabase/functions/_shared/contracts/null_oid.ts";
import { JobError, Stopped } from "../errors.ts";
import type { Claim } from "../job.ts";
import type { Source } from "./source.ts";

/**
 * Invariant 1: where the ref's history is not seen to have what was announced, the host may show it as it was before,
 * even if it has the commit itself, by another ref. So it may where it shows one that comes after the last that was
 * announced, or after what a push by force has set the ref to: a branch may have been set back to that; and whatever
 * it shows where several were by force. It is looked at once more, later: what was pushed away by force, or is never
 * shown, must not hold the job for ever.
 */
export async function lookForAnnounced(
  { payload: { commitOid: hint, announced, setTo, isAmbiguous, lookedFor } }: Claim,
  commitOid: string | null,
  source: Source,
): Promise<void> {
  if (hint === null || lookedFor !== null) return;
  // A ref that was deleted was announced to be at no commit.
  const isFound = (oid: string) => commitOid === null ? isNullOid(oid) : oid === commitOid;
  if (isAmbiguous || !isFound(hint) || !isFound(setTo ?? hint)) throw new Stopped("not_shown");
  const oids = announced.filter((oid) => !isFound(oid));
  if (oids.length > 0 && !await areShown(oids, commitOid, source)) throw new Stopped("not_shown");
}

/** What the job found is published: a host that does not answer now costs no attempt, but is asked again. */
async function areShown(
  oids: readonly string[],
  commitOid: string | null,
  source: Source,
): Promise<boolean> {
  if (commitOid === null) return false;
  try {
    return await source.comesAfter(commitOid, oids);
  } catch (error) {
    if (error instanceof JobError) return false;
    throw error;
  }
}

/** A ref that was never seen is mistyped, unless a push has announced it, which the host shows late then. */
export async function refuseUnknownRef(claim: Claim, source: Source): Promise<never> {
  await lookForAnnounced(claim, null, source);
  throw new JobError("ref_not_found", claim.ref ?? "");
}

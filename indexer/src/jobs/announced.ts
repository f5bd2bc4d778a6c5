/**
 * Whether the commit that a push announced is one that the host has. Does not know what is indexed.
 */
import { Stopped } from "../errors.ts";
import type { Claim } from "../job.ts";
import type { Source } from "./source.ts";

/**
 * Invariant 1: where the host does not have what was announced, whatever it shows of the ref may be from
 * before. It is looked at once more, later: what it never shows must not hold the job for ever.
 */
export async function lookForAnnounced(
  { payload: { commitOid: hint, lookedFor } }: Claim,
  commitOid: string | null,
  source: Source,
): Promise<void> {
  if (hint === null || hint === commitOid || hint === lookedFor) return;
  if (!await source.hasCommit(hint)) throw new Stopped("not_shown");
}

/**
 * What we read of GitHub's webhooks: strict about the fields we use, blind to the rest. The lists
 * of changed files are never read: they are truncated, and absent for deletions.
 */
import { z } from "zod";
import { branchRef } from "./git_ref.ts";
import { oid } from "./ids.ts";
import { isNullOid } from "./null_oid.ts";

/** The event we index on. Every other one is recorded and ignored, but for ping. */
export const PUSH_EVENT = "push";

/** X-GitHub-Event. */
export const eventName = z.string().regex(/^[a-z_]{1,100}$/);
/** X-GitHub-Delivery: a uuid today; its form is not promised. */
export const deliveryId = z.string().regex(/^[A-Za-z0-9._:-]{1,100}$/);

/**
 * A push: which ref now points where; nowhere (null) when it was deleted; and whether by force. And what the
 * host calls the repository and its default branch by now; both null when it does not say so in a form we know.
 */
export const pushPayload = z.object({
  // deno-lint-ignore no-control-regex
  ref: z.string().min(1).refine((ref) => ref.isWellFormed() && !/\u0000/.test(ref)),
  after: oid,
  head_commit: z.object({ id: oid }).optional().catch(undefined),
  forced: z.boolean().optional().catch(undefined),
  repository: z.object({
    full_name: z.string().regex(/^[^/\s]{1,100}\/[^/\s]{1,100}$/),
    default_branch: z.string().refine((name) => branchRef(name) !== null),
  }).optional().catch(undefined),
}).transform(({ ref, after, head_commit, forced, repository }) => ({
  ref,
  // A tag with a message points at an object of its own, which no commit that is found equals.
  commitOid: isNullOid(after) ? null : head_commit?.id ?? after,
  isForced: forced ?? false,
  fullName: repository?.full_name ?? null,
  defaultBranch: repository?.default_branch ?? null,
}));

/** What became of a delivery. */
export const deliveryOutcomes = ["enqueued", "ignored", "pong", "duplicate"] as const;
export type DeliveryOutcome = (typeof deliveryOutcomes)[number];

/** The answer to a delivery. */
export interface DeliveryAnswer {
  readonly outcome: DeliveryOutcome;
  readonly job_id: string | null;
}

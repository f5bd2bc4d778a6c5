/**
 * Repositories as the API shows them, and the bodies that register and index them.
 */
import { z } from "zod";
import { id, oid, time } from "./ids.ts";
import { job } from "./job.ts";
import { REFS_PER_REQUEST_MAX, TOKEN_UNITS_MAX } from "./limits.ts";

export const repositoryStates = ["pending", "ready", "indexing", "error", "access_lost"] as const;
export const hookStates = ["pending", "active", "failed"] as const;
export const visibilities = ["public", "private", "internal"] as const;
export type Visibility = (typeof visibilities)[number];

/** A ref that is indexed, at which commit, and what its index can answer. */
export const indexedRef = z.object({
  ref: z.string(),
  commit_oid: oid.nullable(),
  indexed_at: time,
  files: z.number().int(),
  skipped_files: z.number().int(),
  features: z.array(z.string()),
});

/** A repository as the API shows it. */
export const repository = z.object({
  id,
  full_name: z.string(),
  host_id: z.number().int(),
  default_branch: z.string(),
  visibility: z.enum(visibilities),
  state: z.enum(repositoryStates),
  /** The refs that are followed, full. */
  refs: z.array(z.string()),
  indexed: z.array(indexedRef),
  hook_state: z.enum(hookStates),
  created_at: time,
});
export type Repository = z.infer<typeof repository>;

/** The answer of POST /repositories: the job is the newest one. */
export const registration = z.object({ repository, job });

/** A branch in a body; api/ref.ts says what is wrong with one. */
const branch = z.string().meta({ minLength: 1, description: "A branch's name, or its full ref." });

/** The body of POST /repositories. The token goes into a header: printable ASCII alone. */
export const registerBody = z.strictObject({
  repository: z.string().meta({ minLength: 1, description: "OWNER/NAME, or its address." }),
  ref: branch.meta({
    description:
      "A branch to follow: of a new repository in place of its default one, else besides.",
  }).optional(),
  token: z.string().max(TOKEN_UNITS_MAX).regex(/^[\x21-\x7e]+$/).optional(),
});

/** The body of POST /repositories/{id}/index; none at all is an empty one. */
export const indexBody = z.strictObject({
  full: z.boolean().optional(),
  ref: branch.optional(),
});

/** The body of PATCH /repositories/{id}: refs by name or in full; the default branch is always one. */
export const settingsBody = z.strictObject({ refs: z.array(branch).max(REFS_PER_REQUEST_MAX) });

// What the operator's SQL functions answer, parsed where it enters. Unknown keys pass through, since
// --json prints what the database said.

import { z } from "zod";
import { job, jobStates } from "../../supabase/functions/_shared/contracts/job.ts";
import { hookStates } from "../../supabase/functions/_shared/contracts/repository.ts";

const count = z.int();
const time = z.string();

/** A job, and whose it is, when it is due, and who runs it. */
export const operatorJob = z.looseObject({
  ...job.shape,
  tenant_id: z.string(),
  tenant: z.string(),
  repository: z.string(),
  run_at: time,
  wait_reason: z.enum(["backoff", "rate_limit"]).nullable(),
  cancel_requested_at: time.nullable(),
  lease_expires_at: time.nullable(),
  launch_id: z.string().nullable(),
  machine_id: z.string().nullable(),
});
export type OperatorJob = z.infer<typeof operatorJob>;

export const jobList = z.looseObject({
  at: time,
  items: z.array(operatorJob),
  has_more: z.boolean(),
});
export type JobList = z.infer<typeof jobList>;

const jobEvent = z.looseObject({
  at: time,
  event: z.string(),
  message: z.string(),
  context: z.record(z.string(), z.unknown()),
});
export type OperatorEvent = z.infer<typeof jobEvent>;

export const jobDetails = z.looseObject({
  at: time,
  job: operatorJob,
  events: z.array(jobEvent),
  failure: z.enum(["open", "asked_again", "ref_dropped", "repository_deleted"]).nullable(),
});
export type JobDetails = z.infer<typeof jobDetails>;

const hook = z.looseObject({
  state: z.enum(hookStates),
  id: z.int().nullable(),
  attempts: count,
  retry_at: time,
  error: z.string().nullable(),
});

const indexedRef = z.looseObject({
  ref: z.string(),
  is_followed: z.boolean(),
  commit_oid: z.string().nullable(),
  indexed_at: time.nullable(),
  files: count,
  features: z.array(z.string()),
  extractor_version: count.nullable(),
  format_version: count.nullable(),
});

const delivery = z.looseObject({
  at: time,
  event: z.string(),
  ref: z.string().nullable(),
  commit_oid: z.string().nullable(),
  outcome: z.string(),
  ignored_reason: z.string().nullable(),
  job_id: z.string().nullable(),
  job_state: z.enum(jobStates).nullable(),
});
export type Delivery = z.infer<typeof delivery>;

const operatorRepository = z.looseObject({
  id: z.string(),
  full_name: z.string(),
  tenant_id: z.string(),
  tenant: z.string(),
  state: z.string(),
  host_id: z.int(),
  visibility: z.string(),
  default_branch: z.string(),
  created_at: time,
  deleted_at: time.nullable(),
  access_lost_at: time.nullable(),
  has_token: z.boolean(),
  hook,
  refs: z.array(indexedRef),
  deliveries: z.array(delivery),
});
export type OperatorRepository = z.infer<typeof operatorRepository>;

export const repositoryDetails = z.looseObject({ at: time, items: z.array(operatorRepository) });
export type RepositoryDetails = z.infer<typeof repositoryDetails>;

export const failureList = z.looseObject({
  at: time,
  items: z.array(z.looseObject({
    code: z.string().nullable(),
    jobs: count,
    tenants: count,
    repositories: count,
    last_failed_at: time,
    last_message: z.string().nullable(),
  })),
});
export type FailureList = z.infer<typeof failureList>;

export const queueList = z.looseObject({
  at: time,
  items: z.array(z.looseObject({
    tenant: z.string(),
    plan: z.string(),
    ready: count,
    backoff: count,
    rate_limit: count,
    running: count,
    concurrent_jobs_max: count,
    open_failures: count,
    oldest_queued_at: time.nullable(),
    served_at: time.nullable(),
  })),
});
export type QueueList = z.infer<typeof queueList>;

export const machineList = z.looseObject({
  at: time,
  items: z.array(z.looseObject({
    launch_id: z.string(),
    machine_id: z.string().nullable(),
    state: z.enum(["launching", "idle", "busy", "gone"]),
    leftover: z.enum(["stopped", "condemned"]).nullable(),
    region: z.string().nullable(),
    job_id: z.string().nullable(),
    repository: z.string().nullable(),
    error: z.string().nullable(),
    launched_at: time,
    alive_at: time,
    gone_at: time.nullable(),
  })),
});
export type MachineList = z.infer<typeof machineList>;

/** What came of cancelling or redriving. */
export const changeAnswer = z.discriminatedUnion("outcome", [
  z.looseObject({
    outcome: z.enum(["cancelled", "requested", "enqueued", "conflict"]),
    job: z.looseObject(job.shape),
  }),
  z.looseObject({ outcome: z.literal("limit_reached"), limit: count }),
  /** The job was found: it is its repository that is deleted. */
  z.looseObject({ outcome: z.literal("not_found") }),
]);
export type ChangeAnswer = z.infer<typeof changeAnswer>;

export const drainState = z.looseObject({
  at: time,
  draining_since: time.nullable(),
  reason: z.string(),
  queued: count,
  running: count,
  live_machines: count,
});
export type DrainState = z.infer<typeof drainState>;

export const healthFigures = z.looseObject({
  status: z.enum(["ok", "unavailable"]),
  queue: z.looseObject({ queued: count, waiting: count, running: count, failed: count }),
  oldest_queued_seconds: count,
  expired_leases: count,
  failed_last_hour: count,
  machines: z.record(z.string(), count),
  live_machines: count,
  machines_wanted: count,
  launches_paused_until: time.nullable(),
  last_launch_error: z.string().nullable(),
  last_launch_failed_at: time.nullable(),
  draining_since: time.nullable(),
  drain_reason: z.string().nullable(),
  pending_hooks: count,
  failed_hooks: count,
  missing_settings: z.array(z.string()),
  last_sweep_at: time,
  last_sweep_seconds: count,
  last_sweep_error: z.string().nullable(),
});
export type HealthFigures = z.infer<typeof healthFigures>;

/** Of a key all but the key itself. */
export const operatorKey = z.looseObject({
  id: z.string(),
  name: z.string(),
  tenant_id: z.string(),
  tenant: z.string(),
  created_at: time,
  last_used_at: time.nullable(),
  expires_at: time.nullable(),
  revoked_at: time.nullable(),
});
export type OperatorKey = z.infer<typeof operatorKey>;

export const keyList = z.looseObject({ at: time, items: z.array(operatorKey) });
export type KeyList = z.infer<typeof keyList>;

export const revokeAnswer = z.looseObject({
  at: time,
  outcome: z.enum(["revoked", "conflict"]),
  key: operatorKey,
});
export type RevokeAnswer = z.infer<typeof revokeAnswer>;

export const planChange = z.looseObject({
  tenant_id: z.string(),
  tenant: z.string(),
  was: z.string(),
  plan: z.string(),
});
export type PlanChange = z.infer<typeof planChange>;

/** Keys revoked, and the repositories that are still to be deleted. */
export const closedTenant = z.looseObject({
  tenant_id: z.string(),
  tenant: z.string(),
  keys_revoked: count,
  repository_ids: z.array(z.string()),
});
export type ClosedTenant = z.infer<typeof closedTenant>;

/** How many refs of it were queued. */
export const repositoryIndexing = z.looseObject({ repository_id: z.string(), refs: count });
export type RepositoryIndexing = z.infer<typeof repositoryIndexing>;

/** not_found: somebody else has deleted it meanwhile. */
export const repositoryDeletion = z.discriminatedUnion("outcome", [
  z.looseObject({
    outcome: z.literal("enqueued"),
    hook: z.looseObject({ full_name: z.string(), hook_id: z.int().nullable() }),
  }),
  z.looseObject({ outcome: z.literal("not_found") }),
]);
export type RepositoryDeletion = z.infer<typeof repositoryDeletion>;

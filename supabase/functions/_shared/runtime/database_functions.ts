/**
 * The SQL functions of schema `api` about callers, repositories, jobs and the fleet, one method each
 * with named arguments. Knows neither tables nor what an outcome means to a caller.
 */
import { z } from "zod";
import { job, type JobState } from "../contracts/job.ts";
import { HEALTH_CALL_MILLISECONDS_MAX } from "../contracts/limits.ts";
import { repository, type Visibility } from "../contracts/repository.ts";
import { type CursorPosition } from "./cursor.ts";
import * as answers from "./database_answers.ts";
import { type CallFunction } from "./database_call.ts";

/** What registering stores. */
export interface Registration {
  readonly tenantId: string;
  readonly hostId: number;
  readonly fullName: string;
  readonly defaultBranch: string;
  readonly visibility: Visibility;
  readonly ref: string | null;
  readonly token: string | null;
  readonly requestedBy: string;
}

/** A verified delivery. */
export interface Delivery {
  readonly repositoryId: string;
  readonly deliveryId: string;
  readonly event: string;
  readonly ref: string | null;
  readonly commitOid: string | null;
  readonly isForced: boolean;
  readonly fullName: string | null;
  readonly defaultBranch: string | null;
}

/** What became of a webhook that was to be created. */
export interface HookRecord {
  readonly hookId: number | null;
  /** Null: it is there. */
  readonly error: string | null;
  /** The host lets nobody do it. */
  readonly isDenied: boolean;
  /** How long a host that limits wants to be left alone; null: it does not. */
  readonly retrySeconds: number | null;
}

/** A page of something of a tenant's. */
export interface PageRequest {
  readonly tenantId: string;
  readonly limit: number;
  readonly cursor: CursorPosition;
}

/** What became of a launch; without machine and error nobody can say yet. */
export interface LaunchRecord {
  readonly machineId: string | null;
  readonly region: string | null;
  /** The launch has failed for certain. */
  readonly error: string | null;
  /** The stopped machine that was not started is sound. */
  readonly isReusable: boolean;
  /** How long the platform wants no launch, 0 when it named no time; null: it did not refuse. */
  readonly pauseSeconds: number | null;
}

/** Callers and repositories. */
export function registrationFunctions(call: CallFunction) {
  return {
    authenticate: (keyHash: string) =>
      call("authenticate", { p_key_hash: keyHash }, answers.authenticateAnswer),

    registerRepository: (registration: Registration) =>
      call("register_repository", {
        p_tenant_id: registration.tenantId,
        p_host_id: registration.hostId,
        p_full_name: registration.fullName,
        p_default_branch: registration.defaultBranch,
        p_visibility: registration.visibility,
        p_ref: registration.ref,
        p_token: registration.token,
        p_requested_by: registration.requestedBy,
      }, answers.registerAnswer),

    deleteRepository: (tenantId: string, repositoryId: string, requestedBy: string) =>
      call("delete_repository", {
        p_tenant_id: tenantId,
        p_repository_id: repositoryId,
        p_requested_by: requestedBy,
      }, answers.deleteRepositoryAnswer),

    setRefs: (
      tenantId: string,
      repositoryId: string,
      refs: readonly string[],
      requestedBy: string,
    ) =>
      call("set_refs", {
        p_tenant_id: tenantId,
        p_repository_id: repositoryId,
        p_refs: refs,
        p_requested_by: requestedBy,
      }, answers.setRefsAnswer),

    getRepository: (tenantId: string, repositoryId: string) =>
      call(
        "get_repository",
        { p_tenant_id: tenantId, p_repository_id: repositoryId },
        repository.nullable(),
      ),

    listRepositories: ({ tenantId, limit, cursor }: PageRequest) =>
      call(
        "list_repositories",
        { p_tenant_id: tenantId, p_limit: limit, p_cursor: cursor },
        answers.repositoryPage,
      ),
  };
}

/** Webhooks and what they deliver. */
export function deliveryFunctions(call: CallFunction) {
  return {
    takePendingHooks: (repositoryId: string | null, hooksMax: number) =>
      call(
        "take_pending_hooks",
        { p_repository_id: repositoryId, p_hooks_max: hooksMax },
        z.array(answers.pendingHook),
      ),

    recordHook: (repositoryId: string, { hookId, error, isDenied, retrySeconds }: HookRecord) =>
      call("record_hook", {
        p_repository_id: repositoryId,
        p_hook_id: hookId,
        p_error: error,
        p_is_denied: isDenied,
        p_retry_seconds: retrySeconds,
      }, repository.nullable()),

    webhookSecret: (repositoryId: string) =>
      call("webhook_secret", { p_repository_id: repositoryId }, z.string().nullable()),

    recordDelivery: (delivery: Delivery) =>
      call("record_delivery", {
        p_repository_id: delivery.repositoryId,
        p_delivery_id: delivery.deliveryId,
        p_event: delivery.event,
        p_ref: delivery.ref,
        p_commit_oid: delivery.commitOid,
        p_full_name: delivery.fullName,
        p_default_branch: delivery.defaultBranch,
        p_is_forced: delivery.isForced,
      }, answers.recordDeliveryAnswer),
  };
}

/** Jobs and what they left out. */
export function jobFunctions(call: CallFunction) {
  return {
    requestIndex: (
      tenantId: string,
      repositoryId: string,
      ref: string | null,
      full: boolean,
      requestedBy: string,
    ) =>
      call("request_index", {
        p_tenant_id: tenantId,
        p_repository_id: repositoryId,
        p_ref: ref,
        p_full: full,
        p_requested_by: requestedBy,
      }, answers.requestIndexAnswer),

    cancelJob: (tenantId: string, jobId: string) =>
      call("cancel_job", { p_tenant_id: tenantId, p_job_id: jobId }, answers.cancelJobAnswer),

    redriveJob: (tenantId: string, jobId: string, requestedBy: string) =>
      call(
        "redrive_job",
        { p_tenant_id: tenantId, p_job_id: jobId, p_requested_by: requestedBy },
        answers.redriveJobAnswer,
      ),

    getJob: (tenantId: string, jobId: string) =>
      call("get_job", { p_tenant_id: tenantId, p_job_id: jobId }, job.nullable()),

    listJobs: (page: PageRequest, repositoryId: string | null, state: JobState | null) =>
      call("list_jobs", {
        p_tenant_id: page.tenantId,
        p_repository_id: repositoryId,
        p_state: state,
        p_limit: page.limit,
        p_cursor: page.cursor,
      }, answers.jobPage),

    listJobEvents: ({ tenantId, limit, cursor }: PageRequest, jobId: string) =>
      call(
        "list_job_events",
        { p_tenant_id: tenantId, p_job_id: jobId, p_limit: limit, p_cursor: cursor },
        answers.jobEventPage,
      ),

    listSkippedFiles: (page: PageRequest, repositoryId: string, ref: string | null) =>
      call("list_skipped_files", {
        p_tenant_id: page.tenantId,
        p_repository_id: repositoryId,
        p_ref: ref,
        p_limit: page.limit,
        p_cursor: page.cursor,
      }, answers.skippedFilePage),
  };
}

/** The fleet and its health. */
export function fleetFunctions(call: CallFunction) {
  return {
    verifyWake: (secretHash: string) =>
      call("verify_wake", { p_secret_hash: secretHash }, z.boolean()),

    planLaunches: (machinesMax: number, image: string) =>
      call(
        "plan_launches",
        { p_machines_max: machinesMax, p_image: image },
        z.array(answers.plannedLaunch),
      ),

    recordLaunch: (launchId: string, record: LaunchRecord) =>
      call("record_launch", {
        p_launch_id: launchId,
        p_machine_id: record.machineId,
        p_region: record.region,
        p_error: record.error,
        p_is_reusable: record.isReusable,
        p_pause_seconds: record.pauseSeconds,
      }, z.null()),

    isLaunching: (launchId: string) => call("is_launching", { p_launch_id: launchId }, z.boolean()),

    planCleaning: (image: string) =>
      call("plan_cleaning", { p_image: image }, z.array(answers.leftoverMachine)),

    recordRest: (launchId: string, isAtRest: boolean) =>
      call("record_rest", { p_launch_id: launchId, p_is_at_rest: isAtRest }, z.boolean()),

    recordCleaning: (launchId: string, wasFound: boolean) =>
      call("record_cleaning", { p_launch_id: launchId, p_was_found: wasFound }, z.null()),

    health: (isOperator: boolean) =>
      call(
        "health",
        { p_operator: isOperator },
        answers.healthAnswer,
        HEALTH_CALL_MILLISECONDS_MAX,
      ),
  };
}

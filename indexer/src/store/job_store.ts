/**
 * The queue and this worker's place in the fleet: one method, one SQL function. Knows nothing of
 * what a job does.
 */
import type { Claim, Failure, JobPhase, JobResult, Lease, Progress, Verdict } from "../job.ts";
import type { Connection } from "./connection.ts";
import { Fields } from "./fields.ts";

const EVENT_MESSAGE_UNITS_MAX = 1000;
/** Notified by every transaction whose request makes a job ready, with the tenant's id. */
const JOBS_CHANNEL = "quarry_jobs";
/** The one character that no text of PostgreSQL has; a host's words may. */
const NUL = "\0";
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Who this process is. */
export interface WorkerIdentity {
  /** Of the launch that created the machine; a later start of it is another launch. */
  readonly launchId: string;
  /** New with each process. */
  readonly bootId: string;
  /** The host's name for the machine; null where there is none. */
  readonly machineId: string | null;
  /** How long one of its jobs may take: what holds a lease for longer loses it. */
  readonly jobSecondsMax: number;
}

/** What worker and jobs say to the queue. */
export class JobStore {
  readonly #work: Connection;
  readonly #heartbeat: Connection;
  readonly #identity: WorkerIdentity;
  /** The launch that this process is, as the registration says. */
  #launchId: string;
  /** Whose job the last wait was told of. */
  #tenantId: string | null = null;

  /** The second connection is for heartbeats alone: they must not wait behind a COPY. */
  constructor(work: Connection, heartbeat: Connection, identity: WorkerIdentity) {
    this.#work = work;
    this.#heartbeat = heartbeat;
    this.#identity = identity;
    this.#launchId = identity.launchId;
  }

  /** False: the launch was given up, and this process is not wanted. */
  async register(): Promise<boolean> {
    const { launchId, bootId, machineId, jobSecondsMax } = this.#identity;
    const [row] = await this.#work.call((sql) =>
      sql`select quarry.register_worker(p_launch_id => ${launchId}, p_boot_id => ${bootId},
        p_machine_id => ${machineId}, p_job_seconds_max => ${jobSecondsMax}) as launch_id`
    );
    const registered = new Fields("register_worker", row).textOrNull("launch_id");
    this.#launchId = registered ?? launchId;
    return registered !== null;
  }

  async leave(): Promise<void> {
    await this.#work.call((sql) => sql`select quarry.leave(p_launch_id => ${this.#launchId})`);
  }

  /** Another job, or null and this worker counts as gone. */
  async leaveOrTake(): Promise<Claim | null> {
    const [row] = await this.#work.call((sql) =>
      sql`select quarry.leave_or_take(p_launch_id => ${this.#launchId}) as claim`
    );
    return parseClaim(row);
  }

  /** Of the tenant that the last wait was told of, which is the shorter way, else of whoever is served next. */
  async claim(): Promise<Claim | "dismissed" | null> {
    const tenantId = this.#tenantId;
    this.#tenantId = null;
    return (tenantId === null ? null : await this.#claim(tenantId)) ?? await this.#claim(null);
  }

  async #claim(tenantId: string | null): Promise<Claim | "dismissed" | null> {
    const [row] = await this.#work.call((sql) =>
      sql`select c.claim, c.claim is null and quarry.is_dismissed(p_launch_id => ${this.#launchId}) as is_dismissed
        from quarry.claim_job(p_launch_id => ${this.#launchId}, p_tenant_id => ${tenantId}) as c (claim)`
    );
    return new Fields("claim_job", row).flag("is_dismissed") ? "dismissed" : parseClaim(row);
  }

  /** Until a job may be there to claim, at most so long. */
  async waitForJob(milliseconds: number, signal: AbortSignal): Promise<void> {
    const tenantId = await this.#heartbeat.notified(JOBS_CHANNEL, milliseconds, signal);
    this.#tenantId = tenantId !== null && UUID.test(tenantId) ? tenantId : null;
  }

  async heartbeat(
    lease: Lease,
    phase: JobPhase | null,
    progress: Progress,
    signal: AbortSignal,
  ): Promise<Verdict> {
    const json = {
      percent: progress.percent,
      files_done: progress.filesDone,
      files_total: progress.filesTotal,
      bytes_done: progress.bytesDone,
      bytes_total: progress.bytesTotal,
    };
    const [row] = await this.#heartbeat.call((sql) =>
      sql`select quarry.heartbeat_job(
        p_job_id => ${lease.jobId}, p_lease_token => ${lease.leaseToken},
        p_phase => ${phase}, p_progress => ${sql.json(json)}) as verdict`, signal);
    return parseVerdict(new Fields("heartbeat_job", row).text("verdict"));
  }

  async noteEvent(
    lease: Lease,
    event: string,
    message: string,
    context: Readonly<Record<string, string | number>>,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#work.call((sql) =>
      sql`select quarry.note_job_event(
        p_job_id => ${lease.jobId}, p_lease_token => ${lease.leaseToken},
        p_event => ${event}, p_message => ${message}, p_context => ${sql.json(context)})`, signal);
  }

  async complete(lease: Lease, result: JobResult, signal?: AbortSignal): Promise<null> {
    await this.#work.call((sql) =>
      sql`select quarry.complete_job(
        p_job_id => ${lease.jobId}, p_lease_token => ${lease.leaseToken},
        p_outcome => ${result.outcome}, p_commit_oid => ${result.commitOid},
        p_report => ${sql.json(result.report)})`, signal);
    return null;
  }

  /** Ends the job well and takes another: one answer, one commit. */
  async completeAndClaim(
    lease: Lease,
    result: JobResult,
    signal: AbortSignal,
  ): Promise<Claim | null> {
    const [row] = await this.#work.call(
      (sql) =>
        sql`select quarry.complete_and_claim(
        p_job_id => ${lease.jobId}, p_lease_token => ${lease.leaseToken},
        p_outcome => ${result.outcome}, p_commit_oid => ${result.commitOid},
        p_report => ${sql.json(result.report)}, p_launch_id => ${this.#launchId}) as claim`,
      signal,
    );
    return parseClaim(row);
  }

  /** Answers the state that the job went to. */
  async fail(lease: Lease, failure: Failure): Promise<string> {
    const { retryMilliseconds } = failure;
    const detail = failure.detail?.replaceAll(NUL, "\ufffd") ?? null;
    const seconds = retryMilliseconds === null ? null : retryMilliseconds / 1000;
    const [row] = await this.#work.call((sql) =>
      sql`select quarry.fail_job(
        p_job_id => ${lease.jobId}, p_lease_token => ${lease.leaseToken},
        p_class => ${failure.class}, p_code => ${failure.code},
        p_message => ${failure.message.slice(0, EVENT_MESSAGE_UNITS_MAX)},
        p_retry_seconds => ${seconds}, p_detail => ${detail}) as state`
    );
    return new Fields("fail_job", row).text("state");
  }

  async release(lease: Lease): Promise<void> {
    await this.#work.call((sql) =>
      sql`select quarry.release_job(
        p_job_id => ${lease.jobId}, p_lease_token => ${lease.leaseToken})`
    );
  }

  async postpone(lease: Lease): Promise<void> {
    await this.#work.call((sql) =>
      sql`select quarry.postpone_job(
        p_job_id => ${lease.jobId}, p_lease_token => ${lease.leaseToken})`
    );
  }
}

function parseVerdict(verdict: string): Verdict {
  if (verdict === "continue" || verdict === "cancelled" || verdict === "lease_lost") {
    return verdict;
  }
  throw new Error(`heartbeat_job answered ${verdict}`);
}

function parseClaim(row: unknown): Claim | null {
  const answer = new Fields("a claim's row", row);
  if (answer.isNull("claim")) return null;
  const claim = answer.fields("claim");
  const payload = claim.fields("payload");
  return {
    jobId: claim.text("job_id"),
    leaseToken: claim.text("lease_token"),
    kind: claim.text("kind"),
    ref: claim.textOrNull("ref"),
    payload: {
      full: payload.flag("full"),
      commitOid: payload.textOrNull("commit_oid"),
      announced: payload.texts("announced"),
      setTo: payload.textOrNull("set_to"),
      isAmbiguous: payload.flag("ambiguous"),
      lookedFor: payload.textOrNull("looked_for"),
      defaultBranch: payload.textOrNull("default_branch"),
    },
    payloadVersion: claim.integer("payload_version"),
    attempt: claim.integer("attempt"),
    repositoryId: claim.text("repository_id"),
    fullName: claim.text("full_name"),
    defaultBranch: claim.text("default_branch"),
    gitToken: claim.textOrNull("git_token"),
    repositoryBytesMax: claim.integer("repository_bytes_max"),
  };
}

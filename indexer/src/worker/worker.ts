/**
 * The life of an indexer process: it registers, takes jobs one after the other, waits a little when
 * there is none, and leaves by the one call that cannot miss an enqueue. Does not know what a job
 * does, nor the database; both arrive as interfaces.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { JobError, Stopped } from "../errors.ts";
import type { Failpoint } from "../failpoint.ts";
import type {
  Claim,
  Failure,
  JobPhase,
  JobResult,
  JobRun,
  Lease,
  Progress,
  Verdict,
} from "../job.ts";
import { describeError, type Log } from "../log.ts";
import { CANCELLED, classifyFailure } from "./failure.ts";
import { endOf, HandlerHangs } from "./grace.ts";
import { keepLease } from "./lease.ts";

/**
 * A crash of the database undoes no commit older than this before another that it undoes: what does
 * not wait for the disk is there after three times wal_writer_delay, of 200 ms.
 */
export const UNDONE_MILLISECONDS_MAX = 2000;

/** What the worker asks of the queue. */
export interface Queue {
  register(): Promise<boolean>;
  /** "dismissed": this worker gets none any more. */
  claim(): Promise<Claim | "dismissed" | null>;
  /** Until there may be something to claim, at most so long. A hint: it may come late or for others. */
  waitForJob(milliseconds: number, signal: AbortSignal): Promise<void>;
  leaveOrTake(): Promise<Claim | null>;
  leave(): Promise<void>;
  heartbeat(
    lease: Lease,
    phase: JobPhase | null,
    progress: Progress,
    signal: AbortSignal,
  ): Promise<Verdict>;
  /** Answers null, as there is no next job. */
  complete(lease: Lease, result: JobResult, signal?: AbortSignal): Promise<null>;
  /**
   * Completes, and takes the next job if one is to be had at once; null: `claim` may still find one. A
   * crash of the database may undo both together, and of several such calls the last ones.
   */
  completeAndClaim(lease: Lease, result: JobResult, signal: AbortSignal): Promise<Claim | null>;
  fail(lease: Lease, failure: Failure): Promise<string>;
  release(lease: Lease): Promise<void>;
  /** Gives the job back for a while, for the host does not show what was pushed. */
  postpone(lease: Lease): Promise<void>;
}

export interface WorkerOptions {
  readonly queue: Queue;
  /** Called once, before the first claim: time to load what the first job needs. */
  readonly onRegistered: () => void;
  readonly run: (job: JobRun) => Promise<JobResult>;
  /** Aborts when the machine was asked to stop. */
  readonly shutdown: AbortSignal;
  readonly heartbeatMilliseconds: number;
  readonly leaseMilliseconds: number;
  readonly idlePollMilliseconds: number;
  readonly idleExitMilliseconds: number;
  readonly jobMillisecondsMax: number;
  /** How long a handler may take to stop when it is told to, and then the report of it. */
  readonly graceMilliseconds: number;
  /** Milliseconds since the process began. */
  readonly now: () => number;
  readonly log: Log;
  readonly failpoint: Failpoint;
}

/** A job that is done, and when the queue had said so on the clock of `now`. */
interface Done {
  readonly claim: Claim;
  readonly result: JobResult;
  readonly completedAt: number;
}

/** A job, and when it was asked for on the clock of `now`: its lease is not older. */
interface Taken {
  readonly claim: Claim;
  readonly claimedAt: number;
  /** Each brought the next one, and the last of them this one: all that a crash may undo together. */
  readonly formers: readonly Done[];
}

/**
 * Works until there is nothing to do, or until the shutdown. Throws `HandlerHangs` when a job's handler does,
 * and what the queue could not be told; it has left all the same.
 */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const { queue, now, log } = options;
  if (!await queue.register()) {
    log.warning("this launch is unknown or was given up");
    return;
  }
  log.info("registered", { boot_milliseconds: Math.round(now()) });
  options.onRegistered();
  try {
    await work(options);
  } catch (error) {
    // Else it counts as one that is there for the next job, for as long as silence is believed.
    if (!(error instanceof HandlerHangs)) await leaveBadly(options, Promise.resolve(), log);
    throw error;
  }
}

async function work(options: WorkerOptions): Promise<void> {
  const { queue, shutdown, now, log } = options;
  let idleSince = now();
  let isDismissed = false;
  while (!shutdown.aborted) {
    const claimedAt = now();
    const isLast: boolean = isDismissed || claimedAt - idleSince >= options.idleExitMilliseconds;
    const claim: Claim | "dismissed" | null = await (isLast ? queue.leaveOrTake() : queue.claim());
    isDismissed = claim === "dismissed";
    if (claim === "dismissed") continue;
    if (claim !== null) {
      let taken: Taken | null = { claim, claimedAt, formers: [] };
      while (taken !== null) taken = await runJob(options, taken);
      idleSince = now();
    } else if (isLast) {
      log.info("left");
      return;
    } else {
      await waitForJob(options);
    }
  }
  await queue.leave();
  log.info("left", { reason: "shutdown" });
}

/** A database that is away must not make an idle worker spin, nor end it before its time. */
async function waitForJob({ queue, idlePollMilliseconds, shutdown }: WorkerOptions): Promise<void> {
  try {
    await queue.waitForJob(idlePollMilliseconds, shutdown);
  } catch {
    await sleep(idlePollMilliseconds, undefined, { signal: shutdown }).catch(() => undefined);
  }
}

/** Runs a job to its end, and answers the next one if that was to be had at once. */
async function runJob(
  options: WorkerOptions,
  { claim, claimedAt, formers }: Taken,
): Promise<Taken | null> {
  const { queue, failpoint, shutdown } = options;
  const log = options.log.with({ job_id: claim.jobId, repository: claim.fullName });
  log.info("claimed", { kind: claim.kind, attempt: claim.attempt });
  await failpoint("after_claim");
  const lease = keepLease({
    heartbeat: (phase, progress, signal) => queue.heartbeat(claim, phase, progress, signal),
    heartbeatMilliseconds: options.heartbeatMilliseconds,
    leaseMilliseconds: options.leaseMilliseconds,
    claimedAt,
    now: options.now,
    log,
  });
  const report: JobRun["report"] = (phase, progress) => lease.report(phase, progress);
  const time = limitTime(options.jobMillisecondsMax);
  const signal = AbortSignal.any([lease.signal, shutdown, time.signal]);
  try {
    const handled = options.run({ claim, signal, report, log });
    const result = withTotals(
      await endOf(handled, signal, options.graceMilliseconds),
      lease.progress,
    );
    await failpoint("before_complete");
    const askedAt = options.now();
    // A shutdown does not break this off: what was claimed unheard would wait for its lease to end.
    const until = AbortSignal.any([lease.signal, time.signal]);
    const next = shutdown.aborted
      ? await queue.complete(claim, result, until)
      : await queue.completeAndClaim(claim, result, until);
    log.info("completed", { outcome: result.outcome, ...result.report });
    await failpoint("after_complete");
    if (next === null) return null;
    const undoable = formers.filter((done) => askedAt - done.completedAt < UNDONE_MILLISECONDS_MAX);
    const done = { claim, result, completedAt: options.now() };
    return { claim: next, claimedAt: askedAt, formers: [...undoable, done] };
  } catch (error) {
    if (error instanceof HandlerHangs) lease.stop();
    // What the abort made fail says less than the abort's own reason.
    const reason: unknown = signal.aborted ? signal.reason : error;
    const ended = giveBack(options, claim, reason, log).then(async (isLost) => {
      if (isLost) await completeAgain(options, formers, log);
    });
    // The process goes, since its handler may do anything yet; it may hold what the report needs, and
    // then its lease ends by itself.
    if (error instanceof HandlerHangs) {
      await leaveBadly(options, ended, log);
      throw error;
    }
    await ended;
    return null;
  } finally {
    time.stop();
    lease.stop();
  }
}

/** How much there was to do goes with the end: a short job has no heartbeat that would tell it. */
function withTotals(result: JobResult, { filesTotal, bytesTotal }: Progress): JobResult {
  if (filesTotal === 0) return result;
  const totals = { files_total: filesTotal, bytes_total: bytesTotal };
  return { ...result, report: { ...result.report, ...totals } };
}

/** Leaves as the process is about to end, once the last job is reported; dispatch starts another for what is left. */
async function leaveBadly(
  { queue, graceMilliseconds }: WorkerOptions,
  reported: Promise<void>,
  log: Log,
): Promise<void> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new Error("not in time")), graceMilliseconds);
  try {
    await endOf(reported.then(() => queue.leave()), late.signal, 0);
  } catch (error) {
    // Not that this hangs, but that its time is over.
    const reason: unknown = late.signal.aborted ? late.signal.reason : error;
    log.error("could not report", { error: describeError(reason) });
  } finally {
    clearTimeout(timer);
  }
}

function limitTime(milliseconds: number) {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort(new JobError("job_time_limit", `${milliseconds} ms`));
  }, milliseconds);
  return { signal: controller.signal, stop: () => clearTimeout(timer) };
}

/** Tells the queue how the attempt ended, if the lease still allows it. Answers whether it was lost. */
async function giveBack(
  options: WorkerOptions,
  claim: Claim,
  reason: unknown,
  log: Log,
): Promise<boolean> {
  try {
    if (reason instanceof Stopped) {
      log.warning("stopped", { reason: reason.reason });
      if (reason.reason === "cancelled") await options.queue.fail(claim, CANCELLED);
      if (reason.reason === "shutdown" || reason.reason === "gave_way") {
        await options.queue.release(claim);
      }
      if (reason.reason === "not_shown") await options.queue.postpone(claim);
      return reason.reason === "lease_lost";
    }
    const failure = classifyFailure(reason);
    const state = await options.queue.fail(claim, failure);
    log.error("failed", { code: failure.code, state, error: describeError(reason) });
    return false;
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    log.warning("stopped", { reason: error.reason });
    return error.reason === "lease_lost";
  }
}

/**
 * Where a crash of the database undid completions, with the claims that they brought: of those only
 * the oldest has a claim that was not undone, and completing that one again leaves the others queued.
 */
async function completeAgain(
  { queue }: WorkerOptions,
  formers: readonly Done[],
  log: Log,
): Promise<void> {
  for (const { claim, result } of formers.toReversed()) {
    try {
      await queue.complete(claim, result);
      log.warning("completed again", { former_job_id: claim.jobId });
      return;
    } catch (error) {
      // Its claim was undone as well, or its completion was not.
      if (!(error instanceof Stopped)) throw error;
    }
  }
}

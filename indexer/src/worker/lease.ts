/**
 * Keeps a lease alive while a job runs: a heartbeat on a timer of its own that carries progress and
 * brings back whether to go on. Does not know what the job does, nor the database.
 */
import { Stopped } from "../errors.ts";
import { type JobPhase, NO_PROGRESS, type Progress, type Verdict } from "../job.ts";
import type { Log } from "../log.ts";

/**
 * News of the progress does not wait for the next heartbeat, so that who looks at a job sees it move.
 * A push is mostly done before the first of it, and so costs no connection for its heartbeat.
 */
const NEWS_MILLISECONDS = 500;

export interface LeaseOptions {
  readonly heartbeat: (
    phase: JobPhase | null,
    progress: Progress,
    signal: AbortSignal,
  ) => Promise<Verdict>;
  /** At the latest. */
  readonly heartbeatMilliseconds: number;
  /** Without a heartbeat for so long, the lease is somebody else's. */
  readonly leaseMilliseconds: number;
  /** When the claim that began the lease was sent, on the clock of `now`. */
  readonly claimedAt: number;
  readonly now: () => number;
  readonly log: Log;
}

/** A lease that is being kept. */
export interface KeptLease {
  /** Aborts with `Stopped` when the job was cancelled or the lease is lost. */
  readonly signal: AbortSignal;
  /** What the next heartbeat tells. */
  report(phase: JobPhase, progress: Progress): void;
  /** What was reported so far. */
  readonly progress: Progress;
  /** Ends the heartbeats. */
  stop(): void;
}

/** Starts the heartbeats. Whoever does calls `stop`. */
export function keepLease(options: LeaseOptions): KeptLease {
  const verdict = new AbortController();
  const stopped = new AbortController();
  const signal = AbortSignal.any([verdict.signal, stopped.signal]);
  let phase: JobPhase | null = null;
  let progress = NO_PROGRESS;
  let isBeating = false;
  let expiry = setTimeout(expire, remaining(options, options.claimedAt));
  function expire(): void {
    verdict.abort(new Stopped("lease_lost"));
  }

  async function beat(): Promise<void> {
    const sentAt = options.now();
    const answer = await options.heartbeat(phase, progress, signal);
    if (signal.aborted) return;
    if (answer !== "continue") return verdict.abort(new Stopped(answer));
    clearTimeout(expiry);
    expiry = setTimeout(expire, remaining(options, sentAt));
  }

  const tickMilliseconds = Math.min(NEWS_MILLISECONDS, options.heartbeatMilliseconds);
  let hasNews = false;
  let ticks = 0;
  const timer = setInterval(() => {
    ticks += 1;
    const isDue = hasNews || ticks * tickMilliseconds >= options.heartbeatMilliseconds;
    // One at a time: a slow database must not collect them.
    if (!isDue || isBeating || signal.aborted) return;
    isBeating = true;
    hasNews = false;
    ticks = 0;
    void beat()
      .catch((error: unknown) => {
        if (!signal.aborted) options.log.warning("heartbeat failed", { error: String(error) });
      })
      .finally(() => {
        isBeating = false;
      });
  }, tickMilliseconds);

  return {
    signal: verdict.signal,
    report(newPhase, newProgress) {
      phase = newPhase;
      progress = furthest(progress, newProgress);
      hasNews = true;
    },
    get progress() {
      return progress;
    },
    stop() {
      clearInterval(timer);
      clearTimeout(expiry);
      stopped.abort(new Stopped("shutdown"));
    },
  };
}

/**
 * Nothing goes back: work that is done once more, as after a blob that broke a thread, was done before,
 * and a phase that counts no files leaves those that another has counted.
 */
function furthest(before: Progress, now: Progress): Progress {
  return {
    percent: Math.max(before.percent, now.percent),
    filesDone: Math.max(before.filesDone, now.filesDone),
    filesTotal: Math.max(before.filesTotal, now.filesTotal),
    bytesDone: Math.max(before.bytesDone, now.bytesDone),
    bytesTotal: Math.max(before.bytesTotal, now.bytesTotal),
  };
}

/** The lease began when the server answered, so counting from the question is on the safe side. */
function remaining(options: LeaseOptions, sentAt: number): number {
  return Math.max(0, sentAt + options.leaseMilliseconds - options.now());
}

// Follows a job to its end and shows where it is while it runs.

import { setTimeout as sleep } from "node:timers/promises";
import { isOfLastAttempt, type Job } from "../../supabase/functions/_shared/contracts/job.ts";
import { formatDuration, plural } from "./figures.ts";
import {
  phaseLine,
  type PhaseStart,
  phaseStart,
  progressLine,
  waitingLine,
} from "./progress_line.ts";
import { span } from "./spans.ts";
import { printable } from "./text_width.ts";
import { DemoFailure, type Tour } from "./tour.ts";

/** How often a job is looked at, and how long it may wait. */
export interface Pace {
  readonly pollMilliseconds: number;
  readonly waitingMillisecondsMax: number;
}

/** On a stack of one's own: wakes are asked for every 10 s, and a lost machine is noticed after 60 s. */
const OWN_STACK: Pace = { pollMilliseconds: 100, waitingMillisecondsMax: 150_000 };

/** Polls until the job is completed; any other end is a failure. */
export async function followJob(
  { api, screen, signal }: Pick<Tour, "api" | "screen" | "signal">,
  jobId: string,
  { pollMilliseconds, waitingMillisecondsMax }: Pace = OWN_STACK,
): Promise<Job> {
  const started = performance.now();
  let waitingSince = started;
  let phase: PhaseStart | null = null;
  try {
    for (;;) {
      const job = await api.job(jobId);
      const now = performance.now();
      if (job.state === "completed") return job;
      if (job.state === "failed" || job.state === "cancelled") throw unfinished(job);
      if (job.state === "running") {
        waitingSince = now;
        phase = phaseStart(phase, job, now);
        const line = screen.redraws
          ? progressLine(job, phase, now, screen.rowColumns - 1)
          : phaseLine(job);
        screen.live(job.phase, line);
      } else {
        const waited = now - waitingSince;
        if (waited > waitingMillisecondsMax) {
          throw new DemoFailure(`no machine took the job within ${formatDuration(waited)}`);
        }
        showWaiting({ screen }, job, waited);
      }
      await sleep(pollMilliseconds, undefined, { signal });
    }
  } finally {
    screen.endLive();
  }
}

/** What its last attempt ended with, if that is an error. */
function lastErrorOf(job: Job): Job["errors"][number] | undefined {
  return job.errors.findLast((error) => isOfLastAttempt(error, job));
}

function showWaiting(
  { screen }: Pick<Tour, "screen">,
  job: Job,
  waitedMilliseconds: number,
): void {
  const error = lastErrorOf(job);
  if (error === undefined) {
    screen.live("waiting", waitingLine(waitedMilliseconds));
  } else {
    const text = `attempt ${error.attempt} of ${job.max_attempts} failed: ${error.message}`;
    screen.live(`failed ${error.attempt}`, [span("bad", printable(text))]);
  }
}

function unfinished(job: Job): DemoFailure {
  const error = lastErrorOf(job);
  const why = error === undefined ? "" : `: ${error.code}: ${printable(error.message)}`;
  return new DemoFailure(
    `the job ended ${job.state} after ${plural(job.attempt, "attempt")}${why}`,
  );
}

/**
 * How far an index job is as a whole, from how far each of its phases is. Parsing takes most of the
 * time, so it has most of the way; a phase that is left ends where the next begins.
 */
import type { JobPhase, JobRun, Progress } from "../job.ts";

/** Where each phase begins and ends, in percent of the job. */
const SHARES: Readonly<Record<JobPhase, readonly [start: number, end: number]>> = {
  fetching: [0, 20],
  diffing: [20, 25],
  parsing: [25, 90],
  writing: [90, 95],
  publishing: [95, 100],
};

/** Progress of a phase as that of the job. */
export function ofWholeJob(phase: JobPhase, progress: Progress): Progress {
  const [start, end] = SHARES[phase];
  return { ...progress, percent: Math.floor(start + (end - start) * progress.percent / 100) };
}

/** The same run, whose phases report how far the job is. */
export function reportingWholeJob(job: JobRun): JobRun {
  return { ...job, report: (phase, progress) => job.report(phase, ofWholeJob(phase, progress)) };
}

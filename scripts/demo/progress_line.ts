// A job's progress as one line: bar, percent, phase, what is done of what, and how fast. Pure: the
// job as the API answers it and what was seen of it before go in, spans come out.

import type { Job, JobPhase } from "../../supabase/functions/_shared/contracts/job.ts";
import {
  formatBytes,
  formatBytesOf,
  formatCount,
  formatDuration,
  formatRate,
  plural,
} from "./figures.ts";
import { type Span, span } from "./spans.ts";

const BAR_COLUMNS_MAX = 24;
const BAR_COLUMNS_MIN = 8;
const PHASE_COLUMNS = "publishing".length;

/** What was first seen of the phase that a job is in: rates are measured from there. */
export interface PhaseStart {
  /** When the job was first looked at. */
  readonly since: number;
  readonly phase: JobPhase | null;
  readonly at: number;
  readonly filesDone: number;
  readonly bytesDone: number;
}

/** The start of the phase that this look at a job belongs to. `at`: milliseconds of any clock. */
export function phaseStart(previous: PhaseStart | null, job: Job, at: number): PhaseStart {
  if (previous !== null && previous.phase === job.phase) return previous;
  const { files_done: filesDone, bytes_done: bytesDone } = job.progress;
  return { since: previous?.since ?? at, phase: job.phase, at, filesDone, bytesDone };
}

/** A bar of `columns` columns, filled to an eighth of a column. */
export function bar(fraction: number, columns: number): Span[] {
  const eighths = Math.round(Math.max(0, Math.min(1, fraction)) * columns * 8);
  const part = " ▏▎▍▌▋▊▉"[eighths % 8] ?? " ";
  const full = "█".repeat(Math.floor(eighths / 8)) + part.trim();
  return [span("bar", full), span("faint", "·".repeat(columns - full.length))];
}

/** The same without a bar and without time, for a log that has one line a phase. */
export function phaseLine(job: Job): Span[] {
  const { files_total, bytes_total } = job.progress;
  const figures = [
    files_total > 0 ? plural(files_total, "file") : null,
    bytes_total > 0 ? formatBytes(bytes_total) : null,
  ].filter((figure) => figure !== null);
  return [`${job.phase ?? "starting"} `, span("faint", figures.join(", "))];
}

/** The line for a job that runs. `now` is of the clock that `start.at` was taken from. */
export function progressLine(
  job: Job,
  start: PhaseStart,
  now: number,
  columns: number,
): Span[] {
  const { percent, files_done, files_total, bytes_done, bytes_total } = job.progress;
  const elapsed = now - start.at;
  const done = [
    files_total > 0 ? `${formatCount(files_done)}/${formatCount(files_total)} files` : null,
    bytes_total > 0 ? formatBytesOf(bytes_done, bytes_total) : null,
  ];
  const rates = [
    formatRate(files_done - start.filesDone, elapsed, formatCount),
    formatRate(bytes_done - start.bytesDone, elapsed, formatBytes),
  ];
  const state = ` ${String(Math.floor(percent)).padStart(3)} %  ` +
    `${(job.phase ?? "starting").padEnd(PHASE_COLUMNS)}  `;
  const room = columns - state.length - BAR_COLUMNS_MIN;
  const whole = joined(done[0], done[1], "  ");
  const withRates = joined(joined(done[0], rates[0], " "), joined(done[1], rates[1], " "), "  ");
  const withTime = joined(withRates, formatDuration(now - start.since), "  ");
  const figures = [withTime, withRates, whole].find((each) => each.length <= room) ?? "";
  const barColumns = Math.max(
    BAR_COLUMNS_MIN,
    Math.min(BAR_COLUMNS_MAX, columns - state.length - figures.length),
  );
  return [...bar(percent / 100, barColumns), state, span("faint", figures)];
}

/** The line for a job that no machine has taken yet. */
export function waitingLine(waitedMilliseconds: number): Span[] {
  return [span("faint", `waiting for a machine  ${formatDuration(waitedMilliseconds)}`)];
}

function joined(
  first: string | null | undefined,
  second: string | null | undefined,
  separator: string,
): string {
  return [first, second].filter((part) => part !== null && part !== undefined && part !== "")
    .join(separator);
}

// What a job's history says: its stages in time and its figures. Pure: events as the API answers them
// go in. Reads leniently, since figures that a newer indexer leaves out must not end a demo.

import type { JobEvent } from "../../supabase/functions/_shared/contracts/event.ts";
import type { Stage } from "./stage_chart.ts";

/** The figures of a completed job that are worth showing; null where its report has none. */
export interface JobFigures {
  readonly files: number | null;
  readonly changed: number | null;
  readonly symbols: number | null;
  readonly terms: number | null;
  readonly blobsFetched: number | null;
  readonly bytesFetched: number | null;
  /** Why nothing was indexed, in the job's words. */
  readonly reason: string | null;
}

/** Laps of the report, in their order: each begins where the one before ended. */
const laps: readonly (readonly [name: string, ...keys: string[]])[] = [
  ["fetching", "fetch_milliseconds"],
  ["diffing", "diff_milliseconds"],
  ["fetching blobs", "fetch_blobs_milliseconds"],
  ["parsing", "parse_milliseconds"],
  ["publishing", "write_tree_milliseconds", "publish_milliseconds"],
];

/** The figures in a job's last event. */
export function figuresOf(events: readonly JobEvent[]): JobFigures {
  const report = reportOf(events);
  const number = (key: string) => {
    const value = report[key];
    return typeof value === "number" ? value : null;
  };
  const reason = report["reason"];
  return {
    files: number("files"),
    changed: number("changed"),
    symbols: number("symbols"),
    terms: number("terms"),
    blobsFetched: number("blobs_fetched"),
    bytesFetched: number("bytes_fetched"),
    reason: typeof reason === "string" ? reason : null,
  };
}

/**
 * The stages of a job from the moment it was queued, in milliseconds since 1970. Writing goes on
 * beside parsing: its bar ends where parsing ends, when the last rows were copied.
 */
export function stagesOf(events: readonly JobEvent[]): Stage[] {
  const queued = timeOf(events, "queued");
  const claimed = timeOf(events, "claimed");
  if (queued === null || claimed === null) return [];
  const stages: Stage[] = [stage("waiting", queued, claimed - queued)];
  const report = reportOf(events);
  let at = claimed;
  for (const [name, ...keys] of laps) {
    const times = keys.flatMap((key) => typeof report[key] === "number" ? [report[key]] : []);
    if (times.length === 0) continue;
    const milliseconds = times.reduce((sum, time) => sum + time, 0);
    stages.push(stage(name, at, milliseconds));
    at += milliseconds;
    const writing = report["write_milliseconds"];
    if (name === "parsing" && typeof writing === "number") {
      const length = Math.min(writing, milliseconds);
      stages.push(stage("writing", at - length, length));
    }
  }
  return stages;
}

/** When an event happened last, in milliseconds since 1970. */
export function timeOf(events: readonly JobEvent[], name: string): number | null {
  const event = events.findLast((each) => each.event === name);
  return event === undefined ? null : Date.parse(event.at);
}

/** The delivery that asked for a job, as the job's history names it. */
export function deliveryOf(requestedBy: string): string | null {
  return /^webhook (\S+)$/.exec(requestedBy)?.[1] ?? null;
}

function reportOf(events: readonly JobEvent[]): Readonly<Record<string, unknown>> {
  return events.findLast(({ event }) => event === "completed")?.context ?? {};
}

function stage(name: string, startMilliseconds: number, milliseconds: number): Stage {
  return { name, startMilliseconds, milliseconds };
}

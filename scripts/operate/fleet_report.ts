// The figures of the whole and the state of a drain. Pure.

import { plural } from "../demo/figures.ts";
import { span } from "../demo/spans.ts";
import { formatSpan, formatTime } from "./age.ts";
import type { DrainState, HealthFigures } from "./answers.ts";
import type { Report } from "./report.ts";
import { fieldLines, harmless, type Line } from "./table.ts";

type Figures = HealthFigures & { readonly database_milliseconds: number };

/** `operate status`; it fails where health answers 503. */
export function statusReport(figures: Figures): Report {
  const { queue, status } = figures;
  const isOk = status === "ok";
  const head: Line = isOk
    ? [span("good", "ok")]
    : [span("bad", "unavailable"), `  no sweep for ${formatSpan(figures.last_sweep_seconds)}`];
  const oldest = queue.queued === 0
    ? ""
    : `, the oldest for ${formatSpan(figures.oldest_queued_seconds)}`;
  const waiting = queue.waiting === 0 ? "" : `; ${queue.waiting} for another attempt`;
  const lines: Line[] = [
    head,
    ...fieldLines([
      ["queued", [`${queue.queued}${oldest}${waiting}`]],
      ["running", [
        `${queue.running}, `,
        countSpan(figures.expired_leases, "with an expired lease"),
      ]],
      ["failed", [
        `${queue.failed} in all, `,
        countSpan(figures.failed_last_hour, "in the last hour"),
      ]],
      ["machines", [machinesText(figures)]],
      ...launchesField(figures),
      ...wakesField(figures),
      ["hooks", [
        `${figures.pending_hooks} to be created, `,
        countSpan(figures.failed_hooks, "given up"),
      ]],
      ["last sweep", [`${formatSpan(figures.last_sweep_seconds)} ago`, ...sweepError(figures)]],
      ["database", [`answers in ${figures.database_milliseconds} ms`]],
    ]),
  ];
  return { lines, data: figures, isFailure: !isOk };
}

function countSpan(count: number, what: string) {
  return span(count === 0 ? "plain" : "bad", `${count} ${what}`);
}

function machinesText({ machines, live_machines, machines_wanted }: Figures): string {
  const counted = (names: readonly string[]) =>
    names.map((name) => `${machines[name] ?? 0} ${name}`).join(", ");
  return `${live_machines} live (${counted(["launching", "idle", "busy"])}), ` +
    `${machines_wanted} wanted; left at Fly: ${counted(["stopped", "condemned"])}`;
}

function launchesField(figures: Figures): [string, Line][] {
  const { draining_since, drain_reason } = figures;
  const fields: [string, Line][] = [];
  if (draining_since !== null) {
    const reason = drain_reason === null || drain_reason === "" ? "" : `: ${drain_reason}`;
    fields.push(["draining", [span("match", `since ${formatTime(draining_since)}${reason}`)]]);
  }
  const troubles = launchTroubles(figures);
  if (troubles.length > 0) fields.push(["launches", [span("match", troubles.join("; "))]]);
  return fields;
}

/** Nothing where the database knows whom to ask for machines. */
function wakesField({ missing_settings: missing }: Figures): [string, Line][] {
  if (missing.length === 0) return [];
  const told = `none, so no machine is launched: Vault lacks ${missing.join(" and ")}`;
  return [["wakes", [span("bad", told)]]];
}

/** Why machines that are wanted do not come. */
function launchTroubles(figures: Figures): string[] {
  const { launches_paused_until: until, last_launch_error, last_launch_failed_at: at } = figures;
  const troubles = until === null ? [] : [`paused until ${formatTime(until)}: Fly has refused`];
  if (figures.machines_wanted > 0 && last_launch_error !== null && at !== null) {
    troubles.push(`the last that failed, at ${formatTime(at)}: ${last_launch_error}`);
  }
  return troubles;
}

function sweepError({ last_sweep_error }: Figures) {
  return last_sweep_error === null ? [] : [span("bad", `  ${last_sweep_error}`)];
}

/** What is left of a fleet that drains, on one line. */
export function drainLine({ running, live_machines, queued }: DrainState): Line {
  const jobs = `${plural(running, "job")} ${running === 1 ? "runs" : "run"}`;
  const machines = `${plural(live_machines, "machine")} ${live_machines === 1 ? "lives" : "live"}`;
  return [`${jobs}, ${machines}, ${queued} queued`];
}

/** `operate drain` */
export function drainReport(state: DrainState): Report {
  const reason = state.reason === "" ? "" : ` (${state.reason})`;
  const head: Line = [
    span("match", "draining"),
    harmless(`${reason}: nothing is claimed and nothing launched until resume`),
  ];
  return { lines: [head, drainLine(state)], data: state, isFailure: false };
}

/** `operate resume` */
export function resumeReport(wasDraining: boolean, state: DrainState): Report {
  const head: Line = wasDraining
    ? [span("good", "resumed"), ": jobs are claimed and machines launched again"]
    : ["The fleet was not draining."];
  return { lines: [head, drainLine(state)], data: state, isFailure: false };
}

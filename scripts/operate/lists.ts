// Jobs, failures, queues and machines as tables. Pure: answers go in, lines come out.

import { isOfLastAttempt } from "../../supabase/functions/_shared/contracts/job.ts";
import { type Span, span } from "../demo/spans.ts";
import { formatSpan, spanBetween } from "./age.ts";
import type { FailureList, JobList, MachineList, OperatorJob, QueueList } from "./answers.ts";
import {
  type ColumnsMax,
  lastErrorOf,
  type Report,
  report,
  shortId,
  stateSpan,
  workOf,
} from "./report.ts";
import { type Column, type Line, tableLines } from "./table.ts";

const NONE = "–";

function listReport(
  data: unknown,
  columns: readonly Column[],
  rows: readonly (readonly Span[])[],
  columnsMax: ColumnsMax,
  nothing: string,
): Report {
  return report(rows.length === 0 ? [[nothing]] : tableLines(columns, rows, columnsMax), data);
}

/** `operate jobs` */
export function jobsReport(list: JobList, columnsMax: ColumnsMax): Report {
  const columns: Column[] = [
    { title: "job" },
    { title: "state" },
    { title: "tenant" },
    { title: "repository" },
    { title: "work" },
    { title: "attempt", align: "end" },
    { title: "queued", align: "end" },
    { title: "now" },
  ];
  const rows = list.items.map((job) => [
    shortId(job.id),
    stateSpan(job.state),
    job.tenant,
    job.repository,
    workOf(job),
    `${job.attempt}/${job.max_attempts}`,
    `${spanBetween(job.queued_at, list.at)} ago`,
    standing(job, list.at),
  ]);
  const { lines, ...rest } = listReport(list, columns, rows, columnsMax, "There is no such job.");
  const more: Line[] = list.has_more
    ? [[span("faint", `There are more than ${rows.length}; --limit shows more.`)]]
    : [];
  return { ...rest, lines: [...lines, ...more] };
}

/** What a job is doing, waiting for, or has ended with. */
function standing(job: OperatorJob, at: string): string {
  const error = lastErrorOf(job.errors);
  switch (job.state) {
    case "queued":
      return job.wait_reason === null ? "ready" : `${waiting(job, at)}; ${whyWaiting(job)}`;
    case "running":
      return running(job, at);
    case "completed":
      return job.outcome ?? "";
    case "failed":
      return error ?? "";
    case "cancelled":
      return "";
  }
}

function waiting({ wait_reason, run_at }: OperatorJob, at: string): string {
  const reason = wait_reason === "rate_limit" ? "rate limit" : "backoff";
  return `${reason}, due in ${spanBetween(at, run_at)}`;
}

/** Whose last attempt has left no error was postponed: whatever else has a job wait leaves one. */
function whyWaiting(job: OperatorJob): string {
  const ofLastAttempt = job.errors.filter((error) => isOfLastAttempt(error, job));
  return lastErrorOf(ofLastAttempt) ?? "the host does not show yet what was pushed";
}

function running(job: OperatorJob, at: string): string {
  if (job.lease_expires_at !== null && job.lease_expires_at < at) {
    return `lease expired ${spanBetween(job.lease_expires_at, at)} ago`;
  }
  const progress = `${job.phase ?? "started"} ${Math.round(job.progress.percent)} %`;
  return job.cancel_requested_at === null ? progress : `${progress}, asked to stop`;
}

/** `operate failures` */
export function failuresReport(list: FailureList, columnsMax: ColumnsMax): Report {
  const columns: Column[] = [
    { title: "code" },
    { title: "jobs", align: "end" },
    { title: "tenants", align: "end" },
    { title: "repositories", align: "end" },
    { title: "last", align: "end" },
    { title: "message of the last" },
  ];
  const rows = list.items.map((item) => [
    span("bad", item.code ?? NONE),
    String(item.jobs),
    String(item.tenants),
    String(item.repositories),
    `${spanBetween(item.last_failed_at, list.at)} ago`,
    item.last_message ?? "",
  ]);
  return listReport(list, columns, rows, columnsMax, "There is no open failure.");
}

/** `operate queue` */
export function queueReport(list: QueueList, columnsMax: ColumnsMax): Report {
  const columns: Column[] = [
    { title: "tenant" },
    { title: "plan" },
    { title: "ready", align: "end" },
    { title: "backoff", align: "end" },
    { title: "rate limit", align: "end" },
    { title: "running", align: "end" },
    { title: "failures", align: "end" },
    { title: "oldest waits", align: "end" },
    { title: "last served" },
  ];
  const rows = list.items.map((item) => [
    item.tenant,
    item.plan,
    String(item.ready),
    String(item.backoff),
    String(item.rate_limit),
    `${item.running} of ${item.concurrent_jobs_max}`,
    item.open_failures === 0 ? "0" : span("bad", String(item.open_failures)),
    item.oldest_queued_at === null ? NONE : spanBetween(item.oldest_queued_at, list.at),
    item.served_at === null ? NONE : `${spanBetween(item.served_at, list.at)} ago`,
  ]);
  const nothing = "Nothing waits, nothing runs, and there is no open failure.";
  return listReport(list, columns, rows, columnsMax, nothing);
}

/** A machine that has not been heard of for so long is late: idle ones ask every fraction of it. */
const SILENCE_SECONDS = 15;

/** `operate machines` */
export function machinesReport(list: MachineList, columnsMax: ColumnsMax): Report {
  const columns: Column[] = [
    { title: "launch" },
    { title: "machine" },
    { title: "state" },
    { title: "region" },
    { title: "launched", align: "end" },
    { title: "heard of", align: "end" },
    { title: "job" },
    { title: "repository" },
    { title: "error" },
  ];
  const rows = list.items.map((machine) => [
    shortId(machine.launch_id),
    machine.machine_id ?? NONE,
    machineState(machine),
    machine.region ?? NONE,
    `${spanBetween(machine.launched_at, list.at)} ago`,
    heardOf(machine, list.at),
    machine.job_id === null ? NONE : shortId(machine.job_id),
    machine.repository ?? NONE,
    machine.error ?? "",
  ]);
  return listReport(list, columns, rows, columnsMax, "There is no machine.");
}

type Machine = MachineList["items"][number];

function machineState({ state, leftover }: Machine): Span {
  if (state !== "gone") return span(state === "busy" ? "match" : "good", state);
  return span(leftover === "condemned" ? "bad" : "faint", leftover ?? state);
}

function heardOf({ state, alive_at }: Machine, at: string): Span {
  if (state === "gone" || state === "launching") return NONE;
  const seconds = (Date.parse(at) - Date.parse(alive_at)) / 1000;
  return span(seconds > SILENCE_SECONDS ? "bad" : "plain", `${formatSpan(seconds)} ago`);
}

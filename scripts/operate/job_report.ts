// One job with all that is known of it: whose it is, its errors, and its history with the stacks that
// are for operators alone. Pure.

import { type Span, span } from "../demo/spans.ts";
import { formatTime, spanBetween } from "./age.ts";
import type { JobDetails, OperatorEvent, OperatorJob } from "./answers.ts";
import { type Report, report, shortId, stateSpan, workOf } from "./report.ts";
import { fieldLines, harmless, type Line } from "./table.ts";

const INDENT = "  ";
const OPERATOR_DETAIL = "operator_detail";

/** `operate job` */
export function jobReport(details: JobDetails): Report {
  const { job, events } = details;
  const errors: Line[] = job.errors.length === 0 ? [] : [
    [],
    [span("title", "errors")],
    ...fieldLines(job.errors.map(({ attempt, at, code, message }) => [
      `${INDENT}attempt ${attempt}, ${formatTime(at)}`,
      [span("bad", code), `: ${message}`],
    ])),
  ];
  return report([
    [span("title", job.id), "  ", stateSpan(job.state)],
    ...fieldLines(fieldsOf(details).map(([name, line]) => [`${INDENT}${name}`, line])),
    ...errors,
    [],
    [span("title", "history")],
    ...historyLines(events),
  ], details);
}

type Field = readonly [name: string, Line];

function fieldsOf(details: JobDetails): Field[] {
  const { job, at } = details;
  const when = (time: string) => `${formatTime(time)} (${spanBetween(time, at)} ago)`;
  const timed = (name: string, time: string | null): Field[] =>
    time === null ? [] : [[name, [when(time)]]];
  return [
    ["tenant", [job.tenant, span("faint", `  ${job.tenant_id}`)]],
    ["repository", [job.repository, span("faint", `  ${job.repository_id}`)]],
    ["work", [workOf(job)]],
    ...(job.commit_oid === null ? [] : [["commit", [job.commit_oid]] satisfies Field]),
    ["asked by", [job.requested_by]],
    ...timed("queued", job.queued_at),
    ...timed("started", job.started_at),
    ...timed("finished", job.finished_at),
    ["attempt", [`${job.attempt} of ${job.max_attempts}`]],
    ...standingOf(details),
  ];
}

const failureWords: Readonly<Record<NonNullable<JobDetails["failure"]>, string>> = {
  open: "open",
  asked_again: "closed: it was asked for again",
  ref_dropped: "closed: its ref is followed no more",
  repository_deleted: "closed: its repository is deleted",
};

function standingOf({ job, at, failure }: JobDetails): Field[] {
  if (job.state === "running") return runningOf(job, at);
  if (job.state === "completed") return [["outcome", [job.outcome ?? ""]]];
  if (job.state === "queued" && job.wait_reason !== null) {
    const reason = job.wait_reason === "rate_limit" ? "a rate limit" : "backoff";
    return [["due", [`${formatTime(job.run_at)} (in ${spanBetween(at, job.run_at)}), ${reason}`]]];
  }
  return failure === null ? [] : [["failure", [failureWords[failure]]]];
}

function runningOf(job: OperatorJob, at: string): Field[] {
  const { percent, files_done, files_total } = job.progress;
  const lease = job.lease_expires_at ?? at;
  const hasExpired = lease < at;
  return [
    ["progress", [
      `${job.phase ?? "started"}, ${Math.round(percent)} %, ${files_done} of ${files_total} files`,
    ]],
    ["lease", [
      hasExpired
        ? span("bad", `expired ${spanBetween(lease, at)} ago`)
        : `${spanBetween(at, lease)} left`,
      span("faint", `  launch ${shortId(job.launch_id ?? "")}, machine ${job.machine_id ?? "–"}`),
    ]],
    ...(job.cancel_requested_at === null ? [] : [
      ["cancelled", [`asked to stop ${spanBetween(job.cancel_requested_at, at)} ago`]],
    ] satisfies Field[]),
  ];
}

function historyLines(events: readonly OperatorEvent[]): Line[] {
  const nameColumns = Math.max(0, ...events.map(({ event }) => event.length));
  return events.flatMap((event) => [
    [
      INDENT,
      span("faint", formatTime(event.at)),
      `  ${event.event.padEnd(nameColumns)}  `,
      ...describe(event),
    ].map(harmless),
    ...detailLines(event),
  ]);
}

function describe({ event, message, context }: OperatorEvent): Span[] {
  if (event === OPERATOR_DETAIL) return [];
  const pairs = Object.entries(context).map(([name, value]) =>
    `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`
  );
  return [message, span("faint", [message === "" ? "" : "  ", pairs.join(" ")].join(""))];
}

/** A stack as it was written, each line by itself. */
function detailLines({ event, context }: OperatorEvent): Line[] {
  const detail = context["detail"];
  if (event !== OPERATOR_DETAIL || typeof detail !== "string") return [];
  return detail.trimEnd().split("\n").map((line) => [harmless(`${INDENT}${INDENT}${line}`)]);
}

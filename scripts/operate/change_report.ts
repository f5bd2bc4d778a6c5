// What came of cancelling and redriving, one line a job. Pure.

import { plural } from "../demo/figures.ts";
import { span } from "../demo/spans.ts";
import type { ChangeAnswer, OperatorJob } from "./answers.ts";
import type { NotFound } from "./operator_database.ts";
import { type Report, shortId, workOf } from "./report.ts";
import { harmless, type Line } from "./table.ts";

/** A job as it was named, and what came of it. */
export interface Change {
  readonly named: string;
  readonly answer: ChangeAnswer | NotFound;
}

/** `operate cancel` */
export function cancelReport(changes: readonly Change[]): Report {
  return changesReport(changes, ({ answer }) => {
    switch (answer.outcome) {
      case "cancelled":
        return "cancelled";
      case "requested":
        return "asked to stop: its worker hears of it at the next heartbeat";
      default:
        return null;
    }
  }, "cancelled");
}

/** `operate redrive JOB...` */
export function redriveReport(changes: readonly Change[]): Report {
  return changesReport(changes, redriven, "redriven");
}

/** `operate redrive --all-failed`; lines only for those that were refused. */
export function redriveAllReport(changes: readonly Change[]): Report {
  const refused = changes.filter((change) => redriven(change) === null);
  const enqueued = changes.length - refused.length;
  const lines: Line[] = [
    [
      changes.length === 0
        ? "There is no open failure to redrive."
        : `${plural(changes.length, "open failure")}, ${enqueued} queued again`,
    ],
    ...refused.map((change) => refusalLine(change, "redriven")),
  ];
  const data = { found: changes.length, enqueued, refused };
  return { lines, data, isFailure: refused.length > 0 };
}

/** What was done with a job; null when nothing was. */
type Told = (change: Change) => string | null;
type Verb = "cancelled" | "redriven";

function changesReport(changes: readonly Change[], told: Told, verb: Verb): Report {
  const lines = changes.map((change) => {
    const done = told(change);
    return done === null ? refusalLine(change, verb) : [`${shortId(change.named)}  ${done}`];
  });
  const isFailure = changes.some((change) => told(change) === null);
  return { lines, data: { items: changes }, isFailure };
}

function redriven({ answer }: Change): string | null {
  if (answer.outcome !== "enqueued") return null;
  return `queued again as ${shortId(answer.job.id)}, ${workOf(answer.job)}`;
}

function refusalLine({ named, answer }: Change, verb: Verb): Line {
  const told = span("bad", `not ${verb}: ${reason(answer, verb)}`);
  return [harmless(`${shortId(named)}  `), harmless(told)];
}

function reason(answer: Change["answer"], verb: Verb): string {
  switch (answer.outcome) {
    case "unknown":
      return answer.problem;
    case "not_found":
      return "its repository is deleted";
    case "limit_reached":
      return `its ref is followed no more, and the plan allows no more than the ${answer.limit} that are`;
    default:
      return verb === "cancelled" ? whyNotCancelled(answer.job) : `it is ${answer.job.state}`;
  }
}

function whyNotCancelled({ kind, state }: Pick<OperatorJob, "kind" | "state">): string {
  // Of those that have not ended only deletions are refused.
  const isLive = state === "queued" || state === "running";
  const deleted = kind === "delete_ref" ? "a ref" : "a repository";
  return isLive ? `it deletes ${deleted}, which nobody may stop` : `it is ${state}`;
}

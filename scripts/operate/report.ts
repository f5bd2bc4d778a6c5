// What a command has to say: lines for a person, a document for a program, and whether it went well.
// Small pieces that several views share.

import { type Role, type Span, span } from "../demo/spans.ts";
import type { OperatorJob } from "./answers.ts";
import type { Line } from "./table.ts";

/** The result of a command. */
export interface Report {
  readonly lines: readonly Line[];
  /** What --json prints. */
  readonly data: unknown;
  /** Exit code 1. */
  readonly isFailure: boolean;
}

/** Limits the width of tables; null where lines may have any. */
export type ColumnsMax = number | null;

/** A report that nothing went wrong. */
export function report(lines: readonly Line[], data: unknown): Report {
  return { lines, data, isFailure: false };
}

/** Enough of an id to name it by: its end, since a job's begins with the time. */
export function shortId(id: string): string {
  return id.slice(-8);
}

/** "index main", "delete_repository"; a branch without the folder that all are in. */
export function workOf({ kind, ref }: Pick<OperatorJob, "kind" | "ref">): string {
  return ref === null ? kind : `${kind} ${ref.replace(/^refs\/heads\//, "")}`;
}

const stateRoles: Readonly<Record<OperatorJob["state"], Role>> = {
  queued: "plain",
  running: "match",
  completed: "good",
  failed: "bad",
  cancelled: "faint",
};

/** The state in its colour. */
export function stateSpan(state: OperatorJob["state"]): Span {
  return span(stateRoles[state], state);
}

/** The last error, as `code: message`; null without any. */
export function lastErrorOf(errors: OperatorJob["errors"]): string | null {
  const last = errors.at(-1);
  return last === undefined ? null : `${last.code}: ${last.message}`;
}

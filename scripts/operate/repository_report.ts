// A repository as an operator looks at it who is asked why a push cannot be found: its webhook, what of
// its refs is indexed, and what became of its deliveries. Pure.

import { plural } from "../demo/figures.ts";
import { type Span, span } from "../demo/spans.ts";
import { formatTime, spanBetween } from "./age.ts";
import type {
  Delivery,
  OperatorRepository,
  RepositoryDetails,
  RepositoryIndexing,
} from "./answers.ts";
import { type Report, report, shortId, stateSpan } from "./report.ts";
import { fieldLines, type Line, tableLines } from "./table.ts";

const INDENT = "  ";
const NONE = "–";
const OID_DIGITS = 8;

/** `operate repository`; of a name that several tenants have, all. */
export function repositoryReport(details: RepositoryDetails): Report {
  const lines = details.items.map((each) => repositoryLines(each, details.at));
  return report(lines.flatMap((each, index) => index === 0 ? each : [[], ...each]), details);
}

/** `operate index` */
export function indexReport(indexed: readonly RepositoryIndexing[]): Report {
  const refs = indexed.reduce((sum, each) => sum + each.refs, 0);
  const told = `${plural(indexed.length, "repository")}, ${plural(refs, "ref")} queued`;
  return report([[told]], { repositories: indexed.length, refs });
}

function repositoryLines(repository: OperatorRepository, at: string): Line[] {
  const { id, full_name, state, refs, deliveries } = repository;
  return [
    [span("title", full_name), INDENT, span("faint", id), INDENT, state],
    ...fieldLines(fieldsOf(repository, at).map(([name, line]) => [`${INDENT}${name}`, line])),
    [],
    [span("title", "refs")],
    ...indented(refs.map((ref) => refRow(ref, at)), "none is followed"),
    [],
    [span("title", "deliveries")],
    ...indented(deliveries.map(deliveryRow), "none has arrived within 30 days"),
  ];
}

type Field = readonly [name: string, Line];

function fieldsOf(repository: OperatorRepository, at: string): Field[] {
  const { tenant, tenant_id, host_id, visibility, default_branch, has_token } = repository;
  const timed = (name: string, time: string | null): Field[] =>
    time === null ? [] : [[name, [`${formatTime(time)} (${spanBetween(time, at)} ago)`]]];
  return [
    ["tenant", [tenant, span("faint", `${INDENT}${tenant_id}`)]],
    ["host", [`number ${host_id}, ${visibility}, default branch ${default_branch}`]],
    ["token", [has_token ? "its own" : "none"]],
    ["webhook", hookLine(repository, at)],
    ...timed("registered", repository.created_at),
    ...timed("access lost", repository.access_lost_at),
    ...timed("deleted", repository.deleted_at),
  ];
}

function hookLine({ hook }: OperatorRepository, at: string): Line {
  const { state, id, attempts, retry_at, error } = hook;
  switch (state) {
    case "active":
      return [span("good", "active"), `, number ${id ?? NONE}`];
    case "pending":
      return [
        span("match", "pending"),
        `, tried ${plural(attempts, "time")}, again in ${spanBetween(at, retry_at)}; ${
          error ?? "no error"
        }`,
      ];
    case "failed":
      return [span("bad", "failed"), ` after ${plural(attempts, "try")}; ${error ?? "no error"}`];
  }
}

/** Rows in columns, without a header: what each is can be seen. */
function indented(rows: readonly (readonly Span[])[], nothing: string): Line[] {
  const [first] = rows;
  if (first === undefined) return [[`${INDENT}${nothing}`]];
  const lines = tableLines(first.map(() => ({ title: "" })), rows, null);
  return lines.slice(1).map((line) => [INDENT, ...line]);
}

function refRow(ref: OperatorRepository["refs"][number], at: string): Span[] {
  const { commit_oid, indexed_at, files, features } = ref;
  const isFollowed = ref.is_followed ? "" : "; followed no more, serves until its successor does";
  const name = branchOf(ref.ref);
  if (indexed_at === null) return [name, NONE, `not indexed yet${isFollowed}`];
  return [
    name,
    shortOid(commit_oid),
    `indexed ${spanBetween(indexed_at, at)} ago, ${files} files, ${features.join(" and ")}, ` +
    // Of text alone neither is known.
    `extractor ${ref.extractor_version ?? NONE}, format ${ref.format_version ?? NONE}${isFollowed}`,
  ];
}

function deliveryRow(delivery: Delivery): Span[] {
  const { at, event, ref, commit_oid } = delivery;
  return [
    span("faint", formatTime(at)),
    event,
    ref === null ? NONE : branchOf(ref),
    shortOid(commit_oid),
    outcomeOf(delivery),
  ];
}

function outcomeOf({ outcome, ignored_reason, job_id, job_state }: Delivery): Span {
  if (job_id === null) {
    return ignored_reason === null ? outcome : span("match", `${outcome}: ${ignored_reason}`);
  }
  const job = `job ${shortId(job_id)}, `;
  if (job_state === null) return `${job}forgotten by now`;
  const state = stateSpan(job_state);
  return typeof state === "string" ? job + state : { ...state, text: job + state.text };
}

function branchOf(ref: string): string {
  return ref.replace(/^refs\/heads\//, "");
}

function shortOid(oid: string | null): string {
  return oid?.slice(0, OID_DIGITS) ?? NONE;
}

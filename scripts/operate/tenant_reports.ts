// What an operator sees of tenants: their keys as a table, and what came of revoking and making one, of
// another plan and of the end of a tenant. Pure.

import { plural } from "../demo/figures.ts";
import { type Span, span } from "../demo/spans.ts";
import { spanBetween } from "./age.ts";
import type {
  ClosedTenant,
  KeyList,
  OperatorKey,
  PlanChange,
  RepositoryDeletion,
  RevokeAnswer,
} from "./answers.ts";
import { type ColumnsMax, type Report, report, shortId } from "./report.ts";
import { type Column, harmless, type Line, tableLines } from "./table.ts";

/** `operate keys` */
export function keysReport(list: KeyList, columnsMax: ColumnsMax): Report {
  const columns: Column[] = [
    { title: "key" },
    { title: "tenant" },
    { title: "name" },
    { title: "created", align: "end" },
    { title: "last used", align: "end" },
    { title: "state" },
  ];
  const rows = list.items.map((key) => [
    shortId(key.id),
    key.tenant,
    key.name,
    `${spanBetween(key.created_at, list.at)} ago`,
    lastUsed(key, list.at),
    keyState(key, list.at),
  ]);
  const lines = rows.length === 0 ? [["There is no key."]] : tableLines(columns, rows, columnsMax);
  return report(lines, list);
}

function keyState({ revoked_at, expires_at }: OperatorKey, at: string): Span {
  if (revoked_at !== null) return span("faint", `revoked ${spanBetween(revoked_at, at)} ago`);
  if (expires_at === null) return span("good", "works");
  return Date.parse(expires_at) <= Date.parse(at)
    ? span("faint", `expired ${spanBetween(expires_at, at)} ago`)
    : span("good", `works for ${spanBetween(at, expires_at)}`);
}

/** `operate revoke` */
export function revokeReport(answer: RevokeAnswer): Report {
  const { key, at, outcome } = answer;
  const isRevoked = outcome === "revoked";
  const told = isRevoked
    ? `revoked, last used ${lastUsed(key, at)}: the next request with it gets 401`
    : span("bad", `not revoked: it was, ${spanBetween(key.revoked_at ?? at, at)} ago`);
  return { lines: [keyLine(key, told)], data: answer, isFailure: !isRevoked };
}

function lastUsed({ last_used_at }: OperatorKey, at: string): string {
  return last_used_at === null ? "never" : `${spanBetween(last_used_at, at)} ago`;
}

/** `operate create-key`; the one place where the key is ever shown. */
export function createKeyReport(key: OperatorKey, apiKey: string): Report {
  const lines: Line[] = [
    keyLine(key, "made; the key, which nobody can show again, is"),
    [apiKey],
  ];
  return report(lines, { ...key, api_key: apiKey });
}

function keyLine({ id, tenant, name }: OperatorKey, told: Span): Line {
  return [harmless(`${shortId(id)}  ${name} of ${tenant}  `), harmless(told)];
}

/** `operate plan` */
export function planReport(change: PlanChange): Report {
  const { tenant_id, tenant, was, plan } = change;
  const told = was === plan ? `has plan ${plan} already` : `has plan ${plan} now, not ${was}`;
  return report([[harmless(`${shortId(tenant_id)}  ${tenant} ${told}`)]], change);
}

/** `operate delete-tenant` */
export function deleteTenantReport(
  { tenant_id, tenant, keys_revoked }: ClosedTenant,
  deletions: readonly RepositoryDeletion[],
): Report {
  const deleted = deletions.flatMap((each) => each.outcome === "enqueued" ? [each] : []);
  const hooks = deleted.map(({ hook }) => hook).filter(({ hook_id }) => hook_id !== null);
  const lines: Line[] = [
    [
      harmless(`${shortId(tenant_id)}  ${tenant}: `),
      `${plural(keys_revoked, "key")} revoked, ${plural(deleted.length, "repository")} deleted`,
    ],
  ];
  if (deleted.length > 0) lines.push(["Their data goes with the jobs that this has queued."]);
  if (hooks.length > 0) {
    lines.push([
      `Left at the code host, answered with 401: ${plural(hooks.length, "webhook")}`,
    ]);
    for (const { full_name, hook_id } of hooks) lines.push([harmless(`  ${full_name} ${hook_id}`)]);
  }
  const data = { tenant_id, tenant, keys_revoked, repositories_deleted: deleted.length, hooks };
  return report(lines, data);
}

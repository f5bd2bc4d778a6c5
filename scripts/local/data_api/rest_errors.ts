// PostgREST's error bodies and its map from SQLSTATE to HTTP status.
// Knows errors; does not know requests or functions.

import postgres from "postgres";
import { z } from "zod";

/** The body of every PostgREST error. */
export interface RestErrorBody {
  code: string;
  message: string;
  details: string | null;
  hint: string | null;
}

/** An error with the status it is answered with. */
export interface RestError {
  readonly status: number;
  readonly body: RestErrorBody;
  readonly headers?: Record<string, string>;
}

/** Longer prefixes first: the first that fits decides; what fits none is the caller's fault, 400. */
const STATUS_BY_SQLSTATE: readonly (readonly [prefix: string, status: number])[] = [
  ["23503", 409],
  ["23505", 409],
  ["25006", 405],
  ["42883", 404],
  ["42P01", 404],
  ["42P17", 500],
  ["53400", 500],
  ["57P01", 503],
  ["P0001", 400],
  ["08", 503],
  ["09", 500],
  ["0L", 403],
  ["0P", 403],
  ["25", 500],
  ["28", 403],
  ["2D", 500],
  ["38", 500],
  ["39", 500],
  ["3B", 500],
  ["40", 500],
  ["53", 503],
  ["54", 500],
  ["55", 500],
  ["57", 500],
  ["58", 500],
  ["F0", 500],
  ["HV", 500],
  ["P0", 500],
  ["XX", 500],
];

const raisedBody = z.object({
  code: z.string(),
  message: z.string(),
  details: z.string().nullish(),
  hint: z.string().nullish(),
});
const raisedDetail = z.object({
  status: z.number().int(),
  headers: z.record(z.string(), z.string()).optional(),
});

/** An error of PostgREST's own. */
export function restError(
  status: number,
  code: string,
  message: string,
  more: { details?: string; hint?: string } = {},
): RestError {
  return {
    status,
    body: { code, message, details: more.details ?? null, hint: more.hint ?? null },
  };
}

/** What PostgREST answers when a query failed under the given role. */
export function errorOfQuery(error: unknown, role: string): RestError {
  if (!(error instanceof postgres.PostgresError)) {
    const message = "Database client error. Retrying the connection.";
    return restError(503, "PGRST001", message, { details: String(error) });
  }
  if (error.code === "PGRST") return raisedError(error);
  const body = {
    code: error.code,
    message: error.message,
    details: error.detail ?? null,
    hint: error.hint ?? null,
  };
  return { status: statusOf(error.code, role), body };
}

function statusOf(sqlstate: string, role: string): number {
  if (sqlstate === "42501") return role === "anon" ? 401 : 403;
  if (sqlstate.startsWith("PT")) {
    const status = Number(sqlstate.slice(2));
    return Number.isInteger(status) && status >= 200 ? status : 500;
  }
  return STATUS_BY_SQLSTATE.find(([prefix]) => sqlstate.startsWith(prefix))?.[1] ?? 400;
}

/** `raise sqlstate 'PGRST'`: message and detail are JSON that says what to answer. */
function raisedError(error: postgres.PostgresError): RestError {
  try {
    const raised = raisedBody.parse(JSON.parse(error.message));
    const { status, headers = {} } = raisedDetail.parse(JSON.parse(error.detail ?? ""));
    const { details = null, hint = null } = raised;
    return { status, headers, body: { ...raised, details, hint } };
  } catch {
    return restError(
      500,
      "PGRST121",
      "Could not parse JSON in the \"RAISE SQLSTATE 'PGRST'\" error",
      {
        hint:
          "DETAIL must be a JSON object with obligatory keys: 'status', 'headers' and optional " +
          "key: 'status_text'.",
      },
    );
  }
}

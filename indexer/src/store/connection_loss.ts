/**
 * Which errors say that a connection is lost, a statement undone, or the database of another version, rather than
 * that something is wrong. Pure.
 */

/** The server is away, stopping, starting or full. */
const AWAY = new Set([
  "CONNECTION_CLOSED",
  "CONNECTION_DESTROYED",
  "CONNECTION_ENDED",
  "CONNECT_TIMEOUT",
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "57P01",
  "57P02",
  "57P03",
  "53300",
  "08000",
  "08003",
  "08006",
]);

/** The SQLSTATE or system code of an error; null when it has none. */
export function errorCode(error: unknown): string | null {
  if (!(error instanceof Error) || !("code" in error)) return null;
  return typeof error.code === "string" ? error.code : null;
}

/** Whether the call may be repeated on another connection. */
export function isConnectionLost(error: unknown): boolean {
  const code = errorCode(error);
  return code !== null && AWAY.has(code);
}

/** Undone in favour of another transaction, or before it had what it waited for. */
const UNDONE = new Set(["40001", "40P01", "55P03"]);

/** Whether the statement has done nothing, for a reason that may be gone when it is repeated. */
export function isUndone(error: unknown): boolean {
  const code = errorCode(error);
  return code !== null && UNDONE.has(code);
}

/** A function, table or column is not there. */
const OTHER_SCHEMA = new Set(["42883", "42P01", "42703"]);

/** Whether the database is of another version than this indexer, as between the steps of a deployment. */
export function isOtherSchema(error: unknown): boolean {
  const code = errorCode(error);
  return code !== null && OTHER_SCHEMA.has(code);
}

/**
 * Whether an error that nobody caught is the client library's own: it may write, from a timer, to a
 * socket that is already gone. Then no query fails, so that whoever waits would wait for long.
 */
export function isClientDefect(error: unknown): boolean {
  return error instanceof TypeError &&
    error.stack?.includes("/node_modules/postgres/src/connection.js") === true;
}

/** What this side noticed by itself. */
export class ConnectionLost extends Error {
  readonly code: string;

  constructor(code: "CONNECTION_CLOSED" | "ETIMEDOUT", message: string) {
    super(message);
    this.code = code;
  }
}

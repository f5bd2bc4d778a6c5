// What went wrong, in a sentence for the operator. Knows errors of the connection and the SQLSTATEs
// that an operator can do something about.

import postgres from "postgres";
import { z } from "zod";
import { isNotThere } from "./operator_database.ts";
import type { Target } from "./target.ts";

/** No such schema, function or table; insufficient privilege. */
const MISSING = ["3F000", "42883", "42P01"];
const NOT_ALLOWED = "42501";
/** What the client says of a connection that it did not get, or lost. */
const UNREACHABLE = /^(?:E[A-Z]+|CONNECT_TIMEOUT|CONNECTION_[A-Z]+)$/;

/** The sentence. It never holds the database's address with its password. */
export function explainError(error: unknown, { place, source }: Target): string {
  if (isNotThere(error)) return error.message;
  if (error instanceof postgres.PostgresError) {
    if (MISSING.includes(error.code)) {
      return `${place} has not the migrations of this version (${error.message})`;
    }
    if (error.code === NOT_ALLOWED) {
      return `${source} is not the owner of the schema (${error.message})`;
    }
    return `${place}: ${error.message} (${error.code})`;
  }
  if (error instanceof z.ZodError) {
    const at = error.issues[0]?.path.join(".") ?? "";
    return `${place} answers something else than this version expects, at "${at}"`;
  }
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (UNREACHABLE.test(code)) return `${place}, named by ${source}, does not answer (${code})`;
  return error instanceof Error ? error.message : String(error);
}

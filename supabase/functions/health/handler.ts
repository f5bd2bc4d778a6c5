/**
 * Says whether the service works, to whoever asks; the figures behind it to the operator alone, and
 * as far as they can be had also when it does not work.
 */
import { type Database } from "../_shared/runtime/database.ts";
import { unauthorized } from "../_shared/runtime/authenticate.ts";
import {
  type Answer,
  bearerToken,
  serve,
  type ServeDependencies,
} from "../_shared/runtime/http.ts";
import { findRoute, type Route } from "../_shared/runtime/router.ts";
import { sha256Hex } from "../_shared/runtime/sha256.ts";

/** What health takes from outside. */
export interface HealthDependencies extends ServeDependencies {
  readonly database: Pick<Database, "health">;
  /** Milliseconds, of a clock that is used for differences alone. */
  readonly now: () => number;
  /** Null: nobody is the operator. */
  readonly operatorToken: string | null;
}

type Health = Awaited<ReturnType<Database["health"]>>;

/** What came of asking the database. */
type Look =
  | { readonly health: Health; readonly milliseconds: number }
  | { readonly problem: string };

const OPERATOR_NEXT_STEP =
  "Send the operator's token, or no header Authorization: the status alone needs none.";

/** Hashes are compared, so that timing says nothing of the token. */
function isOperator(given: string, operatorToken: string | null): boolean {
  return operatorToken !== null && sha256Hex(given) === sha256Hex(operatorToken);
}

/** The fault itself, rather than how a caller would be told of it. */
function describe(error: unknown): string {
  const fault = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return fault instanceof Error ? fault.message : String(fault);
}

async function look(
  withFigures: boolean,
  { database, log, now }: HealthDependencies,
): Promise<Look> {
  const started = now();
  try {
    const health = await database.health(withFigures);
    return { health, milliseconds: Math.max(0, Math.round(now() - started)) };
  } catch (error) {
    log("health_unknown", { withFigures, error });
    return { problem: describe(error) };
  }
}

/** The first look is at one row and decides; the figures take longer and change nothing of it. */
async function readHealth(request: Request, dependencies: HealthDependencies): Promise<Answer> {
  const given = bearerToken(request);
  const isOperators = given !== null && isOperator(given, dependencies.operatorToken);
  // Also when nothing works: a wrong token is the asker's mistake, and costs no call.
  if (given !== null && !isOperators) {
    throw unauthorized("This is not the operator's token.", OPERATOR_NEXT_STEP);
  }
  const first = await look(false, dependencies);
  const isOk = "health" in first && first.health.status === "ok";
  const status = isOk ? 200 : 503;
  const verdict = { status: isOk ? "ok" : "unavailable" };
  if (!isOperators) return { status, body: verdict };
  if ("problem" in first) {
    return {
      status,
      body: { ...verdict, database_milliseconds: null, database_error: first.problem },
    };
  }
  const figures = await look(true, dependencies);
  return {
    status,
    body: {
      ...("health" in figures ? figures.health : {}),
      ...verdict,
      database_milliseconds: first.milliseconds,
      database_error: "problem" in figures ? figures.problem : null,
    },
  };
}

const routes: readonly Route<"read">[] = [{ method: "GET", path: "/health", handle: "read" }];

/** Serves a request to /health. */
export function handleHealth(
  request: Request,
  dependencies: HealthDependencies,
): Promise<Response> {
  return serve(request, dependencies, async () => {
    findRoute(routes, request);
    return await readHealth(request, dependencies);
  });
}

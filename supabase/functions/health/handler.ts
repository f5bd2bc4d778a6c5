/**
 * Says whether the service works; the figures behind it only to the operator.
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
  /** Null: nobody is the operator. */
  readonly operatorToken: string | null;
}

/** Hashes are compared, so that timing says nothing of the token. */
async function isOperator(given: string, operatorToken: string | null): Promise<boolean> {
  return operatorToken !== null && await sha256Hex(given) === await sha256Hex(operatorToken);
}

async function readHealth(
  request: Request,
  { database, log, operatorToken }: HealthDependencies,
): Promise<Answer> {
  const given = bearerToken(request);
  const isOperators = given !== null && await isOperator(given, operatorToken);
  if (given !== null && !isOperators) throw unauthorized("This is not the operator's token.");
  try {
    const health = await database.health(isOperators);
    return { status: health.status === "ok" ? 200 : 503, body: health };
  } catch (error) {
    log("health_unknown", { error });
    return { status: 503, body: { status: "unavailable" } };
  }
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

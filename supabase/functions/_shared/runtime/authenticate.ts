/**
 * Who asks: an API key becomes a tenant, and is charged one request. Knows keys by their hash.
 */
import { type Database } from "./database.ts";
import { bearerToken } from "./http.ts";
import { ProblemError } from "./problem.ts";
import { sha256Hex } from "./sha256.ts";

/** Whom a request acts for. */
export interface Caller {
  readonly tenantId: string;
  /** How jobs say who asked for them. */
  readonly requestedBy: string;
}

/** What a key looks like; anything else is refused without asking the database. */
const KEY = /^qry_[A-Za-z0-9_-]{16,200}$/;

/**
 * A missing or wrong secret. Of a key that looks like one the answer does not say whether it is
 * unknown, expired or revoked. The next step is about API keys, unless another is given.
 */
export function unauthorized(detail: string, nextStep?: string): ProblemError {
  const headers = { "www-authenticate": 'Bearer realm="quarry"' };
  return new ProblemError("unauthorized", detail, headers, nextStep);
}

/** The hash of a request's key; throws unauthorized when there is nothing that looks like one. */
export function keyHashOf(request: Request): string {
  if (!request.headers.has("authorization")) {
    throw unauthorized("There is no API key in the request.");
  }
  const key = bearerToken(request);
  if (key === null || !KEY.test(key)) {
    throw unauthorized("What the header Authorization holds is not an API key.");
  }
  return sha256Hex(key);
}

/** Whose key it is. Sets the rate limit's headers on the answer, whatever it will be. */
export async function authenticateKey(
  keyHash: string,
  database: Pick<Database, "authenticate">,
  answerHeaders: Headers,
): Promise<Caller> {
  const answer = await database.authenticate(keyHash);
  if (answer.outcome === "unknown") throw unauthorized("This API key is not valid.");
  answerHeaders.set("ratelimit-limit", String(answer.limit));
  answerHeaders.set("ratelimit-remaining", String(answer.remaining));
  answerHeaders.set("ratelimit-reset", String(answer.retry_after_seconds));
  if (answer.outcome === "limited") {
    throw new ProblemError("rate_limited", `${answer.limit} requests a minute are allowed.`, {
      "retry-after": String(answer.retry_after_seconds),
    });
  }
  return { tenantId: answer.tenant_id, requestedBy: `key ${answer.api_key_id}` };
}

/** The caller of a request, by its key. */
export async function authenticate(
  request: Request,
  database: Pick<Database, "authenticate">,
  answerHeaders: Headers,
): Promise<Caller> {
  return await authenticateKey(keyHashOf(request), database, answerHeaders);
}

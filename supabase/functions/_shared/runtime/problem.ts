/**
 * From an error to its answer. Errors that a caller may know are thrown as ProblemError; whatever
 * else is thrown becomes a 500 that says nothing, and a line in the log that says everything.
 */
import { type ErrorCode, errorMeanings, type Problem } from "../contracts/error.ts";

/** An error with an answer. The detail is shown to the caller and never holds a secret. */
export class ProblemError extends Error {
  readonly code: ErrorCode;
  readonly headers: Readonly<Record<string, string>>;
  /** What the caller can do, where it is not what the code says. */
  readonly nextStep: string;

  constructor(
    code: ErrorCode,
    detail: string,
    headers: Readonly<Record<string, string>> = {},
    nextStep: string = errorMeanings[code].nextStep,
  ) {
    super(detail);
    this.name = "ProblemError";
    this.code = code;
    this.headers = headers;
    this.nextStep = nextStep;
  }
}

/** The body of an error's answer. */
export function describeProblem(error: ProblemError, requestId: string): Problem {
  const { code, message: detail, nextStep } = error;
  const { status, title } = errorMeanings[code];
  return {
    type: `urn:quarry:problem:${code}`,
    title,
    status,
    code,
    detail,
    next_step: nextStep,
    request_id: requestId,
  };
}

/** The answer to an error. */
export function problemResponse(error: ProblemError, requestId: string): Response {
  const problem = describeProblem(error, requestId);
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: { "content-type": "application/problem+json", ...error.headers },
  });
}

/** Another tenant's id and one that nobody has are answered by this very error. */
export function notFound(): ProblemError {
  return new ProblemError("not_found", "Nothing of this id or name belongs to this key.");
}

/** An answer that asks to come back later. */
export function unavailable(
  code: "database_unavailable" | "host_unavailable",
  detail: string,
  retryAfterSeconds = 5,
): ProblemError {
  return new ProblemError(code, detail, { "retry-after": String(retryAfterSeconds) });
}

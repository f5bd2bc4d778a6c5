/**
 * What every function does with a request and an answer: read the body within a limit, give the
 * request an id, turn errors into answers. Knows no route.
 */
import { type Log } from "./log.ts";
import { ProblemError, problemResponse } from "./problem.ts";

/** What a route answers; the body is sent as JSON. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** What serving a request takes from outside. */
export interface ServeDependencies {
  readonly log: Log;
  /** A new uuid. */
  readonly newId: () => string;
}

function tooLarge(bytesMax: number): ProblemError {
  return new ProblemError("body_too_large", `At most ${bytesMax} bytes are read.`);
}

/** The body's bytes; stops reading at the limit, whatever the headers promise. */
export async function readBody(request: Request, bytesMax: number): Promise<Uint8Array> {
  if (Number(request.headers.get("content-length") ?? 0) > bytesMax) throw tooLarge(bytesMax);
  const chunks: Uint8Array[] = [];
  let length = 0;
  const stream: ReadableStream<Uint8Array> | null = request.body;
  // Leaving the loop by throwing cancels the stream.
  for await (const chunk of stream ?? []) {
    length += chunk.byteLength;
    if (length > bytesMax) throw tooLarge(bytesMax);
    chunks.push(chunk);
  }
  const body = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    body.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return body;
}

/** Parses UTF-8 JSON, or throws invalid_json. */
export function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw new ProblemError("invalid_json", "The body could not be read as JSON in UTF-8.");
  }
}

/** The token of `Authorization: Bearer`, or null. */
export function bearerToken(request: Request): string | null {
  const [, token] = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "") ?? [];
  return token ?? null;
}

/**
 * Runs `work` and answers with what it returns or throws. Headers that `work` sets are sent either
 * way, so that a refusal, too, says how many requests are left.
 */
export async function serve(
  request: Request,
  { log, newId }: ServeDependencies,
  work: (headers: Headers) => Promise<Answer>,
): Promise<Response> {
  const requestId = newId();
  const headers = new Headers();
  let response: Response;
  try {
    const { status, body } = await work(headers);
    response = Response.json(body, { status });
  } catch (thrown) {
    const isExpected = thrown instanceof ProblemError;
    // 5xx is ours to look into, the rest is the caller's.
    if (!isExpected) {
      const { pathname } = new URL(request.url);
      log("request_failed", { requestId, method: request.method, pathname, error: thrown });
    }
    const error = isExpected
      ? thrown
      : new ProblemError("internal", "The request could not be served.");
    response = problemResponse(error, requestId);
    // One that is refused since too much is asked is one of many, just when there is no time for them.
    if (isExpected && response.status >= 500 && error.code !== "busy") {
      log("request_refused", { requestId, code: error.code, error: thrown });
    }
  }
  for (const [name, value] of headers) response.headers.set(name, value);
  response.headers.set("cache-control", "no-store");
  response.headers.set("x-content-type-options", "nosniff");
  response.headers.set("x-request-id", requestId);
  return response;
}

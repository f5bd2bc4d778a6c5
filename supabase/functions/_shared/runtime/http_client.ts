/**
 * One HTTP request to a service that is not ours, with a time limit and its body read in full.
 * Knows no service.
 */

/** A response that came; `body` is the parsed JSON, its texts as PostgreSQL takes them, or null when there was none. */
export interface ServiceResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** A request to a service. */
export interface ServiceRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal: AbortSignal;
}

/**
 * Sends it. Null when no answer came in time or at all: the service may have done what was asked.
 * An answer that is no JSON counts as one without a body.
 */
export async function requestService(
  fetcher: typeof fetch,
  { method, url, headers, body, signal }: ServiceRequest,
): Promise<ServiceResponse | null> {
  try {
    const response = await fetcher(url, {
      method,
      headers: body === undefined ? headers : { ...headers, "content-type": "application/json" },
      signal,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: parse(text) };
  } catch {
    return null;
  }
}

function parse(text: string): unknown {
  const storable = (_: string, value: unknown) =>
    typeof value === "string" ? value.replaceAll("\0", "\ufffd").toWellFormed() : value;
  try {
    return JSON.parse(text, storable);
  } catch {
    return null;
  }
}

/**
 * What clients of every kind may expect of HTTP: pages of any origin may call what answers keys, and HEAD is
 * GET without its body. Knows no route.
 */

/** A page may remember so long what it may send; browsers cut it at their own limits. */
const PREFLIGHT_SECONDS = 86_400;

/**
 * Any origin: a key is sent by whoever was given it, and no browser sends one along by itself as it does a
 * cookie. So a page can do no more than any other program, and is told all that one is.
 */
const SHOWN = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "*",
};

/** What a page wants to send beside the key is its own affair, as it is any other client's. */
function preflight(request: Request): Response {
  return new Response(null, {
    status: 204,
    headers: {
      ...SHOWN,
      "access-control-allow-methods": "GET, HEAD, POST, PATCH, DELETE",
      "access-control-allow-headers": request.headers.get("access-control-request-headers") ??
        "authorization, content-type",
      "access-control-max-age": String(PREFLIGHT_SECONDS),
    },
  });
}

/** Serves browsers, and who asks for the head alone, by a handler that need not know of them. */
export function forAnyClient(
  handle: (request: Request) => Promise<Response>,
): (request: Request) => Promise<Response> {
  return async (request) => {
    if (request.method === "OPTIONS") return preflight(request);
    const isHead = request.method === "HEAD";
    const response = await handle(isHead ? new Request(request, { method: "GET" }) : request);
    for (const [name, value] of Object.entries(SHOWN)) response.headers.set(name, value);
    const allowed = response.headers.get("allow");
    if (allowed !== null) response.headers.set("allow", allowed.replace(/\bGET\b/, "GET, HEAD"));
    if (!isHead) return response;
    const { byteLength } = await response.arrayBuffer();
    response.headers.set("content-length", String(byteLength));
    return new Response(null, response);
  };
}

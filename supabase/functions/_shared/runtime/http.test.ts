import { expect, test } from "vitest";
import { bearerToken, parseJson, readBody, serve } from "./http.ts";
import { createLog } from "./log.ts";
import { ProblemError } from "./problem.ts";

const url = "http://functions.test/api/x";

function post(
  body: string | ReadableStream<Uint8Array>,
  headers: Record<string, string> = {},
): Request {
  return new Request(url, { method: "POST", body, headers, duplex: "half" });
}

/** A body that goes on until it is cancelled, and says how much of it was taken. */
function endless() {
  const state = { chunks: 0, isCancelled: false };
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      state.chunks += 1;
      controller.enqueue(new Uint8Array(1000));
    },
    cancel() {
      state.isCancelled = true;
    },
  });
  return { state, stream };
}

test("a body is read up to its limit, inclusive", async () => {
  expect(await readBody(post("12345"), 5)).toEqual(new TextEncoder().encode("12345"));
  expect(await readBody(new Request(url), 5)).toHaveLength(0);
  await expect(readBody(post("123456"), 5)).rejects.toMatchObject({ code: "body_too_large" });
});

test("a declared length over the limit is refused before reading", async () => {
  const { state, stream } = endless();
  const request = post(stream, { "content-length": "100000" });
  await expect(readBody(request, 5000)).rejects.toMatchObject({ code: "body_too_large" });
  expect(state.chunks).toBeLessThanOrEqual(1);
});

test("a body that lies about its length is cut off while it streams", async () => {
  const { state, stream } = endless();
  await expect(readBody(post(stream), 5000)).rejects.toMatchObject({ code: "body_too_large" });
  expect(state.isCancelled).toBe(true);
  expect(state.chunks).toBeLessThan(10);
});

test("JSON is UTF-8 or nothing", () => {
  expect(parseJson(new TextEncoder().encode('{"a":"é"}'))).toEqual({ a: "é" });
  for (const bytes of [[0x22, 0xe9, 0x22], [0x7b], []]) {
    expect(() => parseJson(new Uint8Array(bytes))).toThrow(
      expect.objectContaining({ code: "invalid_json" }),
    );
  }
});

test("a bearer token is one word", () => {
  const tokenOf = (authorization: string) =>
    bearerToken(new Request(url, { headers: { authorization } }));
  expect(tokenOf("Bearer abc")).toBe("abc");
  expect(tokenOf("bearer abc")).toBe("abc");
  for (const header of ["", "Bearer", "Bearer a b", "Basic abc", "abc"]) {
    expect(tokenOf(header), header).toBeNull();
  }
});

function logged() {
  const lines: string[] = [];
  return {
    lines,
    dependencies: { log: createLog((line) => lines.push(line)), newId: () => "id1" },
  };
}

test("an unexpected error is a 500 that says nothing and a log line that says all", async () => {
  const { lines, dependencies } = logged();
  const response = await serve(new Request(url), dependencies, () => {
    throw new TypeError("the secret plan is at row 7");
  });
  expect(response.status).toBe(500);
  const problem: unknown = await response.json();
  expect(problem).toMatchObject({ code: "internal", status: 500, request_id: "id1" });
  expect(JSON.stringify(problem)).not.toContain("secret plan");
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain("the secret plan is at row 7");
});

test.each(
  [
    ["busy", 0],
    ["database_unavailable", 1],
  ] as const,
)("of a refusal that is ours, %s, there are lines in the log: %d", async (code, lineCount) => {
  const { lines, dependencies } = logged();
  const response = await serve(new Request(url), dependencies, () => {
    throw new ProblemError(code, "Not now.");
  });
  expect([response.status, lines.length]).toEqual([503, lineCount]);
});

test("a problem is answered as problem+json with its headers, and the caller's faults are not logged", async () => {
  const { lines, dependencies } = logged();
  const response = await serve(new Request(url), dependencies, async (headers) => {
    headers.set("ratelimit-remaining", "3");
    await Promise.reject(new ProblemError("rate_limited", "Slow.", { "retry-after": "7" }));
    return { status: 200, body: null };
  });
  expect(response.status).toBe(429);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(response.headers.get("retry-after")).toBe("7");
  expect(response.headers.get("ratelimit-remaining")).toBe("3");
  expect(response.headers.get("x-request-id")).toBe("id1");
  expect(await response.json()).toEqual({
    type: "urn:quarry:problem:rate_limited",
    title: "Too many requests with this key",
    status: 429,
    code: "rate_limited",
    detail: "Slow.",
    next_step: expect.stringContaining("Retry-After"),
    request_id: "id1",
  });
  expect(lines).toEqual([]);
});

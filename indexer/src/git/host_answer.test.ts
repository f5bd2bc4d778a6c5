import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { HostRateLimited } from "../errors.ts";
import { waitOf } from "./host_answer.ts";
import { Repository } from "./repository.ts";

const date = "Sun, 22 Nov 2026 10:00:00 GMT";
const now = Date.parse(date);

test.each(
  [
    [{ "retry-after": "90" }, 90],
    [{ "retry-after": "Sun, 22 Nov 2026 10:02:00 GMT" }, 120],
    [{ "retry-after": "86400" }, 3600],
    [{ "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(now / 1000 + 30) }, 30],
    [{ "x-ratelimit-remaining": "7", "x-ratelimit-reset": String(now / 1000 + 30) }, null],
    [{ "retry-after": "Sun, 22 Nov 2026 09:59:00 GMT" }, null],
    [{ "retry-after": "0" }, null],
    [{ "retry-after": "soon" }, null],
    [{}, null],
  ] as const,
)("%o is a wait of %s s", (headers, seconds) => {
  const wanted = seconds === null ? null : seconds * 1000;
  expect(waitOf(new Headers({ date, ...headers }))).toBe(wanted);
});

test("a host that does not say what time it is has named a wait only in seconds", () => {
  expect(waitOf(new Headers({ "retry-after": "90" }))).toBe(90_000);
  expect(waitOf(new Headers({ "retry-after": "Sun, 22 Nov 2026 10:02:00 GMT" }))).toBeNull();
});

/** What a fetch from a host with this answer ends with, and what the host was asked with. */
async function fetchFrom(answer: (response: ServerResponse) => void, token: string | null) {
  const authorizations: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    authorizations.push(request.headers.authorization);
    answer(response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const directory = await mkdtemp(path.join(os.tmpdir(), "quarry-host-wait-"));
  try {
    const { port } = server.address() as AddressInfo;
    const repository = new Repository({
      directory,
      host: {
        baseUrl: `http://127.0.0.1:${port}`,
        variables: { PATH: process.env["PATH"] ?? "" },
      },
      fullName: "acme/one",
      token,
      signal: new AbortController().signal,
      bytesMax: 1e6,
      freeBytes: () => Promise.resolve(1e9),
      onPercent: () => undefined,
    });
    const error = await repository.fetchCommit("refs/heads/main", "none")
      .then(() => null, (reason: unknown) => reason);
    return { error, authorizations };
  } finally {
    server.close();
    await rm(directory, { recursive: true });
  }
}

test("a host that limits git is asked for how long, as whoever git asked", async () => {
  const { error, authorizations } = await fetchFrom(
    (response) => response.writeHead(429, { "retry-after": "1800" }).end(),
    "ghs_token",
  );
  expect(error).toBeInstanceOf(HostRateLimited);
  expect((error as HostRateLimited).waitMilliseconds).toBe(1_800_000);
  expect(authorizations.length).toBeGreaterThan(1);
  expect(new Set(authorizations)).toEqual(
    new Set([`Basic ${Buffer.from("x-access-token:ghs_token").toString("base64")}`]),
  );
});

test("a host that limits git and says no time is still a rate limit", async () => {
  const { error } = await fetchFrom((response) => response.writeHead(429).end(), null);
  expect(error).toMatchObject({ code: "rate_limited", waitMilliseconds: null });
});

test("a host that is away and says for how long is left alone as long", async () => {
  const { error } = await fetchFrom(
    (response) => response.writeHead(503, { "retry-after": "600" }).end(),
    null,
  );
  expect(error).toMatchObject({ code: "rate_limited", waitMilliseconds: 600_000 });
});

test("a host that is away and does not say for how long is away", async () => {
  const { error } = await fetchFrom((response) => response.writeHead(503).end(), null);
  expect(error).toMatchObject({ code: "host_unreachable" });
});

test("any other refusal is not asked about", async () => {
  const { error, authorizations } = await fetchFrom(
    (response) => response.writeHead(500).end(),
    null,
  );
  expect(error).toMatchObject({ code: "host_unreachable" });
  expect(authorizations).toHaveLength(1);
});

import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { Socket } from "node:net";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { askForRef, type DirectFetch, fetchDirectly, type RefQuestion } from "./direct_fetch.ts";

const SEEDED = "a".repeat(40);
const NEWER = "b".repeat(40);

let directory: string;
let server: Server;
let sockets: Set<Socket>;
let requests: { readonly headers: IncomingHttpHeaders; readonly body: string }[];
/** What the host answers to each command. */
let answers: { status: number; refs: Buffer; fetch: Buffer };

beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), "quarry-direct-"));
  sockets = new Set();
  requests = [];
  answers = {
    status: 200,
    refs: Buffer.from(`${line(`${NEWER} refs/heads/main\n`)}0000`),
    fetch: Buffer.concat([Buffer.from(line("packfile\n")), band(1, emptyPack()), flush]),
  };
  server = createServer((request, response) => {
    sockets.add(request.socket);
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString("latin1");
      requests.push({ headers: request.headers, body });
      response.statusCode = answers.status;
      response.end(body.includes("command=ls-refs") ? answers.refs : answers.fetch);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(directory, { recursive: true });
});

const flush = Buffer.from("0000");

function line(text: string): string {
  return `${(text.length + 4).toString(16).padStart(4, "0")}${text}`;
}

function band(number: number, bytes: Uint8Array): Buffer {
  const length = (bytes.length + 5).toString(16).padStart(4, "0");
  return Buffer.concat([Buffer.from(length), Buffer.from([number]), bytes]);
}

function emptyPack(): Buffer {
  const head = Buffer.from("PACK\0\0\0\x02\0\0\0\0", "latin1");
  return Buffer.concat([head, createHash("sha1").update(head).digest()]);
}

async function fetched(options: Partial<DirectFetch> = {}): Promise<string | null> {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const question: RefQuestion = {
    environment: { PATH: process.env["PATH"] ?? "" },
    url: `http://127.0.0.1:${address.port}/acme/a.git`,
    authorization: "Basic secret",
    ref: "refs/heads/main",
    signal: new AbortController().signal,
    ...options,
  };
  return await fetchDirectly({
    ...question,
    oid: askForRef(question),
    directory,
    seed: { commitOid: SEEDED, packs: [] },
    blobBytesMax: 1000,
    packBytesMax: 1000,
    ...options,
  });
}

test("two requests over one connection bring the newest commit, and no differences from others", async () => {
  expect(await fetched()).toBe(NEWER);
  expect(await readFile(path.join(directory, "refs/quarry/head"), "utf8")).toBe(`${NEWER}\n`);
  expect(sockets.size).toBe(1);
  expect(requests.map(({ body }) => body)).toEqual([
    "0014command=ls-refs\n00010009peel\n001fref-prefix refs/heads/main\n0000",
    [
      "0012command=fetch\n0001",
      "000eofs-delta\n0010no-progress\n001bfilter blob:limit=1000\n",
      `0032want ${NEWER}\n0032have ${SEEDED}\n0009done\n0000`,
    ].join(""),
  ]);
  for (const { headers } of requests) {
    expect(headers).toMatchObject({ authorization: "Basic secret", "git-protocol": "version=2" });
  }
});

test("of a ref that has not moved nothing is fetched", async () => {
  expect(await fetched({ seed: { commitOid: NEWER, packs: [] } })).toBe(NEWER);
  expect(requests).toHaveLength(1);
});

test.each([
  ["a status that is not 200", () => void (answers.status = 301)],
  ["a ref that the host does not name", () => void (answers.refs = flush)],
  ["an answer that is no such protocol", () => void (answers.refs = Buffer.from("<html>"))],
  ["an answer without a pack", () => void (answers.fetch = Buffer.from(line("ready\n")))],
  ["an error of the host", () => {
    answers.fetch = Buffer.concat([
      Buffer.from(line("packfile\n")),
      band(3, Buffer.from("no")),
      flush,
    ]);
  }],
  ["an answer that breaks off", () => void (answers.fetch = answers.fetch.subarray(0, 30))],
  ["a pack that git does not take", () => {
    const pack = band(1, Buffer.from("PACK, or nearly"));
    answers.fetch = Buffer.concat([Buffer.from(line("packfile\n")), pack, flush]);
  }],
])("%s is left to git", async (_what, prepare) => {
  prepare();
  expect(await fetched()).toBeNull();
});

test("a pack that is too large is left to git, and a network with a proxy", async () => {
  expect(await fetched({ packBytesMax: 10 })).toBeNull();
  const environment = { https_proxy: "http://proxy.example" };
  const asked = requests.length;
  expect(await fetched({ environment })).toBeNull();
  expect(requests).toHaveLength(asked);
});

test("an abort is no failure of the host", async () => {
  const reason = new Error("stop");
  await expect(fetched({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

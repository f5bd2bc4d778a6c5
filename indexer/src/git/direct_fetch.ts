/**
 * Fetches what a push brought by two requests over one connection: where the ref is, and all that is
 * new, blobs included. `git fetch` takes two runs for it, each with processes and connections of its
 * own: it always lets the host send blobs as differences from those of the earlier commit, which are
 * not here. Speaks the least of git's protocol, version 2; whatever is unusual is left to git.
 */
import { writeFile } from "node:fs/promises";
import type { IncomingMessage, request } from "node:http";
import { createRequire } from "node:module";
import path from "node:path";
import type { GitEnvironment } from "./environment.ts";
import type { HostQuestion } from "./host_answer.ts";
import { HEAD, layOutSeeded } from "./layout.ts";
import { BadPacket, encodeCommand, readPackets } from "./pkt_line.ts";
import { startGit } from "./process.ts";
import type { Seed } from "./tree_packs.ts";

const load = createRequire(import.meta.url);

/** Longer than a push takes; git, which comes after it, waits as long as anything moves. */
const DIRECT_MILLISECONDS_MAX = 15_000;
const OID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
/** Before the oid of what a tag points to. */
const PEELED = "peeled:";
/** Of the side band: what the line carries. */
const PACK_BAND = 1;
const PROGRESS_BAND = 2;

/** Whom to ask, with what git is run with. */
interface Asked extends HostQuestion {
  readonly environment: GitEnvironment;
}

export interface RefQuestion extends Asked {
  readonly ref: string;
}

export interface DirectFetch extends Asked {
  readonly directory: string;
  readonly seed: Seed;
  /** What askForRef answers of the ref. */
  readonly oid: Promise<string | null>;
  /** Blobs of at least this size are left out. */
  readonly blobBytesMax: number;
  /** A larger pack is not taken. */
  readonly packBytesMax: number;
}

/**
 * Where the ref is on the host; null: it is not to be had in this way. Rejects with the reason of the
 * abort alone.
 */
export async function askForRef(question: RefQuestion): Promise<string | null> {
  question.signal.throwIfAborted();
  // They are git's to read.
  if (Object.keys(question.environment).some((name) => /_proxy$/i.test(name))) return null;
  const timeout = AbortSignal.timeout(DIRECT_MILLISECONDS_MAX);
  try {
    return await readRef(question, AbortSignal.any([question.signal, timeout]));
  } catch {
    question.signal.throwIfAborted();
    return null;
  }
}

/**
 * Lays out a repository with the seed and the ref's newest commit, whatever is new in it, and its
 * blobs. Answers the commit's oid; null: it is not to be had in this way. Rejects with the reason of
 * the abort alone.
 */
export async function fetchDirectly(fetch: DirectFetch): Promise<string | null> {
  const scope = new AbortController();
  const timeout = AbortSignal.timeout(DIRECT_MILLISECONDS_MAX);
  const signal = AbortSignal.any([fetch.signal, timeout, scope.signal]);
  const layingOut = layOutSeeded(fetch.directory, fetch.url, fetch.seed, false);
  // They are awaited below; until then a failure must not count as forgotten.
  for (const part of [layingOut, fetch.oid]) part.catch(() => undefined);
  try {
    const oid = await fetch.oid;
    await layingOut;
    if (oid === null) return null;
    if (oid !== fetch.seed.commitOid) await fetchPack(oid, fetch, signal);
    await writeFile(path.join(fetch.directory, HEAD), `${oid}\n`);
    return oid;
  } catch {
    fetch.signal.throwIfAborted();
    return null;
  } finally {
    // What is still on its way is wanted by nobody, and nothing is written after this.
    scope.abort();
    await layingOut.catch(() => undefined);
  }
}

/** The commit at which the ref is; null: the host does not say. */
async function readRef(question: RefQuestion, signal: AbortSignal): Promise<string | null> {
  const command = encodeCommand("ls-refs", ["peel", `ref-prefix ${question.ref}`]);
  let found: string | null = null;
  for await (const packet of readPackets(await post(question, command, signal))) {
    // To the end: a connection whose answer is left is not used again.
    if (!Buffer.isBuffer(packet)) continue;
    const [own = "", name, ...attributes] = packet.toString("utf8").trimEnd().split(" ");
    // A tag with a message is an object of its own.
    const peeled = attributes.find((each) => each.startsWith(PEELED))?.slice(PEELED.length);
    const oid = peeled ?? own;
    if (name === question.ref && OID.test(oid)) found = oid;
  }
  return found;
}

async function fetchPack(oid: string, fetch: DirectFetch, signal: AbortSignal): Promise<void> {
  const command = encodeCommand("fetch", [
    // Without "thin-pack": what differences are from is in the pack.
    "ofs-delta",
    "no-progress",
    `filter blob:limit=${fetch.blobBytesMax}`,
    `want ${oid}`,
    `have ${fetch.seed.commitOid}`,
    "done",
  ]);
  const answer = await post(fetch, command, signal);
  const git = startGit({
    // What refers to objects that nobody has sent is the host's to give.
    args: ["index-pack", "--stdin", "--promisor"],
    directory: fetch.directory,
    environment: fetch.environment,
    signal,
    timeoutMilliseconds: DIRECT_MILLISECONDS_MAX,
  });
  git.stdout.resume();
  try {
    let bytes = 0;
    for await (const part of packOf(answer)) {
      bytes += part.length;
      if (bytes > fetch.packBytesMax) throw new BadPacket("the pack is too large");
      git.stdin.write(part);
    }
    git.stdin.end();
    await git.ended;
  } finally {
    git.kill();
    await git.ended.catch(() => undefined);
  }
}

/** The pack in the answer to a fetch that asked for nothing else. */
async function* packOf(answer: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let isPack = false;
  for await (const packet of readPackets(answer)) {
    if (packet === "flush" && isPack) return;
    if (!Buffer.isBuffer(packet)) throw new BadPacket("the answer has no pack");
    if (!isPack) {
      isPack = packet.toString("latin1").trimEnd() === "packfile";
      if (!isPack) throw new BadPacket("the answer begins with something else");
    } else if (packet[0] === PACK_BAND) {
      yield packet.subarray(1);
    } else if (packet[0] !== PROGRESS_BAND) {
      throw new BadPacket("the host reports an error");
    }
  }
  throw new BadPacket("the answer breaks off");
}

/**
 * What asks a host at this address; its agent keeps the connection. `fetch` would take a new process
 * 30 ms of a processor to load, and `import` of node:http 60: it reads all that the module exports, `fetch`
 * among it.
 */
export function loadRequest(url: string): typeof request {
  const client: unknown = load(url.startsWith("https:") ? "node:https" : "node:http");
  if (!isHttpClient(client)) throw new Error("Node has no client for HTTP");
  return client.request;
}

function isHttpClient(value: unknown): value is { readonly request: typeof request } {
  return typeof value === "object" && value !== null && "request" in value;
}

async function post(
  { url, authorization }: HostQuestion,
  body: string,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const request = loadRequest(url);
  const type = "application/x-git-upload-pack";
  const headers = {
    "content-type": `${type}-request`,
    accept: `${type}-result`,
    "git-protocol": "version=2",
    ...(authorization === null ? {} : { authorization }),
  };
  return await new Promise((resolve, reject) => {
    const call = request(`${url}/git-upload-pack`, { method: "POST", headers, signal });
    call.on("error", reject);
    call.on("response", (response) => {
      // A repository that moved is git's to follow, and the token goes nowhere else.
      if (response.statusCode === 200) return resolve(response);
      response.resume();
      reject(new BadPacket(`status ${response.statusCode}`));
    });
    call.end(body);
  });
}

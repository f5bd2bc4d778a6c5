import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Repository } from "./repository.ts";

const TOKEN = "ghs_token";
const HEADER = `Basic ${btoa(`x-access-token:${TOKEN}`)}`;
const OID = "a".repeat(40);

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let directory: string;
let servers: Server[];

beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), "quarry-remote-"));
  servers = [];
});
afterEach(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  await rm(directory, { recursive: true });
});

/** A host that notes what it is asked, and with which credentials. */
async function startHost(answer: Answer) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization ?? "without"}`);
    answer(request, response);
  }).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { asked, port: address.port, url: `http://127.0.0.1:${address.port}` };
}

function line(text: string): string {
  return `${(text.length + 4).toString(16).padStart(4, "0")}${text}`;
}

/** A host that has a repository at every address, with one branch. */
const serve: Answer = (request, response) => {
  if (request.method === "GET") {
    response.setHeader("content-type", "application/x-git-upload-pack-advertisement");
    const head = `${line("# service=git-upload-pack\n")}0000`;
    return response.end(`${head}${line("version 2\n")}${line("ls-refs\n")}0000`);
  }
  response.setHeader("content-type", "application/x-git-upload-pack-result");
  response.end(`${line(`${OID} refs/heads/main\n`)}0000`);
};

/** Sends whoever comes by a former name to another address. */
function redirect(to: () => string): Answer {
  return (request, response) => {
    const { url = "" } = request;
    if (!url.startsWith("/acme/one.git/")) return serve(request, response);
    const location = `${to()}.git${url.slice("/acme/one.git".length)}`;
    response.writeHead(301, { location }).end();
  };
}

function openRepository(
  baseUrl: string,
  { variables = {}, signal = new AbortController().signal }: {
    readonly variables?: Readonly<Record<string, string>>;
    readonly signal?: AbortSignal;
  } = {},
): Repository {
  return new Repository({
    directory,
    host: { baseUrl, variables: { PATH: process.env["PATH"] ?? "", ...variables } },
    fullName: "acme/one",
    token: TOKEN,
    signal,
    bytesMax: 1e6,
    freeBytes: () => Promise.resolve(1e9),
    onPercent: () => undefined,
  });
}

async function readHead(baseUrl: string): Promise<string | null> {
  const repository = openRepository(baseUrl);
  // It lays the repository out.
  await repository.readDefaultBranch();
  return await repository.readRemoteHead("refs/heads/main");
}

test("no redirect takes the token, nor git, to another host", async () => {
  const other = await startHost(serve);
  const host = await startHost(redirect(() => `http://localhost:${other.port}/acme/one`));
  await expect(readHead(host.url)).rejects.toMatchObject({ code: "host_unreachable" });
  expect(other.asked).toEqual([]);
});

test("a repository that has another name on the same host is asked there, with the token", async () => {
  const host = await startHost(redirect(() => "/acme/two"));
  expect(await readHead(host.url)).toBe(OID);
  expect(host.asked.at(-1)).toBe(`POST /acme/two.git/git-upload-pack ${HEADER}`);
  // Where it is now is asked once.
  expect(host.asked.filter((each) => each.includes("/acme/one.git/"))).toHaveLength(2);
});

test("a redirect that leads nowhere ends", async () => {
  const host = await startHost(redirect(() => "/acme/one"));
  await expect(readHead(host.url)).rejects.toMatchObject({ code: "host_unreachable" });
});

test("a refusal that says when to come back is a limit, and any other is one of access", async () => {
  const limit = await startHost((_, response) => {
    response.writeHead(403, { "retry-after": "7" }).end();
  });
  await expect(readHead(limit.url)).rejects
    .toMatchObject({ code: "rate_limited", waitMilliseconds: 7000 });
  const refusal = await startHost((_, response) => {
    response.writeHead(403).end();
  });
  await expect(readHead(refusal.url)).rejects.toMatchObject({ code: "access_denied" });
});

test.each([400, 401, 403, 404, 410, 451])(
  "a refusal (%i) that the host takes back when it is asked again is tried again",
  async (status) => {
    const host = await startHost((request, response) => {
      if (request.method === "GET") return serve(request, response);
      response.writeHead(status, { "www-authenticate": "Basic" }).end();
    });
    await expect(readHead(host.url)).rejects.toMatchObject({ code: "host_unreachable" });
  },
);

test.each([
  [400, "access_denied"],
  [404, "repository_gone"],
  [451, "access_denied"],
])("a host that answers %i a moment later too is believed", async (status, code) => {
  const host = await startHost((_, response) => {
    response.writeHead(status).end();
  });
  await expect(readHead(host.url)).rejects.toMatchObject({ code });
  expect(host.asked).toHaveLength(2);
});

test.each(["", "<html>log in</html>", "<html>\nlog in\n</html>\n"])(
  "a page %j in place of an answer is not taken for a repository without refs",
  async (page) => {
    const host = await startHost((_, response) => {
      response.writeHead(200, { "content-type": "text/html" }).end(page);
    });
    await expect(openRepository(host.url).fetchCommit("refs/heads/main", "none")).rejects
      .toMatchObject({ code: expect.stringMatching(/^(host_unreachable|git_failed)$/) });
  },
);

test("a git that ends while it tells sizes is an error of git's", async () => {
  // Nothing is laid out, so it ends without a word of what it is asked for.
  await expect(openRepository("http://host").readBlobSizes([OID])).rejects
    .toMatchObject({ code: "git_failed" });
});

const questions: readonly (readonly [string, (repository: Repository) => Promise<unknown>])[] = [
  ["asked for its default branch", (repository) => repository.readDefaultBranch()],
  ["asked for a commit", (repository) => repository.fetchCommit("refs/heads/main", "none")],
];

test.each(questions)(
  "a host that is silent when %s holds up nobody who is told to stop",
  async (_, ask) => {
    const stop = new AbortController();
    const host = await startHost(() => stop.abort(new Error("told to stop")));
    const asked = ask(openRepository(host.url, { signal: stop.signal }));
    await expect(asked).rejects.toThrow("told to stop");
  },
);

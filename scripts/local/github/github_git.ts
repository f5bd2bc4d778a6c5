// Git over HTTP: hands requests to git's own http-backend and tells what a push changed.
// Stands for: GitHub's git hosts. Leaves out: SSH, the dumb protocol, LFS, quarantine by size, and
// that only its owner may push: here anybody may, and a first push makes the repository.

import { spawn } from "node:child_process";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import path from "node:path";
import { git, gitEnvironment } from "./git_process.ts";
import type { GitHubFaults } from "./github_faults.ts";
import { changedRefs, readRefs, type RefChange, type Refs } from "./git_refs.ts";
import {
  type Caller,
  canRead,
  fullName,
  type HostedRepository,
  Repositories,
} from "./github_repositories.ts";

const GIT_PATH = /^\/([^/]+)\/([^/]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/;
const HEADER_BYTES_MAX = 64 * 1024;

type Operation = "info/refs" | "git-upload-pack" | "git-receive-pack";

/** A request for git, as its URL says. */
export interface GitTarget {
  readonly owner: string;
  readonly name: string;
  readonly operation: Operation;
  readonly isPush: boolean;
  readonly query: string;
}

export type PushListener = (
  repository: HostedRepository,
  changes: RefChange[],
  refsBefore: Refs,
) => void;

/** What a URL means to git, or null when it means nothing. */
export function parseGitTarget(url: URL): GitTarget | null {
  const [, owner, name, operation] = GIT_PATH.exec(url.pathname) ?? [];
  if (owner === undefined || name === undefined) return null;
  const isPush = operation === "git-receive-pack" ||
    url.searchParams.get("service") === "git-receive-pack";
  const query = url.search.slice(1);
  return { owner, name, operation: operation as Operation, isPush, query };
}

export class GitHost {
  readonly #repositories: Repositories;
  readonly #onPush: PushListener;
  readonly #backend: string;
  readonly #faults: GitHubFaults;
  /** The last push to each repository: one at a time, or their changes could not be told apart. */
  readonly #pushes = new Map<number, Promise<void>>();

  constructor(
    repositories: Repositories,
    faults: GitHubFaults,
    backend: string,
    onPush: PushListener,
  ) {
    this.#repositories = repositories;
    this.#faults = faults;
    this.#backend = backend;
    this.#onPush = onPush;
  }

  async handle(
    target: GitTarget,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const caller = this.#repositories.callerOf(request.headers.authorization);
    const { refusal } = this.#faults;
    if (refusal !== null && !target.isPush) {
      this.#faults.count += 1;
      refuse(response, refusal, "On purpose.");
      return;
    }
    const repository = await this.#admit(target, caller, response);
    if (repository === null) return;
    if (target.operation !== "git-receive-pack") {
      await this.#serve(repository, target, request, response);
      response.end();
      return;
    }
    const last = this.#pushes.get(repository.id) ?? Promise.resolve();
    const push = last.then(() => this.#receive(repository, target, request, response));
    this.#pushes.set(repository.id, push.catch(() => undefined));
    await push;
  }

  /** The repository, or null when the refusal is already answered. */
  async #admit(
    { owner, name, isPush, operation, query }: GitTarget,
    caller: Caller,
    response: ServerResponse,
  ): Promise<HostedRepository | null> {
    // GitHub asks for credentials rather than tell a stranger what exists.
    if (caller.kind === "unknown_token") return refuse(response, 401, "Invalid credentials");
    const known = this.#repositories.find(owner, name);
    if (known === null && !(isPush && Repositories.isValidName(owner, name))) {
      return refuse(response, caller.kind === "anonymous" ? 401 : 404, "Repository not found.");
    }
    const repository = known ?? await this.#repositories.findOrCreate(owner, name);
    if (!canRead(caller, repository)) {
      return refuse(response, caller.kind === "anonymous" ? 401 : 404, "Repository not found.");
    }
    if (isPush && repository.isArchived) {
      return refuse(response, 403, "This repository was archived so it is read-only.");
    }
    const isFormerName = fullName(repository).toLowerCase() !== `${owner}/${name}`.toLowerCase();
    if (isFormerName && operation === "info/refs") {
      const location = `/${fullName(repository)}.git/${operation}?${query}`;
      response.writeHead(301, { location }).end();
      return null;
    }
    return repository;
  }

  async #receive(
    repository: HostedRepository,
    target: GitTarget,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const before = await readRefs(repository.directory);
    await this.#serve(repository, target, request, response);
    const changes = changedRefs(before, await readRefs(repository.directory));
    if (changes.length > 0) {
      repository.pushedAt = new Date();
      if (before.size === 0) await this.#repositories.followFirstBranch(repository);
      this.#onPush(repository, changes, before);
    }
    // Last: whoever sees the push succeed must find its effects, and make none of the next request's.
    response.end();
  }

  /**
   * Runs http-backend as a CGI program, streaming both ways. Resolves when it has ended; the
   * response is then whole but left open.
   */
  async #serve(
    repository: HostedRepository,
    target: GitTarget,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const directory = target.isPush
      ? repository.directory
      : repository.formerDirectory ?? repository.directory;
    const backend = spawn(this.#backend, [], {
      cwd: directory,
      env: { ...gitEnvironment(), ...cgiVariables(directory, target, request) },
      stdio: ["pipe", "pipe", "ignore"],
    });
    const ended = once(backend, "close");
    backend.stdin.on("error", () => undefined);
    request.pipe(backend.stdin);
    const abandon = () => {
      if (response.writableFinished) return;
      backend.kill("SIGKILL");
      // A pipe to what is closed stops reading, and unread output never ends. Node reads the rest of a program
      // that ends, but not where it had ended before.
      backend.stdout.destroy();
    };
    response.on("close", abandon);
    if (response.destroyed) abandon();
    if (!target.isPush) this.#breakOff(backend.stdout, response);
    passResponse(backend.stdout, response);
    await ended;
  }

  #breakOff(output: NodeJS.ReadableStream, response: ServerResponse): void {
    const { bytesMax } = this.#faults;
    if (bytesMax === null) return;
    let bytes = 0;
    output.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= bytesMax || response.destroyed) return;
      this.#faults.count += 1;
      response.destroy();
    });
  }
}

/** The path of git's CGI program; git on every platform brings it. */
export async function findHttpBackend(): Promise<string> {
  return path.join((await git("/", "--exec-path")).trim(), "git-http-backend");
}

function cgiVariables(
  directory: string,
  target: GitTarget,
  request: IncomingMessage,
): Record<string, string> {
  const { headers } = request;
  return {
    GIT_PROJECT_ROOT: path.dirname(directory),
    GIT_HTTP_EXPORT_ALL: "1",
    PATH_INFO: `/${path.basename(directory)}/${target.operation}`,
    QUERY_STRING: target.query,
    REQUEST_METHOD: request.method ?? "GET",
    REMOTE_ADDR: request.socket.remoteAddress ?? "",
    CONTENT_TYPE: headers["content-type"] ?? "",
    // Absent for a chunked body: then the program reads to the end.
    ...(headers["content-length"] === undefined
      ? {}
      : { CONTENT_LENGTH: headers["content-length"] }),
    HTTP_CONTENT_ENCODING: headers["content-encoding"] ?? "",
    GIT_PROTOCOL: String(headers["git-protocol"] ?? ""),
  };
}

/** Reads the CGI header, then passes the rest through as it comes. */
function passResponse(output: NodeJS.ReadableStream, response: ServerResponse): void {
  let head = Buffer.alloc(0);
  const onData = (chunk: Buffer) => {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end === -1 && head.length < HEADER_BYTES_MAX) return;
    output.off("data", onData);
    writeHead(response, head.subarray(0, end).toString("latin1"));
    response.write(head.subarray(end + 4));
    output.pipe(response, { end: false });
  };
  output.on("data", onData);
  output.on("end", () => {
    if (!response.headersSent) response.writeHead(500);
  });
}

function writeHead(response: ServerResponse, head: string): void {
  const lines = head.split("\r\n").map((line) => line.split(/:\s*(.*)/s));
  const status = lines.find(([name]) => name?.toLowerCase() === "status")?.[1] ?? "200";
  for (const [name, value] of lines) {
    if (name !== undefined && value !== undefined && name.toLowerCase() !== "status") {
      response.setHeader(name, value);
    }
  }
  response.writeHead(Number.parseInt(status, 10));
}

function refuse(response: ServerResponse, status: number, message: string): null {
  response.writeHead(status, {
    "content-type": "text/plain",
    ...(status === 401 ? { "www-authenticate": 'Basic realm="GitHub"' } : {}),
  }).end(message);
  return null;
}

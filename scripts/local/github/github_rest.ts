// The endpoints of GitHub's REST API that we call: a repository, a branch, and a repository's hooks.
// Stands for: api.github.com. Leaves out: every other endpoint, pagination (no list here is long),
// conditional requests, rate limits.

import type { IncomingMessage, ServerResponse } from "node:http";
import { z } from "zod";
import { readRefs } from "./git_refs.ts";
import {
  type Caller,
  canAdminister,
  canRead,
  fullName,
  type HostedRepository,
  type Repositories,
} from "./github_repositories.ts";
import { type Hook, hookView, repositoryView } from "./github_views.ts";
import type { Webhooks } from "./github_webhooks.ts";

export const API_PREFIX = "/api/";
const BODY_BYTES_MAX = 1024 * 1024;
const HOOKS_PER_EVENT_MAX = 20;
const DOCUMENTATION = "https://docs.github.com/rest";

const hookConfig = z.object({
  url: z.url(),
  content_type: z.enum(["json", "form"]).default("form"),
  secret: z.string().nullish(),
});
const newHook = z.object({
  config: hookConfig,
  events: z.array(z.string()).default(["push"]),
  active: z.boolean().default(true),
});
const hookChange = z.object({
  config: hookConfig.partial().optional(),
  events: z.array(z.string()).optional(),
  active: z.boolean().optional(),
});

type Reply = readonly [status: number, body: unknown, headers?: Record<string, string>];

export interface GitHubRestOptions {
  readonly repositories: Repositories;
  readonly webhooks: Webhooks;
  readonly baseUrl: () => string;
}

export class GitHubRest {
  readonly #repositories: Repositories;
  readonly #webhooks: Webhooks;
  readonly #baseUrl: () => string;

  constructor(options: GitHubRestOptions) {
    this.#repositories = options.repositories;
    this.#webhooks = options.webhooks;
    this.#baseUrl = options.baseUrl;
  }

  async handle(url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [status, body, headers] = await this.#reply(url, request);
    response.writeHead(status, {
      "content-type": "application/json; charset=utf-8",
      "x-github-media-type": "github.v3; format=json",
      ...headers,
    });
    response.end(status === 204 ? undefined : JSON.stringify(body));
  }

  async #reply(url: URL, request: IncomingMessage): Promise<Reply> {
    if (request.headers["user-agent"] === undefined) {
      return problem(403, "Request forbidden by administrative rules.");
    }
    const caller = this.#repositories.callerOf(request.headers.authorization);
    if (caller.kind === "unknown_token") return problem(401, "Bad credentials");
    const segments = url.pathname.slice(API_PREFIX.length).split("/").map(decodeURIComponent);
    if (segments[0] === "repositories" && segments.length === 2) {
      const repository = this.#repositories.get(Number(segments[1]));
      return this.#show(repository, caller);
    }
    const [root, owner = "", name = "", kind, ...rest] = segments;
    if (root !== "repos") return problem(404, "Not Found");
    const repository = this.#repositories.find(owner, name);
    if (repository === null || !canRead(caller, repository)) return problem(404, "Not Found");
    if (fullName(repository).toLowerCase() !== `${owner}/${name}`.toLowerCase()) {
      return moved(`${this.#baseUrl()}/api/repositories/${repository.id}`);
    }
    const action = `${request.method} ${kind ?? ""}`;
    if (action === "GET ") return this.#show(repository, caller);
    if (action === "GET branches") return await this.#branch(repository, rest.join("/"));
    if (action === "GET git" && rest[0] === "ref") {
      return await this.#ref(repository, rest.slice(1).join("/"));
    }
    if (kind !== "hooks" || !canAdminister(caller)) return problem(404, "Not Found");
    return await this.#hooks(repository, request, rest);
  }

  #show(repository: HostedRepository | null, caller: Caller): Reply {
    if (repository === null || !canRead(caller, repository)) return problem(404, "Not Found");
    return [200, repositoryView(repository, this.#baseUrl())];
  }

  async #branch(repository: HostedRepository, name: string): Promise<Reply> {
    const oid = (await readRefs(repository.directory)).get(`refs/heads/${name}`);
    if (oid === undefined) return problem(404, "Branch not found");
    return [200, { name, commit: { sha: oid }, protected: false }];
  }

  async #ref(repository: HostedRepository, name: string): Promise<Reply> {
    const ref = `refs/${name}`;
    const oid = (await readRefs(repository.directory)).get(ref);
    if (oid === undefined) return problem(404, "Not Found");
    return [200, { ref, object: { type: "commit", sha: oid } }];
  }

  async #hooks(
    repository: HostedRepository,
    request: IncomingMessage,
    [id, action]: string[],
  ): Promise<Reply> {
    const show = (hook: Hook) => hookView(hook, repository, this.#baseUrl());
    const call = `${request.method} ${action ?? ""}`;
    if (id === undefined) {
      if (call === "GET ") return [200, this.#webhooks.of(repository.id).map(show)];
      if (call === "POST ") return await this.#createHook(repository, request);
      return problem(404, "Not Found");
    }
    const hook = this.#webhooks.get(repository.id, Number(id));
    if (hook === null) return problem(404, "Not Found");
    switch (call) {
      case "GET ":
        return [200, show(hook)];
      case "PATCH ":
        return await this.#changeHook(repository, hook, request);
      case "DELETE ":
        this.#webhooks.delete(hook);
        return [204, null];
      case "POST pings":
        this.#ping(repository, hook);
        return [204, null];
      default:
        return problem(404, "Not Found");
    }
  }

  async #createHook(repository: HostedRepository, request: IncomingMessage): Promise<Reply> {
    const wanted = newHook.safeParse(await readJson(request));
    if (!wanted.success) return invalid(wanted.error.issues[0]?.message ?? "Invalid hook");
    const { config, events, active } = wanted.data;
    const refusal = this.#refusal(repository, config.url, events);
    if (refusal !== null) return invalid(refusal);
    const hook = this.#webhooks.create({
      repositoryId: repository.id,
      url: config.url,
      contentType: config.content_type,
      secret: config.secret ?? null,
      events,
    });
    hook.isActive = active;
    if (active) this.#ping(repository, hook);
    return [201, hookView(hook, repository, this.#baseUrl())];
  }

  #refusal(repository: HostedRepository, url: string, events: readonly string[]): string | null {
    const hooks = this.#webhooks.of(repository.id);
    if (hooks.some((hook) => hook.url === url)) return "Hook already exists on this repository";
    const full = events.find((event) =>
      hooks.filter((hook) => hook.events.includes(event)).length >= HOOKS_PER_EVENT_MAX
    );
    if (full === undefined) return null;
    return `The "${full}" event cannot have more than ${HOOKS_PER_EVENT_MAX} hooks`;
  }

  async #changeHook(
    repository: HostedRepository,
    hook: Hook,
    request: IncomingMessage,
  ): Promise<Reply> {
    const change = hookChange.safeParse(await readJson(request));
    if (!change.success) return invalid(change.error.issues[0]?.message ?? "Invalid hook");
    const { config, events, active } = change.data;
    hook.events = events ?? hook.events;
    hook.isActive = active ?? hook.isActive;
    if (config !== undefined) {
      hook.url = config.url ?? hook.url;
      hook.contentType = config.content_type ?? hook.contentType;
      // A config without its secret takes the secret away, on GitHub too.
      hook.secret = config.secret ?? null;
    }
    hook.updatedAt = new Date();
    return [200, hookView(hook, repository, this.#baseUrl())];
  }

  #ping(repository: HostedRepository, hook: Hook): void {
    this.#webhooks.emit(hook, "ping", {
      zen: "Keep it logically awesome.",
      hook_id: hook.id,
      hook: hookView(hook, repository, this.#baseUrl()),
      repository: repositoryView(repository, this.#baseUrl()),
    });
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes <= BODY_BYTES_MAX) chunks.push(chunk as Buffer);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    return null;
  }
}

function problem(status: number, message: string): Reply {
  return [status, { message, documentation_url: DOCUMENTATION, status: String(status) }];
}

function moved(location: string): Reply {
  const body = { message: "Moved Permanently", url: location, documentation_url: DOCUMENTATION };
  return [301, body, { location }];
}

function invalid(message: string): Reply {
  const errors = [{ resource: "Hook", code: "custom", message }];
  return [422, { message: "Validation Failed", errors, documentation_url: DOCUMENTATION }];
}

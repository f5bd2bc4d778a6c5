// The GitHub stand-in: git over HTTP at /OWNER/NAME.git, the REST API under /api, and a signed push
// webhook for every ref a push changed. Its parts say what each leaves out; none knows our project.
// The switches of the returned object are for tests; over HTTP nobody reaches them.

import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import type { RefChange, Refs } from "./git_refs.ts";
import { GitHubFaults } from "./github_faults.ts";
import { findHttpBackend, GitHost, parseGitTarget } from "./github_git.ts";
import { pushPayload } from "./github_push.ts";
import { fullName, type HostedRepository, Repositories } from "./github_repositories.ts";
import { API_PREFIX, GitHubRest } from "./github_rest.ts";
import { repositoryView } from "./github_views.ts";
import { Webhooks } from "./github_webhooks.ts";
import type { Run } from "../processes/run.ts";

/** With more tags than this in one push GitHub sends no event for any of them. */
const TAGS_PER_PUSH_MAX = 3;

export interface GitHubOptions {
  run: Run;
  /** The operator's token: reads everything, administers hooks. */
  token: string;
}

/** The listening stand-in. */
export interface GitHub {
  readonly url: string;
  readonly apiUrl: string;
  readonly webhooks: Webhooks;
  readonly repositories: Repositories;
  readonly faults: GitHubFaults;
  /** Makes an empty repository, or gives the one there is. */
  createRepository(name: string): Promise<HostedRepository>;
  /** A repository that exists, by its name. */
  repository(name: string): HostedRepository;
  setPrivate(name: string, isPrivate: boolean): void;
  setArchived(name: string, isArchived: boolean): void;
  setDefaultBranch(name: string, branch: string): Promise<void>;
  rename(name: string, newName: string): void;
  /** GitHub tells no hook of it. */
  deleteRepository(name: string): Promise<void>;
  /** While set, git and the REST API answer 503. */
  setOutage(isDown: boolean): void;
  /** While set, fetches are shown every repository as it was when it was set, and pushes work. */
  setLate(isLate: boolean): Promise<void>;
  /** While set, git and the REST API answer 429 and say to wait for so many seconds. */
  setRateLimit(seconds: number | null): void;
  /** Requests that were answered 429. */
  readonly limitedCount: number;
  stop(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1 with no repository. */
export async function startGitHub(options: GitHubOptions): Promise<GitHub> {
  const root = await mkdtemp(path.join(os.tmpdir(), "quarry-github-"));
  options.run.addDirectory(root);
  const host = new Host(root, options.token, await findHttpBackend());
  await host.listen();
  return host;
}

class Host implements GitHub {
  readonly webhooks = new Webhooks();
  readonly repositories: Repositories;
  readonly faults = new GitHubFaults();
  readonly #git: GitHost;
  readonly #rest: GitHubRest;
  readonly #server = createServer({ requestTimeout: 0 }, (request, response) => {
    const answered = this.#respond(request, response)
      .finally(() => this.#underWay.delete(answered));
    this.#underWay.add(answered);
  });
  /** Requests: their git processes must be gone before the directories go. */
  readonly #underWay = new Set<Promise<void>>();
  #isDown = false;
  #limitSeconds: number | null = null;
  limitedCount = 0;
  url = "";

  constructor(root: string, token: string, backend: string) {
    this.repositories = new Repositories(root, token);
    const { faults } = this;
    this.#git = new GitHost(this.repositories, faults, backend, (repository, changes, before) => {
      const announced = this.#announcePush(repository, changes, before).catch((error: unknown) => {
        console.error(`github stand-in: no webhook for a push: ${String(error)}`);
      });
      void this.webhooks.track(announced);
    });
    const { repositories, webhooks } = this;
    this.#rest = new GitHubRest({ repositories, webhooks, baseUrl: () => this.url });
  }

  get apiUrl(): string {
    return `${this.url}${API_PREFIX.slice(0, -1)}`;
  }

  async listen(): Promise<void> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await Promise.all(this.#underWay);
    await this.webhooks.idle();
  }

  async createRepository(name: string): Promise<HostedRepository> {
    const [owner = "", short = ""] = name.split("/");
    return await this.repositories.findOrCreate(owner, short);
  }

  repository(name: string): HostedRepository {
    const [owner = "", short = ""] = name.split("/");
    const repository = this.repositories.find(owner, short);
    if (repository === null) throw new Error(`no repository ${name}`);
    return repository;
  }

  setPrivate(name: string, isPrivate: boolean): void {
    const repository = this.repository(name);
    repository.isPrivate = isPrivate;
    this.#announceChange(repository, isPrivate ? "privatized" : "publicized");
  }

  setArchived(name: string, isArchived: boolean): void {
    const repository = this.repository(name);
    repository.isArchived = isArchived;
    this.#announceChange(repository, isArchived ? "archived" : "unarchived");
  }

  async setDefaultBranch(name: string, branch: string): Promise<void> {
    const repository = this.repository(name);
    const from = repository.defaultBranch;
    await this.repositories.setDefaultBranch(repository, branch);
    this.#announceChange(repository, "edited", { default_branch: { from } });
  }

  rename(name: string, newName: string): void {
    const repository = this.repository(name);
    const [owner = "", short = ""] = newName.split("/");
    const from = repository.name;
    this.repositories.rename(repository, owner, short);
    this.#announceChange(repository, "renamed", { repository: { name: { from } } });
  }

  async deleteRepository(name: string): Promise<void> {
    await this.repositories.delete(this.repository(name));
  }

  setOutage(isDown: boolean): void {
    this.#isDown = isDown;
  }

  async setLate(isLate: boolean): Promise<void> {
    await this.repositories.setLate(isLate);
  }

  setRateLimit(seconds: number | null): void {
    this.#limitSeconds = seconds;
  }

  #refuseForRate(response: ServerResponse, seconds: number): void {
    this.limitedCount += 1;
    response.writeHead(429, { "retry-after": String(seconds) }).end("Slow down");
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const url = new URL(request.url ?? "", this.url);
      const target = parseGitTarget(url);
      if (this.#isDown) response.writeHead(503).end("Unicorn!");
      else if (this.#limitSeconds !== null) this.#refuseForRate(response, this.#limitSeconds);
      else if (target !== null) await this.#git.handle(target, request, response);
      else if (url.pathname.startsWith(API_PREFIX)) {
        await this.#rest.handle(url, request, response);
      } else response.writeHead(404).end("Not Found");
    } catch (error) {
      console.error(`github stand-in: ${String(error)}`);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    }
  }

  async #announcePush(
    repository: HostedRepository,
    changes: readonly RefChange[],
    before: Refs,
  ): Promise<void> {
    const listeners = this.webhooks.listeners(repository.id, "push");
    if (listeners.length === 0) return;
    const tags = changes.filter(({ ref }) => ref.startsWith("refs/tags/"));
    const told = changes.filter((change) =>
      change.ref.startsWith("refs/heads/") ||
      (tags.includes(change) && tags.length <= TAGS_PER_PUSH_MAX)
    );
    await Promise.all(told.map(async (change) => {
      const payload = await pushPayload(repository, change, before, this.url);
      for (const hook of listeners) this.webhooks.emit(hook, "push", payload);
    }));
  }

  #announceChange(repository: HostedRepository, action: string, changes?: unknown): void {
    for (const hook of this.webhooks.listeners(repository.id, "repository")) {
      this.webhooks.emit(hook, "repository", {
        action,
        ...(changes === undefined ? {} : { changes }),
        repository: repositoryView(repository, this.url),
        sender: { login: fullName(repository).split("/")[0], type: "User" },
      });
    }
  }
}

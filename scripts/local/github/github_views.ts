// The JSON that GitHub gives for a repository and a hook, as far as anybody here reads it.

import { fullName, type HostedRepository } from "./github_repositories.ts";

const MILLISECONDS_PER_SECOND = 1000;

/** One webhook of a repository. */
export interface Hook {
  readonly id: number;
  readonly repositoryId: number;
  url: string;
  contentType: "json" | "form";
  secret: string | null;
  events: string[];
  isActive: boolean;
  readonly createdAt: Date;
  updatedAt: Date;
  lastResponse: { code: number | null; status: string; message: string | null };
}

/** A repository as the REST API shows it. */
export function repositoryView(repository: HostedRepository, baseUrl: string) {
  const name = fullName(repository);
  return {
    id: repository.id,
    node_id: Buffer.from(`010:Repository${repository.id}`).toString("base64"),
    name: repository.name,
    full_name: name,
    private: repository.isPrivate,
    visibility: repository.isPrivate ? "private" : "public",
    owner: { login: repository.owner, type: "Organization" },
    html_url: `${baseUrl}/${name}`,
    url: `${baseUrl}/api/repos/${name}`,
    clone_url: `${baseUrl}/${name}.git`,
    default_branch: repository.defaultBranch,
    archived: repository.isArchived,
    disabled: false,
    fork: false,
    created_at: repository.createdAt.toISOString(),
    pushed_at: repository.pushedAt.toISOString(),
  };
}

/** A repository as a push event shows it: two times are numbers, and the owner has a name. */
export function pushedRepositoryView(repository: HostedRepository, baseUrl: string) {
  return {
    ...repositoryView(repository, baseUrl),
    owner: { login: repository.owner, name: repository.owner, type: "Organization" },
    master_branch: repository.defaultBranch,
    created_at: Math.floor(repository.createdAt.getTime() / MILLISECONDS_PER_SECOND),
    pushed_at: Math.floor(repository.pushedAt.getTime() / MILLISECONDS_PER_SECOND),
  };
}

/** A hook as the REST API shows it: never its secret. */
export function hookView(hook: Hook, repository: HostedRepository, baseUrl: string) {
  const url = `${baseUrl}/api/repos/${fullName(repository)}/hooks/${hook.id}`;
  return {
    type: "Repository",
    id: hook.id,
    name: "web",
    active: hook.isActive,
    events: hook.events,
    config: {
      url: hook.url,
      content_type: hook.contentType,
      insecure_ssl: "0",
      ...(hook.secret === null ? {} : { secret: "********" }),
    },
    created_at: hook.createdAt.toISOString(),
    updated_at: hook.updatedAt.toISOString(),
    url,
    ping_url: `${url}/pings`,
    last_response: hook.lastResponse,
  };
}

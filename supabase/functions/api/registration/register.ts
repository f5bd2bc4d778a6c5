/**
 * Registers a repository: looks it up at its host, stores it with its first job in one transaction,
 * then creates its webhook. Whose eyes look matters: the operator's token sees more than a tenant
 * may, so what it finds private is answered exactly like what is missing.
 */
import { parseRepositoryName } from "../../_shared/contracts/repository_name.ts";
import { registerBody, type Repository } from "../../_shared/contracts/repository.ts";
import { type Database } from "../../_shared/runtime/database.ts";
import { type Github, GithubError, type HostRepository } from "../../_shared/runtime/github.ts";
import { type Answer } from "../../_shared/runtime/http.ts";
import { readJsonBody } from "../../_shared/runtime/parameters.ts";
import { notFound, ProblemError, unavailable } from "../../_shared/runtime/problem.ts";
import {
  finishPendingHooks,
  type WebhookDependencies,
} from "../../_shared/runtime/webhook_registration.ts";
import { type ApiRequest } from "../context.ts";
import { readRef, refLimitReached } from "../ref.ts";

/** What registering takes from outside. */
export interface RegisterDependencies extends WebhookDependencies {
  readonly database: Pick<Database, "registerRepository"> & WebhookDependencies["database"];
  readonly github: Github;
  readonly allowedGitHosts: readonly string[];
}

/** OWNER/NAME of what was given, of an allowed host. */
function readName(input: string, allowedHosts: readonly string[]): string {
  const parsed = parseRepositoryName(input, allowedHosts);
  switch (parsed.outcome) {
    case "ok":
      return `${parsed.repository.owner}/${parsed.repository.name}`;
    case "invalid":
      throw new ProblemError("invalid_repository", "repository: not of the form OWNER/NAME.");
    case "host_not_allowed":
      throw new ProblemError(
        "git_host_not_allowed",
        `repository: only of ${allowedHosts.join(", ")}.`,
      );
  }
}

function repositoryNotFound(): ProblemError {
  return new ProblemError(
    "repository_not_found",
    "The repository does not exist, or what was given does not suffice to see it.",
  );
}

/** A refusal by the code host as the caller sees it. */
function lookUpProblem(error: GithubError, isOwnToken: boolean): ProblemError {
  switch (error.code) {
    case "token_rejected":
      return isOwnToken
        ? new ProblemError("token_rejected", "token: the code host does not accept it.")
        // Ours is wrong or expired, which no caller can mend.
        : unavailable("host_unavailable", "The code host could not be asked.", 60);
    case "not_found":
    case "forbidden":
      return repositoryNotFound();
    case "rate_limited":
      return unavailable(
        "host_unavailable",
        "The code host limits our requests.",
        error.retryAfterSeconds ?? 60,
      );
    case "rejected":
    case "unavailable":
      return unavailable("host_unavailable", "The code host could not be asked.");
  }
}

async function lookUp(
  { github, githubToken }: RegisterDependencies,
  fullName: string,
  ownToken: string | null,
): Promise<HostRepository> {
  let repository: HostRepository;
  try {
    repository = await github.getRepository(fullName, ownToken ?? githubToken);
  } catch (error) {
    if (!(error instanceof GithubError)) throw error;
    const problem = lookUpProblem(error, ownToken !== null);
    problem.cause = error;
    throw problem;
  }
  if (ownToken === null && repository.visibility !== "public") throw repositoryNotFound();
  return repository;
}

/** Creates the webhook now; whatever goes wrong, it stays pending and the answer stands. */
async function withHook(
  dependencies: RegisterDependencies,
  repository: Repository,
): Promise<Repository> {
  if (repository.hook_state !== "pending") return repository;
  try {
    const [finished] = await finishPendingHooks(dependencies, repository.id, 1);
    return finished ?? repository;
  } catch (error) {
    dependencies.log("hook_left_pending", { repositoryId: repository.id, error });
    return repository;
  }
}

/** POST /repositories: 202 when it is new, 200 when this tenant has it already. */
export async function registerRepository(
  { request, caller, dependencies }: ApiRequest<RegisterDependencies>,
): Promise<Answer> {
  const body = await readJsonBody(request, registerBody);
  const ref = readRef(body.ref);
  const token = body.token ?? null;
  const fullName = readName(body.repository, dependencies.allowedGitHosts);
  const hostRepository = await lookUp(dependencies, fullName, token);
  const answer = await dependencies.database.registerRepository({
    ...hostRepository,
    tenantId: caller.tenantId,
    ref,
    token,
    requestedBy: caller.requestedBy,
  });
  switch (answer.outcome) {
    case "created":
    case "existing": {
      const repository = await withHook(dependencies, answer.repository);
      const status = answer.outcome === "created" ? 202 : 200;
      return { status, body: { repository, job: answer.job } };
    }
    case "limit_reached":
      throw new ProblemError("repository_limit_reached", `The plan allows ${answer.limit}.`);
    case "refs_limit_reached":
      throw refLimitReached(answer.limit);
    case "not_found":
      throw notFound();
  }
}

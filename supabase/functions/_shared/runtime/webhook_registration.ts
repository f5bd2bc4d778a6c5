/**
 * Brings the webhooks of repositories about: takes what is pending, creates it at the code host,
 * records how that went. What fails stays pending and is taken again. Knows no route.
 */
import { type Repository } from "../contracts/repository.ts";
import { type Database } from "./database.ts";
import { type DeletedHook, type PendingHook } from "./database_answers.ts";
import { type Github, GithubError } from "./github.ts";
import { type Log } from "./log.ts";

/** What the webhooks of a deployment need. */
export interface WebhookDependencies {
  readonly database: Pick<Database, "takePendingHooks" | "recordHook">;
  readonly github: Pick<Github, "ensureHook" | "deleteHook">;
  readonly log: Log;
  /** The operator's token; a repository's own goes before it. */
  readonly githubToken: string | null;
  /** Where the code host reaches our functions. */
  readonly publicFunctionsUrl: string;
}

async function finishHook(
  { database, github, log, githubToken, publicFunctionsUrl }: WebhookDependencies,
  hook: PendingHook,
): Promise<Repository | null> {
  const url = `${publicFunctionsUrl}/github-webhook/${hook.repository_id}`;
  try {
    const token = hook.token ?? githubToken;
    const hookId = await github.ensureHook(hook.full_name, token, { url, secret: hook.secret });
    return await database.recordHook(hook.repository_id, hookId, null);
  } catch (error) {
    if (!(error instanceof GithubError)) throw error;
    log("hook_not_created", { repositoryId: hook.repository_id, code: error.code, error });
    return await database.recordHook(
      hook.repository_id,
      null,
      `${error.code}: ${error.message}`,
    );
  }
}

/**
 * Finishes pending hooks, each taken when its turn comes: what the deadline leaves over stays due.
 * Answers the repositories as they are now.
 */
export async function finishPendingHooks(
  dependencies: WebhookDependencies,
  repositoryId: string | null,
  hooksMax: number,
  deadline?: AbortSignal,
): Promise<Repository[]> {
  const repositories: Repository[] = [];
  for (let count = 0; count < hooksMax; count += 1) {
    if (deadline?.aborted === true) break;
    const [hook] = await dependencies.database.takePendingHooks(repositoryId, 1);
    if (hook === undefined) break;
    const repository = await finishHook(dependencies, hook);
    if (repository !== null) repositories.push(repository);
  }
  return repositories;
}

/** Removes the hook of a deleted repository. One that stays delivers to nobody: it gets 401. */
export async function removeHook(
  { github, log, githubToken }: Pick<WebhookDependencies, "github" | "log" | "githubToken">,
  { full_name, hook_id, token }: DeletedHook,
): Promise<void> {
  if (hook_id === null) return;
  try {
    await github.deleteHook(full_name, token ?? githubToken, hook_id);
  } catch (error) {
    if (!(error instanceof GithubError)) throw error;
    log("hook_not_deleted", { hookId: hook_id, code: error.code, error });
  }
}

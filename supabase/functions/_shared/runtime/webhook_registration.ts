/**
 * Brings the webhooks of repositories about: takes what is pending, creates it at the code host,
 * records how that went. What fails stays pending and is taken again. Knows no route.
 */
import { type Repository } from "../contracts/repository.ts";
import { type Database } from "./database.ts";
import { type DeletedHook, type PendingHook } from "./database_answers.ts";
import { type HookRecord } from "./database_functions.ts";
import { type Github, GithubError, type GithubErrorCode } from "./github.ts";
import { type Log } from "./log.ts";

/** What the webhooks of a deployment need. */
export interface WebhookDependencies {
  readonly database: Pick<Database, "takePendingHooks" | "recordHook">;
  readonly github: Pick<Github, "ensureHook" | "deleteHook">;
  readonly log: Log;
  /** The operator's token, which creates hooks; a repository's own is tried after it. */
  readonly githubToken: string | null;
  /** Where the code host reaches our functions. */
  readonly publicFunctionsUrl: string;
}

/** What another token might be allowed to do. */
const DENIALS: readonly GithubErrorCode[] = ["not_found", "forbidden", "token_rejected"];

/** Of a limit without a time. */
const LIMIT_SECONDS = 60;

function isDenial(error: unknown): boolean {
  return error instanceof GithubError && DENIALS.includes(error.code);
}

/** Tokens that the host limits, each by itself, and what it said of them. */
type Limits = Map<string | null, GithubError>;

/**
 * Does it with the first token that the host lets do it, asking nothing with one that it limits. Throws the last
 * denial, or a limit, which passes.
 */
async function withTokens<Result>(
  tokens: readonly (string | null)[],
  limits: Limits,
  attempt: (token: string | null) => Promise<Result>,
): Promise<Result> {
  const [first = null, ...others] = tokens.filter((token) => token !== null);
  try {
    const limit = limits.get(first);
    if (limit !== undefined) throw limit;
    return await attempt(first);
  } catch (error) {
    const isLimit = error instanceof GithubError && error.code === "rate_limited";
    if (isLimit) limits.set(first, error);
    if (!isLimit && !isDenial(error) || others.length === 0) throw error;
    return await withTokens(others, limits, attempt).catch((last: unknown) => {
      throw isLimit && isDenial(last) ? error : last;
    });
  }
}

/** What the host said. */
function recordOf(error: GithubError): HookRecord {
  const retrySeconds = error.retryAfterSeconds ?? LIMIT_SECONDS;
  return {
    hookId: null,
    error: `${error.code}: ${error.message}`,
    isDenied: DENIALS.includes(error.code),
    retrySeconds: error.code === "rate_limited" ? retrySeconds : null,
  };
}

/** Answers the repository as it is now; null: it was deleted meanwhile. */
async function finishHook(
  { database, github, log, githubToken, publicFunctionsUrl }: WebhookDependencies,
  { repository_id, full_name, secret, token }: PendingHook,
  limits: Limits,
): Promise<Repository | null> {
  const hook = { url: `${publicFunctionsUrl}/github-webhook/${repository_id}`, secret };
  try {
    const hookId = await withTokens(
      [githubToken, token],
      limits,
      (each) => github.ensureHook(full_name, each, hook),
    );
    const made = { hookId, error: null, isDenied: false, retrySeconds: null };
    const repository = await database.recordHook(repository_id, made);
    // Deleted since it was taken: who deleted it knew of no hook, and a host allows only so many.
    if (repository === null) {
      await removeHook({ github, log, githubToken }, { full_name, hook_id: hookId, token });
    }
    return repository;
  } catch (error) {
    if (!(error instanceof GithubError)) throw error;
    log("hook_not_created", { repositoryId: repository_id, code: error.code, error });
    return await database.recordHook(repository_id, recordOf(error));
  }
}

/**
 * Finishes pending hooks, each taken when its turn comes: what the deadline leaves over stays due. Answers the
 * repositories as they are now.
 */
export async function finishPendingHooks(
  dependencies: WebhookDependencies,
  repositoryId: string | null,
  hooksMax: number,
  deadline?: AbortSignal,
): Promise<Repository[]> {
  const repositories: Repository[] = [];
  const limits: Limits = new Map();
  for (let count = 0; count < hooksMax; count += 1) {
    if (deadline?.aborted === true) break;
    const [hook] = await dependencies.database.takePendingHooks(repositoryId, 1);
    if (hook === undefined) break;
    const repository = await finishHook(dependencies, hook, limits);
    if (repository !== null) repositories.push(repository);
  }
  return repositories;
}

/**
 * Removes the hook of a deleted repository, if it is still there. One that stays delivers to nobody:
 * it gets 401.
 */
export async function removeHook(
  { github, log, githubToken }: Pick<WebhookDependencies, "github" | "log" | "githubToken">,
  { full_name, hook_id, token }: DeletedHook,
): Promise<void> {
  if (hook_id === null) return;
  try {
    await withTokens(
      [githubToken, token],
      new Map(),
      (each) => github.deleteHook(full_name, each, hook_id),
    );
  } catch (error) {
    if (!(error instanceof GithubError)) throw error;
    log("hook_not_deleted", { hookId: hook_id, code: error.code, error });
  }
}

/**
 * The few calls to the code host's REST API that we make: look a repository up, and keep one webhook
 * on it. Knows whose token it is given as little as what a repository is to us.
 */
import { z } from "zod";
import { GITHUB_CALL_MILLISECONDS_MAX } from "../contracts/limits.ts";
import { visibilities, type Visibility } from "../contracts/repository.ts";
import { requestService, type ServiceResponse } from "./http_client.ts";

/**
 * not_found: missing, or this token may not know of it. token_rejected: the token itself is not
 * valid. forbidden: it is, but not for this. rejected: anything else the host refused.
 */
export type GithubErrorCode =
  | "not_found"
  | "token_rejected"
  | "forbidden"
  | "rate_limited"
  | "unavailable"
  | "rejected";

/** A call that did not do what was asked; the message is the host's own and holds no token. */
export class GithubError extends Error {
  readonly code: GithubErrorCode;
  /** How long a rate limit lasts; null when unknown. */
  readonly retryAfterSeconds: number | null;

  constructor(code: GithubErrorCode, message: string, retryAfterSeconds: number | null = null) {
    super(message);
    this.name = "GithubError";
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** A repository as its host knows it. */
export interface HostRepository {
  readonly hostId: number;
  readonly fullName: string;
  readonly defaultBranch: string;
  readonly visibility: Visibility;
}

/** A webhook as we want it to be. */
export interface WantedHook {
  readonly url: string;
  readonly secret: string;
}

/** The client. `fullName` is OWNER/NAME; a null token asks as nobody. */
export interface Github {
  getRepository(fullName: string, token: string | null): Promise<HostRepository>;
  /** Creates the webhook, or brings the one of this address up to date; answers its id. */
  ensureHook(fullName: string, token: string | null, hook: WantedHook): Promise<number>;
  /** Removes a webhook. */
  deleteHook(fullName: string, token: string | null, hookId: number): Promise<void>;
}

const repositoryBody = z.object({
  id: z.int(),
  full_name: z.string(),
  default_branch: z.string(),
  private: z.boolean(),
  visibility: z.enum(visibilities).optional(),
}).transform((body): HostRepository => ({
  hostId: body.id,
  fullName: body.full_name,
  defaultBranch: body.default_branch,
  visibility: body.visibility ?? (body.private ? "private" : "public"),
}));
const hookBody = z.object({ id: z.int() });
const hooksBody = z.array(
  z.object({ id: z.int(), config: z.object({ url: z.string().optional() }) }),
);
const errorBody = z.object({ message: z.string() });

/** A repository takes 20 hooks of an event; other events may add some. One page holds them all. */
const HOOKS_PER_PAGE = 100;

function retryAfter(headers: Headers, nowSeconds: number): number | null {
  const seconds = Number(headers.get("retry-after") ?? NaN);
  if (Number.isFinite(seconds)) return seconds;
  const reset = Number(headers.get("x-ratelimit-reset") ?? NaN);
  return Number.isFinite(reset) ? Math.max(1, Math.ceil(reset - nowSeconds)) : null;
}

function isRateLimit({ status, headers }: ServiceResponse): boolean {
  const isExhausted = headers.get("x-ratelimit-remaining") === "0" || headers.has("retry-after");
  return status === 429 || (status === 403 && isExhausted);
}

function errorOf(response: ServiceResponse, nowSeconds: number): GithubError {
  const { status, headers, body } = response;
  const said = errorBody.safeParse(body);
  const message = `${status}: ${
    said.success ? said.data.message.slice(0, 200).toWellFormed() : "no message"
  }`;
  if (isRateLimit(response)) {
    return new GithubError("rate_limited", message, retryAfter(headers, nowSeconds));
  }
  if (status >= 500 || status === 408) return new GithubError("unavailable", message);
  switch (status) {
    case 401:
      return new GithubError("token_rejected", message);
    case 403:
    case 451:
      return new GithubError("forbidden", message);
    case 404:
    case 410:
      return new GithubError("not_found", message);
    default:
      return new GithubError("rejected", message);
  }
}

function parse<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new GithubError("unavailable", "the answer is not what the API promises");
}

/** Where the API is, and what the client takes from outside. */
export interface GithubSettings {
  readonly apiUrl: string;
  readonly fetch: typeof fetch;
  readonly nowMilliseconds: () => number;
}

type Send = (
  method: string,
  path: string,
  token: string | null,
  body?: unknown,
) => Promise<unknown>;

function createSend({ apiUrl, fetch: fetcher, nowMilliseconds }: GithubSettings): Send {
  return async (method, path, token, body) => {
    const response = await requestService(fetcher, {
      method,
      url: apiUrl + path,
      headers: {
        accept: "application/vnd.github+json",
        "user-agent": "quarry",
        "x-github-api-version": "2022-11-28",
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      body,
      signal: AbortSignal.timeout(GITHUB_CALL_MILLISECONDS_MAX),
    });
    if (response === null) throw new GithubError("unavailable", "no answer");
    if (response.status >= 300) throw errorOf(response, nowMilliseconds() / 1000);
    return response.body;
  };
}

async function ensureHook(
  send: Send,
  fullName: string,
  token: string | null,
  { url, secret }: WantedHook,
): Promise<number> {
  const hooks = `/repos/${fullName}/hooks`;
  const wanted = {
    active: true,
    events: ["push"],
    config: { url, secret, content_type: "json", insecure_ssl: "0" },
  };
  try {
    return parse(hookBody, await send("POST", hooks, token, { name: "web", ...wanted })).id;
  } catch (error) {
    // 422 says that a hook of this address exists: made by a try whose answer was lost.
    if (!(error instanceof GithubError) || error.code !== "rejected") throw error;
    const listed = await send("GET", `${hooks}?per_page=${HOOKS_PER_PAGE}`, token);
    const existing = parse(hooksBody, listed).find((hook) => hook.config.url === url);
    if (existing === undefined) throw error;
    await send("PATCH", `${hooks}/${existing.id}`, token, wanted);
    return existing.id;
  }
}

/** The client over HTTP. */
export function createGithub(settings: GithubSettings): Github {
  const send = createSend(settings);
  return {
    async getRepository(fullName, token) {
      return parse(repositoryBody, await send("GET", `/repos/${fullName}`, token));
    },
    ensureHook: (fullName, token, hook) => ensureHook(send, fullName, token, hook),
    async deleteHook(fullName, token, hookId) {
      await send("DELETE", `/repos/${fullName}/hooks/${hookId}`, token);
    },
  };
}

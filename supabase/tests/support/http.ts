// A stack whose machines stay asleep, and requests to its functions through the gateway: for tests
// of what is answered, not of what is indexed.

import { createStack, type Stack, type StackOptions } from "../../../scripts/local/stack.ts";

/** Starts a stack in which jobs stay queued: nothing wakes dispatch, neither hint nor sweep. */
export async function createQuietStack(options: StackOptions = {}): Promise<Stack> {
  const stack = await createStack({ durable: false, cronPaused: true, ...options });
  await stack.sql`delete from vault.secrets where name = 'dispatch_url'`;
  return stack;
}

export interface Sent {
  readonly key?: string | null;
  readonly method?: string;
  /** An object is sent as JSON, a string as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** Sends to a path below the functions' address; a GET unless there is a body. */
export async function send(stack: Stack, path: string, sent: Sent = {}): Promise<Answered> {
  const { key = stack.apiKey, body, headers = {} } = sent;
  const response = await fetch(stack.functionsUrl + path, {
    method: sent.method ?? (body === undefined ? "GET" : "POST"),
    headers: { ...(key === null ? {} : { authorization: `Bearer ${key}` }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const parsed = JSON.parse(await response.text()) as Record<string, unknown>;
  return { status: response.status, headers: response.headers, body: parsed };
}

/** What an answer says, without what differs from request to request. */
export function essence({ status, body }: Answered) {
  return { status, body: { ...body, request_id: null } };
}

/** An id that nobody has. */
export const UNKNOWN_ID = "00000000-0000-4000-8000-000000000000";

/** Registers a repository of a tenant; answers its and its job's id. */
export async function register(stack: Stack, name: string, sent: Sent & { token?: string } = {}) {
  const { token, ...rest } = sent;
  const body = { repository: name, ...(token === undefined ? {} : { token }) };
  const answer = await send(stack, "/api/repositories", { ...rest, body });
  const { repository, job } = answer.body as { repository: { id: string }; job: { id: string } };
  return { answer, repositoryId: repository.id, jobId: job.id };
}

// Sends the requests that the pg_net stand-in queued.
// Stands for: pg_net's background worker. As there: one batch of up to 200 at a time, the slowest
// request of a batch holding up the next; every answer is a row, whatever its status; never a retry.
// Leaves out: the six hours after which responses go, header names in the server's spelling (fetch
// lower-cases them), and a second sending after a crash: a row is gone before its request leaves.

import postgres, { type Sql } from "postgres";
import { lastingClient } from "./lasting_client.ts";

const BATCH_ROWS_MAX = 200;
/** As the real worker's nap: what a plain INSERT or a lost NOTIFY waits. */
const POLL_MILLISECONDS = 1000;
const UNDEFINED_TABLE = "42P01";
const USER_AGENT = "pg_net/0.20.4";

/** The running worker. */
export interface PgNetWorker {
  /** Requests stay in the queue until resume. A batch under way is finished. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

interface QueuedRequest {
  id: string;
  method: string;
  url: string;
  headers: Record<string, string> | null;
  body: Uint8Array<ArrayBuffer> | null;
  timeout_milliseconds: number;
}

interface Outcome {
  status: number | null;
  headers: Record<string, string> | null;
  content: string | null;
  timedOut: boolean;
  errorMessage: string | null;
}

/** Starts sending for one database. The URL must be the superuser's, whose worker pg_net's is. */
export async function startPgNetWorker(databaseUrl: string): Promise<PgNetWorker> {
  const listener = postgres(databaseUrl, { max: 1, onnotice: () => undefined });
  const worker = new Worker(lastingClient(databaseUrl, { max: 2 }), listener);
  await listener.listen("pg_net_wake", () => worker.wake(), () => worker.wake());
  return worker;
}

class Worker implements PgNetWorker {
  readonly #sql: Sql;
  readonly #listener: Sql;
  readonly #poll: NodeJS.Timeout;
  #draining: Promise<void> | null = null;
  #wokenMeanwhile = false;
  #isDatabaseAway = false;
  #paused = false;

  constructor(sql: Sql, listener: Sql) {
    this.#sql = sql;
    this.#listener = listener;
    this.#poll = setInterval(() => this.wake(), POLL_MILLISECONDS);
  }

  wake(): void {
    if (this.#paused) return;
    if (this.#draining !== null) {
      this.#wokenMeanwhile = true;
      return;
    }
    this.#wokenMeanwhile = false;
    this.#draining = this.#drain().finally(() => {
      this.#draining = null;
      if (this.#wokenMeanwhile) this.wake();
    });
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.wake();
  }

  async stop(): Promise<void> {
    this.#paused = true;
    clearInterval(this.#poll);
    // Together: with the database away a query would wait for it longer than anybody here.
    const clients = [this.#sql, this.#listener];
    await Promise.all([this.#draining, ...clients.map((each) => each.end({ timeout: 1 }))]);
  }

  async #drain(): Promise<void> {
    try {
      while (!this.#paused) {
        const batch = await this.#takeBatch();
        this.#isDatabaseAway = false;
        if (batch.length === 0) return;
        await Promise.all(batch.map(async (request) => {
          await this.#store(request.id, await send(request));
        }));
      }
    } catch (error) {
      // A database that restarts, or has no pg_net yet: the next poll tries again.
      if (this.#paused || this.#isDatabaseAway || hasCode(error, UNDEFINED_TABLE)) return;
      this.#isDatabaseAway = true;
      console.error(`pg_net stand-in: ${String(error)}`);
    }
  }

  async #takeBatch(): Promise<QueuedRequest[]> {
    return await this.#sql<QueuedRequest[]>`
      delete from net.http_request_queue where id in (
        select id from net.http_request_queue order by id
        limit ${BATCH_ROWS_MAX} for update skip locked
      ) returning id, method, url, headers, body, timeout_milliseconds`;
  }

  async #store(id: string, outcome: Outcome): Promise<void> {
    await this.#sql`
      insert into net._http_response
        (id, status_code, content_type, headers, content, timed_out, error_msg)
      values (
        ${id}, ${outcome.status}, ${outcome.headers?.["content-type"] ?? null},
        ${outcome.headers === null ? null : this.#sql.json(outcome.headers)},
        ${outcome.content}, ${outcome.timedOut}, ${outcome.errorMessage})`;
  }
}

async function send(request: QueuedRequest): Promise<Outcome> {
  const started = performance.now();
  try {
    const response = await fetch(request.url, {
      method: request.method.toUpperCase(),
      headers: { "user-agent": USER_AGENT, accept: "*/*", ...request.headers },
      body: request.body,
      redirect: "follow",
      signal: AbortSignal.timeout(request.timeout_milliseconds),
    });
    // A text column takes no NUL.
    const content = (await response.text()).replaceAll("\0", "");
    const headers = Object.fromEntries(response.headers);
    return { status: response.status, headers, content, timedOut: false, errorMessage: null };
  } catch (error) {
    const timedOut = error instanceof DOMException && error.name === "TimeoutError";
    const total = Math.round(performance.now() - started);
    const errorMessage = timedOut
      ? `Timeout of ${request.timeout_milliseconds} ms reached. Total time: ${total} ms`
      : describeFailure(error);
    return { status: null, headers: null, content: null, timedOut, errorMessage };
  }
}

/** In curl's words where it matters to a reader of the table. */
function describeFailure(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (hasCode(cause, "ECONNREFUSED")) return "Couldn't connect to server";
  if (hasCode(cause, "ENOTFOUND")) return "Couldn't resolve host name";
  return cause instanceof Error ? cause.message : String(error);
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

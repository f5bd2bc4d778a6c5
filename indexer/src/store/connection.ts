/**
 * One connection to Postgres that outlives the server's restarts: calls in turn, calls repeated when
 * the connection was lost, transactions that never go on over another connection than they began
 * on. Knows no SQL function.
 */
import { setTimeout as sleep } from "node:timers/promises";
import postgres, { type Sql } from "postgres";
import { JobError, Stopped } from "../errors.ts";
import { copyBytes } from "./copy.ts";
import { openSocket } from "./socket.ts";

const CONNECT_SECONDS_MAX = 10;
const KEEP_ALIVE_SECONDS = 15;
const RETRY_MILLISECONDS_MIN = 50;
const RETRY_MILLISECONDS_MAX = 1000;
/** Without a lease to say when it is over; a machine that cannot reach its database must go. */
const PATIENCE_MILLISECONDS_MAX = 60_000;

export interface ConnectionOptions {
  readonly url: string;
  /** What the server's list of activity shows. */
  readonly applicationName: string;
}

/** What a statement is written with. */
export type Query = Sql<{ bigint: bigint }>;

/** The statements of one transaction, in turn. */
export interface Transaction {
  run<T>(statement: (sql: Query) => PromiseLike<T>): Promise<T>;
  /** `statement` is a `copy … from stdin`; resolves when the server has taken every byte. */
  copy(statement: string, chunks: Iterable<Uint8Array>): Promise<void>;
}

/** The lease is no longer ours: raised by every function that checks it. */
const LEASE_LOST = "QRY01";

/** The server is away, stopping, starting or full. */
const AWAY = new Set([
  "CONNECTION_CLOSED",
  "CONNECTION_DESTROYED",
  "CONNECTION_ENDED",
  "CONNECT_TIMEOUT",
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "57P01",
  "57P02",
  "57P03",
  "53300",
  "08000",
  "08003",
  "08006",
]);

/** The SQLSTATE or system code of an error; null when it has none. */
export function errorCode(error: unknown): string | null {
  if (!(error instanceof Error) || !("code" in error)) return null;
  return typeof error.code === "string" ? error.code : null;
}

/** Whether the call may be repeated on another connection. */
export function isConnectionLost(error: unknown): boolean {
  const code = errorCode(error);
  return code !== null && AWAY.has(code);
}

class ConnectionLost extends Error {
  readonly code = "CONNECTION_CLOSED";
}

/** A connection; it connects when first used. */
export class Connection {
  readonly #options: ConnectionOptions;
  #sql: Query;
  /** Grows whenever a connection ends, so that a transaction notices. */
  #epoch = 0;
  #turn: Promise<void> = Promise.resolve();

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#sql = this.#connect();
  }

  #connect(): Query {
    const options = {
      max: 1,
      // Saves a query at every start; arrays are passed as literals.
      fetch_types: false,
      // From the open socket to the first answer.
      connect_timeout: CONNECT_SECONDS_MAX,
      keep_alive: KEEP_ALIVE_SECONDS,
      connection: { application_name: this.#options.applicationName },
      types: { bigint: postgres.BigInt },
      onnotice: () => undefined,
      onclose: () => void (this.#epoch += 1),
      socket: openSocket,
    };
    return postgres(this.#options.url, options);
  }

  /**
   * Runs a statement that may be repeated. Without a signal it is tried for a minute; with one until
   * the signal says that the lease is over.
   */
  async call<T>(
    statement: (sql: Query) => PromiseLike<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const started = performance.now();
    for (let tries = 1;; tries += 1) {
      try {
        return await this.#inTurn(statement, signal);
      } catch (error) {
        if (!isConnectionLost(error)) throw translate(error);
        if (signal === undefined && performance.now() - started > PATIENCE_MILLISECONDS_MAX) {
          throw translate(error);
        }
        await pause(tries, signal);
      }
    }
  }

  /**
   * Runs a transaction once. Where its end is in doubt because the connection was lost at commit,
   * `commit_in_doubt` is answered instead of `committed`.
   */
  async transaction(
    body: (transaction: Transaction) => Promise<void>,
    signal: AbortSignal,
  ): Promise<"committed" | "commit_in_doubt"> {
    return await this.#inTurn((sql) => this.#transact(sql, body), signal)
      .catch((error: unknown) => {
        throw isConnectionLost(error) ? error : translate(error);
      });
  }

  async #transact(
    sql: Query,
    body: (transaction: Transaction) => Promise<void>,
  ): Promise<"committed" | "commit_in_doubt"> {
    await sql`begin`;
    const epoch = this.#epoch;
    const guard = () => {
      if (this.#epoch !== epoch) throw new ConnectionLost("lost in a transaction");
    };
    try {
      await body({
        run: async (statement) => {
          guard();
          return await statement(sql);
        },
        copy: async (statement, chunks) => {
          guard();
          await copyBytes(sql, statement, chunks);
        },
      });
      guard();
    } catch (error) {
      if (this.#epoch === epoch) await sql`rollback`.catch(() => undefined);
      throw error;
    }
    try {
      await sql`commit`;
      return "committed";
    } catch (error) {
      if (!isConnectionLost(error)) throw error;
      this.#reset(sql);
      return "commit_in_doubt";
    }
  }

  /** Calls wait for each other; an abort ends the wait and the connection that it waits for. */
  async #inTurn<T>(
    run: (sql: Query) => PromiseLike<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const before = this.#turn;
    const { promise: turn, resolve: next } = Promise.withResolvers<void>();
    this.#turn = before.then(() => turn);
    await before;
    const sql = this.#sql;
    try {
      signal?.throwIfAborted();
      return await this.#abortable(sql, Promise.resolve(run(sql)), signal);
    } catch (error) {
      // After a loss the library may answer the next call with the last one's error.
      if (isConnectionLost(error)) this.#reset(sql);
      throw error;
    } finally {
      next();
    }
  }

  async #abortable<T>(
    sql: Query,
    work: Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    if (signal === undefined) return await work;
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const abort = () => {
      // The server may be unreachable: what comes next must not wait behind this.
      this.#reset(sql);
      reject(signal.reason);
    };
    signal.addEventListener("abort", abort);
    // It is rejected when the connection ends, and nobody waits for it any more.
    work.catch(() => undefined);
    try {
      return await Promise.race([work, aborted]);
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  /** Gives up a connection, unless it was given up before. */
  #reset(sql: Query): void {
    if (sql !== this.#sql) return;
    this.#epoch += 1;
    this.#sql = this.#connect();
    void sql.end({ timeout: 0 });
  }

  /** Says goodbye, for at most a second. */
  async close(): Promise<void> {
    await this.#sql.end({ timeout: 1 });
  }
}

async function pause(tries: number, signal: AbortSignal | undefined): Promise<void> {
  const most = Math.min(RETRY_MILLISECONDS_MAX, RETRY_MILLISECONDS_MIN * 2 ** tries);
  const wait = most * (0.5 + Math.random() / 2);
  await sleep(wait, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  signal?.throwIfAborted();
}

/** What an error of the database means to a job. */
function translate(error: unknown): unknown {
  if (errorCode(error) === LEASE_LOST) return new Stopped("lease_lost");
  if (isConnectionLost(error)) {
    return new JobError("database_unavailable", String(error), error);
  }
  return error;
}

/**
 * One connection to Postgres that outlives the server's restarts: calls in turn, calls repeated when
 * the connection was lost or they were undone, transactions that never go on over another connection
 * than they began on. Knows no SQL function.
 */
import { setTimeout as sleep } from "node:timers/promises";
import postgres, { type Sql } from "postgres";
import { JobError, Stopped, type StopReason } from "../errors.ts";
import {
  ConnectionLost,
  errorCode,
  isConnectionLost,
  isOtherSchema,
  isUndone,
} from "./connection_loss.ts";
import { copyBytes } from "./copy.ts";
import { openSocket } from "./socket.ts";

const CONNECT_SECONDS_MAX = 10;
const KEEP_ALIVE_SECONDS = 15;
const RETRY_MILLISECONDS_MIN = 50;
const RETRY_MILLISECONDS_MAX = 1000;
/** Without a lease to say when it is over; a machine that cannot reach its database must go. */
const PATIENCE_MILLISECONDS_MAX = 60_000;
/** Of a call that is undone each time; the other one goes on meanwhile. */
const UNDONE_TRIES_MAX = 3;
/** Longer than the server lets a statement take: after it the server is not there. */
const CALL_MILLISECONDS_MAX = 150_000;
/** A segment of the largest size at 1 MB/s. */
const TRANSACTION_MILLISECONDS_MAX = 300_000;

export interface ConnectionOptions {
  readonly url: string;
  /** Whoever signs the server's certificate, as PEM: chain and host name are verified. Null: neither is. */
  readonly ca?: string | null;
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

/**
 * By SQLSTATE. QRY01: raised by every function that checks the lease; QRY05: by a compaction's; QRY06: by
 * read_base, where a job begins, and by what writes its tree.
 */
const stops = new Map<string | null, StopReason>([
  ["QRY01", "lease_lost"],
  ["QRY05", "gave_way"],
  ["QRY06", "cancelled"],
]);

/** A connection; it connects when first used. */
export class Connection {
  readonly #options: ConnectionOptions;
  #sql: Query;
  /** Grows whenever a connection ends, so that a transaction notices. */
  #epoch = 0;
  /** The epoch in which the server was asked to notify, and what has come of it. */
  #listensSince = -1;
  /** What the last notification since then said. */
  #notification: string | null = null;
  #onNotified: (() => void) | null = null;
  #turn: Promise<void> = Promise.resolve();

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#sql = this.#connect();
  }

  #connect(): Query {
    const { url, ca = null } = this.#options;
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
      onnotify: (_channel: string, text: string) => {
        this.#notification = text;
        this.#onNotified?.();
      },
      socket: openSocket,
      // A host that is an address has no other place where the library would look for it.
      ...(ca === null ? {} : { ssl: { ca, host: new URL(url).hostname } }),
    };
    return postgres(url, options);
  }

  /**
   * Runs a statement that may be repeated. Without a signal it is tried for a minute; with one until
   * the signal says that the lease is over. One that is undone is tried three times.
   */
  async call<T>(
    statement: (sql: Query) => PromiseLike<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const started = performance.now();
    const isPatient = () =>
      signal !== undefined || performance.now() - started <= PATIENCE_MILLISECONDS_MAX;
    let undone = 0;
    for (let tries = 1;; tries += 1) {
      try {
        return await this.#inTurn(statement, CALL_MILLISECONDS_MAX, signal);
      } catch (error) {
        if (isUndone(error)) undone += 1;
        const mayRepeat = isUndone(error)
          ? undone < UNDONE_TRIES_MAX
          : isConnectionLost(error) && isPatient();
        if (!mayRepeat) throw translate(error);
        await pause(tries, signal);
      }
    }
  }

  /**
   * Waits for a notification on the channel, at most so long, and answers what the last one said, or
   * null. One that came since the last wait ends it at once, and so does the beginning: what was sent
   * before the connection listened is not heard.
   */
  async notified(
    channel: string,
    milliseconds: number,
    signal: AbortSignal,
  ): Promise<string | null> {
    if (this.#listensSince !== this.#epoch) {
      await this.call((sql) => sql`listen ${sql(channel)}`);
      this.#listensSince = this.#epoch;
      return null;
    }
    // A plain timer: what it takes to end the wait lies between a job and its claim.
    const { promise, resolve } = Promise.withResolvers<void>();
    const end = () => resolve();
    this.#onNotified = end;
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener("abort", end);
    if (this.#notification === null && !signal.aborted) await promise;
    signal.removeEventListener("abort", end);
    clearTimeout(timer);
    this.#onNotified = null;
    const notification = this.#notification;
    this.#notification = null;
    return notification;
  }

  /**
   * Runs a transaction once. Where its end is in doubt because the connection was lost at commit,
   * `commit_in_doubt` is answered instead of `committed`.
   */
  async transaction(
    body: (transaction: Transaction) => Promise<void>,
    signal: AbortSignal,
  ): Promise<"committed" | "commit_in_doubt"> {
    try {
      return await this.#inTurn(
        (sql) => this.#transact(sql, body),
        TRANSACTION_MILLISECONDS_MAX,
        signal,
      );
    } catch (error) {
      throw isConnectionLost(error) ? error : translate(error);
    }
  }

  async #transact(
    sql: Query,
    body: (transaction: Transaction) => Promise<void>,
  ): Promise<"committed" | "commit_in_doubt"> {
    await sql`begin`;
    const epoch = this.#epoch;
    const guard = () => {
      if (this.#epoch !== epoch) {
        throw new ConnectionLost("CONNECTION_CLOSED", "lost in a transaction");
      }
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
      // On a connection that is just being lost the library would never answer.
      const isOpen = this.#epoch === epoch && !isConnectionLost(error);
      if (isOpen) await sql`rollback`.catch(() => undefined);
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

  /** Calls wait for each other. One that ends badly for the connection takes it along. */
  async #inTurn<T>(
    run: (sql: Query) => PromiseLike<T>,
    millisecondsMax: number,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const before = this.#turn;
    const { promise: turn, resolve: next } = Promise.withResolvers<void>();
    this.#turn = before.then(() => turn);
    await before;
    const sql = this.#sql;
    try {
      signal?.throwIfAborted();
      return await settled(Promise.resolve(run(sql)), millisecondsMax, signal);
    } catch (error) {
      // After an abort the server may be unreachable, and what comes next must not wait behind this;
      // after a loss the library may answer the next call with the last one's error.
      if (signal?.aborted === true || isConnectionLost(error)) this.#reset(sql);
      throw error;
    } finally {
      next();
    }
  }

  /** Gives up the connection at once. A call that waits for it is repeated over another one. */
  giveUp(): void {
    this.#reset(this.#sql);
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

/** The work's end, or an earlier one by the clock or the signal. */
async function settled<T>(
  work: Promise<T>,
  millisecondsMax: number,
  signal: AbortSignal | undefined,
): Promise<T> {
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal?.reason);
  const timer = setTimeout(() => {
    reject(new ConnectionLost("ETIMEDOUT", `no answer in ${millisecondsMax} ms`));
  }, millisecondsMax);
  signal?.addEventListener("abort", abort);
  // It is rejected when its connection is given up, and nobody waits for it any more.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, stopped]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
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
  const stop = stops.get(errorCode(error));
  if (stop !== undefined) return new Stopped(stop);
  if (isConnectionLost(error)) {
    return new JobError("database_unavailable", String(error), error);
  }
  return isOtherSchema(error) ? new JobError("version_mismatch", String(error), error) : error;
}

// The Data API's connections to the database: always the same number, one request at a time each. One
// that ended, answers no more or failed by more than a statement's error is replaced whole: the client
// library would go on with it and leave unanswered what waits there. Knows no request.

import postgres, { type ReservedSql, type Sql } from "postgres";

const CONNECTIONS_MAX = 10;
/** Longer than any function may take: after it the server is not there. */
const ANSWER_MILLISECONDS_MAX = 60_000;

/** Whoever asks while all are in use waits in turn. */
export class RestConnections {
  readonly #url: string;
  readonly #answerMillisecondsMax: number;
  readonly #idle: Connection[];
  readonly #inUse = new Set<Connection>();
  readonly #waiting: ((connection: Connection) => void)[] = [];
  #isStopped = false;

  constructor(url: string, answerMillisecondsMax = ANSWER_MILLISECONDS_MAX) {
    this.#url = url;
    this.#answerMillisecondsMax = answerMillisecondsMax;
    this.#idle = Array.from({ length: CONNECTIONS_MAX }, () => this.#create());
  }

  #create(): Connection {
    const connection = new Connection(this.#url, this.#answerMillisecondsMax);
    // It refuses whoever comes still, or has waited.
    if (this.#isStopped) connection.end();
    return connection;
  }

  /** Does work on a connection that is nobody else's; its queries are all settled when it is over. */
  async use<T>(work: (sql: ReservedSql) => Promise<T>): Promise<T> {
    const connection = await this.#take();
    this.#inUse.add(connection);
    try {
      return await connection.run(work);
    } finally {
      this.#inUse.delete(connection);
      this.#giveBack(connection);
    }
  }

  async #take(): Promise<Connection> {
    const connection = this.#idle.pop();
    if (connection === undefined) return await new Promise((take) => this.#waiting.push(take));
    return connection.isUsable ? connection : this.#create();
  }

  #giveBack(used: Connection): void {
    const connection = used.isUsable ? used : this.#create();
    const take = this.#waiting.shift();
    if (take === undefined) this.#idle.push(connection);
    else take(connection);
  }

  stop(): void {
    this.#isStopped = true;
    for (const connection of [...this.#idle, ...this.#inUse]) connection.end();
  }
}

/** One session of the server; it connects when first used. */
class Connection {
  readonly #client: Sql;
  readonly #answerMillisecondsMax: number;
  /** Rejects when the connection ends, whoever ended it. */
  readonly #ended = Promise.withResolvers<never>();
  #session: Promise<ReservedSql> | null = null;
  #isUsable = true;

  constructor(url: string, answerMillisecondsMax: number) {
    this.#answerMillisecondsMax = answerMillisecondsMax;
    this.#ended.promise.catch(() => undefined);
    this.#client = postgres(url, {
      max: 1,
      // Whether the query by which the library learns types has failed is heard by nobody.
      fetch_types: false,
      onnotice: () => undefined,
      onclose: () => this.end(),
    });
  }

  get isUsable(): boolean {
    return this.#isUsable;
  }

  async run<T>(work: (sql: ReservedSql) => Promise<T>): Promise<T> {
    const { promise: tooLate, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      reject(new Error(`no answer in ${this.#answerMillisecondsMax} ms`));
    }, this.#answerMillisecondsMax);
    const worked = this.#reserve().then(work);
    // Of what was given up nobody waits for the end.
    worked.catch(() => undefined);
    try {
      return await Promise.race([worked, this.#ended.promise, tooLate]);
    } catch (error) {
      const isOfStatement = error instanceof postgres.PostgresError && error.severity === "ERROR";
      if (!isOfStatement) this.end();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** With a query before it: the library forgets a reservation that it connects for. */
  #reserve(): Promise<ReservedSql> {
    return this.#session ??= this.#client`select 1`.then(() => this.#client.reserve());
  }

  /** At once, whatever is going on. */
  end(): void {
    if (!this.#isUsable) return;
    this.#isUsable = false;
    this.#ended.reject(new Error("the connection has ended"));
    void this.#client.end({ timeout: 0 });
  }
}

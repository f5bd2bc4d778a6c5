/**
 * Begins to work for a key's caller of last time while the database says who it is now, so that the two
 * calls take the time of one. A guess decides nothing: no answer leaves before the key is
 * authenticated and charged, and none that was made for somebody else. Knows no route.
 */
import { authenticateKey, type Caller } from "./authenticate.ts";
import { type Database } from "./database.ts";

/** Keys remembered by one instance; the one that was used longest ago is forgotten first. */
const KEYS_MAX = 1_000;

/** Whose keys were, by their hash. */
export class CallerGuesses {
  readonly #callers = new Map<string, Caller>();

  /** Who a key belonged to. */
  of(keyHash: string): Caller | null {
    return this.#callers.get(keyHash) ?? null;
  }

  remember(keyHash: string, caller: Caller): void {
    this.#callers.delete(keyHash);
    this.#callers.set(keyHash, caller);
    const [oldest] = this.#callers.keys();
    if (this.#callers.size > KEYS_MAX && oldest !== undefined) this.#callers.delete(oldest);
  }

  forget(keyHash: string): void {
    this.#callers.delete(keyHash);
  }
}

/** A request, and the hash of its key. */
export interface KeyedRequest {
  readonly method: string;
  readonly keyHash: string;
}

/** What it takes to authenticate. */
export interface GuessingDependencies {
  readonly database: Pick<Database, "authenticate">;
  readonly callerGuesses: CallerGuesses;
}

/**
 * Authenticates as `authenticate` does, and answers what `work` does for the caller. Of GET, which
 * changes nothing, work may begin before; a key that is refused gets that once at most.
 */
export async function workForCaller<Result>(
  { method, keyHash }: KeyedRequest,
  { database, callerGuesses }: GuessingDependencies,
  answerHeaders: Headers,
  work: (caller: Caller) => Promise<Result>,
): Promise<Result> {
  const guess = method === "GET" ? callerGuesses.of(keyHash) : null;
  const early = guess === null ? null : work(guess);
  // Whether it failed matters only to whom it is answered.
  early?.catch(() => undefined);
  let caller: Caller;
  try {
    caller = await authenticateKey(keyHash, database, answerHeaders);
  } catch (error) {
    callerGuesses.forget(keyHash);
    throw error;
  }
  callerGuesses.remember(keyHash, caller);
  const isRight = guess?.tenantId === caller.tenantId && guess.requestedBy === caller.requestedBy;
  return await (early !== null && isRight ? early : work(caller));
}

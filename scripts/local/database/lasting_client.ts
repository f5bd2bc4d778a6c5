// The client library's pool, for those who must outlive the server's restarts. Once one of its
// connections has ended, the library may begin the next answer with rows of the one that was cut off, or
// never send what it is asked: so then the whole pool is replaced. Transactions and listening are not
// for it: they belong to one connection.

import postgres, { type Options, type Sql } from "postgres";

/** What still goes on over other connections of a pool that is replaced may end in this time. */
const FAREWELL_SECONDS_MAX = 1;

/** A pool that is always a sound one; what is asked while a connection ends may fail. */
export function lastingClient(url: string, options: Options<Record<string, never>> = {}): Sql {
  let isEnded = false;
  let current = open();

  function open(): Sql {
    const pool: Sql = postgres(url, { onnotice: () => undefined, ...options, onclose });
    function onclose(): void {
      if (isEnded || pool !== current) return;
      current = open();
      void pool.end({ timeout: FAREWELL_SECONDS_MAX });
    }
    return pool;
  }

  async function end(how?: { timeout?: number }): Promise<void> {
    isEnded = true;
    await current.end(how);
  }

  return new Proxy(current, {
    apply: (_pool, self, args): unknown => Reflect.apply(current, self, args),
    get: (_pool, name): unknown => name === "end" ? end : Reflect.get(current, name),
  });
}

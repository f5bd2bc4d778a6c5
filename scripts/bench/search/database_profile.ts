// Which functions of the database take the time of searches: PostgreSQL's own count of calls and of time
// in each function, switched on for one piece of work. Counting costs something, so nothing else is
// measured meanwhile.

import { setTimeout as sleep } from "node:timers/promises";
import postgres, { type Sql } from "postgres";
import type { Table } from "../table.ts";

/**
 * Sessions hand in their counts at the end of a statement, once a second at most, and the rest when they have
 * been idle for ten. To have them run a statement instead would count what that calls as well.
 */
const HAND_IN_MILLISECONDS = 10_500;
const SHOWN_MAX = 12;

/** A function of the database: how often it was called, and its time without that of others it calls. */
export interface FunctionUse {
  readonly name: string;
  readonly calls: number;
  readonly selfMilliseconds: number;
}

/**
 * Does the work with counting on. `databaseUrl`: the stack's; only its superuser may switch counting on.
 */
export async function profileFunctions(
  databaseUrl: string,
  work: () => Promise<unknown>,
): Promise<FunctionUse[]> {
  const url = new URL(databaseUrl);
  url.username = "supabase_admin";
  const sql = postgres(url.href, { max: 1, onnotice: () => undefined });
  try {
    await sql`alter system set track_functions = 'all'`;
    await sql`select pg_reload_conf()`;
    // The server tells all sessions at once, so that they know when this one does.
    while (!await isCounting(sql));
    const before = await readCounts(sql);
    await work();
    await sleep(HAND_IN_MILLISECONDS);
    const after = await readCounts(sql);
    return after.map((each) => {
      const earlier = before.find(({ name }) => name === each.name);
      return {
        name: each.name,
        calls: each.calls - (earlier?.calls ?? 0),
        selfMilliseconds: each.selfMilliseconds - (earlier?.selfMilliseconds ?? 0),
      };
    }).filter(({ calls }) => calls > 0);
  } finally {
    await sql`alter system reset track_functions`;
    await sql`select pg_reload_conf()`;
    await sql.end();
  }
}

async function isCounting(sql: Sql): Promise<boolean> {
  const [row] = await sql`show track_functions`;
  return row?.["track_functions"] === "all";
}

async function readCounts(sql: Sql): Promise<FunctionUse[]> {
  const rows = await sql<{ name: string; calls: string; self: number }[]>`
    select funcname as name, sum(calls) as calls, sum(self_time) as self
    from pg_stat_user_functions group by funcname`;
  return rows.map(({ name, calls, self }) => ({
    name,
    calls: Number(calls),
    selfMilliseconds: self,
  }));
}

/** The functions that take the most, for one query. */
export function profileTable(functions: readonly FunctionUse[], queries: number): Table {
  const sorted = functions.toSorted((a, b) => b.selfMilliseconds - a.selfMilliseconds);
  const all = functions.reduce((sum, each) => sum + each.selfMilliseconds, 0);
  return {
    title: "Functions of the database, by their own time in one query",
    columns: ["function", "calls", "own time", "share"],
    rows: sorted.slice(0, SHOWN_MAX).map(({ name, calls, selfMilliseconds }) => [
      name,
      (calls / queries).toFixed(1),
      `${(selfMilliseconds / queries).toFixed(2)} ms`,
      `${((selfMilliseconds / all) * 100).toFixed(0)} %`,
    ]),
  };
}

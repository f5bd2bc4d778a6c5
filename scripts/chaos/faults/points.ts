// Named points inside the database's own functions: whoever is about to insert a row of a kind is held
// there, by a trigger that waits for a lock, until it is struck. Knows neither who is held nor how.

import postgres from "postgres";
import { persist } from "../patience.ts";
import type { World } from "../world.ts";

/** Before a row is inserted into a table of ours, where the condition on `new` holds. */
export interface Point {
  readonly table: string;
  readonly when: string;
}

const LOCK_KEY = 918_273;
const HELD_SECONDS_MAX = 4;
const POLL_MILLISECONDS = 20;

/** Strikes when somebody has come to the point, told the process that serves it. Throws when nobody comes. */
export async function strikeAt(
  world: World,
  point: Point,
  strike: (pid: number) => Promise<void>,
): Promise<void> {
  const holder = postgres(world.stack.postgres.url("supabase_admin"), {
    max: 1,
    onnotice: () => undefined,
  });
  try {
    await holder`select pg_advisory_lock(${LOCK_KEY})`;
    await holder.unsafe(setTrap(point));
    const pid = await awaitHeld(holder);
    if (pid === null) throw new Error(`nobody came to ${point.table} where ${point.when}`);
    await strike(pid);
  } finally {
    // Lets go first: to take the trigger away waits for whoever is held.
    await holder.end({ timeout: 0 }).catch(() => undefined);
    await persist("a trap is taken away", async () => {
      await world.stack.sql.unsafe(`drop trigger if exists chaos_point on quarry.${point.table}`);
    });
  }
}

function setTrap({ table, when }: Point): string {
  return `
    create or replace function public.chaos_point() returns trigger language plpgsql as
      'begin perform pg_advisory_xact_lock(${LOCK_KEY}); return new; end';
    create trigger chaos_point before insert on quarry.${table}
      for each row when (${when}) execute function public.chaos_point()`;
}

async function awaitHeld(holder: ReturnType<typeof postgres>): Promise<number | null> {
  const deadline = performance.now() + HELD_SECONDS_MAX * 1000;
  while (performance.now() < deadline) {
    const [held] = await holder<{ pid: number }[]>`
      select pid from pg_locks
      where locktype = 'advisory' and objid = ${LOCK_KEY} and not granted order by pid limit 1`;
    if (held !== undefined) return held.pid;
    await new Promise((go) => setTimeout(go, POLL_MILLISECONDS));
  }
  return null;
}

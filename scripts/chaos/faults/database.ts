// Faults of PostgreSQL and of time as its rows tell it: sessions ended, a crash with recovery, clocks
// that jump.

import type { Random } from "../random.ts";
import type { World } from "../world.ts";
import type { Fault } from "./fault.ts";

interface Backend {
  readonly pid: number;
}

function backends({ stack }: World): Promise<Backend[]> {
  return stack.sql<Backend[]>`
    select pid from pg_stat_activity
    where backend_type = 'client backend' and pid <> pg_backend_pid() order by pid`;
}

async function terminateSome(world: World, random: Random): Promise<void> {
  const victims = random.shuffle(await backends(world)).slice(0, random.integer(1, 5));
  const pids = victims.map(({ pid }) => pid);
  await world.stack.sql`select pg_terminate_backend(pid) from unnest(${pids}::int[]) as v (pid)`;
}

/** kill -9 of one session's process: PostgreSQL ends all others at once and recovers from its log. */
async function crash(world: World, random: Random): Promise<void> {
  const victim = random.pickAny(await backends(world));
  if (victim === null) throw new Error("there is no session to break");
  process.kill(victim.pid, "SIGKILL");
}

async function jump({ stack: { sql } }: World, random: Random): Promise<void> {
  const seconds = random.pick([-90, -61, 300, 3600]);
  await sql`
    update quarry.indexing_jobs set
      lease_expires_at = lease_expires_at + make_interval(secs => ${seconds})
    where state = 'running'`;
  await sql`
    update quarry.machines set alive_at = alive_at + make_interval(secs => ${seconds})
    where state in ('idle', 'busy')`;
}

export const databaseFaults: readonly Fault[] = [
  { name: "terminate_backends", inject: terminateSome },
  { name: "crash_postgres", inject: crash },
  { name: "kill_postmaster", inject: ({ stack }) => stack.postgres.crash() },
  { name: "clock_jump", inject: jump },
];

// Faults of PostgreSQL and of time as its rows tell it: sessions ended, a crash with recovery, clocks
// that jump.

import type { Random } from "../random.ts";
import type { World } from "../world.ts";
import { moveClock } from "../time.ts";
import { type Fault, struck } from "./fault.ts";
import { type Point, strikeAt } from "./points.ts";

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

/** What a transition has done and not committed when PostgreSQL falls. */
const POINTS: readonly [Point, ...Point[]] = [
  { table: "indexing_job_events", when: "new.event = 'claimed'" },
  { table: "indexing_job_events", when: "new.event = 'published'" },
  { table: "indexing_job_events", when: "new.event = 'completed'" },
  { table: "indexing_job_events", when: "new.event in ('queued', 'coalesced')" },
  { table: "segments", when: "true" },
];

async function crashAt(world: World, random: Random): Promise<void> {
  await strikeAt(world, random.pick(POINTS), (pid) => {
    process.kill(pid, "SIGKILL");
    return Promise.resolve();
  });
}

const JUMPS_SECONDS = [-3600, -90, 90, 3600] as const;

export const databaseFaults: readonly Fault[] = [
  struck("terminate_backends", terminateSome),
  struck("crash_postgres", crash),
  struck("crash_postgres_at_point", crashAt),
  struck("kill_postmaster", ({ stack }) => stack.postgres.crash()),
  struck("clock_jump", (world, random) => moveClock(world, random.pick(JUMPS_SECONDS))),
];

// What must come right by itself once faults are over: the clock of the whole database moves on, the sweep
// comes by, and nothing else is done. Here no row is told apart from another.

import { setTimeout as sleep } from "node:timers/promises";
import { holdsWithin, persist } from "./patience.ts";
import { moveClock, sweep } from "./time.ts";
import type { World } from "./world.ts";

/** A lease, and the time of a sweep or two, one of which may have cut a lease that a jump had lengthened. */
const LEASE_AND_SWEEP_SECONDS = 60 + 15;
/** No backoff, pause or rate limit is longer. */
const WAIT_SECONDS_MAX = 3600;
const SWEEP_SECONDS_MAX = 10;
const WORK_SECONDS_MAX = 90;
/** A launch that was refused or a machine that died meanwhile is waited for as well. */
const JUMP_SECONDS_EACH = 20;
const POLL_MILLISECONDS = 250;

interface Held {
  readonly id: string;
  readonly lease_token: string;
}

/** Jobs whose worker is dead and that are still its own once a lease and a sweep have gone by. */
export async function findHeldByTheDead(world: World): Promise<string[]> {
  await persist("the sweep", () => sweep(world));
  const living = world.stack.machines.running().filter(({ pid }) => pid !== null)
    .map(({ name }) => name.replace(/^quarry-/, ""));
  const held = await persist("what the dead hold", () =>
    world.stack.sql<Held[]>`
      select j.id, j.lease_token from quarry.indexing_jobs j
      left join quarry.machines m on m.launch_id = j.launch_id
      where j.state = 'running'
        and coalesce((coalesce(m.created_by, m.launch_id, j.launch_id))::text, '') <> all(${living})`);
  world.onEvent(`the dead hold ${held.length} jobs`);
  await moveClock(world, LEASE_AND_SWEEP_SECONDS);
  const tokens = held.map(({ lease_token }) => lease_token);
  const still = () =>
    world.stack.sql<Held[]>`
      select id, lease_token from quarry.indexing_jobs
      where state = 'running' and lease_token = any(${tokens}::uuid[])`;
  await holdsWithin(SWEEP_SECONDS_MAX, async () => {
    await sweep(world);
    return (await still()).length === 0;
  });
  return (await still()).map(({ id }) => `job ${id} is still held by a dead worker`);
}

/** Jobs that are neither done nor ended though the longest wait is over and machines may be had. */
export async function settleUnaided(
  world: World,
  secondsMax = WORK_SECONDS_MAX,
): Promise<string[]> {
  const live = () =>
    world.stack.sql<{ id: string; kind: string; state: string; wait: string | null }[]>`
      select id, kind, state, wait_reason as wait from quarry.indexing_jobs
      where state in ('queued', 'running')`;
  await moveClock(world, WAIT_SECONDS_MAX);
  const deadline = performance.now() + secondsMax * 1000;
  let movedAt = performance.now();
  for (;;) {
    try {
      await sweep(world);
      const rows = await live();
      if (rows.length === 0) return [];
      if (performance.now() > deadline) {
        return rows.map(({ id, kind, state, wait }) => `${kind} job ${id} is ${wait ?? state}`);
      }
      if (performance.now() - movedAt > JUMP_SECONDS_EACH * 1000) {
        movedAt = performance.now();
        await moveClock(world, LEASE_AND_SWEEP_SECONDS);
      }
    } catch (error) {
      if (performance.now() > deadline) return [`the database: ${String(error)}`];
    }
    await sleep(POLL_MILLISECONDS);
  }
}

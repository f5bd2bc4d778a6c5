// Faults of machines' own processes: killed at random, at failpoints and in turn, and frozen.

import { holdsWithin } from "../patience.ts";
import type { Random } from "../random.ts";
import type { World } from "../world.ts";
import { during, type Fault } from "./fault.ts";

/** Those of indexer/src/failpoint.ts, which stands on the other side of a process. */
export const KILL_POINTS = [
  "after_claim",
  "after_fetch",
  "after_diff",
  "during_parse",
  "during_copy",
  "after_copy",
  "before_publish",
  "after_publish",
  "before_complete",
  "after_complete",
] as const;

const FREEZE_SECONDS_MAX = 3;

function anyMachine(world: World, random: Random) {
  return random.pickAny(world.stack.machines.running().filter(({ pid }) => pid !== null));
}

async function freeze(world: World, random: Random): Promise<void> {
  await holdsWithin(1, () => anyMachine(world, random) !== null);
  const machine = anyMachine(world, random);
  if (machine === null) return;
  const { sql } = world.stack;
  machine.kill("SIGSTOP");
  try {
    // Its lease and its silence are over, and others may have its job.
    const launch = machine.name.replace(/^quarry-/, "");
    await sql`
      update quarry.machines set alive_at = alive_at - interval '61 seconds'
      where coalesce(created_by, launch_id)::text = ${launch} and state <> 'gone'`;
    const [job] = await sql<{ id: string; lease_token: string }[]>`
      update quarry.indexing_jobs j set lease_expires_at = clock_timestamp() - interval '1 second'
      from quarry.machines m
      where j.state = 'running' and m.launch_id = j.launch_id
        and coalesce(m.created_by, m.launch_id)::text = ${launch}
      returning j.id, j.lease_token`;
    if (job === undefined) return;
    await holdsWithin(FREEZE_SECONDS_MAX, async () =>
      (await sql`
        select from quarry.indexing_jobs where id = ${job.id} and state = 'running'
          and lease_token = ${job.lease_token}`).length === 0);
  } finally {
    machine.kill("SIGCONT");
  }
}

export const workerFaults: readonly Fault[] = [
  {
    name: "kill_worker",
    inject: async (world, random) => {
      await holdsWithin(1, () => anyMachine(world, random) !== null);
      anyMachine(world, random)?.kill("SIGKILL");
    },
  },
  {
    name: "kill_at_failpoint",
    inject: async ({ environment }, random) => {
      await Promise.resolve(environment.planFailpoint(random.pick(KILL_POINTS)));
    },
  },
  {
    name: "kill_every_second_worker",
    inject: ({ environment }, random) =>
      during(
        random,
        () => environment.killEvery({ nth: 2, failpoint: random.pick(KILL_POINTS) }),
        () => environment.killEvery(null),
      ),
  },
  { name: "freeze_worker", inject: freeze },
];

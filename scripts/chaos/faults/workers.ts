// Faults of machines' own processes and of what they stand on: killed at random, at failpoints and in
// turn, frozen, cut off from the database, with a wrong clock, without room to fetch.

import type { Machine } from "../../local/fly/fly_machine.ts";
import { holdsWithin } from "../patience.ts";
import type { Random } from "../random.ts";
import type { World } from "../world.ts";
import { armed, awaitVictim, type Fault, spell, struck } from "./fault.ts";

/** Those of indexer/src/failpoint.ts, which stands on the other side of a process. */
export const KILL_POINTS = [
  "after_claim",
  "after_fetch",
  "after_diff",
  "during_parse",
  "during_copy",
  "before_text",
  "after_text",
  "during_symbols",
  "after_copy",
  "before_publish",
  "after_publish",
  "before_complete",
  "after_complete",
] as const;

const FREEZE_SECONDS_MAX = 3;
/** How long is looked for a job that runs. */
const POISON_SECONDS_MAX = 2;
const CLOCK_SHIFTS_MILLISECONDS = [-3 * 3_600_000, -90_000, 90_000, 3 * 3_600_000] as const;

async function anyMachine(world: World, random: Random): Promise<Machine> {
  const running = () => world.stack.machines.running().filter(({ pid }) => pid !== null);
  return await awaitVictim("machine", () => random.pickAny(running()));
}

/** Its lease and its silence are over; waits until others may have its job. */
async function outlive({ stack: { sql } }: World, machine: Machine): Promise<void> {
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
}

async function freeze(world: World, random: Random): Promise<void> {
  const machine = await anyMachine(world, random);
  machine.kill("SIGSTOP");
  try {
    await outlive(world, machine);
  } finally {
    machine.kill("SIGCONT");
  }
}

/** The machines' way to the database is dead on both sides, and neither side is told. */
async function halfOpen(world: World, random: Random): Promise<void> {
  await anyMachine(world, random);
  world.databaseProxy.silence();
  try {
    for (const machine of world.stack.machines.running()) await outlive(world, machine);
  } finally {
    world.databaseProxy.endSilent();
  }
}

/** Jobs that have killed four machines kill the fifth: they end failed, whatever was pushed since. */
async function poison({ stack: { sql, machines } }: World): Promise<void> {
  const isPoisoned = await holdsWithin(POISON_SECONDS_MAX, async () =>
    (await sql`
      update quarry.indexing_jobs set attempt = max_attempts where state = 'running'
      returning id`).length > 0);
  if (!isPoisoned) throw new Error("there is no running job to poison");
  for (const machine of machines.running()) machine.kill("SIGKILL");
}

export const workerFaults: readonly Fault[] = [
  struck("kill_worker", async (world, random) => {
    (await anyMachine(world, random)).kill("SIGKILL");
  }),
  armed(
    "kill_at_failpoint",
    ({ environment }, random) => environment.planBoot({ failpoint: random.pick(KILL_POINTS) }),
  ),
  struck("kill_every_second_worker", async ({ environment }, random) => {
    const hasMet = environment.killEvery({ nth: 2, failpoint: random.pick(KILL_POINTS) });
    try {
      await spell(random);
    } finally {
      environment.killNone();
    }
    if (!hasMet()) throw new Error("no second worker has booted");
  }),
  struck("freeze_worker", freeze),
  struck("half_open_connections", halfOpen),
  struck("poison_job", poison),
  armed("wrong_clock", ({ environment }, random) => {
    const clockShiftMilliseconds = random.pick(CLOCK_SHIFTS_MILLISECONDS);
    return environment.planBoot({ clockShiftMilliseconds });
  }),
  armed(
    "work_area_full",
    async (world) =>
      world.environment.planBoot({ workDirectory: await world.smallDisk.directory() }),
  ),
];

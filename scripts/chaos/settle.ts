// The end of a run: every fault is over, what is owed is delivered, and time passes until nothing is
// left to do. What it meets on the way it reports; what it means the checks say.

import { setTimeout as sleep } from "node:timers/promises";
import { persist } from "./patience.ts";
import type { Random } from "./random.ts";
import { hastenCleaning, passDay, passTime, sweep } from "./time.ts";
import type { World } from "./world.ts";

const ROUND_MILLISECONDS = 150;
const SETTLE_SECONDS_MAX = 90;
/** Longer than the latest of an unclear create, so that none comes after the fleet was counted. */
const QUIET_MILLISECONDS = 700;

/** Whatever was broken is whole again. */
export function endFaults(world: World): void {
  const { stack, environment } = world;
  environment.clear();
  world.databaseProxy.endSilent();
  stack.machines.faults.clear();
  for (const machine of stack.machines.running()) machine.kill("SIGCONT");
  stack.net.resume();
  stack.github.setOutage(false);
  stack.github.setRateLimit(null);
  stack.github.faults.clear();
  stack.github.webhooks.isDelivering = true;
  world.isSweepPaused = false;
}

/** The host's owner sends again what was never answered well, in any order. */
export async function deliverOwed({ stack }: World, random: Random): Promise<number> {
  const { webhooks } = stack.github;
  await webhooks.idle();
  const owed = () => webhooks.deliveries.filter((delivery) => !isAnswered(delivery));
  const count = owed().length;
  await persist("owed deliveries", async () => {
    for (const { guid } of random.shuffle(owed())) await webhooks.redeliver(guid);
    if (owed().length > 0) throw new Error(`${owed().length} are not answered`);
  });
  return count;
}

/** A delivery is taken when it was answered 2xx, or its repository is registered no more. */
export function isAnswered(delivery: {
  readonly attempts: readonly { readonly status: number | null }[];
}): boolean {
  return delivery.attempts.some(({ status }) =>
    status !== null && (status < 300 || status === 404 || status === 401)
  );
}

/**
 * What is not at rest, in words; empty when all is. A machine that nobody has ever seen is looked for
 * for ten minutes, which is rest enough; one that has been stopped for a day is still to be destroyed.
 */
export async function unrest({ stack }: World): Promise<string[]> {
  const [row] = await stack.sql<{ jobs: number; machines: number; hooks: number }[]>`
    select
      (select count(*)::int from quarry.indexing_jobs where state in ('queued', 'running')) as jobs,
      (select count(*)::int from quarry.machines
        where state <> 'gone' or (leftover = 'condemned'
          and (machine_id is not null or launched_at < clock_timestamp() - interval '10 minutes'))
          or (leftover = 'stopped' and gone_at < clock_timestamp() - interval '1 day')
      ) as machines,
      (select count(*)::int from quarry.repositories
        where hook_state = 'pending' and deleted_at is null) as hooks`;
  const counts = { ...row, processes: stack.machines.running().length };
  return Object.entries(counts).filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name}`);
}

/** Lets time pass until all is at rest for a while; answers what never came to rest. */
export async function settle(world: World): Promise<readonly string[]> {
  const deadline = performance.now() + SETTLE_SECONDS_MAX * 1000;
  let quietSince: number | null = null;
  let said = "";
  for (;;) {
    let restless: string[];
    try {
      await passTime(world);
      await hastenCleaning(world);
      await sweep(world);
      restless = await unrest(world);
    } catch (error) {
      restless = [`the database: ${String(error)}`];
    }
    const now = performance.now();
    if (restless.join(", ") !== said) world.onEvent(`left to do: ${said = restless.join(", ")}`);
    if (restless.length > 0) quietSince = null;
    else quietSince ??= now;
    if (quietSince !== null && now - quietSince >= QUIET_MILLISECONDS) return [];
    if (now > deadline) return restless;
    await sleep(ROUND_MILLISECONDS);
  }
}

/** A day without a push: every machine that only rests is destroyed, and every leftover dropped. */
export async function restForADay(world: World): Promise<readonly string[]> {
  await passDay(world);
  return await settle(world);
}

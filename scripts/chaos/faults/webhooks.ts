// Faults of the host: deliveries lost, repeated and in another order, and git and API away at once.

import type { Random } from "../random.ts";
import type { World } from "../world.ts";
import { redriveFailed } from "../workload.ts";
import { during, type Fault } from "./fault.ts";

const REPEATS_MAX = 5;

async function repeat({ stack: { github } }: World, random: Random): Promise<void> {
  const some = random.shuffle(github.webhooks.deliveries).slice(0, random.integer(1, REPEATS_MAX));
  await Promise.all(some.map(({ guid }) => github.webhooks.redeliver(guid)));
}

async function reorder({ stack: { github } }: World, random: Random): Promise<void> {
  const { webhooks } = github;
  await during(random, () => {
    webhooks.isDelivering = false;
  }, () => {
    webhooks.isDelivering = true;
  });
  const held = webhooks.deliveries.filter(({ attempts }) => attempts.length === 0);
  for (const { guid } of random.shuffle(held)) await webhooks.redeliver(guid);
}

/** Whatever is fetched meanwhile fails, and what has failed for good is queued anew at once. */
async function storm(world: World, random: Random): Promise<void> {
  const { github } = world.stack;
  await during(random, () => github.setOutage(true), () => github.setOutage(false));
  await redriveFailed(world);
}

export const webhookFaults: readonly Fault[] = [
  { name: "duplicate_webhooks", inject: repeat },
  { name: "reorder_webhooks", inject: reorder },
  { name: "retry_storm", inject: storm },
];

// Faults of the host: deliveries lost, repeated and in another order, pushes that it shows late, and git
// and API away at once.

import type { Random } from "../random.ts";
import type { World } from "../world.ts";
import { redriveFailed } from "../workload.ts";
import { requestIndex } from "../api_calls.ts";
import { holdsWithin } from "../patience.ts";
import { during, type Fault, struck } from "./fault.ts";

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

const LIMIT_SECONDS = 1800;
const LIMITED_SECONDS_MAX = 5;

/** The host limits whoever asks while every repository is to be indexed. */
async function limitedStorm(world: World): Promise<void> {
  const { github } = world.stack;
  const before = github.limitedCount;
  github.setRateLimit(LIMIT_SECONDS);
  try {
    for (const { tenant, repositoryId } of world.registrations) {
      if (repositoryId !== null) await requestIndex(world.stack, tenant, repositoryId, {});
    }
    const isLimited = await holdsWithin(LIMITED_SECONDS_MAX, () => github.limitedCount > before);
    if (!isLimited) throw new Error("nobody asked the host");
  } finally {
    github.setRateLimit(null);
  }
}

const LATE_SECONDS_MAX = 10;

/**
 * Pushes are announced before the host shows them, and longer than a worker waits for it: each is waited
 * for once, so that meanwhile no time may pass but by itself.
 */
async function showLate(world: World): Promise<void> {
  const { github, sql } = world.stack;
  const postponed = async () =>
    (await sql`select from quarry.indexing_job_events where event = 'postponed'`).length;
  const before = await postponed();
  world.isWaitingKept = true;
  try {
    await github.setLate(true);
    const isMet = await holdsWithin(LATE_SECONDS_MAX, async () => await postponed() > before);
    if (!isMet) throw new Error("nobody looked for a push");
  } finally {
    await github.setLate(false);
    world.isWaitingKept = false;
  }
}

export const webhookFaults: readonly Fault[] = [
  struck("duplicate_webhooks", repeat),
  struck("reorder_webhooks", reorder),
  struck("retry_storm", storm),
  struck("rate_limit_storm", limitedStorm),
  struck("late_host", showLate),
];

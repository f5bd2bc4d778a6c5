// Faults of the host: deliveries lost, repeated and in another order, pushes that it shows late, git and
// API away at once, fetches refused for a moment and broken off.

import type { Random } from "../random.ts";
import type { World } from "../world.ts";
import { redriveFailed } from "../workload.ts";
import { requestIndex } from "../api_calls.ts";
import { holdsWithin } from "../patience.ts";
import { during, type Fault, spell, struck } from "./fault.ts";

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
const MET_SECONDS_MAX = 5;

/** Every repository is to be indexed; throws where no fetch meets what the host does meanwhile. */
async function fetchAll(world: World, countMet: () => number): Promise<void> {
  const before = countMet();
  for (const { tenant, repositoryId } of world.registrations) {
    if (repositoryId !== null) {
      await requestIndex(world.stack, tenant, repositoryId, { full: true });
    }
  }
  const isMet = await holdsWithin(MET_SECONDS_MAX, () => countMet() > before);
  if (!isMet) throw new Error("nobody asked the host");
}

/** The host limits whoever asks. */
async function limitedStorm(world: World): Promise<void> {
  const { github } = world.stack;
  github.setRateLimit(LIMIT_SECONDS);
  try {
    await fetchAll(world, () => github.limitedCount);
  } finally {
    github.setRateLimit(null);
  }
}

const REFUSALS = [400, 401, 403, 404, 410, 451] as const;
const ANSWER_BYTES_MAX = 600;

/** Fetches meet a fault until one has, and for a spell after it. */
async function spoilFetches(
  world: World,
  random: Random,
  fault: { readonly refusal: number } | { readonly bytesMax: number },
): Promise<void> {
  const { faults } = world.stack.github;
  Object.assign(faults, fault);
  try {
    await fetchAll(world, () => faults.count);
    await spell(random);
  } finally {
    faults.clear();
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
  struck(
    "host_refuses",
    (world, random) => spoilFetches(world, random, { refusal: random.pick(REFUSALS) }),
  ),
  struck(
    "host_breaks_off",
    (world, random) =>
      spoilFetches(world, random, { bytesMax: random.integer(0, ANSWER_BYTES_MAX) }),
  ),
];

// Whose jobs are done when nine of ten waiting jobs are one tenant's: the small tenant's share of all
// completions for as long as it has work. A fair queue gives it half.

import { setTimeout as sleep } from "node:timers/promises";
import type { SharedQueue } from "./contender.ts";
import { createRandom, shuffled } from "./random.ts";

const LARGE_TENANT_JOBS = 2700;
const SMALL_TENANT_JOBS = 300;
const SMALL_TENANT = 1;
export const FAIRNESS_WORKERS = 8;
const SECONDS_MAX = 120;

export interface FairnessResult {
  readonly contender: string;
  /** Of all completions until the small tenant's last. */
  readonly smallTenantShare: number;
}

/** The tenants of the waiting jobs, oldest first. */
export function skewedTenants(seed: number): number[] {
  const large = Array.from({ length: LARGE_TENANT_JOBS }, () => 0);
  const small = Array.from({ length: SMALL_TENANT_JOBS }, () => SMALL_TENANT);
  return shuffled([...large, ...small], createRandom(seed));
}

export async function measureFairness(
  queue: SharedQueue,
  seed: number,
  signal: AbortSignal,
): Promise<FairnessResult> {
  await queue.fill(skewedTenants(seed));
  let all = 0;
  let small = 0;
  const ended = Promise.withResolvers<number>();
  const workers = await queue.start(FAIRNESS_WORKERS, ({ tenant }) => {
    all += 1;
    if (tenant === SMALL_TENANT) small += 1;
    if (small === SMALL_TENANT_JOBS) ended.resolve(all);
  });
  try {
    const patience = sleep(SECONDS_MAX * 1000, null, { signal, ref: false });
    const allAtTheEnd = await Promise.race([ended.promise, patience]);
    if (allAtTheEnd === null) throw new Error(`${queue.name} did not finish its jobs`);
    return { contender: queue.name, smallTenantShare: SMALL_TENANT_JOBS / allAtTheEnd };
  } finally {
    await workers.stop();
  }
}

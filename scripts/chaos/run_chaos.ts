// One run: workload, faults and the passing of time beside each other, then rest, then the checks.

import { setTimeout as sleep } from "node:timers/promises";
import {
  askForUnannounced,
  type Check,
  checksAfterADay,
  checksAtRest,
  findLostJobs,
} from "./checks.ts";
import type { Fault } from "./faults/fault.ts";
import { Random } from "./random.ts";
import { deliverOwed, endFaults, restForADay, settle } from "./settle.ts";
import { passTime, sweep } from "./time.ts";
import { redriveFailed, registerAll, takeStep } from "./workload.ts";
import { World, type WorldSize } from "./world.ts";

const TICK_MILLISECONDS = 400;
const STEP_PAUSE_MILLISECONDS_MAX = 250;
const FAULT_PAUSE_MILLISECONDS_MAX = 350;
const REDRIVES_MAX = 5;

export interface ChaosOptions {
  readonly seed: number;
  /** How long faults are injected; what follows takes as long as it needs. */
  readonly seconds: number;
  readonly faults: readonly Fault[];
  readonly size: WorldSize;
  readonly logDirectory: string;
  readonly onEvent: (text: string) => void;
}

export interface CheckResult {
  readonly name: string;
  readonly problems: readonly string[];
}

/** What happened and what was found. */
export interface ChaosReport {
  readonly seed: number;
  readonly steps: ReadonlyMap<string, number>;
  /** Those that took effect. */
  readonly faults: ReadonlyMap<string, number>;
  /** Injections that failed: something else was broken at that moment, or there was nothing to break. */
  readonly failedInjections: number;
  readonly facts: Readonly<Record<string, number>>;
  readonly checks: readonly CheckResult[];
}

class Counts extends Map<string, number> {
  add(name: string): void {
    this.set(name, (this.get(name) ?? 0) + 1);
  }
}

/** Runs it and answers the report. Throws only when the run itself is broken. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  await using world = await World.create(options.size, options.logDirectory, options.onEvent);
  const random = new Random(options.seed);
  const streams = { steps: random.fork(), faults: random.fork(), rest: random.fork() };
  await registerAll(world);
  const deadline = performance.now() + options.seconds * 1000;
  const goesOn = () => performance.now() < deadline;
  const steps = new Counts();
  const faults = new Counts();
  let failedInjections = 0;
  let isOver = false;
  const clock = passingTime(world, () => !isOver);
  const working = async () => {
    while (goesOn()) {
      steps.add(await takeStep(world, streams.steps));
      await sleep(streams.steps.integer(0, STEP_PAUSE_MILLISECONDS_MAX));
    }
  };
  const breaking = async () => {
    let round: Fault[] = [];
    while (goesOn()) {
      // Each once before any comes again: a short run meets as many as it can.
      if (round.length === 0) round = streams.faults.shuffle(options.faults);
      const fault = round.pop();
      if (fault === undefined) return;
      options.onEvent(`fault ${fault.name}`);
      try {
        await fault.inject(world, streams.faults);
        faults.add(fault.name);
      } catch (error) {
        failedInjections += 1;
        options.onEvent(`fault ${fault.name} was not injected: ${String(error)}`);
      }
      await sleep(streams.faults.integer(0, FAULT_PAUSE_MILLISECONDS_MAX));
    }
  };
  try {
    // Faults end before the workload's last call may: it may be waiting for just that.
    await Promise.all([breaking().finally(() => endFaults(world)), working()]);
  } finally {
    isOver = true;
    await clock;
  }
  endFaults(world);
  const { facts, checks } = await examine(world, streams.rest, options.onEvent);
  return { seed: options.seed, steps, faults, failedInjections, facts, checks };
}

async function passingTime(world: World, goesOn: () => boolean): Promise<void> {
  while (goesOn()) {
    try {
      await passTime(world);
      await sweep(world);
    } catch {
      // The database is away: its time will come.
    }
    await sleep(TICK_MILLISECONDS);
  }
}

async function examine(world: World, random: Random, onEvent: (text: string) => void) {
  const checks: CheckResult[] = [];
  const note = (name: string, problems: readonly string[]) => {
    checks.push({ name, problems });
    onEvent(`checked: ${name}`);
    for (const problem of problems) onEvent(`${name}: ${problem}`);
  };
  onEvent("faults are over");
  const owed = await deliverOwed(world, random);
  note("all comes to rest (invariant 7)", await settle(world));
  const unannounced = await askForUnannounced(world);
  note("no push is lost (invariant 1)", await findLostJobs(world));
  const redriven = await redriveAll(world);
  for (const check of checksAtRest) note(check.name, await attempt(check, world));
  note("all comes to rest for good (invariant 7)", await restForADay(world));
  for (const check of checksAfterADay) note(check.name, await attempt(check, world));
  const facts = { ...await countFacts(world), owed, unannounced, redriven };
  return { checks, facts };
}

/** Until nothing has failed that could be tried again; answers how often it was. */
async function redriveAll(world: World): Promise<number> {
  let redriven = 0;
  for (let round = 0; round < REDRIVES_MAX; round += 1) {
    const count = await redriveFailed(world);
    await settle(world);
    if (count === 0) break;
    redriven += count;
  }
  return redriven;
}

async function attempt(check: Check, world: World): Promise<string[]> {
  try {
    return await check.find(world);
  } catch (error) {
    return [`the check itself failed: ${String(error)}`];
  }
}

async function countFacts({ stack }: World): Promise<Record<string, number>> {
  const [row] = await stack.sql<Record<string, number>[]>`
    select
      (select count(*)::int from quarry.indexing_jobs) as jobs,
      (select count(*)::int from quarry.indexing_jobs where state = 'failed') as failed,
      (select count(*)::int from quarry.indexing_job_events where event = 'claimed') as claims,
      (select count(*)::int from quarry.indexing_job_events where event = 'published') as publishes`;
  return { ...row, machines: stack.machines.all().length };
}

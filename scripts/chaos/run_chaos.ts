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
import { Counts, Injections } from "./injections.ts";
import { holdsWithin } from "./patience.ts";
import { Random } from "./random.ts";
import { deliverOwed, endFaults, restForADay, settle } from "./settle.ts";
import { passTime, sweep } from "./time.ts";
import { findHeldByTheDead, settleUnaided } from "./unaided.ts";
import { redriveFailed, registerAll, takeStep } from "./workload.ts";
import { World, type WorldSize } from "./world.ts";

const TICK_MILLISECONDS = 400;
const STEP_PAUSE_MILLISECONDS_MAX = 250;
const FAULT_PAUSE_MILLISECONDS_MAX = 350;
const REDRIVES_MAX = 5;
/** For faults that have met no occasion when the time is over. */
const OVERTIME_SECONDS_MAX = 60;
const LAST_JOB_SECONDS_MAX = 5;

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
  /** Those that were prepared and met no occasion. */
  readonly pending: ReadonlyMap<string, number>;
  /** Injections that failed: something else was broken at that moment, or there was nothing to break. */
  readonly failed: ReadonlyMap<string, number>;
  /** Faults that were asked for and never took effect: of these the run says nothing. */
  readonly missing: readonly string[];
  readonly facts: Readonly<Record<string, number>>;
  readonly checks: readonly CheckResult[];
}

/** Runs it and answers the report. Throws only when the run itself is broken. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  await using world = await World.create(options.size, options.logDirectory, options.onEvent);
  const random = new Random(options.seed);
  const streams = { steps: random.fork(), faults: random.fork(), rest: random.fork() };
  await registerAll(world);
  const steps = new Counts();
  const injections = new Injections(options.faults);
  let isTimePassing = true;
  const over = new AbortController();
  const clock = passingTime(world, () => isTimePassing);
  const working = async () => {
    while (!over.signal.aborted) {
      steps.add(await takeStep(world, streams.steps));
      await sleep(streams.steps.integer(0, STEP_PAUSE_MILLISECONDS_MAX));
    }
  };
  const breaking = async () => {
    await breakAll(world, injections, streams.faults, options);
    isTimePassing = false;
    await clock;
    await leaveDead(world, options.onEvent);
  };
  try {
    // Faults end before the workload's last call may: it may be waiting for just that.
    await Promise.all([
      breaking().finally(() => {
        over.abort();
        endFaults(world);
      }),
      working(),
    ]);
  } finally {
    isTimePassing = false;
    await clock;
  }
  endFaults(world);
  const { facts, checks } = await examine(world, streams.rest, options.onEvent);
  return {
    seed: options.seed,
    steps,
    faults: injections.effects(),
    pending: injections.pending(),
    failed: injections.failed,
    missing: injections.missing().map(({ name }) => name),
    facts,
    checks,
  };
}

/** Injects faults until the time is over, and then until each has taken effect, or a minute more. */
async function breakAll(
  world: World,
  injections: Injections,
  random: Random,
  { faults, seconds, onEvent }: ChaosOptions,
): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  let round: Fault[] = [];
  for (;;) {
    const now = performance.now();
    const missing = injections.missing();
    if (now > deadline && (missing.length === 0 || now > deadline + OVERTIME_SECONDS_MAX * 1000)) {
      return;
    }
    // Each once before any comes again: a short run meets as many as it can.
    if (now > deadline) {
      // What is prepared already waits for its occasion.
      const pending = injections.pending();
      round = random.shuffle(missing.filter(({ name }) => !pending.has(name))).slice(0, 1);
    } else if (round.length === 0) {
      round = random.shuffle(faults);
    }
    const fault = round.pop();
    if (fault === undefined) {
      await sleep(FAULT_PAUSE_MILLISECONDS_MAX);
      continue;
    }
    onEvent(`fault ${fault.name}`);
    try {
      injections.note(fault.name, await fault.inject(world, random));
    } catch (error) {
      injections.failed.add(fault.name);
      onEvent(`fault ${fault.name} was not injected: ${String(error)}`);
    }
    await sleep(random.integer(0, FAULT_PAUSE_MILLISECONDS_MAX));
  }
}

/** The last fault, after which time is not helped along: whatever runs dies with its leases. */
async function leaveDead(world: World, onEvent: (text: string) => void): Promise<void> {
  const isSomethingHeld = await holdsWithin(
    LAST_JOB_SECONDS_MAX,
    async () =>
      (await world.stack.sql`
      select from quarry.indexing_jobs where state = 'running'`).length > 0,
  );
  onEvent(`every machine dies${isSomethingHeld ? " with a job" : ""}`);
  for (const machine of world.stack.machines.running()) machine.kill("SIGKILL");
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
  note("a dead worker's job is taken within lease and sweep", await findHeldByTheDead(world));
  note("all work ends with no help but time (invariant 1)", await settleUnaided(world));
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

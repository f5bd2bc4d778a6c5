// Random schedules of the model, step by step on the real functions of a real PostgreSQL: after each
// step the database must be where the model is. So the model cannot drift away from what it is of.

import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../scripts/local/test_database.ts";
import { randomNumbers } from "./explore.ts";
import { stepsOf, tidy, violationOf } from "./protocol.ts";
import { type Abstract, abstractOf, Replay } from "./replay.ts";
import { large } from "./scenarios.ts";
import { initialState, type Rules, type State } from "./state.ts";
import { describeStep, ranks, type Step, type StepKind } from "./step.ts";

const SCHEDULES = 300;
const STEPS_MAX = 24;
/** Databases, each with a schedule at a time. */
const LANES = 4;
/** Faults and idle polls are many: taken as often as any step they would leave little else to see. */
const FAULT_SHARE = 0.15;
const WORK_SHARE = 0.5;

const rules: Rules = {
  ...large,
  tenantLimits: [1, 2],
  repositories: [0, 1, 1],
  refs: [0, 1, 2, 2],
  wakesMax: 2,
  machinesMax: 3,
  attemptsMax: 2,
  poison: [],
  mutation: null,
};

const databases: TestDatabase[] = [];
beforeAll(async () => {
  for (let lane = 0; lane < LANES; lane += 1) databases.push(await createTestDatabase());
});
afterAll(() => Promise.all(databases.map((database) => database.drop())));

/** The end of the transaction that a step begins: all of them, where the model has a choice. */
interface Ending {
  readonly next: State;
  /** The ref whose job was started, -1 for none. */
  readonly ref: number;
}

const openPlaces: ReadonlySet<string> = new Set([
  "looked",
  "leave_locked",
  "leave_looked",
  "stop_looked",
]);

function endingsOf(step: Step): Ending[] {
  const { next, machine } = step;
  const isOpen = next.planners.length > 0 ||
    next.machines.some(({ name, worker }) => name === machine && openPlaces.has(worker));
  if (!isOpen) return [{ next, ref: step.ref }];
  return stepsOf(rules, next).filter(({ kind, machine: mover }) =>
    next.planners.length > 0 ? kind.startsWith("plan_") : mover === machine && endKinds.has(kind)
  ).flatMap(endingsOf);
}

const endKinds: ReadonlySet<StepKind> = new Set([
  "claim_commit",
  "leave_look",
  "leave_commit",
  "stop_commit",
]);

interface Divergence {
  readonly trace: readonly string[];
  readonly model: Abstract | string;
  readonly database: Abstract | string;
}

function pickFrom<T>(list: readonly T[], random: () => number): T | undefined {
  return list[Math.floor(random() * list.length)];
}

/** Each kind as likely as any other, however many steps of it there are. */
function pickStep(steps: readonly Step[], random: () => number): Step | undefined {
  const kind = pickFrom([...new Set(steps.map((step) => step.kind))], random);
  return pickFrom(steps.filter((step) => step.kind === kind), random);
}

function nextStep(state: State, random: () => number): Step | undefined {
  const enabled = stepsOf(rules, state);
  const faults = enabled.filter(({ next }) => next.faultsLeft < state.faultsLeft);
  const work = enabled.filter(({ rank }) => rank <= ranks.dispatch);
  const others = enabled.filter((step) => !faults.includes(step));
  const share = random();
  const wanted = share < FAULT_SHARE ? faults : share < FAULT_SHARE + WORK_SHARE ? work : others;
  return pickStep(wanted, random) ?? pickStep(enabled, random);
}

/** Runs one schedule on both; answers where they part, or null. */
async function runSchedule(
  replay: Replay,
  seed: number,
  seen: Set<StepKind>,
): Promise<Divergence | null> {
  const random = randomNumbers(seed);
  await replay.reset();
  let state = initialState(rules);
  const trace: string[] = [];
  for (let i = 0; i < STEPS_MAX; i += 1) {
    const step = nextStep(state, random);
    if (step === undefined) return null;
    seen.add(step.kind);
    trace.push(describeStep(step));
    const chosen = await replay.take(step, state).catch((error: unknown) => {
      throw new Error(`seed ${seed}, at the end of:\n${trace.join("\n")}`, { cause: error });
    });
    const endings = stepsOf(rules, state)
      .filter((other) =>
        chosen === null ? describeStep(other) === trace.at(-1) : isSameCall(other, step)
      )
      .flatMap(endingsOf).filter((ending) => chosen === null || ending.ref === chosen);
    const ending = pickFrom(endings, random);
    if (ending === undefined) {
      return { trace, model: "no such job could be claimed", database: `ref ${chosen}` };
    }
    state = tidy(ending.next);
    const [model, database] = [abstractOf(state), await replay.abstract()];
    if (JSON.stringify(model) !== JSON.stringify(database)) return { trace, model, database };
    expect(violationOf(rules, state)).toBeNull();
  }
  return null;
}

/** Looks that differ only in the tenant they choose are one call. */
function isSameCall(a: Step, b: Step): boolean {
  return a.kind === b.kind && a.machine === b.machine;
}

test(`${SCHEDULES} random schedules take model and database through the same states`, async () => {
  const seen = new Set<StepKind>();
  const seeds = Array.from({ length: SCHEDULES }, (_, seed) => seed).values();
  await Promise.all(databases.map(async (database) => {
    const replay = await Replay.prepare(database, rules);
    for (const seed of seeds) {
      const divergence = await runSchedule(replay, seed, seen);
      expect(divergence, `seed ${seed}`).toBeNull();
    }
  }));
  expect([...seen].sort()).toEqual([
    "abandon",
    "cancel",
    "claim_look",
    "claim_notified",
    "complete",
    "complete_and_claim",
    "crash",
    "create",
    "deploy",
    "destroy",
    "dispatch_dies",
    "fail",
    "fetch",
    "heartbeat",
    "job_is_due",
    "lease_expires",
    "leave_lock",
    "list",
    "machine_is_late",
    "pause_ends",
    "postpone",
    "publish",
    "push",
    "register",
    "release",
    "stop",
    "stop_look",
    "sweep",
    "wake",
    "wake_dropped",
  ]);
}, 120_000);

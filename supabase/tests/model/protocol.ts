// All steps of a state, what must hold in every state, and when two states are the same.

import {
  addCallSteps,
  addDeploy,
  addPeopleSteps,
  addSweep,
  addTimeSteps,
  addWakeSteps,
  liveRows,
} from "./fleet.ts";
import { isAvailable, leasedJob, runningOf, startableCount } from "./queue.ts";
import { type Job, type Machine, type Rules, type State } from "./state.ts";
import { type Step, Steps } from "./step.ts";
import { addWorkerSteps } from "./worker.ts";

/** Every step that may come next. */
export function stepsOf(rules: Rules, state: State): Step[] {
  const steps = new Steps(rules, state);
  addPeopleSteps(steps);
  addDeploy(steps);
  addWakeSteps(steps);
  state.machines.forEach((_, index) => {
    addCallSteps(steps, index);
    addWorkerSteps(steps, index);
  });
  addTimeSteps(steps);
  addSweep(steps);
  return steps.list;
}

/** Of a machine whose process has ended, what is left at the platform changes nothing any more. */
function isOver({ row, call, worker }: Machine): boolean {
  return worker === "absent" && call === "none" && (row === "gone" || row === "none");
}

/** Forgets machines that are over. */
export function tidy(state: State): State {
  if (!state.machines.some(isOver)) return state;
  return { ...state, machines: state.machines.filter((machine) => !isOver(machine)) };
}

/** Positions stand for words in a key; a new word costs nothing but its place in the list. */
const rows: readonly Machine["row"][] = ["none", "launching", "idle", "busy", "gone"];
const calls: readonly Machine["call"][] = ["none", "create", "start", "unclear", "unclear_created"];
const jobPlaces: readonly Job["at"][] = ["ready", "backoff", "rate_limit", "running"];
const workerPlaces: readonly Machine["worker"][] = [
  "absent",
  "stuck",
  "booting",
  "polling",
  "looked",
  "idle",
  "leave_locked",
  "leave_looked",
  "claimed",
  "fetched",
  "published",
  "stopping",
  "stop_looked",
];

/** Numbers below 8 as one character, three bits each. */
function octets(a: number, b = 0, c = 0, d = 0, e = 0): string {
  return String.fromCharCode(((((a << 3 | b) << 3 | c) << 3) | d) << 3 | e);
}

function jobCode(job: Job): number {
  const flags = Number(job.isDue) | Number(job.isExpired) << 1 | Number(job.isCancelling) << 2 |
    Number(job.isFull) << 3 | Number(job.hasPublished) << 4;
  const place = (job.ref << 2 | jobPlaces.indexOf(job.at)) << 3 | job.attempt;
  const hint = job.announced << 1 | Number(job.isLookedFor);
  return ((place << 4 | hint) << 5 | flags) << 3 | job.wants;
}

function machineCode(jobs: readonly Job[], machine: Machine): number {
  const state = (rows.indexOf(machine.row) << 3 | calls.indexOf(machine.call)) << 2 |
    Number(machine.isLate) << 1 | Number(machine.isCondemned);
  const version = machine.image << 1 | Number(machine.isOutdated);
  // Of a token nothing matters but whether it is the current one; 0 is for no job, 1 for one that
  // has ended.
  let hold = 0;
  if (machine.job !== 0) {
    const position = jobs.findIndex(({ id }) => id === machine.job);
    hold = position === -1 ? 1 : 2 + position * 2 + Number(jobs[position]!.token === machine.token);
  }
  const place = (state << 2 | version) << 4 | workerPlaces.indexOf(machine.worker);
  return ((place << 4 | hold) << 3 | machine.head) << 4 | machine.found + 1 << 2 | machine.round;
}

/** Equal for states that differ only in names: of jobs, of tokens, of machines. */
export function keyOf(state: State): string {
  const jobs = state.jobs.length < 2
    ? state.jobs
    : state.jobs.toSorted((a, b) => jobCode(a) - jobCode(b));
  let key =
    octets(state.wakes, state.pushesLeft, state.fullsLeft, state.cancelsLeft, state.stopsLeft) +
    octets(
      state.faultsLeft,
      jobs.length,
      state.planners.length,
      ...state.stopped,
    ) + octets(Number(state.isPaused), state.image, state.deploysLeft);
  for (const ref of state.refs) {
    key += octets(ref.pushed, ref.fullAsked, ref.announced, ref.published) +
      octets(ref.publishedFull, ref.closed, ref.closedFull);
  }
  for (const { at, image, claimable, startable, live } of state.planners) {
    key += octets(at === "locked" ? 0 : 1, image, claimable, startable, live);
  }
  const machines = state.machines.map((machine) => machineCode(jobs, machine));
  if (machines.length > 1) machines.sort((a, b) => a - b);
  for (const code of [...jobs.map(jobCode), ...machines]) {
    key += String.fromCharCode(code >>> 16, code & 0xffff);
  }
  return key;
}

/** Whether this job will still bring a push, unless it fails: it has not looked yet, or saw it, or looks for it. */
function willCover(state: State, job: Job, push: number): boolean {
  if (job.at !== "running") return true;
  const holder = state.machines.find((machine) => leasedJob(state, machine) === job);
  return holder === undefined || holder.worker === "claimed" || holder.head >= push ||
    job.announced >= push && !job.isLookedFor;
}

function lostPush(rules: Rules, state: State): string | null {
  for (const ref of rules.refs.keys()) {
    const { pushed, published, closed, fullAsked, publishedFull, closedFull } = state.refs[ref]!;
    const jobs = state.jobs.filter((job) => job.ref === ref);
    if (
      pushed > Math.max(published, closed) && !jobs.some((job) => willCover(state, job, pushed))
    ) {
      return `push ${pushed} to ref ${ref} is lost`;
    }
    const isFullOwed = fullAsked > Math.max(publishedFull, closedFull);
    if (isFullOwed && !jobs.some((job) => job.isFull && willCover(state, job, fullAsked))) {
      return `the full index of ref ${ref} that was asked for is lost`;
    }
  }
  return null;
}

/** The first invariant that does not hold, or null. */
export function violationOf(rules: Rules, state: State): string | null {
  if (state.violation !== null) return state.violation;
  const runningRepositories = new Set<number>();
  const queuedRefs = new Set<number>();
  for (const { at, ref } of state.jobs) {
    const [seen, mark] = at === "running"
      ? [runningRepositories, rules.refs[ref]!]
      : [queuedRefs, ref];
    if (seen.has(mark)) {
      return at === "running"
        ? `two running jobs of repository ${mark}`
        : `two queued jobs of ref ${mark}`;
    }
    seen.add(mark);
  }
  for (const [tenant, limit] of rules.tenantLimits.entries()) {
    if (runningOf(rules, state, tenant) > limit) return `tenant ${tenant} runs more than ${limit}`;
  }
  if (liveRows(state) > rules.machinesMax) return "more live machines than the fleet limit";
  return lostPush(rules, state) ?? (rules.hasSweep ? null : missedWork(rules, state));
}

/**
 * Invariant 7, for configurations without a sweep: when no wake, plan or call is under way, each job
 * that a claim could start has a worker that will ask for it, unless the fleet is full.
 */
function missedWork(rules: Rules, state: State): string | null {
  if (state.wakes > 0 || state.planners.length > 0) return null;
  if (liveRows(state) >= rules.machinesMax) return null;
  // One that is outdated asks for another in its place as it leaves.
  const asking = state.machines.filter((machine) =>
    isAvailable(machine) || /^(polling|looked|leave|stop)/.test(machine.worker) ||
    machine.isOutdated && machine.worker === "idle"
  );
  const missed = startableCount(rules, state) - asking.length;
  return missed > 0 ? `${missed} job waits and nobody will come for it` : null;
}

/** Whether all work has ended and nothing is left running. */
export function isQuiet(state: State): boolean {
  return state.jobs.length === 0 && state.machines.length === 0 && state.wakes === 0 &&
    state.planners.length === 0;
}

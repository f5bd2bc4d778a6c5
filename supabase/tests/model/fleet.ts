// The other side of the model: people and webhooks, pg_net, dispatch with the Machines API, the
// passing of time, and the sweep. What dispatch does to the API lies in
// supabase/functions/dispatch/launch.ts, what it asks of SQL in *_launches.sql and *_workers.sql.

import {
  addStopped,
  cancel,
  claimableOf,
  enqueue,
  isAvailable,
  leasedJob,
  meetTime,
  recoverExpired,
  requestWake,
  runningOf,
  servableTenants,
  startableCount,
  updateJob,
  violate,
} from "./queue.ts";
import { type Image, type Machine, type Planner, type Rules, type State } from "./state.ts";
import { ranks, type Steps, updateMachine } from "./step.ts";
import { isFleetLocked } from "./worker.ts";

/** Whoever pushes (api.record_delivery, api.request_index) and cancels (api.cancel_job). */
export function addPeopleSteps(steps: Steps): void {
  const { rules, state } = steps;
  for (const ref of rules.refs.keys()) {
    if (state.pushesLeft === 0) break;
    // Of refs that are alike the first untouched one stands for all.
    if (rules.refsAreAlike && ref > 0 && state.refs[ref - 1]!.pushed === 0) break;
    const pushesLeft = state.pushesLeft - 1;
    const about = { ref, text: `to ref ${ref}` };
    steps.add("push", { ...enqueue(rules, state, ref, false), pushesLeft }, about);
    if (state.fullsLeft === 0) continue;
    const asked = { ...enqueue(rules, state, ref, true), pushesLeft };
    const text = `to ref ${ref}, full`;
    steps.add("push", { ...asked, fullsLeft: state.fullsLeft - 1 }, { ref, text });
  }
  if (state.cancelsLeft === 0) return;
  for (const job of state.jobs) {
    if (job.isCancelling) continue;
    const next = { ...cancel(state, job), cancelsLeft: state.cancelsLeft - 1 };
    steps.add("cancel", next, { ref: job.ref, text: `the ${job.at} job of ref ${job.ref}` });
  }
}

/** Dispatch is configured with the other image: a deployment, or a step back. */
export function addDeploy(steps: Steps): void {
  const { image, deploysLeft } = steps.state;
  if (deploysLeft === 0) return;
  const other = image === 0 ? 1 : 0;
  const next = { ...steps.state, image: other, deploysLeft: deploysLeft - 1 } as const;
  steps.add("deploy", next, { text: `image ${other}` });
}

/** pg_net, and plan_launches in its statements: the lock, what is claimable, who is available. */
export function addWakeSteps(steps: Steps): void {
  const { rules, state } = steps;
  const mayBegin = rules.mutation === "plan_takes_no_lock"
    ? state.planners.length < 2
    : !isFleetLocked(rules, state);
  if (state.wakes > 0) {
    const delivered = { ...state, wakes: state.wakes - 1 };
    if (mayBegin) {
      const { image } = state;
      const planner: Planner = { at: "locked", image, claimable: 0, startable: 0, live: 0 };
      const planners = [...state.planners, planner];
      const begun = outdate(forgetLost({ ...delivered, planners }), image);
      steps.add("wake", begun, { rank: ranks.dispatch });
      steps.addFault("wake_repeated", "wake", { ...begun, wakes: state.wakes });
    }
    steps.addFault("wake_dropped", "wake_dropped", delivered);
  }
  state.planners.forEach((planner, index) => {
    const others = state.planners.filter((_, other) => other !== index);
    if (planner.at === "locked" && state.isPaused) {
      steps.add("plan_commit", { ...state, planners: others }, {
        rank: ranks.work,
        text: "pauses",
      });
    } else if (planner.at === "locked") {
      const met = meetTime(rules, state);
      const looked: Planner = {
        at: "looked",
        image: planner.image,
        claimable: claimableCount(rules, met),
        startable: startableCount(rules, met),
        live: liveRows(state),
      };
      steps.add("plan_look", { ...met, planners: [...others, looked] }, { rank: ranks.work });
    } else {
      addPlanCommit(steps, planner, others);
    }
  });
}

/** The first half of quarry.machines_wanted. */
function claimableCount(rules: Rules, state: State): number {
  if (rules.mutation !== "plan_counts_refs") return startableCount(rules, state);
  return servableTenants(rules, state).reduce((sum, tenant) => {
    const room = rules.tenantLimits[tenant]! - runningOf(rules, state, tenant);
    return sum + Math.min(room, claimableOf(rules, state, tenant).length);
  }, 0);
}

export function liveRows(state: State): number {
  return state.machines.filter(({ row }) => row !== "gone" && row !== "none").length;
}

function availableRows(rules: Rules, state: State): number {
  const { mutation } = rules;
  return state.machines.filter((machine) =>
    isAvailable(machine) && (machine.row === "idle" || mutation !== "plan_ignores_launching") ||
    machine.row === "busy" && mutation === "plan_counts_busy_workers" ||
    machine.isOutdated && mutation === "plan_counts_outdated"
  ).length;
}

/** The end of api.plan_launches: inserts the rows, in the transaction that holds the lock. */
function addPlanCommit(steps: Steps, planner: Planner, planners: readonly Planner[]): void {
  const { rules, state } = steps;
  const wanted = planner.claimable - availableRows(rules, state);
  const count = Math.max(0, Math.min(wanted, rules.machinesMax - planner.live));
  let next: State = { ...state, planners };
  for (let i = 0; i < count; i += 1) {
    const { image } = planner;
    const row = rules.mutation === "row_after_the_call" ? "none" : "launching";
    next = next.stopped[image] > 0
      ? addMachine(addStopped(next, image, -1), "launching", "start", image)
      : addMachine(next, row, "create", image);
  }
  const available = state.machines.filter(isAvailable);
  if (count > Math.max(0, planner.startable - available.length)) {
    next = violate(next, "more machines planned than claims could start jobs");
  }
  steps.add("plan_commit", next, { rank: ranks.work, text: `launches ${count}` });
}

function addMachine(
  state: State,
  row: Machine["row"],
  call: Machine["call"],
  image: Image,
): State {
  const machine: Machine = {
    name: `m${state.launched + 1}`,
    row,
    image,
    isOutdated: false,
    call,
    isLate: false,
    isCondemned: false,
    worker: "absent",
    job: 0,
    token: 0,
    head: 0,
    found: -1,
    round: 0,
  };
  return { ...state, launched: state.launched + 1, machines: [...state.machines, machine] };
}

/** What dispatch owes a launch: the call, and finding out what came of an unclear one. */
export function addCallSteps(steps: Steps, index: number): void {
  const { state } = steps;
  const machine = state.machines[index]!;
  if (machine.call === "none") return;
  if (machine.call !== "create" && machine.call !== "start") {
    return addResolution(steps, index, machine);
  }
  const about = { machine: machine.name, rank: ranks.dispatch };
  const row = machine.row === "none" ? "launching" : machine.row;
  const answered = (change: Partial<Machine>) =>
    updateMachine(state, index, { call: "none", ...change });
  // api.record_launch: of a launch that failed for certain, unless it was given up before.
  const failedRow = machine.row === "launching" ? "gone" : machine.row;
  const failed = answered({ row: failedRow });
  steps.add("create", answered({ row, worker: "booting" }), { ...about, text: machine.call });
  steps.addFault("never_starts", "create", answered({ row, worker: "stuck" }), about);
  steps.addFault("dispatch_dies", "dispatch_dies", answered({}), about);
  const isKept = machine.call === "start" && machine.row === "launching";
  const paused = { ...addStopped(failed, machine.image, Number(isKept)), isPaused: true };
  steps.addFault("platform_pauses", "create", paused, about);
  if (machine.call === "create") {
    steps.addFault("create_refused", "create", failed, about);
    const unclear = answered({ call: "unclear" });
    steps.addFault("create_unclear", "create", unclear, { ...about, text: "not created" });
    const created = answered({ call: "unclear_created", worker: "booting" });
    steps.addFault("create_unclear", "create", created, { ...about, text: "created" });
  } else if (machine.row === "launching") {
    const again = addStopped(failed, machine.image);
    steps.addFault("start_refused", "create", again, { ...about, text: "to be tried again" });
    const condemned = updateMachine(failed, index, { isCondemned: true });
    steps.addFault("start_refused", "create", condemned, { ...about, text: "for good" });
  }
}

/** An unclear answer is settled by listing on the launch id, then by the same name again. */
function addResolution(steps: Steps, index: number, machine: Machine): void {
  const { rules, state } = steps;
  const about = { machine: machine.name, rank: ranks.dispatch };
  if (rules.mutation === "second_name_when_unclear") {
    const settled = updateMachine(state, index, { call: "none" });
    const second = addMachine(settled, "launching", "create", machine.image);
    return steps.add("create", second, { ...about, text: "again under another name" });
  }
  const isThere = machine.call === "unclear_created";
  const next = updateMachine(state, index, { call: isThere ? "none" : "create" });
  steps.add("list", next, { ...about, text: isThere ? "it exists" : "it does not exist" });
}

/** The passing of time: free where nobody is there to prevent it, else a fault. */
export function addTimeSteps(steps: Steps): void {
  const { state } = steps;
  for (const job of state.jobs) {
    const about = { ref: job.ref, text: `of ref ${job.ref}` };
    if (job.at === "backoff" || job.at === "rate_limit") {
      if (job.isDue) continue;
      steps.add("job_is_due", updateJob(state, job, { isDue: true }), {
        ...about,
        rank: ranks.time,
      });
    }
    if (job.at !== "running" || job.isExpired) continue;
    const expired = updateJob(state, job, { isExpired: true });
    const isHeld = state.machines.some((machine) => leasedJob(state, machine) === job);
    if (isHeld) steps.addFault("frozen_past_lease", "lease_expires", expired, about);
    else steps.add("lease_expires", expired, { ...about, rank: ranks.time });
  }
  if (state.isPaused) steps.add("pause_ends", { ...state, isPaused: false }, { rank: ranks.time });
  state.machines.forEach((machine, index) => addMachineTime(steps, index, machine));
}

function addMachineTime(steps: Steps, index: number, machine: Machine): void {
  const { state } = steps;
  const { name, row, worker, isLate } = machine;
  if (machine.isCondemned && machine.call === "none" && worker !== "absent") {
    // api.plan_cleaning and api.record_cleaning; a process that lives on dies with its machine.
    const nothing = { worker: "absent", job: 0, token: 0, head: 0, found: -1, round: 0 } as const;
    const destroyed = updateMachine(state, index, { ...nothing, isCondemned: false });
    steps.add("destroy", destroyed, { machine: name, rank: ranks.dispatch });
  }
  if (row === "gone" || row === "none" || isLate) return;
  const late = updateMachine(state, index, { isLate: true });
  const isSilent = worker === "absent" || worker === "stuck";
  if (isSilent && machine.call === "none") {
    return steps.add("machine_is_late", late, { machine: name, rank: ranks.time });
  }
  const fault = row === "launching" ? "slow_start" : "silent_but_alive";
  steps.addFault(fault, "machine_is_late", late, { machine: name });
}

/** Rows that a claim has locked are skipped. */
function isLocked({ worker }: Machine): boolean {
  return worker === "looked" || worker === "leave_looked";
}

/** quarry.outdate_machines. */
function outdate(state: State, current: Image): State {
  const isWrong = (machine: Machine) =>
    machine.row !== "gone" && machine.row !== "none" && !isLocked(machine) &&
    machine.isOutdated !== (machine.image !== current);
  if (!state.machines.some(isWrong)) return state;
  const machines = state.machines.map((machine) =>
    isWrong(machine) ? { ...machine, isOutdated: !machine.isOutdated } : machine
  );
  return { ...state, machines };
}

/** quarry.forget_lost_machines. */
export function forgetLost(state: State): State {
  const isLost = (machine: Machine) =>
    machine.isLate && machine.row !== "gone" && !isLocked(machine);
  if (!state.machines.some(isLost)) return state;
  const machines = state.machines.map((machine) =>
    isLost(machine) ? { ...machine, row: "gone", isCondemned: true } as const : machine
  );
  return { ...state, machines };
}

/** quarry.sweep; left out where it would change nothing. */
export function addSweep(steps: Steps): void {
  const { rules, state } = steps;
  if (!rules.hasSweep) return;
  const swept = meetTime(rules, forgetLost(recoverExpired(rules, state)));
  const wanted = claimableCount(rules, swept) - availableRows(rules, swept);
  const next = wanted > 0 && rules.mutation !== "sweep_does_not_wake"
    ? requestWake(rules, swept)
    : swept;
  if (next === state) return;
  // Once a wake is under way another one brings the end of the work no nearer.
  const isUseful = swept !== state || state.wakes === 0;
  steps.add("sweep", next, { rank: isUseful ? ranks.sweep : ranks.never });
}

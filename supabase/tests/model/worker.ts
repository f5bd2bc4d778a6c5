// The indexer's side of the model: what a worker process may do next, one committed transaction a
// step, except where the protocol's own locks lie between statements. A worker whose machine was
// declared gone goes on like any other: only the fence may stop it.

import {
  addStopped,
  claimableOf,
  complete,
  isAvailable,
  isToBePostponed,
  leasedJob,
  meetTime,
  postpone,
  promoteDue,
  publish,
  recordFailure,
  release,
  requestWake,
  runningOf,
  servableTenants,
  startableCount,
  startJob,
  updateJob,
  violate,
} from "./queue.ts";
import { type Job, type Machine, type Rules, type State } from "./state.ts";
import { ranks, type Steps, updateMachine } from "./step.ts";

const NOTHING_HELD = { job: 0, token: 0, head: 0, found: -1, round: 0 } as const;

/** pg_advisory_xact_lock of quarry.lock_fleet: whoever is inside a locked call holds it. */
export function isFleetLocked(rules: Rules, state: State): boolean {
  if (state.planners.length > 0) return true;
  return state.machines.some(({ worker }) =>
    worker === "leave_locked" || worker === "stop_looked" ||
    worker === "leave_looked" && rules.mutation !== "leave_looks_before_it_locks"
  );
}

export function addWorkerSteps(steps: Steps, index: number): void {
  const machine = steps.state.machines[index]!;
  switch (machine.worker) {
    case "absent":
    case "stuck":
      return;
    case "booting":
      return addRegister(steps, index, machine);
    case "polling":
      addLook(steps, index, machine, "claim_look", ranks.work);
      break;
    case "idle":
      addIdle(steps, index, machine);
      break;
    case "looked":
      addClaimCommit(steps, index, machine);
      break;
    case "leave_locked":
      addLook(steps, index, machine, "leave_look", ranks.work);
      break;
    case "leave_looked":
      addLeaveCommit(steps, index, machine);
      break;
    case "claimed":
    case "fetched":
    case "published":
      addWork(steps, index, machine);
      break;
    case "stopping":
    case "stop_looked":
      addStop(steps, index, machine);
  }
  addEndings(steps, index, machine);
}

/** quarry.register_worker: null when the launch is unknown or was given up; then it exits. */
function addRegister(steps: Steps, index: number, { name, row }: Machine): void {
  const { state } = steps;
  const about = { machine: name, rank: ranks.dispatch };
  // An idle row is its own: it is here again because the answer was lost, and is known by its boot_id.
  if (row !== "launching" && row !== "idle") {
    // A row that is still to come is told apart only by the order of two requests.
    if (row === "none") return;
    return steps.add("register", updateMachine(state, index, { worker: "absent" }), {
      ...about,
      text: "refused, exits",
    });
  }
  const registered = { row: "idle", isLate: false } as const;
  steps.add("register", updateMachine(state, index, { ...registered, worker: "polling" }), about);
  steps.addFault(
    "register_answer_lost",
    "register",
    updateMachine(state, index, registered),
    about,
  );
}

/** claim_job gives nothing to a machine that is outdated or counts as gone, and does nothing for it. */
function isRefused(rules: Rules, { row, isOutdated }: Machine): boolean {
  return row === "gone" && rules.mutation !== "gone_machine_claims" ||
    isOutdated && rules.mutation !== "outdated_machine_claims";
}

/** The look of quarry.claim_job, after it has recovered and promoted: which tenant to serve. */
function addLook(
  steps: Steps,
  index: number,
  machine: Machine,
  kind: "claim_look" | "leave_look",
  rank: number,
): void {
  const { state, rules } = steps;
  const tenants = isRefused(rules, machine) ? [] : servableTenants(rules, meetTime(rules, state));
  const worker = kind === "claim_look" ? "looked" : "leave_looked";
  for (const found of tenants.length === 0 ? [-1] : tenants) {
    steps.add(
      kind,
      updateMachine(state, index, { worker, found, round: machine.round + 1 }),
      {
        machine: machine.name,
        rank,
        text: found === -1 ? "finds nothing" : `chooses tenant ${found}`,
      },
    );
  }
}

/** Nothing found last time: it asks again, or leaves after the idle time. */
function addIdle(steps: Steps, index: number, machine: Machine): void {
  const { state, rules } = steps;
  const isWorkThere = servableTenants(rules, meetTime(rules, state)).length > 0;
  addLook(
    steps,
    index,
    machine,
    "claim_look",
    isWorkThere && !isRefused(rules, machine) ? ranks.idle : ranks.never,
  );
  addNotified(steps, index, machine);
  // Whoever gets no job any more, as quarry.is_dismissed says, does not wait for the end of its idle time.
  const rank = isRefused(rules, machine) ? ranks.work : ranks.leave;
  const about = { machine: machine.name, rank };
  if (rules.mutation === "leave_looks_before_it_locks") {
    // Waits for the lock with what it saw before.
    if (!isWorkThere) {
      steps.add("leave_look", updateMachine(state, index, { worker: "leave_looked" }), about);
    }
    return;
  }
  if (isFleetLocked(rules, state)) return;
  steps.add("leave_lock", updateMachine(state, index, { worker: "leave_locked" }), about);
}

/** quarry.take_job_of_tenant, one transaction that waits for nobody; left out where it changes nothing. */
function addNotified(steps: Steps, index: number, { row, isOutdated }: Machine): void {
  const { state, rules } = steps;
  if (row !== "idle" || isOutdated) return;
  for (const tenant of servableTenants(rules, state)) {
    if (runningOf(rules, state, tenant) > 0) continue;
    for (const job of claimableOf(rules, state, tenant)) {
      addStart(steps, index, "claim_notified", state, job);
    }
  }
}

/** The jobs that the second half of a claim may start, under the tenant's lock. */
function jobsToStart(steps: Steps, seen: State, tenant: number): Job[] {
  const { rules } = steps;
  const hasRoom = runningOf(rules, seen, tenant) < rules.tenantLimits[tenant]!;
  if (!hasRoom && rules.mutation !== "claim_does_not_look_again") return [];
  return claimableOf(rules, seen, tenant);
}

/** The job runs on this machine, whether or not its worker hears of it. */
function addStart(
  steps: Steps,
  index: number,
  kind: "claim_commit" | "claim_notified" | "leave_commit" | "complete_and_claim",
  before: State,
  job: Job,
): void {
  const { name, row, isOutdated } = before.machines[index]!;
  const about = { machine: name, rank: ranks.work, ref: job.ref };
  let started = startJob(before, index, job);
  if (row === "gone") started = violate(started, "a machine that counts as gone took a job");
  if (isOutdated) started = violate(started, "a machine of another image took a job");
  steps.add(kind, started, { ...about, text: `starts the job of ref ${job.ref}` });
  const unheard = updateMachine(started, index, { ...NOTHING_HELD, worker: "polling" });
  steps.addFault("claim_answer_lost", kind, unheard, about);
}

/** quarry.claim_from_tenant: looks again under the tenant's lock, and commits. */
function addClaimCommit(steps: Steps, index: number, machine: Machine): void {
  const { rules } = steps;
  const state = isRefused(rules, machine) ? steps.state : meetTime(rules, steps.state);
  const { name, found, round } = machine;
  const about = { machine: name, rank: ranks.work };
  const jobs = found === -1 ? [] : jobsToStart(steps, state, found);
  const kind = machine.worker === "looked" ? "claim_commit" : "leave_commit";
  for (const job of jobs) addStart(steps, index, kind, state, job);
  if (jobs.length > 0) return;
  if (found !== -1 && round === 1) {
    const again = machine.worker === "looked" ? "polling" : "leave_locked";
    return steps.add(kind, updateMachine(steps.state, index, { worker: again, found: -1 }), {
      ...about,
      text: "was overtaken, looks again",
    });
  }
  const idle = isRefused(rules, machine) ? {} : { row: "idle", isLate: false } as const;
  const ended = kind === "claim_commit"
    ? updateMachine(state, index, { ...NOTHING_HELD, ...idle, worker: "idle" })
    : leave(rules, meetTime(rules, state), index, isWantedWithout(rules, state, index));
  const isOverlooked = !isRefused(rules, machine) && state.jobs.some((job) => job.isExpired);
  const told = isOverlooked
    ? violate(ended, "a claim found nothing though a lease is over")
    : ended;
  steps.add(kind, told, { ...about, text: "nothing" });
}

/** The first half of quarry.leave: gone, and is a machine wanted now that this one is not there? */
function isWantedWithout(rules: Rules, state: State, index: number): boolean {
  if (rules.mutation === "dismissed_worker_does_not_wake" && state.machines[index]!.isOutdated) {
    return false;
  }
  const left = updateMachine(state, index, { row: "gone" });
  const available = left.machines.filter(isAvailable);
  return startableCount(rules, meetTime(rules, left)) > available.length;
}

/** The second half: the process ends, and asks for another machine if one is wanted. */
function leave(rules: Rules, state: State, index: number, isWanted: boolean): State {
  const { row, image } = state.machines[index]!;
  const isKept = rules.keepsMachines && row !== "gone";
  const left = updateMachine(state, index, { ...NOTHING_HELD, row: "gone", worker: "absent" });
  const stopped = isKept ? addStopped(left, image) : left;
  return isWanted ? requestWake(rules, stopped) : stopped;
}

/** The end of quarry.leave_or_take, in the transaction that holds the fleet lock. */
function addLeaveCommit(steps: Steps, index: number, machine: Machine): void {
  const { state, rules } = steps;
  if (rules.mutation !== "leave_looks_before_it_locks") {
    return addClaimCommit(steps, index, machine);
  }
  // Only now does it want the lock.
  if (isFleetLocked(rules, state)) return;
  const left = leave(rules, state, index, false);
  steps.add("leave_commit", left, { machine: machine.name, rank: ranks.work });
}

/** What a worker does with a job. Each call is fenced by the token. */
function addWork(steps: Steps, index: number, machine: Machine): void {
  const { state, rules } = steps;
  const { name, worker } = machine;
  const held = leasedJob(state, machine);
  const about = { machine: name, rank: ranks.work };
  const byId = state.jobs.find((job) => job.id === machine.job);
  if (byId !== undefined && rules.poison.includes(byId.ref)) {
    return steps.add("crash", crashed(state, index), { ...about, text: "the job kills it" });
  }
  if (worker === "claimed" && byId !== undefined) {
    const head = state.refs[byId.ref]!.pushed;
    const next = updateMachine(state, index, { worker: "fetched", head });
    steps.add("fetch", next, { ...about, text: `head ${head}` });
    addLateHead(steps, index, name, byId);
  }
  if (worker === "fetched") addPublish(steps, index, machine, held, byId);
  if (worker === "published") addComplete(steps, index, machine, held, byId);
  addHeartbeat(steps, index, machine, held);
  if (held !== undefined) addFailures(steps, index, machine, held);
}

/** The host does not show yet what it has just announced. Later than it is waited for it never is. */
function addLateHead(
  steps: Steps,
  index: number,
  name: string,
  { ref, announced, isLookedFor }: Job,
) {
  const { pushed, announced: newest, published } = steps.state.refs[ref]!;
  const isWaitedFor = isLookedFor && announced === pushed;
  if (newest !== pushed || published === pushed || isWaitedFor) return;
  const head = pushed - 1;
  const next = updateMachine(steps.state, index, { worker: "fetched", head });
  steps.addFault("host_shows_late", "fetch", next, { machine: name, text: `head ${head}` });
}

/** What is left of a worker that has no job any more. */
function without(state: State, index: number): State {
  return updateMachine(state, index, { ...NOTHING_HELD, worker: "polling" });
}

function addPublish(
  steps: Steps,
  index: number,
  machine: Machine,
  held: Job | undefined,
  byId: Job | undefined,
): void {
  const { state, rules } = steps;
  const about = { machine: machine.name, rank: ranks.work, text: `head ${machine.head}` };
  const isFenced = rules.mutation !== "publish_is_not_fenced";
  // Refused as its heartbeat is: it ends the job.
  if (isFenced && held?.isCancelling === true) return;
  const job = isFenced ? held : byId;
  if (job === undefined) return;
  const isRepeated = job.hasPublished && rules.mutation !== "publish_may_be_repeated";
  // Refused; the worker then sees that the published commit is its own.
  let next = isRepeated ? state : publish(state, job, machine.head);
  if (job !== held) next = violate(next, "a publish without the lease");
  steps.add("publish", updateMachine(next, index, { worker: "published" }), {
    ...about,
    ref: job.ref,
  });
  if (!job.hasPublished) {
    steps.addFault("publish_answer_lost", "publish", next, { ...about, ref: job.ref });
  }
}

function addComplete(
  steps: Steps,
  index: number,
  machine: Machine,
  held: Job | undefined,
  byId: Job | undefined,
): void {
  const { state, rules } = steps;
  const job = rules.mutation === "complete_is_not_fenced" ? byId : held;
  if (job === undefined) return;
  const about = { machine: machine.name, rank: ranks.work };
  if (job === held && isToBePostponed(rules, job, machine.head)) {
    const postponed = without(postpone(rules, state, job), index);
    return steps.add("postpone", postponed, { ...about, ref: job.ref });
  }
  steps.add("complete", without(complete(state, job), index), { ...about, ref: job.ref });
  if (isRefused(rules, machine)) return;
  // quarry.complete_and_claim: one transaction, which waits for nobody.
  const completed = promoteDue(complete(state, job));
  for (const tenant of servableTenants(rules, completed)) {
    for (const next of jobsToStart(steps, completed, tenant)) {
      addStart(steps, index, "complete_and_claim", completed, next);
    }
  }
}

/** quarry.heartbeat_job: only where its verdict or its effect changes something. */
function addHeartbeat(
  steps: Steps,
  index: number,
  machine: Machine,
  held: Job | undefined,
): void {
  const { state, rules } = steps;
  const about = { machine: machine.name, rank: ranks.work };
  if (held === undefined) {
    return steps.add("abandon", without(state, index), { ...about, text: "lease lost" });
  }
  if (held.isCancelling) {
    const ended = recordFailure(rules, state, held, "cancelled");
    return steps.add("fail", without(ended, index), {
      ...about,
      ref: held.ref,
      text: "cancelled",
    });
  }
  if (!held.isExpired && !machine.isLate) return;
  const isLate = machine.row === "gone" && machine.isLate;
  const beaten = updateJob(state, held, { isExpired: false });
  steps.add("heartbeat", updateMachine(beaten, index, { isLate }), { ...about, ref: held.ref });
}

/** quarry.fail_job and quarry.release_job. */
function addFailures(steps: Steps, index: number, machine: Machine, held: Job): void {
  const { state, rules } = steps;
  const about = { machine: machine.name, ref: held.ref };
  const classes = [
    ["job_fails", "retry"],
    ["job_meets_rate_limit", "rate_limit"],
    ["job_gives_up", "give_up"],
  ] as const;
  for (const [fault, failure] of classes) {
    if (!steps.may(fault)) continue;
    const next = recordFailure(rules, state, held, failure);
    steps.addFault(fault, "fail", without(next, index), { ...about, text: failure });
  }
  if (state.stopsLeft === 0) return;
  const released = updateMachine(release(rules, state, held), index, {
    ...NOTHING_HELD,
    worker: "stopping",
  });
  steps.add("release", { ...released, stopsLeft: state.stopsLeft - 1 }, about);
}

/** A worker without a job that was asked to stop; quarry.leave under the fleet lock. */
function addStop(steps: Steps, index: number, machine: Machine): void {
  const { state, rules } = steps;
  const about = { machine: machine.name, rank: ranks.work };
  if (rules.mutation === "shutdown_does_not_wake") {
    return steps.add("stop_commit", leave(rules, state, index, false), about);
  }
  if (machine.worker === "stopping") {
    if (isFleetLocked(rules, state)) return;
    const found = isWantedWithout(rules, state, index) ? 1 : -1;
    const looked = updateMachine(state, index, { worker: "stop_looked", found });
    return steps.add("stop_look", looked, about);
  }
  steps.add("stop_commit", leave(rules, meetTime(rules, state), index, machine.found === 1), about);
}

function crashed(state: State, index: number): State {
  return updateMachine(state, index, { ...NOTHING_HELD, worker: "absent" });
}

/** A crash at any place, a request to stop where no job is held, and silence of a living worker. */
function addEndings(steps: Steps, index: number, machine: Machine): void {
  const { state } = steps;
  const about = { machine: machine.name };
  if (steps.may("crash")) steps.addFault("crash", "crash", crashed(state, index), about);
  const isWaiting = machine.worker === "polling" || machine.worker === "idle";
  if (isWaiting && state.stopsLeft > 0) {
    const stopping = updateMachine(state, index, { ...NOTHING_HELD, worker: "stopping" });
    steps.add("stop", { ...stopping, stopsLeft: state.stopsLeft - 1 }, about);
  }
}

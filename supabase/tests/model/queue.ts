// The queue of the model. Each function is one SQL function, named in its comment, as a pure
// function from state to state; supabase/migrations/*_jobs.sql to *_leased_jobs.sql hold the originals.

import {
  type Image,
  type Job,
  type Machine,
  type RefState,
  type Rules,
  type State,
} from "./state.ts";

/** The array with one element replaced. */
export function replaceAt<T>(list: readonly T[], index: number, value: T): T[] {
  const copy = list.slice();
  copy[index] = value;
  return copy;
}

/** quarry.request_wake. */
export function requestWake(rules: Rules, state: State): State {
  return state.wakes === rules.wakesMax ? state : { ...state, wakes: state.wakes + 1 };
}

/** The state with a violation, the first of which is kept. */
export function violate(state: State, violation: string): State {
  return { ...state, violation: state.violation ?? violation };
}

export function updateRef(state: State, ref: number, change: Partial<RefState>): State {
  return { ...state, refs: replaceAt(state.refs, ref, { ...state.refs[ref]!, ...change }) };
}

export function updateJob(state: State, job: Job, change: Partial<Job>): State {
  return {
    ...state,
    jobs: replaceAt(state.jobs, state.jobs.indexOf(job), { ...job, ...change }),
  };
}

function removeJob(state: State, job: Job): State {
  return { ...state, jobs: state.jobs.filter((other) => other !== job) };
}

/** The job ends failed or cancelled: whoever asked for these pushes can see why. */
function closeJob(state: State, job: Job): State {
  const { closed, closedFull } = state.refs[job.ref]!;
  const change = {
    closed: Math.max(closed, job.wants),
    closedFull: job.isFull ? Math.max(closedFull, job.wants) : closedFull,
  };
  return removeJob(updateRef(state, job.ref, change), job);
}

function smallestUnused(isUsed: (candidate: number) => boolean): number {
  let candidate = 1;
  while (isUsed(candidate)) candidate += 1;
  return candidate;
}

/** quarry.enqueue_job, as a webhook's transaction calls it. */
export function enqueue(rules: Rules, before: State, ref: number, isFull: boolean): State {
  const pushed = before.refs[ref]!.pushed + 1;
  // A request names no commit.
  const asked = isFull ? { pushed, fullAsked: pushed } : { pushed, announced: pushed };
  const state = updateRef(before, ref, asked);
  const queued = state.jobs.find((job) => job.ref === ref && job.at !== "running");
  if (queued !== undefined) {
    const renewed = queued.at === "rate_limit"
      ? {}
      : { at: "ready", attempt: 0, isDue: false } as const;
    const folded = updateJob(state, queued, {
      ...renewed,
      wants: pushed,
      announced: isFull ? queued.announced : pushed,
      isLookedFor: false,
      isFull: queued.isFull || isFull,
    });
    return queued.at === "backoff" ? requestWake(rules, folded) : folded;
  }
  const isRunning = state.jobs.some((job) => job.ref === ref);
  if (rules.mutation === "push_while_running_is_dropped" && isRunning) return state;
  const job: Job = {
    id: smallestUnused((id) =>
      state.jobs.some((other) => other.id === id) ||
      state.machines.some((machine) => machine.job === id)
    ),
    ref,
    at: "ready",
    isDue: false,
    attempt: 0,
    token: 0,
    hasPublished: false,
    isExpired: false,
    isCancelling: false,
    wants: pushed,
    announced: isFull ? 0 : pushed,
    isLookedFor: false,
    isFull,
  };
  return requestWake(rules, { ...state, jobs: [...state.jobs, job] });
}

/** quarry.requeue_job. */
function requeue(
  rules: Rules,
  state: State,
  job: Job,
  at: Exclude<Job["at"], "running">,
  attempt: number,
): State {
  const sibling = state.jobs.find((other) => other.ref === job.ref && other.at !== "running");
  if (sibling !== undefined && rules.mutation !== "requeue_ignores_the_sibling") {
    const isFull = sibling.isFull || job.isFull && rules.mutation !== "supersede_forgets_full";
    const announced = sibling.announced === 0 ? job.announced : sibling.announced;
    return removeJob(updateJob(state, sibling, { isFull, announced }), job);
  }
  return updateJob(state, job, {
    at,
    attempt,
    isDue: false,
    token: 0,
    hasPublished: false,
    isExpired: false,
  });
}

/** quarry.record_attempt_failure. */
export function recordFailure(
  rules: Rules,
  state: State,
  job: Job,
  failure: "retry" | "rate_limit" | "lost" | "give_up" | "cancelled",
): State {
  if (job.isCancelling || failure === "cancelled" || failure === "give_up") {
    return closeJob(state, job);
  }
  if (failure !== "rate_limit" && job.attempt >= rules.attemptsMax) return closeJob(state, job);
  const at = failure === "rate_limit" ? "rate_limit" : failure === "lost" ? "ready" : "backoff";
  const isFree = failure === "rate_limit" || rules.mutation === "crash_costs_nothing";
  return requeue(rules, state, job, at, isFree ? job.attempt - 1 : job.attempt);
}

/** quarry.recover_expired_leases. */
export function recoverExpired(rules: Rules, state: State): State {
  const expired = state.jobs.filter((job) => job.at === "running" && job.isExpired);
  return expired.reduce((next, job) => recordFailure(rules, next, job, "lost"), state);
}

/** quarry.promote_due_jobs. */
export function promoteDue(state: State): State {
  if (!state.jobs.some((job) => job.isDue)) return state;
  const jobs = state.jobs.map((job) =>
    job.isDue ? { ...job, at: "ready", isDue: false } as const : job
  );
  return { ...state, jobs };
}

/** quarry.meet_time: what time has brought, as claims and plans see to it themselves. */
export function meetTime(rules: Rules, state: State): State {
  return promoteDue(
    rules.mutation === "only_the_sweep_recovers" ? state : recoverExpired(rules, state),
  );
}

export function tenantOf(rules: Rules, job: Job): number {
  return rules.repositories[rules.refs[job.ref]!]!;
}

export function runningOf(rules: Rules, state: State, tenant: number): number {
  return state.jobs.filter((job) => job.at === "running" && tenantOf(rules, job) === tenant).length;
}

function isRepositoryRunning(rules: Rules, state: State, job: Job): boolean {
  const repository = rules.refs[job.ref];
  return state.jobs.some((other) => other.at === "running" && rules.refs[other.ref] === repository);
}

/** The view quarry.claimable_jobs, of one tenant. */
export function claimableOf(rules: Rules, state: State, tenant: number): Job[] {
  return state.jobs.filter((job) =>
    job.at === "ready" && tenantOf(rules, job) === tenant && !isRepositoryRunning(rules, state, job)
  );
}

/** The view quarry.servable_tenants; the model lets a claim take any of them, whatever their order. */
export function servableTenants(rules: Rules, state: State): number[] {
  return [...rules.tenantLimits.keys()].filter((tenant) =>
    runningOf(rules, state, tenant) < rules.tenantLimits[tenant]! &&
    claimableOf(rules, state, tenant).length > 0
  );
}

/** Rows that count as available, as the second half of quarry.machines_wanted has them. */
export function isAvailable({ row, isOutdated }: Machine): boolean {
  return (row === "launching" || row === "idle") && !isOutdated;
}

/** A machine has stopped, and may be started again. */
export function addStopped(state: State, image: Image, count = 1): State {
  const [first, second] = state.stopped;
  const stopped = image === 0 ? [first + count, second] as const : [first, second + count] as const;
  return { ...state, stopped };
}

/** How many jobs claims could start now: per tenant its room, per repository one. */
export function startableCount(rules: Rules, state: State): number {
  return servableTenants(rules, state).reduce((sum, tenant) => {
    const repositories = new Set(
      claimableOf(rules, state, tenant).map((job) => rules.refs[job.ref]),
    );
    const room = rules.tenantLimits[tenant]! - runningOf(rules, state, tenant);
    return sum + Math.min(room, repositories.size);
  }, 0);
}

/** The end of quarry.claim_from_tenant: the job runs under a new token, and counts an attempt. */
export function startJob(state: State, index: number, job: Job): State {
  const token = smallestUnused((candidate) =>
    state.jobs.some((other) => other.token === candidate) ||
    state.machines.some((machine) => machine.token === candidate)
  );
  const started = updateJob(state, job, { at: "running", attempt: job.attempt + 1, token });
  const machine = state.machines[index]!;
  const worker: Machine = {
    ...machine,
    row: machine.row === "gone" ? "gone" : "busy",
    isLate: machine.row === "gone" && machine.isLate,
    worker: "claimed",
    job: job.id,
    token,
    head: 0,
    found: -1,
    round: 0,
  };
  return { ...started, machines: replaceAt(started.machines, index, worker) };
}

/** quarry.lock_leased_job: the running job that the worker's token belongs to. */
export function leasedJob(state: State, machine: Machine): Job | undefined {
  return state.jobs.find((job) => job.id === machine.job && job.token === machine.token);
}

/** quarry.publish_index. */
export function publish(state: State, job: Job, head: number): State {
  const { published, publishedFull } = state.refs[job.ref]!;
  let next = updateRef(state, job.ref, {
    published: head,
    publishedFull: job.isFull ? head : publishedFull,
  });
  if (job.hasPublished) next = violate(next, "two publishes under one lease token");
  if (head < published) next = violate(next, "a publish went back to an older commit");
  // It may have taken longer than the lease: heartbeats pass it meanwhile, and it extends the lease itself.
  return updateJob(next, job, { hasPublished: true, isExpired: false });
}

/** quarry.complete_job. */
export function complete(state: State, job: Job): State {
  return removeJob(state, job);
}

/** quarry.release_job: due at once, and the attempt is given back. */
export function release(rules: Rules, state: State, job: Job): State {
  if (job.isCancelling) return closeJob(state, job);
  return requeue(rules, state, job, "ready", job.attempt - 1);
}

/** The look after a publish: the host does not have yet what was announced, and was not waited for. */
export function isToBePostponed(rules: Rules, job: Job, head: number): boolean {
  return job.announced > head && !job.isLookedFor &&
    rules.mutation !== "complete_looks_for_nothing";
}

/** quarry.postpone_job: for a minute, and the attempt is given back; what was to be done in full is done. */
export function postpone(rules: Rules, state: State, job: Job): State {
  if (job.isCancelling) return closeJob(state, job);
  const looked = { ...job, isFull: false, isLookedFor: true };
  const jobs = replaceAt(state.jobs, state.jobs.indexOf(job), looked);
  return requeue(rules, { ...state, jobs }, looked, "backoff", job.attempt - 1);
}

/** quarry.cancel_live_jobs for one job. */
export function cancel(state: State, job: Job): State {
  return job.at === "running"
    ? updateJob(state, job, { isCancelling: true })
    : closeJob(state, job);
}

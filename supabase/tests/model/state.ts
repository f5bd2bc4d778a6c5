// The state of the queue and wake model: plain data, every step answers a new one. Knows neither a
// database nor a clock: time passes by steps ("the lease is over"), identities are small numbers.

/** A live job. Ended ones leave the state; what they answer for is kept in `State.refs`. */
export interface Job {
  /** The smallest number that nobody uses: stands for the uuid. */
  readonly id: number;
  readonly ref: number;
  readonly at: "ready" | "backoff" | "rate_limit" | "running";
  /** The time of a waiting job has come; promote_due_jobs has not seen it yet. */
  readonly isDue: boolean;
  readonly attempt: number;
  /** 0 unless running. */
  readonly token: number;
  /** This token has published. */
  readonly hasPublished: boolean;
  /** lease_expires_at has passed. */
  readonly isExpired: boolean;
  readonly isCancelling: boolean;
  /** The number of the newest push that is folded into it. */
  readonly wants: number;
  /** payload.commit_oid: the number of the newest push that a delivery announced, 0 for none. */
  readonly announced: number;
  /** payload.looked_for is this commit: it was waited for once. */
  readonly isLookedFor: boolean;
  readonly isFull: boolean;
}

/** Where a worker process stands. What happens in one committed transaction is one step. */
export type WorkerPlace =
  | "absent" // no process: not started yet, crashed, or it left
  | "stuck" // the machine exists and never starts
  | "booting"
  | "polling" // its next call is claim_job
  | "looked" // inside claim_job: has chosen a tenant, has not its lock yet
  | "idle" // the last claim found nothing
  | "leave_locked" // inside leave_or_take: has the fleet lock
  | "leave_looked" // inside leave_or_take: has looked, has not committed
  | "claimed" // has a job, has not asked for the ref's head
  | "fetched" // knows the head that it will publish
  | "published"
  | "stopping" // asked to stop and holding no job: its next call is leave
  | "stop_looked"; // inside leave: has the lock and has looked, has not committed

/** Which of two images, that of the setting or of a machine. */
export type Image = 0 | 1;

export interface Machine {
  /** For people who read a trace; not part of what makes two states equal. */
  readonly name: string;
  readonly row: "none" | "launching" | "idle" | "busy" | "gone";
  readonly image: Image;
  /** The last dispatch was of another image. */
  readonly isOutdated: boolean;
  /** The call to the Machines API that dispatch still owes this launch. */
  readonly call: "none" | "create" | "start" | "unclear" | "unclear_created";
  /** The start deadline or the silence limit has passed. */
  readonly isLate: boolean;
  /** Its row's leftover says so: dispatch destroys it, whatever it does. */
  readonly isCondemned: boolean;
  readonly worker: WorkerPlace;
  /** The job of its claim, 0 when it has none, and the token it got. */
  readonly job: number;
  readonly token: number;
  /** The head that it fetched. */
  readonly head: number;
  /** The tenant that a look chose, -1 for none; of a stopping worker 1 when work waits. */
  readonly found: number;
  /** Which of the two rounds of claim_job the look belongs to. */
  readonly round: number;
}

/** A plan_launches in progress, under the fleet lock. */
export interface Planner {
  readonly at: "locked" | "looked";
  /** That of the setting when it was called. */
  readonly image: Image;
  /** What machines_wanted saw first, and what a claim could have started then. */
  readonly claimable: number;
  readonly startable: number;
  readonly live: number;
}

/** What became of the pushes to one ref: each number is that of the newest push. */
export interface RefState {
  readonly pushed: number;
  /** The newest push when a full index was last asked for. */
  readonly fullAsked: number;
  /** The newest one that a delivery announced. */
  readonly announced: number;
  readonly published: number;
  readonly publishedFull: number;
  /** Answered for by a failed or cancelled job. */
  readonly closed: number;
  readonly closedFull: number;
}

export interface State {
  readonly jobs: readonly Job[];
  readonly machines: readonly Machine[];
  readonly planners: readonly Planner[];
  readonly refs: readonly RefState[];
  /** Wake requests under way. */
  readonly wakes: number;
  /** Machines of each image that a launch may start again: rows whose leftover is `stopped`. */
  readonly stopped: readonly [number, number];
  /** The image of the setting, which dispatch is called with. */
  readonly image: Image;
  /** quarry.fleet_pause: the platform refused, and nothing is launched for a while. */
  readonly isPaused: boolean;
  readonly pushesLeft: number;
  readonly fullsLeft: number;
  readonly cancelsLeft: number;
  readonly stopsLeft: number;
  readonly deploysLeft: number;
  readonly faultsLeft: number;
  /** Machines launched so far, for their names. */
  readonly launched: number;
  /** What a step did that no step may do. */
  readonly violation: string | null;
}

/** What may go wrong; each costs one of the configuration's faults. */
export type Fault =
  | "wake_dropped"
  | "wake_repeated"
  | "crash"
  | "frozen_past_lease"
  | "silent_but_alive"
  | "slow_start"
  | "never_starts"
  | "create_unclear"
  | "create_refused"
  | "start_refused"
  | "platform_pauses"
  | "dispatch_dies"
  | "claim_answer_lost"
  | "publish_answer_lost"
  | "register_answer_lost"
  | "job_fails"
  | "job_meets_rate_limit"
  | "job_gives_up"
  | "host_shows_late";

/** What is explored: who owns what, the limits, and how much may happen. */
export interface Configuration {
  /** The plan's concurrent_jobs_max of each tenant. */
  readonly tenantLimits: readonly number[];
  /** The tenant of each repository. */
  readonly repositories: readonly number[];
  /** The repository of each ref. */
  readonly refs: readonly number[];
  /** Exchanging any two refs, with their owners, changes nothing: their first pushes come in order. */
  readonly refsAreAlike: boolean;
  /** More wakes at once than this are one: whichever comes later does the work of all before it. */
  readonly wakesMax: number;
  readonly machinesMax: number;
  readonly attemptsMax: number;
  readonly pushes: number;
  readonly fulls: number;
  readonly cancels: number;
  readonly stops: number;
  /** How often the other image becomes that of the setting. */
  readonly deploys: number;
  readonly faults: number;
  readonly faultKinds: readonly Fault[];
  /** Refs whose job kills its machine whenever it runs. */
  readonly poison: readonly number[];
  readonly hasSweep: boolean;
  /** Who leaves is kept, and started again (its row knows its machine_id). */
  readonly keepsMachines: boolean;
}

/** Deliberate mistakes; the tests show that the invariants catch each. */
export type Mutation =
  | "leave_looks_before_it_locks"
  | "complete_is_not_fenced"
  | "publish_is_not_fenced"
  | "publish_may_be_repeated"
  | "plan_counts_busy_workers"
  | "plan_ignores_launching"
  | "plan_counts_refs"
  | "plan_takes_no_lock"
  | "push_while_running_is_dropped"
  | "requeue_ignores_the_sibling"
  | "supersede_forgets_full"
  | "second_name_when_unclear"
  | "row_after_the_call"
  | "claim_does_not_look_again"
  | "crash_costs_nothing"
  | "only_the_sweep_recovers"
  | "sweep_does_not_wake"
  | "shutdown_does_not_wake"
  | "gone_machine_claims"
  | "outdated_machine_claims"
  | "plan_counts_outdated"
  | "dismissed_worker_does_not_wake"
  | "complete_looks_for_nothing";

/** The protocol as configured, with at most one mistake in it. */
export interface Rules extends Configuration {
  readonly mutation: Mutation | null;
}

export function initialState(configuration: Configuration): State {
  const untouched: RefState = {
    pushed: 0,
    fullAsked: 0,
    announced: 0,
    published: 0,
    publishedFull: 0,
    closed: 0,
    closedFull: 0,
  };
  return {
    jobs: [],
    machines: [],
    planners: [],
    refs: configuration.refs.map(() => untouched),
    wakes: 0,
    stopped: [0, 0],
    image: 0,
    isPaused: false,
    pushesLeft: configuration.pushes,
    fullsLeft: configuration.fulls,
    cancelsLeft: configuration.cancels,
    stopsLeft: configuration.stops,
    deploysLeft: configuration.deploys,
    faultsLeft: configuration.faults,
    launched: 0,
    violation: null,
  };
}

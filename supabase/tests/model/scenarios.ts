// What is explored, and the mistakes that must be caught with it. Each configuration is as small as
// its question allows: states grow about tenfold with each push or fault.

import { type Configuration, type Fault, type Mutation } from "./state.ts";

const faultsOfTheQueue: readonly Fault[] = [
  "crash",
  "frozen_past_lease",
  "claim_answer_lost",
  "publish_answer_lost",
  "job_fails",
  "job_meets_rate_limit",
  "job_gives_up",
  "host_shows_late",
];

const faultsOfTheFleet: readonly Fault[] = [
  "wake_dropped",
  "wake_repeated",
  "silent_but_alive",
  "slow_start",
  "never_starts",
  "create_unclear",
  "create_refused",
  "platform_pauses",
  "dispatch_dies",
  "register_answer_lost",
];

/** Two tenants that may run one job each, with one repository each. */
const twoTenants: Configuration = {
  tenantLimits: [1, 1],
  repositories: [0, 1],
  refs: [0, 1],
  refsAreAlike: true,
  wakesMax: 1,
  machinesMax: 2,
  attemptsMax: 2,
  pushes: 2,
  fulls: 0,
  cancels: 0,
  stops: 0,
  deploys: 0,
  faults: 0,
  faultKinds: [],
  poison: [],
  hasSweep: true,
  keepsMachines: false,
};

const oneRepository: Configuration = {
  ...twoTenants,
  tenantLimits: [2],
  repositories: [0],
  refs: [0],
};

export const configurations = {
  // Without a sweep nothing but the handshake brings a worker to a job (invariant 7).
  "no fault and no sweep, two tenants": {
    ...twoTenants,
    pushes: 3,
    stops: 1,
    hasSweep: false,
  },
  "no fault and no sweep, two repositories of one tenant": {
    ...twoTenants,
    tenantLimits: [2],
    repositories: [0, 0],
    pushes: 3,
    stops: 1,
    hasSweep: false,
  },
  "no fault and no sweep, two refs of one repository": {
    ...oneRepository,
    refs: [0, 0],
    pushes: 3,
    stops: 1,
    hasSweep: false,
  },
  "a tenant at its limit": {
    ...twoTenants,
    tenantLimits: [1],
    repositories: [0, 0],
    pushes: 3,
    hasSweep: false,
  },
  "one fault of the fleet": {
    ...twoTenants,
    faults: 1,
    faultKinds: [...faultsOfTheFleet, "crash"],
  },
  "two faults of the fleet": {
    ...oneRepository,
    wakesMax: 2,
    pushes: 1,
    faults: 2,
    faultKinds: faultsOfTheFleet,
  },
  "machines that are started again": {
    ...oneRepository,
    faults: 1,
    faultKinds: [...faultsOfTheFleet, "start_refused"],
    keepsMachines: true,
  },
  "one fault of the queue": {
    ...oneRepository,
    fulls: 1,
    faults: 1,
    faultKinds: faultsOfTheQueue,
  },
  "workers that freeze and crash": {
    ...oneRepository,
    faults: 2,
    faultKinds: ["frozen_past_lease", "crash"],
  },
  "jobs that are cancelled": {
    ...oneRepository,
    cancels: 1,
    faults: 1,
    faultKinds: ["frozen_past_lease", "crash", "job_fails"],
  },
  "images that change, two refs of one repository": {
    ...oneRepository,
    refs: [0, 0],
    deploys: 2,
    hasSweep: false,
  },
  "images that change, machines that are started again": {
    ...oneRepository,
    pushes: 1,
    deploys: 2,
    faults: 1,
    faultKinds: ["wake_dropped", "crash", "slow_start"],
    keepsMachines: true,
  },
  "a host that shows pushes late": {
    ...oneRepository,
    fulls: 1,
    faults: 2,
    faultKinds: ["host_shows_late", "crash"],
  },
  "a job that kills its machine": { ...twoTenants, poison: [0] },
} as const satisfies Readonly<Record<string, Configuration>>;

export type ConfigurationName = keyof typeof configurations;

/** Too large to explore whole: random schedules only. */
export const large: Configuration = {
  tenantLimits: [1, 2, 3],
  repositories: [0, 1, 1, 2, 2],
  refs: [0, 1, 2, 2, 3, 4],
  refsAreAlike: false,
  wakesMax: 3,
  machinesMax: 4,
  attemptsMax: 3,
  pushes: 7,
  fulls: 2,
  cancels: 2,
  stops: 2,
  deploys: 2,
  faults: 6,
  faultKinds: [...faultsOfTheQueue, ...faultsOfTheFleet, "start_refused"],
  poison: [4],
  hasSweep: true,
  keepsMachines: true,
};

export interface Caught {
  /** Where the mistake shows. */
  readonly configuration: ConfigurationName;
  /** What it breaks. */
  readonly violation: RegExp;
}

export const mistakes: Readonly<Record<Mutation, Caught>> = {
  leave_looks_before_it_locks: {
    configuration: "no fault and no sweep, two tenants",
    violation: /nobody will come/,
  },
  shutdown_does_not_wake: {
    configuration: "no fault and no sweep, two tenants",
    violation: /nobody will come/,
  },
  plan_counts_busy_workers: {
    configuration: "no fault and no sweep, two tenants",
    violation: /nobody will come/,
  },
  plan_ignores_launching: {
    configuration: "no fault and no sweep, two tenants",
    violation: /more machines planned/,
  },
  plan_counts_refs: {
    configuration: "no fault and no sweep, two refs of one repository",
    violation: /more machines planned/,
  },
  plan_takes_no_lock: {
    configuration: "no fault and no sweep, two tenants",
    violation: /more live machines|more machines planned/,
  },
  push_while_running_is_dropped: {
    configuration: "no fault and no sweep, two tenants",
    violation: /is lost/,
  },
  claim_does_not_look_again: {
    configuration: "a tenant at its limit",
    violation: /runs more than 1/,
  },
  requeue_ignores_the_sibling: {
    configuration: "workers that freeze and crash",
    violation: /two queued jobs/,
  },
  complete_is_not_fenced: {
    configuration: "workers that freeze and crash",
    violation: /is lost/,
  },
  publish_is_not_fenced: {
    configuration: "workers that freeze and crash",
    violation: /without the lease/,
  },
  publish_may_be_repeated: {
    configuration: "one fault of the queue",
    violation: /two publishes/,
  },
  supersede_forgets_full: {
    configuration: "one fault of the queue",
    violation: /full index .* is lost/,
  },
  gone_machine_claims: {
    configuration: "one fault of the fleet",
    violation: /counts as gone took a job/,
  },
  outdated_machine_claims: {
    configuration: "images that change, two refs of one repository",
    violation: /of another image took a job/,
  },
  plan_counts_outdated: {
    configuration: "images that change, two refs of one repository",
    violation: /nobody will come/,
  },
  dismissed_worker_does_not_wake: {
    configuration: "images that change, two refs of one repository",
    violation: /nobody will come/,
  },
  complete_looks_for_nothing: {
    configuration: "a host that shows pushes late",
    violation: /is lost/,
  },
  second_name_when_unclear: {
    configuration: "two faults of the fleet",
    violation: /more live machines/,
  },
  row_after_the_call: {
    configuration: "one fault of the fleet",
    violation: /more live machines/,
  },
  crash_costs_nothing: {
    configuration: "a job that kills its machine",
    violation: /never ends/,
  },
  only_the_sweep_recovers: {
    configuration: "one fault of the fleet",
    violation: /though a lease is over/,
  },
  sweep_does_not_wake: {
    configuration: "two faults of the fleet",
    violation: /never ends/,
  },
};

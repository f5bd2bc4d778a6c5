// What a queue must be able to do to be measured: hold jobs, run workers that take one job per claim
// and do nothing with it, and be asked how long a job waits. Knows no queue.

import type { Sql } from "postgres";

/** What a worker has been given. Tenants are 0 (the large one) and 1 in the fairness measurement. */
export interface TakenJob {
  readonly tenant: number;
}

/** Workers that claim, call `onJob`, and complete, without a pause while there are jobs. */
export interface RunningWorkers {
  stop(): Promise<void>;
}

/** One enqueued job at a time per lane, with an idle worker that waits for it. */
export interface Lanes {
  readonly count: number;
  /** The longest that a worker sleeps between two looks: pauses between jobs are as long at most. */
  readonly pauseMillisecondsMax: number;
  enqueue(lane: number): Promise<void>;
  stop(): Promise<void>;
}

/** How idle workers wait; the first of a contender is its default. */
export interface Waiting {
  readonly name: string;
  open(onJob: (lane: number) => void): Promise<Lanes>;
}

/** How much of each kind lies in the table beside the jobs that are ready. */
export interface Backlog {
  readonly finished: number;
  readonly failed: number;
  readonly blocked: number;
}

/** A queue in a database of its own. Disposing of it closes its connections. */
export interface Contender extends AsyncDisposable {
  readonly name: string;
  readonly version: string;
  /** Its database as superuser, for what no contender's interface offers. */
  readonly sql: Sql;
  /** Makes as many jobs ready as there shall be; those that are left over count. */
  fill(jobs: number): Promise<void>;
  /** Takes back what `fill` made ready and nobody has claimed. */
  clear(): Promise<void>;
  start(workers: number, onJob: (job: TakenJob) => void): Promise<RunningWorkers>;
  readonly waitings: readonly Waiting[];
  addBacklog(backlog: Backlog): Promise<void>;
}

/** A queue with jobs of two tenants and workers on them. */
export interface SharedQueue {
  readonly name: string;
  /** Makes jobs ready in the order given, each the number of its tenant. */
  fill(tenants: readonly number[]): Promise<void>;
  start(workers: number, onJob: (job: TakenJob) => void): Promise<RunningWorkers>;
}

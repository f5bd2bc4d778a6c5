// The queue on which contenders lose a worker, as both sides of the measurement know it.

export interface AbandonedQueue {
  readonly name: string;
  /** The shortest heartbeat that pg-boss takes; by default it has none. */
  readonly heartbeatSeconds: number;
  /** How often pg-boss looks for lost jobs, as often as it can; by default once a minute. */
  readonly superviseSeconds: number;
}

export const abandonedQueue: AbandonedQueue = {
  name: "abandoned",
  heartbeatSeconds: 10,
  superviseSeconds: 1,
};

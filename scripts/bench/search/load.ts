// An open loop: requests leave at fixed times, whether or not earlier ones have been answered, and each
// is timed from when it was meant to leave. So a stall counts for everybody who would have come into it.

/** What time it is, in milliseconds, and how to wait. */
export interface Clock {
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** How much load, and for how long. */
export interface LoadPlan {
  readonly perSecond: number;
  readonly seconds: number;
}

/** What became of the requests. */
export interface LoadResult {
  readonly sent: number;
  readonly errors: number;
  /** How many of each kind: a status, or what was thrown. */
  readonly errorsByKind: Readonly<Record<string, number>>;
  /** From the intended time to the answer, of those that were answered well. */
  readonly milliseconds: readonly number[];
  /** The most that a request left late: when this is large, the client was too slow. */
  readonly lateMillisecondsMax: number;
}

/** When request number `index` is meant to leave, in milliseconds after the first. */
export function intendedAt(index: number, { perSecond }: LoadPlan): number {
  return (index * 1000) / perSecond;
}

/** Sends and waits for all. `send` answers null when all is well, else what is wrong; a rejection is an error. */
export async function openLoop(
  plan: LoadPlan,
  send: (index: number) => Promise<string | null>,
  clock: Clock,
): Promise<LoadResult> {
  const count = Math.floor(plan.perSecond * plan.seconds);
  const started = clock.now();
  const milliseconds: number[] = [];
  const pending: Promise<void>[] = [];
  const errorsByKind: Record<string, number> = {};
  let lateMillisecondsMax = 0;
  const sendOne = async (index: number, due: number) => {
    const wrong = await send(index).catch((error: unknown) =>
      error instanceof Error ? error.name : String(error)
    );
    if (wrong === null) milliseconds.push(clock.now() - due);
    else errorsByKind[wrong] = (errorsByKind[wrong] ?? 0) + 1;
  };
  for (let index = 0; index < count; index += 1) {
    const due = started + intendedAt(index, plan);
    const wait = due - clock.now();
    if (wait > 0) await clock.sleep(wait);
    lateMillisecondsMax = Math.max(lateMillisecondsMax, clock.now() - due);
    pending.push(sendOne(index, due));
  }
  await Promise.all(pending);
  const errors = Object.values(errorsByKind).reduce((sum, each) => sum + each, 0);
  return { sent: count, errors, errorsByKind, milliseconds, lateMillisecondsMax };
}

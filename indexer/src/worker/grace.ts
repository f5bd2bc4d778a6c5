/**
 * How long a job's handler may take to stop once it was told to. Knows neither jobs nor the queue.
 */

/** A handler that goes on though it was told to stop. Nothing that it does later can be trusted. */
export class HandlerHangs extends Error {
  override readonly name = "HandlerHangs";
  /** Why it was told to stop. */
  readonly reason: unknown;

  constructor(reason: unknown, graceMilliseconds: number) {
    super(`the job's handler has not stopped in ${graceMilliseconds} ms`);
    this.reason = reason;
  }
}

/** The work's own end; `HandlerHangs` when it has none so long after the signal has aborted. */
export async function endOf<T>(
  work: Promise<T>,
  signal: AbortSignal,
  graceMilliseconds: number,
): Promise<T> {
  const { promise: hanging, reject } = Promise.withResolvers<never>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const begin = () => {
    timer = setTimeout(() => {
      reject(new HandlerHangs(signal.reason, graceMilliseconds));
    }, graceMilliseconds);
  };
  if (signal.aborted) begin();
  else signal.addEventListener("abort", begin, { once: true });
  // Nobody hears of it any more once it was given up.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, hanging]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", begin);
  }
}

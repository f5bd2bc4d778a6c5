/**
 * How long a host that limits us wants to be left alone. git says that it was limited and not for how
 * long, so the host is asked once more. Does not know what is done about it.
 */
const ASK_MILLISECONDS_MAX = 10_000;
/** GitHub's windows are an hour long; what says more is not believed. */
const WAIT_SECONDS_MAX = 3600;

export interface HostQuestion {
  /** Of the repository. */
  readonly url: string;
  /** What git sends, for the host counts by it. */
  readonly authorization: string | null;
  readonly signal: AbortSignal;
}

/** Asks what git asks first; null when the host limits no more, says no time, or cannot be asked. */
export async function askForRetryAt(question: HostQuestion): Promise<Date | null> {
  const { url, authorization, signal } = question;
  try {
    const response = await fetch(`${url}/info/refs?service=git-upload-pack`, {
      redirect: "manual",
      headers: authorization === null ? {} : { authorization },
      signal: AbortSignal.any([signal, AbortSignal.timeout(ASK_MILLISECONDS_MAX)]),
    });
    await response.body?.cancel();
    return response.ok ? null : retryAtOf(response.headers, Date.now());
  } catch {
    signal.throwIfAborted();
    return null;
  }
}

/**
 * The time that an answer names: `Retry-After` in seconds or as a date, or GitHub's own header where
 * nothing is left of the window. At most an hour from `now`, in milliseconds since 1970.
 */
export function retryAtOf(headers: Headers, now: number): Date | null {
  const named = retryAfter(headers.get("retry-after"), now) ?? windowEnd(headers);
  if (named === null || Number.isNaN(named) || named <= now) return null;
  return new Date(Math.min(named, now + WAIT_SECONDS_MAX * 1000));
}

function retryAfter(value: string | null, now: number): number | null {
  if (value === null) return null;
  return /^\d+$/.test(value) ? now + Number(value) * 1000 : Date.parse(value);
}

function windowEnd(headers: Headers): number | null {
  const reset = headers.get("x-ratelimit-reset");
  if (reset === null || headers.get("x-ratelimit-remaining") !== "0") return null;
  return Number(reset) * 1000;
}

/**
 * What git keeps to itself of a host's answer, for which the host is asked once more: how long one that
 * limits us wants to be left alone, where a repository has moved, and whether it was git's protocol at all.
 * Does not know what is done about it.
 */
const REFS = "/info/refs";
const ADVERTISEMENT = "application/x-git-upload-pack-advertisement";
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

/** What a host says that has refused us, when it is asked once more. */
export interface SecondAnswer {
  readonly isAccepted: boolean;
  /** Null when it limits no more, says no time, or cannot be asked. */
  readonly waitMilliseconds: number | null;
}

/** Asks a host that has refused us once more, as before. */
export async function askAgain(question: HostQuestion): Promise<SecondAnswer> {
  const answer = await ask(question);
  const isAccepted = answer?.ok === true;
  const waitMilliseconds = answer === null || isAccepted ? null : waitOf(answer.headers);
  return { isAccepted, waitMilliseconds };
}

/** The address that the host sends whoever asks to; null: none, or it cannot be asked. */
export async function askForMove(question: HostQuestion): Promise<URL | null> {
  const location = (await ask(question))?.headers.get("location") ?? null;
  const address = location === null ? null : URL.parse(location, question.url);
  if (address?.pathname.endsWith(REFS) !== true) return null;
  address.pathname = address.pathname.slice(0, -REFS.length);
  address.search = "";
  return address;
}

/**
 * Whether the host answers in git's protocol. Git goes on without it: then a page that somebody on the way
 * answers with is a repository without refs. True where the host cannot be asked.
 */
export async function askForProtocol(question: HostQuestion): Promise<boolean> {
  const answer = await ask(question);
  if (answer === null) return true;
  return answer.ok && answer.headers.get("content-type")?.startsWith(ADVERTISEMENT) === true;
}

/** Asks what git asks first. */
async function ask({ url, authorization, signal }: HostQuestion): Promise<Response | null> {
  try {
    const response = await fetch(`${url}${REFS}?service=git-upload-pack`, {
      redirect: "manual",
      headers: authorization === null ? {} : { authorization },
      signal: AbortSignal.any([signal, AbortSignal.timeout(ASK_MILLISECONDS_MAX)]),
    });
    await response.body?.cancel();
    return response;
  } catch {
    signal.throwIfAborted();
    return null;
  }
}

/**
 * How long an answer says to wait, in milliseconds: `Retry-After` in seconds or as a date, or GitHub's own
 * header where nothing is left of the window. Points in time are measured from the answer's own `Date`: of
 * our clock, which may be wrong, nothing depends. At most an hour; null where none is named or it is over.
 */
export function waitOf(headers: Headers): number | null {
  const named = retryAfter(headers) ?? windowEnd(headers);
  if (named === null || !(named > 0)) return null;
  return Math.min(named, WAIT_SECONDS_MAX * 1000);
}

function retryAfter(headers: Headers): number | null {
  const value = headers.get("retry-after");
  if (value === null) return null;
  return /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - hostNow(headers);
}

function windowEnd(headers: Headers): number | null {
  const reset = headers.get("x-ratelimit-reset");
  if (reset === null || headers.get("x-ratelimit-remaining") !== "0") return null;
  return Number(reset) * 1000 - hostNow(headers);
}

/** NaN where the host does not say what time it is. */
function hostNow(headers: Headers): number {
  return Date.parse(headers.get("date") ?? "");
}

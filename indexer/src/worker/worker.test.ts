import { afterEach, expect, test, vi } from "vitest";
import { Stopped } from "../errors.ts";
import type { Claim, JobResult, JobRun, Verdict } from "../job.ts";
import { createLog } from "../log.ts";
import { type Queue, runWorker, UNDONE_MILLISECONDS_MAX } from "./worker.ts";

const GRACE_MILLISECONDS = 10_000;

afterEach(() => {
  vi.useRealTimers();
});

const done: JobResult = { outcome: "unchanged", commitOid: null, report: {} };

function claimOf(jobId: string): Claim {
  return {
    jobId,
    leaseToken: `token of ${jobId}`,
    kind: "index",
    ref: "refs/heads/main",
    payload: {
      full: false,
      commitOid: null,
      announced: [],
      setTo: null,
      isAmbiguous: false,
      lookedFor: null,
      defaultBranch: null,
    },
    payloadVersion: 1,
    attempt: 1,
    repositoryId: "r",
    fullName: "acme/one",
    defaultBranch: "main",
    gitToken: null,
    repositoryBytesMax: 1,
  };
}

/** A worker over so many queued jobs; every call to the queue is noted. */
function working(jobs: readonly string[], run: (job: JobRun) => Promise<JobResult>) {
  const calls: string[] = [];
  const lines: string[] = [];
  const waiting = [...jobs];
  const shutdown = new AbortController();
  const take = () => {
    const jobId = waiting.shift();
    return jobId === undefined ? null : claimOf(jobId);
  };
  const note = <T>(call: string, answer: T) => {
    calls.push(call);
    return Promise.resolve(answer);
  };
  const queue: Queue = {
    register: () => note("register", true),
    claim: () => note("claim", take()),
    waitForJob: () => Promise.resolve(),
    leaveOrTake: () => note("leave_or_take", take()),
    leave: () => note("leave", undefined),
    heartbeat: () => note<Verdict>("heartbeat", "continue"),
    complete: ({ jobId }) => note(`complete ${jobId}`, null),
    completeAndClaim: ({ jobId }) => note(`complete_and_claim ${jobId}`, take()),
    fail: ({ jobId }, { code }) => note(`fail ${jobId} ${code}`, "queued"),
    release: ({ jobId }) => note(`release ${jobId}`, undefined),
    postpone: ({ jobId }) => note(`postpone ${jobId}`, undefined),
  };
  let clock = 0;
  const finished = runWorker({
    queue,
    onRegistered: () => undefined,
    run,
    shutdown: shutdown.signal,
    heartbeatMilliseconds: 2000,
    leaseMilliseconds: 60_000,
    idlePollMilliseconds: 1,
    idleExitMilliseconds: 3,
    jobMillisecondsMax: 60_000,
    graceMilliseconds: GRACE_MILLISECONDS,
    now: () => clock += 1,
    log: createLog({ write: (line) => void lines.push(line), now: () => new Date(0) }),
    failpoint: () => undefined,
  });
  const stop = () => shutdown.abort(new Stopped("shutdown"));
  const pass = (milliseconds: number) => {
    clock += milliseconds;
  };
  return { calls, lines, queue, stop, pass, finished };
}

/** Of all jobs one ends with an error. */
function failing(failed: string, error: Error) {
  return ({ claim: { jobId } }: JobRun) =>
    jobId === failed ? Promise.reject(error) : Promise.resolve(done);
}

test("a job's completion brings the next one, and only when it brings none is there a claim", async () => {
  const ran: string[] = [];
  const worker = working(["a", "b", "c"], ({ claim }) => {
    ran.push(claim.jobId);
    return Promise.resolve(done);
  });
  await worker.finished;
  expect(ran).toEqual(["a", "b", "c"]);
  expect(worker.calls.slice(0, 6)).toEqual([
    "register",
    "claim",
    "complete_and_claim a",
    "complete_and_claim b",
    "complete_and_claim c",
    "claim",
  ]);
  expect(worker.calls.at(-1)).toBe("leave_or_take");
});

test("a job that fails brings no other: the worker claims again", async () => {
  const worker = working(["a", "b"], failing("a", new Error("broken")));
  await worker.finished;
  expect(worker.calls.slice(1, 5)).toEqual([
    "claim",
    "fail a internal_error",
    "claim",
    "complete_and_claim b",
  ]);
});

test("a worker that gets no job any more leaves without idling", async () => {
  const worker = working(["a"], () => Promise.resolve(done));
  const claim = worker.queue.claim.bind(worker.queue);
  worker.queue.claim = async () => await claim() ?? "dismissed";
  await worker.finished;
  expect(worker.calls).toEqual([
    "register",
    "claim",
    "complete_and_claim a",
    "claim",
    "leave_or_take",
  ]);
});

test("a job whose commit the host does not show is postponed", async () => {
  const worker = working(["a"], failing("a", new Stopped("not_shown")));
  await worker.finished;
  expect(worker.calls.slice(1, 4)).toEqual(["claim", "postpone a", "claim"]);
});

test("a job that is done when the shutdown comes is completed, and no other is taken", async () => {
  const worker = working(["a", "b"], () => {
    worker.stop();
    return Promise.resolve(done);
  });
  await worker.finished;
  expect(worker.calls).toEqual(["register", "claim", "complete a", "leave"]);
});

test("a job that was taken as the shutdown came is given back", async () => {
  const worker = working(["a", "b"], ({ signal }) => {
    signal.throwIfAborted();
    return Promise.resolve(done);
  });
  const take = worker.queue.completeAndClaim.bind(worker.queue);
  worker.queue.completeAndClaim = async (lease, result, signal) => {
    worker.stop();
    expect(signal.aborted).toBe(false);
    return await take(lease, result, signal);
  };
  await worker.finished;
  expect(worker.calls)
    .toEqual(["register", "claim", "complete_and_claim a", "release b", "leave"]);
});

test("a job whose lease is lost is one that a crash undid: the former is completed again", async () => {
  const worker = working(["a", "b", "c"], failing("b", new Stopped("lease_lost")));
  await worker.finished;
  expect(worker.calls.slice(1, 6)).toEqual([
    "claim",
    "complete_and_claim a",
    "complete a",
    "claim",
    "complete_and_claim c",
  ]);
});

test("that the former was completed after all ends nothing", async () => {
  const worker = working(["a", "b", "c"], failing("b", new Error("broken")));
  const lost = (call: string) => () => {
    worker.calls.push(call);
    return Promise.reject(new Stopped("lease_lost"));
  };
  worker.queue.fail = lost("fail b");
  worker.queue.complete = lost("complete a");
  await worker.finished;
  expect(worker.calls.slice(1, 7)).toEqual([
    "claim",
    "complete_and_claim a",
    "fail b",
    "complete a",
    "claim",
    "complete_and_claim c",
  ]);
});

/** Three jobs, of which the last one's lease is lost, and a queue that takes `accepted` alone again. */
function losingThird(accepted: string, millisecondsEach = 0) {
  const run = failing("c", new Stopped("lease_lost"));
  const worker = working(["a", "b", "c", "d"], (job) => {
    worker.pass(millisecondsEach);
    return run(job);
  });
  worker.queue.complete = ({ jobId }) => {
    worker.calls.push(`complete ${jobId}`);
    return jobId === accepted ? Promise.resolve(null) : Promise.reject(new Stopped("lease_lost"));
  };
  return worker;
}

test("a crash may undo several completions: they are made again, newest first, until one is accepted", async () => {
  const worker = losingThird("a");
  await worker.finished;
  expect(worker.calls.slice(1, 8)).toEqual([
    "claim",
    "complete_and_claim a",
    "complete_and_claim b",
    "complete b",
    "complete a",
    "claim",
    "complete_and_claim d",
  ]);
});

test("once a completion is accepted again, none before it is made again", async () => {
  const worker = losingThird("b");
  await worker.finished;
  expect(worker.calls.slice(2, 6))
    .toEqual(["complete_and_claim a", "complete_and_claim b", "complete b", "claim"]);
});

test("a completion that was on the disk before the next one was made is not made again", async () => {
  const worker = losingThird("a", UNDONE_MILLISECONDS_MAX);
  await worker.finished;
  expect(worker.calls.slice(2, 6))
    .toEqual(["complete_and_claim a", "complete_and_claim b", "complete b", "claim"]);
});

test("a job that was claimed by itself has no former one to complete", async () => {
  const worker = working(["a"], () => Promise.reject(new Stopped("lease_lost")));
  await worker.finished;
  expect(worker.calls.slice(1, 3)).toEqual(["claim", "claim"]);
});

/** A worker whose first job never ends, on a clock that the test moves. */
function hanging() {
  vi.useFakeTimers();
  const worker = working(["a", "b"], () => new Promise(() => undefined));
  const outcome = worker.finished.then(() => "ended", (error: unknown) => String(error));
  return { ...worker, outcome };
}

test("a handler that goes on past its limit loses its job, and its process goes", async () => {
  const worker = hanging();
  await vi.advanceTimersByTimeAsync(60_000 + GRACE_MILLISECONDS - 1);
  expect(worker.calls.at(-1)).toBe("heartbeat");
  await vi.advanceTimersByTimeAsync(1);
  expect(await worker.outcome).toContain("HandlerHangs");
  expect(worker.calls.filter((call) => call !== "heartbeat"))
    .toEqual(["register", "claim", "fail a job_time_limit", "leave"]);
  const { length } = worker.calls;
  await vi.advanceTimersByTimeAsync(600_000);
  expect(worker.calls).toHaveLength(length);
});

test("a handler that ignores the shutdown gives its job back all the same", async () => {
  const worker = hanging();
  await vi.advanceTimersByTimeAsync(5000);
  worker.stop();
  await vi.advanceTimersByTimeAsync(GRACE_MILLISECONDS);
  expect(await worker.outcome).toContain("HandlerHangs");
  expect(worker.calls.slice(-2)).toEqual(["release a", "leave"]);
});

test.each(
  [
    ["cancelled", ["fail a cancelled", "leave"]],
    ["lease_lost", ["heartbeat", "leave"]],
  ] as const,
)("a handler that ignores the verdict %s ends with its process", async (verdict, last) => {
  const worker = hanging();
  worker.queue.heartbeat = () => {
    worker.calls.push("heartbeat");
    return Promise.resolve(verdict);
  };
  await vi.advanceTimersByTimeAsync(2000 + GRACE_MILLISECONDS);
  expect(await worker.outcome).toContain("HandlerHangs");
  expect(worker.calls.slice(-2)).toEqual(last);
});

test("a report that is never answered does not keep the process of a handler that hangs", async () => {
  const worker = hanging();
  worker.queue.fail = () => new Promise(() => undefined);
  await vi.advanceTimersByTimeAsync(60_001 + 2 * GRACE_MILLISECONDS);
  expect(await worker.outcome).toContain("HandlerHangs");
});

test("a worker that a call of the queue ends leaves, so that another is launched in its place", async () => {
  const worker = working(["a"], failing("a", new Error("broken")));
  worker.queue.fail = () => Promise.reject(new Error("undone"));
  await expect(worker.finished).rejects.toThrow("undone");
  expect(worker.calls).toEqual(["register", "claim", "leave"]);
});

test("a queue that is not there for the goodbye does not keep the process", async () => {
  vi.useFakeTimers();
  const worker = working([], () => Promise.resolve(done));
  worker.queue.claim = () => Promise.reject(new Error("away"));
  worker.queue.leave = () => new Promise(() => undefined);
  const outcome = worker.finished.catch(String);
  await vi.advanceTimersByTimeAsync(GRACE_MILLISECONDS + 1);
  expect(await outcome).toContain("away");
  expect(JSON.parse(worker.lines.at(-1) ?? "")).toMatchObject({
    message: "could not report",
    error: expect.stringMatching(/^Error: not in time/),
  });
});

test("a handler that needs a moment to stop is waited for", async () => {
  vi.useFakeTimers();
  const worker = working(["a"], ({ signal }) =>
    new Promise((_, reject) => {
      signal.addEventListener("abort", () => {
        setTimeout(() => reject(new Error("stopped")), GRACE_MILLISECONDS - 1);
      });
    }));
  await vi.advanceTimersByTimeAsync(60_000 + GRACE_MILLISECONDS - 1);
  expect(worker.calls).toContain("fail a job_time_limit");
  await worker.finished;
  expect(worker.calls.at(-1)).toBe("leave_or_take");
});

import { once } from "node:events";
import { expect, test } from "vitest";
import { NO_PROGRESS, type Verdict } from "../job.ts";
import { createLog } from "../log.ts";
import { keepLease, type LeaseOptions } from "./lease.ts";

const log = createLog({ write: () => undefined, now: () => new Date(0) });

function keep(heartbeat: LeaseOptions["heartbeat"], leaseMilliseconds = 60_000) {
  return keepLease({
    heartbeat,
    heartbeatMilliseconds: 1,
    leaseMilliseconds,
    claimedAt: performance.now(),
    now: () => performance.now(),
    log,
  });
}

test.each(["cancelled", "lease_lost"] as const)(
  "the verdict %s aborts the job",
  async (verdict) => {
    const lease = keep(() => Promise.resolve<Verdict>(verdict));
    await once(lease.signal, "abort");
    expect(lease.signal.reason).toMatchObject({ reason: verdict });
    lease.stop();
  },
);

test("a heartbeat carries what was reported last", async () => {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const lease = keep((phase, progress) => {
    if (phase !== null) resolve({ phase, progress });
    return Promise.resolve<Verdict>("continue");
  });
  lease.report("parsing", { ...NO_PROGRESS, filesDone: 7 });
  expect(await promise).toEqual({ phase: "parsing", progress: { ...NO_PROGRESS, filesDone: 7 } });
  lease.stop();
});

test("what heartbeats tell of the progress never goes back", async () => {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const lease = keep((phase, progress) => {
    if (phase === "writing") resolve(progress);
    return Promise.resolve<Verdict>("continue");
  });
  const parsed = { percent: 40, filesDone: 7, filesTotal: 9, bytesDone: 70, bytesTotal: 90 };
  lease.report("parsing", parsed);
  lease.report("parsing", { ...parsed, percent: 30, filesDone: 2, bytesDone: 20 });
  lease.report("writing", { ...NO_PROGRESS, percent: 50 });
  expect(await promise).toEqual({ ...parsed, percent: 50 });
  expect(lease.progress).toEqual({ ...parsed, percent: 50 });
  lease.stop();
});

test("without a heartbeat for the lease's length the job is aborted", async () => {
  const lease = keep(() => Promise.reject(new Error("no route to the database")), 50);
  await once(lease.signal, "abort");
  expect(lease.signal.reason).toMatchObject({ reason: "lease_lost" });
  lease.stop();
});

test("a heartbeat that hangs is not sent twice, and its lease still runs out", async () => {
  let sent = 0;
  const lease = keep(() => {
    sent += 1;
    return new Promise(() => undefined);
  }, 50);
  await once(lease.signal, "abort");
  expect(sent).toBe(1);
  lease.stop();
});

test("heartbeats extend the lease beyond its first length", async () => {
  let sent = 0;
  const { promise: many, resolve } = Promise.withResolvers<void>();
  const started = performance.now();
  const lease = keep(() => {
    sent += 1;
    if (performance.now() - started > 400) resolve();
    return Promise.resolve<Verdict>("continue");
  }, 200);
  await many;
  expect(lease.signal.aborted).toBe(false);
  expect(sent).toBeGreaterThan(1);
  lease.stop();
});

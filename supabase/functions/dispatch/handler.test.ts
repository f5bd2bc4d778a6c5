import { expect, test } from "vitest";
import { type PlannedLaunch } from "../_shared/runtime/database_answers.ts";
import { type FlyErrorCode, type FlyMachines } from "../_shared/runtime/fly_machines.ts";
import { sha256Hex } from "../_shared/runtime/sha256.ts";
import { type DispatchDependencies, handleDispatch } from "./handler.ts";

const SECRET = "wake-secret";

function launches(count: number, machineId: string | null = null): PlannedLaunch[] {
  return Array.from({ length: count }, (_, n) => ({
    launch_id: `l${n}`,
    name: `quarry-l${n}`,
    machine_id: machineId,
    avoided_regions: [],
  }));
}

/** Dispatch over a fleet that wants each of these in turn, and a platform that fails some creates. */
function dispatch(plans: readonly (readonly PlannedLaunch[])[], failures: FlyErrorCode[] = []) {
  const recorded: string[] = [];
  const logged: string[] = [];
  const waits: number[] = [];
  const running = { now: 0, most: 0 };
  const plan = plans.values();
  let work: Promise<void> = Promise.resolve();
  const fly: FlyMachines = {
    async create({ launchId }) {
      running.now += 1;
      running.most = Math.max(running.most, running.now);
      await Promise.resolve();
      running.now -= 1;
      const code = failures.shift();
      if (code !== undefined) return { error: { code, message: "m", retryAfterSeconds: 6 } };
      return { value: { machineId: `m-${launchId}`, region: "fra", state: "created", launchId } };
    },
    start: () => Promise.resolve({ value: null }),
    get: () => Promise.reject(new Error("nothing is unclear")),
    listByLaunch: () => Promise.resolve({ value: [] }),
    destroy: () => Promise.resolve({ value: null }),
  };
  const dependencies: DispatchDependencies = {
    log: (event) => void logged.push(event),
    newId: () => "id",
    githubToken: null,
    publicFunctionsUrl: "https://functions.test",
    image: "image",
    regions: [],
    machinesMax: 20,
    sleep: (milliseconds) => {
      waits.push(milliseconds);
      return Promise.resolve();
    },
    runInBackground: (promise) => void (work = promise),
    github: {
      ensureHook: () => Promise.reject(new Error("no hook is pending")),
      deleteHook: () => Promise.resolve(),
    },
    fly,
    database: {
      verifyWake: (hash) => Promise.resolve(hash === sha256Hex(SECRET)),
      planLaunches: () => Promise.resolve([...plan.next().value ?? []]),
      recordLaunch: (launchId, { machineId, error, pauseSeconds }) => {
        recorded.push(`${launchId} ${machineId ?? error} ${pauseSeconds}`);
        return Promise.resolve(null);
      },
      isLaunching: () => Promise.resolve(true),
      planCleaning: () => Promise.resolve([]),
      recordRest: () => Promise.resolve(false),
      recordCleaning: () => Promise.resolve(null),
      takePendingHooks: () => Promise.resolve([]),
      recordHook: () => Promise.resolve(null),
    },
  };
  const send = (secret: string | null, method = "POST", path = "/dispatch") =>
    handleDispatch(
      new Request(`http://functions.test${path}`, {
        method,
        headers: secret === null ? {} : { authorization: `Bearer ${secret}` },
      }),
      dependencies,
    );
  return { send, recorded, logged, waits, running, dependencies, done: () => work };
}

test("it answers before it launches; every launch is carried out and recorded, a few at a time", async () => {
  const { send, recorded, running, done } = dispatch([launches(7)]);
  const response = await send(SECRET);
  expect(response.status).toBe(202);
  expect(await response.json()).toEqual({ planned: 7 });
  await done();
  expect(recorded.toSorted()).toEqual(Array.from({ length: 7 }, (_, n) => `l${n} m-l${n} null`));
  expect(running.most).toBe(3);
});

test("nothing wanted, nothing done", async () => {
  const { send, recorded, done } = dispatch([[]]);
  expect(await (await send(SECRET)).json()).toEqual({ planned: 0 });
  await done();
  expect(recorded).toEqual([]);
});

test("what failed is planned again at once", async () => {
  const { send, recorded, done } = dispatch([launches(1), launches(1)], ["not_found"]);
  await send(SECRET);
  await done();
  expect(recorded).toEqual(["l0 not_found: m 0", "l0 m-l0 null"]);
});

test("a rate limit for long stops the creates of this dispatch, and no starts", async () => {
  const failures: FlyErrorCode[] = ["rate_limited", "rate_limited", "rate_limited"];
  const plan = [...launches(5), ...launches(1, "m9")];
  const { send, recorded, waits, done } = dispatch([plan, launches(1)], failures);
  await send(SECRET);
  await done();
  expect(recorded).toEqual([
    ...Array.from({ length: 3 }, (_, n) => `l${n} rate_limited: m 6`),
    ...Array.from({ length: 2 }, (_, n) => `l${n + 3} not_tried: the platform pauses null`),
    "l0 m9 null",
  ]);
  expect(waits).toEqual([]);
});

test("one dispatch does not try for ever", async () => {
  const plans = Array.from({ length: 99 }, () => launches(1));
  const failures = Array.from({ length: 99 }, () => "rejected" as const);
  const { send, recorded, done } = dispatch(plans, failures);
  await send(SECRET);
  await done();
  expect(recorded).toHaveLength(6);
});

test("a fault of one part is logged and stops no other", async () => {
  const { send, logged, recorded, dependencies, done } = dispatch([launches(1)]);
  Object.assign(dependencies.database, {
    takePendingHooks: () => Promise.reject(new Error("the database went away")),
  });
  await send(SECRET);
  await done();
  expect(logged).toEqual(["dispatch_failed"]);
  expect(recorded).toHaveLength(1);
});

test("only the wake secret wakes", async () => {
  const { send, recorded, done } = dispatch([launches(1)]);
  for (const secret of [null, "other", `${SECRET} `.repeat(2).trim()]) {
    const response = await send(secret);
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toContain("Bearer");
  }
  await done();
  expect(recorded).toEqual([]);
});

test("it takes POST on its own path alone", async () => {
  const { send } = dispatch([launches(1)]);
  expect((await send(SECRET, "GET")).status).toBe(405);
  expect((await send(SECRET, "POST", "/dispatch/more")).status).toBe(404);
});

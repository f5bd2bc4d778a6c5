import { expect, test } from "vitest";
import { type PlannedLaunch } from "../_shared/runtime/database_answers.ts";
import {
  type FlyErrorCode,
  type FlyMachines,
  type FlyResult,
  type Machine,
  type MachineRequest,
} from "../_shared/runtime/fly_machines.ts";
import { launch } from "./launch.ts";

const planned: PlannedLaunch = {
  launch_id: "l1",
  name: "quarry-l1",
  machine_id: null,
  avoided_regions: [],
};
const toStart: PlannedLaunch = { ...planned, machine_id: "m0" };
const machine: Machine = { machineId: "m1", region: "ams", state: "created", launchId: "l1" };
const never = new AbortController().signal;
const nothing = { isReusable: false, pauseSeconds: null };
const UNCLEAR = { machineId: null, region: null, error: null, ...nothing };

type Word = FlyErrorCode | "ok";

function resultOf<Value>(
  word: Word,
  value: Value,
  retryAfterSeconds: number | null = null,
): FlyResult<Value> {
  if (word === "ok") return { value };
  return { error: { code: word, message: "said so", retryAfterSeconds } };
}

interface Script {
  readonly creates?: readonly Word[];
  readonly starts?: readonly Word[];
  /** What looking for the launch finds each time; the last for all that follow. */
  readonly looks?: readonly (Machine | null | "unclear")[];
  /** The state of the machine when it is asked for, or that nobody can say. */
  readonly state?: "stopped" | "starting" | "unclear";
  readonly retryAfterSeconds?: number;
  /** Whether the launch is still waited for when it is asked again. Default true. */
  readonly isLaunching?: boolean;
}

/** The platform, answering word by word. */
function platform(script: Script) {
  const { creates = [], starts = [], looks = [null], state = "stopped" } = script;
  const requests: MachineRequest[] = [];
  const waits: number[] = [];
  const words = { creates: creates.values(), starts: starts.values() };
  let lookCount = 0;
  let startCount = 0;
  const fly: FlyMachines = {
    create(request) {
      requests.push(request);
      const word = words.creates.next().value ?? "rejected";
      return Promise.resolve(resultOf(word, machine, script.retryAfterSeconds));
    },
    listByLaunch() {
      const found = looks[Math.min(lookCount, looks.length - 1)] ?? null;
      lookCount += 1;
      if (found === "unclear") return Promise.resolve(resultOf("unclear", []));
      return Promise.resolve({ value: found === null ? [] : [found] });
    },
    get: () =>
      Promise.resolve(
        state === "unclear" ? resultOf("unclear", machine) : { value: { ...machine, state } },
      ),
    start() {
      startCount += 1;
      const word = words.starts.next().value ?? "rejected";
      return Promise.resolve(resultOf(word, null, script.retryAfterSeconds));
    },
    destroy: () => Promise.resolve({ value: null }),
  };
  const run = (
    what: PlannedLaunch = planned,
    regions: readonly string[] = [],
    deadline = never,
  ) =>
    launch(what, {
      database: { isLaunching: () => Promise.resolve(script.isLaunching ?? true) },
      fly,
      image: "image",
      regions,
      deadline,
      sleep: (milliseconds) => {
        waits.push(milliseconds);
        return Promise.resolve();
      },
    });
  return { requests, waits, run, startCount: () => startCount };
}

test("a launch that works is one create", async () => {
  const { requests, run } = platform({ creates: ["ok"] });
  expect(await run(planned, ["fra", "ams"])).toEqual({
    machineId: "m1",
    region: "ams",
    error: null,
    ...nothing,
  });
  expect(requests).toEqual([{
    launchId: "l1",
    name: "quarry-l1",
    region: "fra",
    image: "image",
  }]);
});

test("regions are tried in order, all under one name", async () => {
  const { requests, run } = platform({ creates: ["no_capacity", "no_capacity", "ok"] });
  expect(await run(planned, ["fra", "ams", "cdg"])).toMatchObject({ machineId: "m1" });
  expect(requests.map(({ name, region }) => `${name} ${region}`)).toEqual([
    "quarry-l1 fra",
    "quarry-l1 ams",
    "quarry-l1 cdg",
  ]);
});

test("a region where a machine did not come up lately is tried last", async () => {
  const { requests, run } = platform({ creates: ["no_capacity", "ok"] });
  await run({ ...planned, avoided_regions: ["fra"] }, ["fra", "ams"]);
  expect(requests.map(({ region }) => region)).toEqual(["ams", "fra"]);
});

test("without regions the platform chooses", async () => {
  const { requests, run } = platform({ creates: ["ok"] });
  await run();
  expect(requests.map(({ region }) => region)).toEqual([null]);
});

test("no capacity anywhere is an error, and the fleet pauses", async () => {
  const { run } = platform({ creates: ["no_capacity", "no_capacity"] });
  expect(await run(planned, ["fra", "ams"])).toEqual({
    machineId: null,
    region: null,
    error: "no_capacity: said so",
    isReusable: false,
    pauseSeconds: 0,
  });
});

test("rejected ends the launch at once, and the fleet pauses", async () => {
  const { requests, run } = platform({ creates: ["rejected", "ok"] });
  expect(await run(planned, ["fra", "ams"])).toMatchObject({
    error: "rejected: said so",
    pauseSeconds: 0,
  });
  expect(requests).toHaveLength(1);
});

test("a rate limit is waited for in the same region, twice; then the fleet pauses", async () => {
  const soon = platform({ creates: ["no_capacity", "rate_limited", "ok"] });
  expect(await soon.run(planned, ["fra", "ams"])).toMatchObject({ machineId: "m1" });
  expect(soon.requests.map(({ region }) => region)).toEqual(["fra", "ams", "ams"]);
  expect(soon.waits).toEqual([1000]);
  const { requests, run } = platform({ creates: Array.from({ length: 9 }, () => "rate_limited") });
  expect(await run(planned, ["fra", "ams"])).toMatchObject({
    error: "rate_limited: said so",
    pauseSeconds: 1,
  });
  expect(requests).toHaveLength(3);
});

test("a rate limit that names a long time is told to the fleet at once", async () => {
  const { requests, run } = platform({ creates: ["rate_limited"], retryAfterSeconds: 30 });
  expect(await run(planned, ["fra"])).toMatchObject({ pauseSeconds: 30 });
  expect(requests).toHaveLength(1);
});

test("a name that is taken by this very launch is success", async () => {
  const { run } = platform({ creates: ["name_taken"], looks: [machine] });
  expect(await run()).toMatchObject({ machineId: "m1", error: null });
});

test("a refused request that looks like a taken name is an error", async () => {
  expect((await platform({ creates: ["name_taken"] }).run()).error).toBe("name_taken: said so");
});

test("an unclear answer is settled by looking", async () => {
  const { requests, run } = platform({ creates: ["unclear"], looks: [machine] });
  expect(await run(planned, ["fra", "ams"])).toMatchObject({ machineId: "m1", error: null });
  expect(requests).toHaveLength(1);
});

test("an unclear answer without a machine is settled by the same name again", async () => {
  const { requests, run } = platform({ creates: ["unclear", "ok"] });
  expect(await run(planned, ["fra"])).toMatchObject({ machineId: "m1", error: null });
  expect(requests.map(({ name, region }) => `${name} ${region}`)).toEqual([
    "quarry-l1 fra",
    "quarry-l1 fra",
  ]);
});

test("a machine that shows late is found when its name turns out to be taken", async () => {
  const { run } = platform({ creates: ["unclear", "name_taken"], looks: [null, machine] });
  expect(await run(planned, ["fra"])).toMatchObject({ machineId: "m1", error: null });
});

test("a launch whose worker has been heard of is not asked for again, its name may be free", async () => {
  const { requests, run } = platform({ creates: ["unclear", "ok"], isLaunching: false });
  expect(await run(planned, ["fra"])).toEqual(UNCLEAR);
  expect(requests).toHaveLength(1);
});

test.each<[string, Script]>([
  ["every answer is unclear", { creates: ["unclear", "unclear", "unclear"] }],
  ["the name is taken and the machine does not show", {
    creates: ["unclear", "name_taken", "name_taken"],
  }],
  ["nobody can look", { creates: ["name_taken", "unclear", "unclear"], looks: ["unclear"] }],
])("where %s it is no error, and never a second name", async (_, script) => {
  const { requests, run } = platform(script);
  expect(await run(planned, ["fra"])).toEqual(UNCLEAR);
  expect(new Set(requests.map(({ name }) => name))).toEqual(new Set(["quarry-l1"]));
});

test("a refusal after an unclear answer is certain of nothing", async () => {
  const { run } = platform({ creates: ["unclear", "rate_limited"], retryAfterSeconds: 9 });
  expect(await run(planned, ["fra"])).toEqual({ ...UNCLEAR, pauseSeconds: 9 });
});

test.each<FlyErrorCode>(["wrong_state", "not_found", "rejected", "rate_limited", "no_capacity"])(
  "%s is no failure where an earlier request, repeated unasked, has made the machine",
  async (word) => {
    const { run } = platform({ creates: [word], looks: [machine], retryAfterSeconds: 30 });
    expect(await run(planned, ["fra"])).toMatchObject({ machineId: "m1", error: null });
  },
);

test("a refusal that nobody can look behind is certain only of a wrong token", async () => {
  const { run } = platform({ creates: ["wrong_state"], looks: ["unclear"] });
  expect(await run(planned, ["fra"])).toEqual({ ...UNCLEAR, pauseSeconds: 0 });
  const rejected = platform({ creates: ["rejected"], looks: ["unclear"] });
  expect(await rejected.run(planned, ["fra"])).toMatchObject({ error: "rejected: said so" });
});

test("out of time is an error, so that the launch is planned anew", async () => {
  for (const what of [planned, toStart]) {
    const { requests, startCount, run } = platform({ creates: ["ok"], starts: ["ok"] });
    expect(await run(what, [], AbortSignal.abort())).toMatchObject({
      error: "not_tried: out of time",
      isReusable: true,
    });
    expect(requests.length + startCount()).toBe(0);
  }
});

test("a stopped machine is started and none created", async () => {
  const { requests, run } = platform({ starts: ["ok"] });
  expect(await run(toStart)).toEqual({ machineId: "m0", region: null, error: null, ...nothing });
  expect(requests).toEqual([]);
});

test("a machine that has not come to rest is asked again, for a few seconds", async () => {
  const { run, waits } = platform({ starts: ["wrong_state", "wrong_state", "ok"] });
  expect(await run(toStart)).toMatchObject({ machineId: "m0", error: null });
  expect(waits).toEqual([250, 500]);
  const stuck = platform({ starts: Array.from({ length: 9 }, () => "wrong_state") });
  expect(await stuck.run(toStart)).toMatchObject({ error: "wrong_state: said so", ...nothing });
  expect(stuck.startCount()).toBe(5);
});

test.each(["not_found", "no_capacity", "rejected"] as const)(
  "a start that is answered %s has failed, and another machine is planned",
  async (word) => {
    const { run } = platform({ starts: [word] });
    expect(await run(toStart)).toMatchObject({ error: `${word}: said so`, ...nothing });
  },
);

test("a start that is refused for a time is tried again after it", async () => {
  const { run, waits } = platform({ starts: ["rate_limited", "ok"], retryAfterSeconds: 3 });
  expect(await run(toStart)).toMatchObject({ machineId: "m0", error: null });
  expect(waits).toEqual([3000]);
});

test("a start that is refused for long leaves the machine in the pool, and the fleet pauses", async () => {
  const refused = platform({ starts: ["rate_limited"], retryAfterSeconds: 30 });
  expect(await refused.run(toStart)).toMatchObject({
    error: "rate_limited: said so",
    isReusable: true,
    pauseSeconds: 30,
  });
  expect([refused.startCount(), refused.waits]).toEqual([1, []]);
  const unclear = platform({ starts: ["unclear", "rate_limited"], retryAfterSeconds: 30 });
  expect(await unclear.run(toStart)).toEqual({ ...UNCLEAR, pauseSeconds: 30 });
});

test("a machine whose starts are rate limited stays in the pool", async () => {
  const { run } = platform({ starts: Array.from({ length: 9 }, () => "rate_limited") });
  expect(await run(toStart)).toMatchObject({ isReusable: true, pauseSeconds: null });
});

test("an unclear start is settled by the machine's state", async () => {
  expect(await platform({ starts: ["unclear"], state: "starting" }).run(toStart)).toEqual(UNCLEAR);
  const again = platform({ starts: ["unclear", "ok"], state: "stopped" });
  expect(await again.run(toStart)).toMatchObject({ machineId: "m0" });
  const silent = platform({ starts: ["unclear", "unclear", "wrong_state"], state: "unclear" });
  expect(await silent.run(toStart)).toEqual(UNCLEAR);
  expect(silent.startCount()).toBe(3);
});

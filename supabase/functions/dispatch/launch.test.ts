import { expect, test } from "vitest";
import {
  type CreateOutcome,
  type FlyMachines,
  type Machine,
  type MachineRequest,
} from "../_shared/runtime/fly_machines.ts";
import { launch } from "./launch.ts";

const planned = { launch_id: "l1", name: "quarry-l1" };
const machine: Machine = { machineId: "m1", region: "ams" };
const never = new AbortController().signal;

/** The platform, answering each create in turn; `exists` is what a look finds. */
function platform(answers: readonly CreateOutcome["outcome"][], exists: Machine | null = null) {
  const requests: MachineRequest[] = [];
  const left = [...answers];
  const fly: FlyMachines = {
    create(request) {
      requests.push(request);
      const outcome = left.shift() ?? "rejected";
      return Promise.resolve(
        outcome === "created" ? { outcome, machine } : { outcome, message: "said so" },
      );
    },
    findByLaunch: () => Promise.resolve(exists),
  };
  const run = (regions: readonly string[] = [], deadline = never) =>
    launch(planned, { fly, image: "image", regions, deadline });
  return { requests, run };
}

test("a launch that works is one create", async () => {
  const { requests, run } = platform(["created"]);
  expect(await run(["fra", "ams"])).toEqual({ machineId: "m1", region: "ams", error: null });
  expect(requests).toEqual([{
    launchId: "l1",
    name: "quarry-l1",
    region: "fra",
    image: "image",
  }]);
});

test("regions are tried in order, all under one name", async () => {
  const { requests, run } = platform(["no_capacity", "no_capacity", "created"]);
  expect(await run(["fra", "ams", "cdg"])).toMatchObject({ machineId: "m1" });
  expect(requests.map(({ name, region }) => `${name} ${region}`)).toEqual([
    "quarry-l1 fra",
    "quarry-l1 ams",
    "quarry-l1 cdg",
  ]);
});

test("without regions the platform chooses", async () => {
  const { requests, run } = platform(["created"]);
  await run();
  expect(requests.map(({ region }) => region)).toEqual([null]);
});

test("no capacity anywhere is an error", async () => {
  expect(await platform(["no_capacity", "no_capacity"]).run(["fra", "ams"])).toEqual({
    machineId: null,
    region: null,
    error: "no_capacity: said so",
  });
});

test.each(["rate_limited", "rejected"] as const)("%s ends the launch at once", async (outcome) => {
  const { requests, run } = platform([outcome, "created"]);
  expect((await run(["fra", "ams"])).error).toBe(`${outcome}: said so`);
  expect(requests).toHaveLength(1);
});

test("a name that is taken by this very launch is success", async () => {
  expect(await platform(["name_taken"], machine).run()).toMatchObject({
    machineId: "m1",
    error: null,
  });
});

test("a refused request that looks like a taken name is an error", async () => {
  expect((await platform(["name_taken"]).run()).error).toBe("name_taken: said so");
});

test("an unclear answer is settled by looking", async () => {
  const { requests, run } = platform(["ambiguous"], machine);
  expect(await run(["fra", "ams"])).toMatchObject({ machineId: "m1", error: null });
  expect(requests).toHaveLength(1);
});

test("an unclear answer that nobody can settle is no error, and never a second name", async () => {
  const { requests, run } = platform(["ambiguous", "ambiguous"]);
  expect(await run(["fra", "ams"])).toEqual({ machineId: null, region: null, error: null });
  expect(new Set(requests.map(({ name }) => name))).toEqual(new Set(["quarry-l1"]));
});

test("a machine that came to be after all is found under its name in the next region", async () => {
  let looks = 0;
  const fly: FlyMachines = {
    create: (request) =>
      Promise.resolve({
        outcome: request.region === "fra" ? "ambiguous" : "name_taken",
        message: "m",
      }),
    findByLaunch: () => Promise.resolve((looks += 1) === 1 ? null : machine),
  };
  const options = { fly, image: "image", regions: ["fra", "ams"], deadline: never };
  expect(await launch(planned, options)).toMatchObject({ machineId: "m1", error: null });
});

test("out of time is an error, so that the launch is planned anew", async () => {
  const { requests, run } = platform(["created"]);
  expect((await run([], AbortSignal.abort())).error).toBe("not_tried: out of time");
  expect(requests).toHaveLength(0);
});

import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type Scripted,
  type ScriptedServer,
  startScriptedServer,
} from "../../../tests/support/scripted_server.ts";
import { createFlyMachines, type FlyMachines } from "./fly_machines.ts";

let server: ScriptedServer;
let fly: FlyMachines;
const never = new AbortController().signal;
const request = { launchId: "l1", name: "quarry-l1", region: "fra", image: "image@sha256:1" };

beforeAll(async () => {
  server = await startScriptedServer();
  fly = createFlyMachines({
    apiBaseUrl: server.url,
    apiToken: "t0ken",
    appName: "quarry-indexer",
    fetch,
  });
});
afterAll(() => server[Symbol.asyncDispose]());

test("a machine is created under its launch's name, to vanish when it exits", async () => {
  server.answer = () => ({ status: 200, body: { id: "m1", region: "fra", state: "created" } });
  expect(await fly.create(request, never)).toEqual({
    outcome: "created",
    machine: { machineId: "m1", region: "fra" },
  });
  expect(server.received.at(-1)).toMatchObject({
    method: "POST",
    path: "/v1/apps/quarry-indexer/machines",
    headers: { authorization: "Bearer t0ken" },
    body: {
      name: "quarry-l1",
      region: "fra",
      config: {
        image: "image@sha256:1",
        auto_destroy: true,
        restart: { policy: "no" },
        guest: { cpu_kind: "performance" },
        env: { LAUNCH_ID: "l1" },
        metadata: { launch_id: "l1" },
      },
    },
  });
  await fly.create({ ...request, region: null }, never);
  expect(server.received.at(-1)?.body).not.toHaveProperty("region");
});

test.each<[Scripted, string]>([
  [{ status: 422, body: { error: "already_exists: unique machine name" } }, "name_taken"],
  [{ status: 409, body: { error: "already_exists" } }, "name_taken"],
  [{ status: 429, body: { error: "rate limit exceeded" } }, "rate_limited"],
  [{ status: 422, body: { status: "insufficient_capacity" } }, "no_capacity"],
  [{ status: 503, body: { error: "could not reserve: insufficient resources" } }, "no_capacity"],
  [{ status: 401, body: { error: "unauthenticated" } }, "rejected"],
  [{ status: 400, body: { error: "invalid_argument" } }, "rejected"],
  [{ status: 408, body: {} }, "ambiguous"],
  [{ status: 500, text: "<html>" }, "ambiguous"],
  [{ status: 200, text: "<html>" }, "ambiguous"],
  ["drop", "ambiguous"],
])("%j is %s", async (answer, outcome) => {
  server.answer = () => answer;
  expect(await fly.create(request, never)).toMatchObject({ outcome });
});

test("a create that the deadline cuts short is ambiguous", async () => {
  const deadline = new AbortController();
  server.answer = () => {
    deadline.abort();
    return "hang";
  };
  expect(await fly.create(request, deadline.signal)).toMatchObject({ outcome: "ambiguous" });
});

test("a machine is found by its launch, and no answer finds nothing", async () => {
  server.answer = () => ({ status: 200, body: [{ id: "m1", region: "ams" }] });
  expect(await fly.findByLaunch("l1", never)).toEqual({ machineId: "m1", region: "ams" });
  expect(server.received.at(-1)?.path).toBe(
    "/v1/apps/quarry-indexer/machines?metadata.launch_id=l1",
  );
  for (const answer of [{ status: 200, body: [] }, { status: 500 }, "drop"] as const) {
    server.answer = () => answer;
    expect(await fly.findByLaunch("l1", never)).toBeNull();
  }
});

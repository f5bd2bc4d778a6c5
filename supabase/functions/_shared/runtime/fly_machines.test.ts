import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type Scripted,
  type ScriptedServer,
  startScriptedServer,
} from "../../../tests/support/scripted_server.ts";
import { createFlyMachines, type FlyErrorCode, type FlyMachines } from "./fly_machines.ts";

let server: ScriptedServer;
let fly: FlyMachines;
const never = new AbortController().signal;
const request = { launchId: "l1", name: "quarry-l1", region: "fra", image: "image@sha256:1" };
const MACHINES = "/v1/apps/quarry-indexer/machines";
const body = {
  id: "m1",
  region: "ams",
  state: "stopped",
  config: { metadata: { launch_id: "l1" } },
};
const machine = { machineId: "m1", region: "ams", state: "stopped", launchId: "l1" };

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

test("a machine is created under its launch's name, to stay when it exits", async () => {
  server.answer = () => ({ status: 200, body });
  expect(await fly.create(request, never)).toEqual({ value: machine });
  expect(server.received.at(-1)).toMatchObject({
    method: "POST",
    path: MACHINES,
    headers: { authorization: "Bearer t0ken" },
    body: {
      name: "quarry-l1",
      region: "fra",
      config: {
        image: "image@sha256:1",
        auto_destroy: false,
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

test("a machine is found by its launch and by its id", async () => {
  server.answer = () => ({ status: 200, body: [body] });
  expect(await fly.listByLaunch("l1", never)).toEqual({ value: [machine] });
  expect(server.received.at(-1)?.path).toBe(`${MACHINES}?metadata.launch_id=l1`);
  server.answer = () => ({ status: 200, body: { ...body, config: {} } });
  expect(await fly.get("m1", never)).toEqual({ value: { ...machine, launchId: null } });
  expect(server.received.at(-1)).toMatchObject({ method: "GET", path: `${MACHINES}/m1` });
});

test("a machine is started, unless it still runs", async () => {
  server.answer = () => ({ status: 200, body: { previous_state: "stopped" } });
  expect(await fly.start("m1", never)).toEqual({ value: null });
  expect(server.received.at(-1)).toMatchObject({ method: "POST", path: `${MACHINES}/m1/start` });
  server.answer = () => ({ status: 200, body: { previous_state: "started" } });
  expect(await fly.start("m1", never)).toMatchObject({ error: { code: "wrong_state" } });
});

test("a machine is destroyed whatever it does; one that is gone counts as destroyed", async () => {
  server.answer = () => ({ status: 200, body: { ok: true } });
  expect(await fly.destroy("m1", never)).toEqual({ value: null });
  const { method, path } = server.received.at(-1) ?? {};
  expect(`${method} ${path}`).toBe(`DELETE ${MACHINES}/m1?force=true&kill=true`);
  server.answer = () => ({ status: 404, body: { error: "not_found: machine not found" } });
  expect(await fly.destroy("m1", never)).toEqual({ value: null });
});

const answers: readonly [Scripted, FlyErrorCode, FlyErrorCode][] = [
  [{ status: 422, body: { error: "already_exists: unique name" } }, "name_taken", "wrong_state"],
  [{ status: 409, body: { error: "aborted: lease currently held" } }, "name_taken", "wrong_state"],
  [{ status: 412, body: { error: "failed_precondition" } }, "wrong_state", "wrong_state"],
  [{ status: 429, body: { error: "rate limit exceeded" } }, "rate_limited", "rate_limited"],
  [{ status: 422, body: { status: "insufficient_capacity" } }, "no_capacity", "no_capacity"],
  [{ status: 503, body: { error: "insufficient resources" } }, "no_capacity", "no_capacity"],
  [{ status: 401, body: { error: "unauthenticated" } }, "rejected", "rejected"],
  [{ status: 403, body: { error: "insufficient permissions" } }, "rejected", "rejected"],
  [{ status: 400, body: { error: "invalid_argument" } }, "rejected", "rejected"],
  [{ status: 404, body: { error: "not_found" } }, "rejected", "not_found"],
  [{ status: 408, body: {} }, "unclear", "unclear"],
  [{ status: 500, text: "<html>" }, "unclear", "unclear"],
  [{ status: 200, text: "<html>" }, "unclear", "unclear"],
  ["drop", "unclear", "unclear"],
];

test.each(answers)("%j is %s for a create and %s for a start", async (answer, create, start) => {
  server.answer = () => answer;
  expect(await fly.create(request, never)).toMatchObject({ error: { code: create } });
  expect(await fly.start("m1", never)).toMatchObject({ error: { code: start } });
});

test("what the platform says is cut between two characters", async () => {
  for (const error of ["😀".repeat(200), `x${"😀".repeat(200)}`]) {
    server.answer = () => ({ status: 400, body: { error } });
    const answer = await fly.create(request, never);
    expect("error" in answer && answer.error.message.isWellFormed()).toBe(true);
  }
});

test("Retry-After is told in seconds, and what is no number is none", async () => {
  for (const [header, retryAfterSeconds] of [["3", 3], ["0.2", 1], ["soon", null]] as const) {
    server.answer = () => ({ status: 429, body: {}, headers: { "retry-after": header } });
    expect(await fly.create(request, never)).toMatchObject({ error: { retryAfterSeconds } });
  }
});

test("a call that the signal cuts short is unclear", async () => {
  const deadline = new AbortController();
  server.answer = () => {
    deadline.abort();
    return "hang";
  };
  expect(await fly.create(request, deadline.signal)).toMatchObject({ error: { code: "unclear" } });
});

// What dispatch relies on in the Machines API, against real processes.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { type FlyMachines, startFlyMachines } from "./fly_machines.ts";
import { isAlive } from "./process.ts";
import { openRun, type Run } from "./run.ts";

const TOKEN = "fly-token";
const STAYS = { "GUEST": "setInterval(() => {}, 1000); console.log('up');" };

let run: Run;
let machines: FlyMachines;
let directory: string;
let base: string;
const lines: string[] = [];

beforeAll(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), "quarry-machines-"));
  const entryFile = path.join(directory, "guest.ts");
  await writeFile(entryFile, "eval(process.env.GUEST ?? '');");
  run = await openRun();
  machines = await startFlyMachines({
    run,
    appName: "app",
    token: TOKEN,
    entryFile,
    workingDirectory: directory,
    secrets: () => ({ SECRET: "from the app", SHARED: "secret wins" }),
    path: process.env["PATH"] ?? "",
    onOutput: (_machine, line) => lines.push(line),
  });
  base = `http://127.0.0.1:${machines.port}/v1/apps/app/machines`;
});
afterEach(async () => {
  for (const machine of machines.list()) await machine.destroy();
  lines.length = 0;
});
afterAll(async () => {
  await machines.stop();
  await run.close();
  await rm(directory, { recursive: true });
});

interface View {
  id: string;
  name: string;
  state: string;
  instance_id: string;
  events: { type: string; request?: { exit_event: Record<string, unknown> } }[];
}

async function call(method: string, rest: string, body?: unknown, token = TOKEN) {
  const response = await fetch(`${base}${rest}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() as never };
}

async function create(config: object = {}, rest: object = {}): Promise<View> {
  const { status, body } = await call("POST", "", { ...rest, config: { image: "i", ...config } });
  expect(status).toBe(200);
  return body;
}

test("a created machine starts the guest, which waiting shows", async () => {
  const { id, state } = await create({ env: STAYS });
  expect(state).toBe("created");
  expect(await call("GET", `/${id}/wait?state=started&timeout=5`)).toMatchObject({ status: 200 });
  expect(await call("GET", `/${id}`)).toMatchObject({ body: { state: "started" } });
  expect(isAlive(machines.list()[0]?.pid ?? 0)).toBe(true);
});

test("skip_launch leaves it created until it is started", async () => {
  const { id } = await create({ env: STAYS }, { skip_launch: true });
  expect(machines.list()[0]?.pid).toBeNull();
  expect(await call("POST", `/${id}/start`)).toMatchObject({ body: { previous_state: "created" } });
  expect(await call("POST", `/${id}/start`)).toMatchObject({ status: 412 });
});

test("the guest's environment is the machine's, the secrets' and the platform's", async () => {
  process.env["QUARRY_TEST_LEAK"] = "secret";
  const env = { GUEST: "console.log(JSON.stringify(process.env))", MINE: "1", SHARED: "config" };
  const { id, instance_id } = await create({ env, guest: { memory_mb: 2048 } });
  delete process.env["QUARRY_TEST_LEAK"];
  await vi.waitFor(() => expect(lines).toHaveLength(1), { timeout: 10_000, interval: 10 });
  const seen = JSON.parse(lines[0] ?? "") as Record<string, string>;
  expect(seen).toMatchObject({
    MINE: "1",
    SECRET: "from the app",
    SHARED: "secret wins",
    FLY_APP_NAME: "app",
    FLY_MACHINE_ID: id,
    FLY_MACHINE_VERSION: instance_id,
    FLY_REGION: "local",
    FLY_IMAGE_REF: "i",
    FLY_VM_MEMORY_MB: "2048",
  });
  expect(seen).not.toHaveProperty("QUARRY_TEST_LEAK");
  expect(seen).not.toHaveProperty("HOME");
});

test("a taken name is 422, and free again after the machine is destroyed", async () => {
  const { id } = await create({ env: STAYS }, { name: "one" });
  const again = { name: "one", config: { image: "i" } };
  expect(await call("POST", "", again)).toMatchObject({ status: 422 });
  await call("DELETE", `/${id}?force=true`);
  expect(await call("POST", "", again)).toMatchObject({ status: 200 });
});

test("machines are listed by metadata, destroyed ones not", async () => {
  const { id } = await create({ metadata: { launch_id: "a", k: "v" } });
  await create({ metadata: { launch_id: "b" } });
  expect(await call("GET", "?metadata.launch_id=a&metadata.k=v")).toMatchObject({ body: [{ id }] });
  expect((await call("GET", "?metadata.launch_id=c")).body).toEqual([]);
  await call("DELETE", `/${id}?force=true`);
  expect((await call("GET", "?metadata.launch_id=a")).body).toEqual([]);
});

test("a guest that ends is stopped, with its exit code", async () => {
  const { id, instance_id } = await create({ env: { GUEST: "process.exit(3)" } });
  const wait = `/${id}/wait?state=stopped&timeout=10&instance_id=${instance_id}`;
  expect(await call("GET", wait)).toMatchObject({ status: 200 });
  const { body } = await call("GET", `/${id}`) as { body: View };
  expect(body.events[0]).toMatchObject({
    type: "exit",
    request: { exit_event: { exit_code: 3, oom_killed: false, requested_stop: false } },
  });
  expect(await call("POST", `/${id}/start`)).toMatchObject({ body: { previous_state: "stopped" } });
});

test("auto_destroy removes a machine whose guest has ended", async () => {
  const { id } = await create({ env: { GUEST: "" }, auto_destroy: true });
  expect(await call("GET", `/${id}/wait?state=destroyed&timeout=10`)).toMatchObject({
    status: 200,
  });
  expect(machines.list()).toEqual([]);
});

test("stop sends the signal, and SIGKILL when the guest does not go", async () => {
  const deaf = "process.on('SIGTERM', () => console.log('no')); setInterval(() => {}, 1000);" +
    "console.log('up')";
  const { id, instance_id } = await create({ env: { GUEST: deaf } });
  await vi.waitFor(() => expect(lines).toContain("up"), { timeout: 10_000, interval: 10 });
  await call("POST", `/${id}/stop`, { signal: "SIGTERM", timeout: 0.2 });
  await call("GET", `/${id}/wait?state=stopped&timeout=10&instance_id=${instance_id}`);
  expect(lines).toContain("no");
  const { body } = await call("GET", `/${id}`) as { body: View };
  expect(body.events[0]?.request?.exit_event).toMatchObject({
    exit_code: 137,
    guest_signal: 9,
    requested_stop: true,
  });
});

test("what a guest has started dies with it", async () => {
  const child = "const { spawn } = require('node:child_process');" +
    "console.log(spawn('sleep', ['1000']).pid); setInterval(() => {}, 1000);";
  const { id, instance_id } = await create({ env: { GUEST: child } });
  await vi.waitFor(() => expect(lines).toHaveLength(1), { timeout: 10_000, interval: 10 });
  expect(isAlive(Number(lines[0]))).toBe(true);
  machines.list()[0]?.kill("SIGKILL");
  await call("GET", `/${id}/wait?state=stopped&timeout=10&instance_id=${instance_id}`);
  await vi.waitFor(() => expect(isAlive(Number(lines[0]))).toBe(false), { timeout: 10_000 });
});

test("a guest killed for its memory says so", async () => {
  const { id, instance_id } = await create({ env: STAYS });
  await call("GET", `/${id}/wait?state=started&timeout=10`);
  machines.list()[0]?.exceedMemory();
  await call("GET", `/${id}/wait?state=stopped&timeout=10&instance_id=${instance_id}`);
  const { body } = await call("GET", `/${id}`) as { body: View };
  expect(body.events[0]?.request?.exit_event).toMatchObject({ oom_killed: true });
});

test("a running machine is destroyed by force alone", async () => {
  const { id } = await create({ env: STAYS });
  expect(await call("DELETE", `/${id}`)).toMatchObject({ status: 412 });
  const pid = machines.list()[0]?.pid ?? 0;
  expect(await call("DELETE", `/${id}?force=true`)).toMatchObject({ status: 200 });
  expect(isAlive(pid)).toBe(false);
  expect(run.processes).toEqual([]);
});

test("waiting ends in 408 at the deadline, and for stopped demands the instance", async () => {
  const { id } = await create({ env: STAYS });
  expect(await call("GET", `/${id}/wait?state=destroyed&timeout=0.05`)).toMatchObject({
    status: 408,
  });
  expect(await call("GET", `/${id}/wait?state=stopped&timeout=1`)).toMatchObject({ status: 400 });
});

test("a wrong token is 401, an unknown app, machine or path 404, a bad body 400", async () => {
  expect(await call("GET", "", undefined, "wrong")).toMatchObject({ status: 401 });
  expect(await call("GET", "/unknown")).toMatchObject({ status: 404 });
  const elsewhere = await fetch(base.replace("/app/", "/other/"), {
    headers: { authorization: `Bearer ${TOKEN}` },
  });
  expect(elsewhere.status).toBe(404);
  expect(await call("POST", "", { config: {} })).toMatchObject({ status: 400 });
});

// What dispatch relies on in the Machines API, against real processes.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { type FlyAction, FlyFaults } from "./fly_faults.ts";
import { type FlyMachines, startFlyMachines } from "./fly_machines.ts";
import { FlyRateLimits } from "./fly_rate_limits.ts";
import { isAlive } from "../processes/process.ts";
import { openRun, type Run } from "../processes/run.ts";

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
  machines.faults.clear();
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

test("a stopped machine that is started again keeps its id, its configuration and its instance", async () => {
  const { id, instance_id } = await create({ env: { GUEST: "console.log(process.env.MINE)" } });
  const stopped = `/${id}/wait?state=stopped&timeout=10&instance_id=${instance_id}`;
  await call("GET", stopped);
  expect(await call("POST", `/${id}/start`)).toMatchObject({ body: { previous_state: "stopped" } });
  await call("GET", stopped);
  const { body } = await call("GET", `/${id}`) as { body: View };
  expect(body).toMatchObject({ id, instance_id, state: "stopped" });
  expect(body.events.filter(({ type }) => type === "start")).toHaveLength(2);
});

test("faults of calls come in the order in which they were planned, one a call", async () => {
  const { id } = await create({ env: STAYS });
  machines.faults.onCall(
    "get",
    { kind: "rate_limited", retryAfterSeconds: 7 },
    { kind: "rate_limited" },
    { kind: "no_capacity" },
    { kind: "refused", status: 409 },
    { kind: "unclear", status: 503, isDone: false },
  );
  const limited = await fetch(`${base}/${id}`, { headers: { authorization: `Bearer ${TOKEN}` } });
  expect([limited.status, limited.headers.get("retry-after")]).toEqual([429, "7"]);
  expect(await limited.json()).toEqual({ error: "rate limit exceeded" });
  expect(await call("GET", `/${id}`)).toMatchObject({ status: 429 });
  expect(await call("GET", `/${id}`)).toMatchObject({
    status: 422,
    body: { status: "insufficient_capacity" },
  });
  expect(await call("GET", `/${id}`)).toMatchObject({ status: 409 });
  expect(await call("GET", `/${id}`)).toMatchObject({ status: 503 });
  expect(await call("GET", `/${id}`)).toMatchObject({ status: 200 });
});

test("a create that answers 408 has made the machine, or has not, or does so later", async () => {
  const unclear = { kind: "unclear", status: 408 } as const;
  const request = (name: string) => ({ name, config: { image: "i", env: STAYS } });
  machines.faults.onCall(
    "create",
    { ...unclear, isDone: true },
    { ...unclear, isDone: false },
    { ...unclear, isDone: true, lateMilliseconds: 50 },
  );
  expect(await call("POST", "", request("done"))).toMatchObject({ status: 408 });
  expect(await call("POST", "", request("not done"))).toMatchObject({ status: 408 });
  expect(machines.list().map(({ name }) => name)).toEqual(["done"]);
  expect(await call("POST", "", request("later"))).toMatchObject({ status: 408 });
  await vi.waitFor(() => expect(machines.running()).toHaveLength(2), { timeout: 10_000 });
  expect(await call("POST", "", request("done"))).toMatchObject({ status: 422 });
});

test("a connection may end without an answer", async () => {
  machines.faults.onCall("create", { kind: "unclear", status: "dropped", isDone: true });
  await expect(call("POST", "", { config: { image: "i", env: STAYS } })).rejects.toThrow(
    "fetch failed",
  );
  expect(machines.list()).toHaveLength(1);
});

test("a region without capacity makes no machine, and another does", async () => {
  machines.faults.regionsWithoutCapacity.add("fra");
  const request = (region: string) => ({ region, config: { image: "i", env: STAYS } });
  expect(await call("POST", "", request("fra"))).toMatchObject({
    status: 422,
    body: { status: "insufficient_capacity" },
  });
  expect(await call("POST", "", request("ams"))).toMatchObject({ body: { region: "ams" } });
});

test("a machine that never starts stays created, or starting, and can be destroyed", async () => {
  machines.faults.onStart({ kind: "never_starts" });
  const { id } = await create({ env: STAYS });
  expect(await call("GET", `/${id}`)).toMatchObject({ body: { state: "created" } });
  machines.faults.onStart({ kind: "slow_start", milliseconds: 500 });
  await call("POST", `/${id}/start`);
  expect(await call("GET", `/${id}`)).toMatchObject({ body: { state: "starting" } });
  await call("GET", `/${id}/wait?state=started&timeout=10`);
  expect(machines.running()).toHaveLength(1);
  await call("DELETE", `/${id}?force=true`);
  expect(machines.running()).toHaveLength(0);
});

test("a slow start that is overtaken by its destruction never comes up", async () => {
  machines.faults.onStart({ kind: "slow_start", milliseconds: 1 });
  await create({ env: STAYS });
  await machines.list()[0]?.destroy();
  machines.faults.onStart({ kind: "slow_start", milliseconds: 2 });
  const { id } = await create({ env: STAYS });
  await call("GET", `/${id}/wait?state=started&timeout=10`);
  expect(machines.running().map((machine) => machine.id)).toEqual([id]);
});

test("a machine takes its time from the end of its guest to stopped, and cannot be started before", async () => {
  machines.faults.restMilliseconds = 60_000;
  const { id } = await create({ env: { GUEST: "" } });
  await vi.waitFor(() => expect(machines.running()).toEqual([]), { timeout: 10_000 });
  expect(await call("POST", `/${id}/start`)).toMatchObject({ status: 412 });
});

test("a lost machine is dead, and the platform still calls it started", async () => {
  const { id } = await create({ env: STAYS });
  await call("GET", `/${id}/wait?state=started&timeout=10`);
  machines.list()[0]?.lose();
  await vi.waitFor(() => expect(machines.running()).toEqual([]), { timeout: 10_000 });
  const { body } = await call("GET", `/${id}`) as { body: View };
  expect(body.state).toBe("started");
  expect(body.events.map(({ type }) => type)).not.toContain("exit");
  expect(await call("POST", `/${id}/start`)).toMatchObject({ status: 412 });
  expect(await call("DELETE", `/${id}?force=true`)).toMatchObject({ status: 200 });
});

test("a machine that is reported gone lives on", async () => {
  const { id } = await create({ env: STAYS });
  await call("GET", `/${id}/wait?state=started&timeout=10`);
  const [machine] = machines.list();
  machine?.reportGone();
  expect(await call("GET", `/${id}`)).toMatchObject({ body: { state: "destroyed" } });
  expect((await call("GET", "")).body).toEqual([]);
  expect(await call("DELETE", `/${id}?force=true`)).toMatchObject({ status: 200 });
  expect(machines.running()).toHaveLength(1);
  await machine?.stop("SIGKILL");
});

test("random faults are the same for the same seed", () => {
  const faultsOf = (seed: number) => {
    const faults = new FlyFaults();
    faults.atRandom({ seed, share: 0.5 });
    return Array.from({ length: 100 }, () => faults.takeForCall("create"));
  };
  expect(faultsOf(7)).toEqual(faultsOf(7));
  expect(faultsOf(7)).not.toEqual(faultsOf(8));
  const { length } = faultsOf(7).filter((fault) => fault !== null);
  expect(length).toBeGreaterThan(30);
  expect(length).toBeLessThan(70);
});

test("one request a second is served of each action and machine, three at once, of get ten", () => {
  let now = 0;
  const limits = new FlyRateLimits(() => now);
  const served = (action: FlyAction, subject: string, count: number) =>
    Array.from({ length: count }, () => limits.allow(action, subject)).filter(Boolean).length;
  expect(served("create", "app", 5)).toBe(3);
  expect(served("list", "app", 5)).toBe(3);
  expect(served("start", "a", 5)).toBe(3);
  expect(served("start", "b", 5)).toBe(3);
  expect(served("get", "a", 15)).toBe(10);
  now = 1000;
  expect(served("create", "app", 5)).toBe(1);
  expect(served("get", "a", 15)).toBe(5);
  now = 60_000;
  expect(served("create", "app", 5)).toBe(3);
});

// What the stack promises whoever starts it: it answers, it is deployed as a project is, and stopped
// or killed it leaves nothing. What Quarry does on it is tested elsewhere.

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { connect } from "node:net";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startCheckoutStack } from "./checkout_stack.ts";
import { isAlive } from "./processes/process.ts";
import { readRun, type RunProcess } from "./processes/run.ts";
import { createStack, type Stack } from "./stack.ts";

const CHECKOUT_STACK = new URL("./checkout_stack.ts", import.meta.url).href;

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), "quarry-stack-test-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** Whether anybody listens there. */
async function isOpen(url: string): Promise<boolean> {
  const socket = connect({ host: "127.0.0.1", port: Number(new URL(url).port) });
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

function areAlive(processes: readonly RunProcess[]): boolean[] {
  return processes.map(({ pid }) => isAlive(pid));
}

/** The settings that decide whether a commit outlives a crash. */
async function durability({ sql }: Stack): Promise<unknown> {
  const [settings] = await sql`
    select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
      current_setting('full_page_writes') as pages`;
  return settings;
}

describe("a stack", () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await createStack({ durable: false, cronPaused: true });
  });
  afterAll(() => stack.stop());

  test("answers health, with the figures to its operator alone", async () => {
    const health = `${stack.functionsUrl}/health`;
    expect(await (await fetch(health)).json()).toEqual({ status: "ok" });
    const authorization = `Bearer ${stack.secrets.operatorToken}`;
    const figures = await (await fetch(health, { headers: { authorization } })).json();
    expect(figures).toMatchObject({ status: "ok", machines_wanted: 0 });
  });

  test("has a tenant whose key the API takes, and makes more", async () => {
    const other = await stack.createTenant("other");
    expect(other.tenantId).not.toBe(stack.tenantId);
    for (const apiKey of [stack.apiKey, other.apiKey]) {
      const response = await fetch(`${stack.functionsUrl}/api/repositories`, {
        headers: { authorization: `Bearer ${apiKey}` },
      });
      expect(response.status).toBe(200);
    }
  });

  test("is deployed as a project is", async () => {
    expect(
      await stack.sql`select name, decrypted_secret from vault.decrypted_secrets order by name`,
    ).toEqual([
      { name: "dispatch_url", decrypted_secret: `${stack.functionsUrl}/dispatch` },
      { name: "wake_secret", decrypted_secret: stack.secrets.wakeSecret },
    ]);
    expect(
      await stack.sql`select rolpassword is not null as set from pg_authid
      where rolname = 'quarry_indexer'`,
    ).toEqual([{ set: true }]);
  });

  test("gives up durability for a test alone", async () => {
    expect(await durability(stack)).toEqual({ fsync: "off", commit: "off", pages: "off" });
  });

  test("runs the sweep by its name while cron's clock stands still", async () => {
    expect(await stack.cron.tick("quarry-sweep")).toMatchObject({ status: "succeeded" });
  });

  test("lets another stack run beside it, and stopped that one leaves nothing", async () => {
    const other = await createStack({ durable: false });
    const children = other.children();
    const urls = [other.functionsUrl, other.githubUrl, other.machinesUrl, other.databaseUrl];
    expect(await Promise.all(urls.map((url) => isOpen(url)))).not.toContain(false);
    await other.stop();
    expect(areAlive(children)).toEqual([false, false]);
    expect(await Promise.all(urls.map((url) => isOpen(url)))).not.toContain(true);
    expect((await fetch(`${stack.functionsUrl}/health`)).status).toBe(200);
  });
});

describe("the stack of a checkout", () => {
  test("says where it is, refuses a second, and takes its file with it", async () => {
    const local = path.join(directory, "one");
    const file = path.join(local, "stack.json");
    const stack = await startCheckoutStack({}, undefined, local);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(file, "utf8"))).toEqual({
      functions_url: stack.functionsUrl,
      api_key: stack.apiKey,
      operator_token: stack.secrets.operatorToken,
      database_url: stack.databaseUrl,
      github_url: stack.githubUrl,
      machines_url: stack.machinesUrl,
      pid: process.pid,
      children: stack.children().map(({ name, pid, port }) => ({ name, pid, port })),
    });
    expect(await durability(stack)).toEqual({ fsync: "on", commit: "on", pages: "on" });
    await expect(startCheckoutStack({}, undefined, local)).rejects.toMatchObject({
      pid: process.pid,
      functionsUrl: stack.functionsUrl,
    });
    await stack.stop();
    expect([existsSync(file), existsSync(path.join(local, "run.json"))]).toEqual([false, false]);
  });

  test("starts after kill -9 of everything that could have cleared up", async () => {
    const local = path.join(directory, "two");
    const killed = await startAndKill(local);
    expect(areAlive(killed)).toEqual([true, true]);
    const cleared: string[] = [];
    const listen = (names: string[]) => cleared.push(...names);
    const stack = await startCheckoutStack({ durable: false }, listen, local);
    expect(cleared.toSorted()).toEqual(["functions", "postgres"]);
    expect(areAlive(killed)).toEqual([false, false]);
    expect((await fetch(`${stack.functionsUrl}/health`)).status).toBe(200);
    await stack.stop();
  });

  test("forced to stop, leaves nothing either", async () => {
    const local = path.join(directory, "three");
    const stack = await startCheckoutStack({ durable: false }, undefined, local);
    const children = stack.children();
    await stack.force();
    expect(areAlive(children)).toEqual([false, false]);
    expect(existsSync(path.join(local, "stack.json"))).toBe(false);
    await stack.stop();
  });
});

/**
 * A checkout's stack in a process of its own, killed together with its guard. Deno, which goes with
 * its parent's end of the pipe, is stopped so that it cannot notice. Returns what is left.
 */
async function startAndKill(local: string): Promise<readonly RunProcess[]> {
  const source = `import { startCheckoutStack } from ${JSON.stringify(CHECKOUT_STACK)};
    await startCheckoutStack({ durable: false }, undefined, ${JSON.stringify(local)});
    console.log("ready");`;
  const owner = spawn(process.execPath, ["--input-type=module-typescript", "-e", source], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(owner.stdout, "data");
  const file = path.join(local, "run.json");
  const { processes } = readRun(file) ?? { processes: [] };
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,args="]);
  const guard = stdout.split("\n").find((line) => line.includes(`quarry-guard ${file}`));
  for (const { name, pid } of processes) if (name === "functions") process.kill(pid, "SIGSTOP");
  process.kill(Number.parseInt(guard ?? "", 10), "SIGKILL");
  owner.kill("SIGKILL");
  await once(owner, "exit");
  return processes;
}

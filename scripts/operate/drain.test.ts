// A drain on a running stack, by the command: the job that runs is finished, its machine leaves,
// nothing starts for what waits, neither by push nor by sweep, until resume wakes it all again.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { register, send } from "../../supabase/tests/support/http.ts";
import { Clone, ended, until } from "../../supabase/tests/support/whole_path.ts";
import { createStack, type Stack } from "../local/stack.ts";

const SCRIPT = fileURLToPath(new URL("../operate.ts", import.meta.url));

let stack: Stack;
beforeAll(async () => {
  stack = await createStack({
    durable: false,
    cronPaused: true,
    machineEnvironment: { IDLE_EXIT_SECONDS: "1" },
  });
  for (const name of ["acme/first", "acme/second"]) {
    await using clone = await Clone.create(stack, name);
    await clone.write("a.txt", "one line\n");
    await clone.commitAndPush();
  }
});
afterAll(() => stack.stop());

function start(...args: string[]) {
  const child = spawn(process.execPath, [SCRIPT, ...args], {
    env: { PATH: process.env["PATH"], SUPABASE_DB_URL: stack.databaseUrl },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const end = Promise.all([text(child.stdout), once(child, "close")])
    .then(([stdout]) => ({ stdout, status: child.exitCode }));
  return { child, end };
}

const operate = (...args: string[]) => start(...args).end;

async function stateOf(jobId: string): Promise<unknown> {
  const [row] = await stack.sql`select state from quarry.indexing_jobs where id = ${jobId}`;
  return row?.["state"];
}

async function launches(): Promise<number> {
  return (await stack.sql`select from quarry.machines`).length;
}

/** A wake like those that push and sweep ask for, whose answer is waited for. */
async function wake(): Promise<unknown> {
  const key = stack.secrets.wakeSecret;
  return (await send(stack, "/dispatch", { key, method: "POST" })).body;
}

test("a draining fleet finishes what runs, starts nothing, and goes on when it is resumed", async () => {
  // Nothing can be written while this holds the table: the job runs and gets no further.
  const hold = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const holding = stack.sql.begin(async (sql) => {
    await sql`lock table quarry.segments in share mode`;
    held.resolve();
    await hold.promise;
  });
  await held.promise;
  const { jobId: first } = await register(stack, "acme/first");
  await until("the running job", async () => await stateOf(first) === "running");

  const draining = start("drain", "--reason", "upgrade", "--wait");
  const line = await once(draining.child.stdout, "data");
  expect(String(line[0])).toContain("(SUPABASE_DB_URL)");
  await until(
    "the drain",
    async () =>
      (await stack.sql`select from quarry.fleet_drain where draining_since is not null`).length ===
        1,
  );
  const { jobId: second } = await register(stack, "acme/second");
  hold.resolve();
  await holding;
  expect(await ended(stack, first)).toMatchObject({ state: "completed", outcome: "indexed" });
  const { status, stdout } = await draining.end;
  expect(status).toBe(0);
  expect(stdout).toContain("1 job runs, 1 machine lives, ");
  expect(stdout.trimEnd().split("\n").slice(-2)).toEqual([
    "draining (upgrade): nothing is claimed and nothing launched until resume",
    "0 jobs run, 0 machines live, 1 queued",
  ]);
  await until("the machine's end", () => stack.machines.list().every(({ pid }) => pid === null));

  const before = await launches();
  expect(await operate("sweep")).toMatchObject({ status: 0 });
  expect(await wake()).toEqual({ planned: 0 });
  expect([await launches(), await stateOf(second)]).toEqual([before, "queued"]);

  expect(await operate("resume")).toMatchObject({ status: 0 });
  expect(await ended(stack, second)).toMatchObject({ state: "completed", attempt: 1 });
});

test("a drain that is waited for and resumed by somebody else says so", async () => {
  await until(
    "an empty fleet",
    async () => (await stack.sql`select from quarry.machines where state <> 'gone'`).length === 0,
  );
  await stack.sql`insert into quarry.machines (name, state) values ('stays', 'idle')`;
  const { child, end } = start("drain", "--wait");
  await until(
    "the drain",
    async () =>
      (await stack.sql`select from quarry.fleet_drain where draining_since is not null`).length ===
        1,
  );
  expect(await operate("resume")).toMatchObject({ status: 0 });
  const { status, stdout } = await end;
  expect(status).toBe(1);
  expect(stdout).toContain("resumed before it had drained");
  expect(child.signalCode).toBeNull();
});

test("whoever waits for a drain and is interrupted leaves the fleet draining", async () => {
  const { child, end } = start("drain", "--wait");
  await until(
    "the drain",
    async () =>
      (await stack.sql`select from quarry.fleet_drain where draining_since is not null`).length ===
        1,
  );
  child.kill("SIGINT");
  expect(await end).toMatchObject({ status: 130 });
  expect((await operate("status")).stdout).toMatch(/draining +since/);
  await operate("resume");
});

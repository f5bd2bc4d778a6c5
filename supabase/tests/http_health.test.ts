// Health over HTTP, on a stack whose parts are taken away: the sweep, the figures, the answers of the
// database, and in the end the database itself.

import { afterAll, beforeAll, expect, test } from "vitest";
import type { Stack } from "../../scripts/local/stack.ts";
import { createQuietStack, register } from "./support/http.ts";
import { until } from "./support/whole_path.ts";

/** A bound against hanging. A watcher's own patience is often as short. */
const ANSWER_MILLISECONDS_MAX = 10_000;

let stack: Stack;
beforeAll(async () => {
  stack = await createQuietStack();
  await stack.cron.tick("quarry-sweep");
});
afterAll(() => stack.stop());

async function health(token: string | null) {
  const response = await fetch(`${stack.functionsUrl}/health`, {
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(ANSWER_MILLISECONDS_MAX),
  });
  return { status: response.status, body: await response.json() as Record<string, unknown> };
}

const everybody = () => health(null);
const operator = () => health(stack.secrets.operatorToken);

test("everybody learns that it works, and nothing else", async () => {
  expect(await everybody()).toEqual({ status: 200, body: { status: "ok" } });
});

test("the operator sees queue, fleet, sweep and how fast the database answers", async () => {
  for (const name of ["acme/one", "acme/two", "acme/three"]) {
    await stack.github.createRepository(name);
    await register(stack, name);
  }
  const [job] = await stack.sql`
    update quarry.indexing_jobs set state = 'failed', finished_at = now() - interval '2 hours'
    where id in (select id from quarry.indexing_jobs limit 1) returning id`;
  await stack.sql`insert into quarry.machines (name, state) values ('m', 'busy')`;
  const { status, body } = await operator();
  expect(status).toBe(200);
  expect(body).toEqual({
    status: "ok",
    queue: { queued: 2, waiting: 0, running: 0, failed: 1 },
    oldest_queued_seconds: expect.any(Number),
    expired_leases: 0,
    failed_last_hour: 0,
    machines: { launching: 0, idle: 0, busy: 1, stopped: 0, condemned: 0 },
    live_machines: 1,
    machines_wanted: 2,
    launches_paused_until: null,
    last_launch_error: null,
    last_launch_failed_at: null,
    draining_since: null,
    drain_reason: null,
    pending_hooks: 0,
    failed_hooks: 0,
    // A quiet stack has nobody to wake.
    missing_settings: ["dispatch_url"],
    last_sweep_at: expect.any(String),
    last_sweep_seconds: expect.any(Number),
    last_sweep_error: null,
    database_milliseconds: expect.any(Number),
    database_error: null,
  });
  await stack.sql`update quarry.indexing_jobs set finished_at = now() where id = ${job?.["id"]}`;
  await stack.sql`
    update quarry.indexing_jobs set state = 'running', lease_token = gen_random_uuid(),
      lease_expires_at = now() - interval '1 second'
    where id in (select id from quarry.indexing_jobs where state = 'queued' limit 1)`;
  expect((await operator()).body).toMatchObject({
    queue: { queued: 1, running: 1, failed: 1 },
    expired_leases: 1,
    failed_last_hour: 1,
  });
});

test("the operator learns which hooks were given up, and what dispatch cannot be asked without", async () => {
  await stack
    .sql`update quarry.repositories set hook_state = 'failed' where full_name = 'acme/one'`;
  expect((await operator()).body).toMatchObject({ status: "ok", failed_hooks: 1 });
  const url = "http://127.0.0.1:1/dispatch";
  const [made] = await stack.sql`select vault.create_secret(${url}, 'dispatch_url') as id`;
  expect((await operator()).body).toMatchObject({ missing_settings: [] });
  await stack.sql`delete from vault.secrets where id = ${made?.["id"]}`;
});

test("whoever shows another token learns nothing but that", async () => {
  for (const token of [stack.apiKey, stack.secrets.wakeSecret, stack.secrets.secretKey, "x"]) {
    const { status, body } = await health(token);
    expect(status).toBe(401);
    expect(body).toMatchObject({ code: "unauthorized" });
    expect(JSON.stringify(body)).not.toMatch(/queue|machines|sweep/);
  }
});

test("without a sweep for a minute it is unavailable, with all figures, until the next one", async () => {
  await stack.sql`update quarry.sweeps set swept_at = clock_timestamp() - interval '61 seconds'`;
  expect(await everybody()).toEqual({ status: 503, body: { status: "unavailable" } });
  const { status, body } = await operator();
  expect(status).toBe(503);
  expect(body).toMatchObject({ status: "unavailable", queue: { failed: 1 }, live_machines: 1 });
  expect(body["last_sweep_seconds"]).toBeGreaterThan(60);
  await stack.cron.tick("quarry-sweep");
  expect(await everybody()).toMatchObject({ status: 200 });
});

test("figures that cannot be had leave the verdict as it is, and say why", async () => {
  await stack.sql`alter function quarry.machines_wanted() rename to machines_wanted_elsewhere`;
  try {
    expect(await everybody()).toEqual({ status: 200, body: { status: "ok" } });
    const { status, body } = await operator();
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: "ok", database_milliseconds: expect.any(Number) });
    expect(body["database_error"]).toContain("machines_wanted");
  } finally {
    await stack.sql`alter function quarry.machines_wanted_elsewhere() rename to machines_wanted`;
  }
});

test("a database that is there and does not answer is unavailable soon, and back when it answers", async () => {
  const rows = await stack.sql<{ pid: number }[]>`
    select pid from pg_stat_activity where backend_type = 'client backend'`;
  const pids = [stack.postgres.pid, ...rows.map(({ pid }) => pid)];
  for (const pid of pids) process.kill(pid, "SIGSTOP");
  try {
    expect(await everybody()).toEqual({ status: 503, body: { status: "unavailable" } });
    const { status, body } = await operator();
    expect(status).toBe(503);
    expect(body).toEqual({
      status: "unavailable",
      database_milliseconds: null,
      database_error: expect.stringContaining("health"),
    });
  } finally {
    for (const pid of pids.toReversed()) process.kill(pid, "SIGCONT");
  }
  await until("a healthy answer", async () => (await everybody()).status === 200);
});

test("without a database it is unavailable, and a wrong token is still refused", async () => {
  await stack.postgres.stop();
  expect(await everybody()).toEqual({ status: 503, body: { status: "unavailable" } });
  expect(await operator()).toMatchObject({
    status: 503,
    body: { status: "unavailable", database_milliseconds: null },
  });
  expect(await health("x")).toMatchObject({ status: 401 });
});

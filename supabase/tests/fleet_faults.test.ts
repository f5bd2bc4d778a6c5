// The wake protocol on a running stack, under every fault of the platform: the work is done in the
// end, a launch has at most one machine, no machine is left running, and the rows say what is.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { CONNECTIONS_PER_MACHINE_MAX } from "../functions/_shared/contracts/limits.ts";
import type { Machine } from "../../scripts/local/fly/fly_machine.ts";
import { createStack, type Stack } from "../../scripts/local/stack.ts";
import { register, send } from "./support/http.ts";
import { Clone, until } from "./support/whole_path.ts";

const TENANTS = 5;

interface Owner {
  readonly key: string;
  readonly repositoryId: string;
}

let stack: Stack;
let owners: Owner[];

beforeAll(async () => {
  stack = await createStack({
    durable: false,
    cronPaused: true,
    hasMachineRateLimits: true,
    functionsEnvironment: { FLY_REGIONS: "fra,ams" },
    machineEnvironment: { IDLE_EXIT_SECONDS: "0" },
  });
  await using clone = await Clone.create(stack, "acme/rocket");
  await clone.write("engine.ts", "export const engine = 1;\n");
  await clone.commitAndPush();
  owners = await Promise.all(
    Array.from({ length: TENANTS }, async (_, number) => {
      const { apiKey: key } = await stack.createTenant(`tenant ${number}`);
      const { repositoryId, jobId } = await register(stack, "acme/rocket", { key });
      await jobEnded(key, jobId);
      return { key, repositoryId };
    }),
  );
});
afterAll(() => stack.stop());

/** Every test begins at rest, with an empty pool, so that its machine is created, and no region avoided. */
beforeEach(async () => {
  await atRest();
  // Where the system is slow a minute may pass, for the rows, before a machine has come up.
  await stack.sql`update quarry.machines set gone_at = gone_at - interval '1 hour'
    where state = 'gone' and registered_at is null`;
  await stack.sql`update quarry.machines set leftover = 'condemned', clean_at = clock_timestamp()
    where leftover = 'stopped'`;
  await wake();
  await eventually("an empty pool", () => stack.machines.list().length === 0);
  await stack.sql`update quarry.fleet_pause set paused_until = '-infinity', refusals = 0`;
  stack.machines.rateLimits.reset();
});

/** What holds after every test. */
afterEach(async () => {
  stack.machines.faults.clear();
  await eventually("the end of all work", async () => await liveJobs() === 0);
  await atRest();
  const launches = stack.machines.all().map(launchOf);
  expect(new Set(launches).size, "machines of one launch").toBe(launches.length);
  await wake();
  // What is left at the platform is what the rows say is left.
  await eventually("the rows to say what is", async () => {
    const kept = await stack.sql<{ machine_id: string }[]>`
      select machine_id from quarry.machines where leftover = 'stopped' order by machine_id`;
    const there = stack.machines.list().map((machine) => machine.id).sort();
    return JSON.stringify(kept.map((row) => row.machine_id)) === JSON.stringify(there);
  });
  expect(await stack.sql`select from pg_stat_activity where usename = 'quarry_indexer'`).toEqual(
    [],
  );
});

function launchOf({ config }: Machine): string {
  return config.metadata["launch_id"] ?? "none";
}

/** No machine runs, and none counts as one that does: not even those of which nobody knows. */
async function atRest(): Promise<void> {
  await eventually("a fleet at rest", async () => {
    const live = await stack.sql`select from quarry.machines where state <> 'gone'`;
    return stack.machines.running().length === 0 && live.length === 0;
  });
}

async function liveJobs(): Promise<number> {
  const rows = await stack.sql`
    select from quarry.indexing_jobs where state in ('queued', 'running')`;
  return rows.length;
}

/** Waits for it, while a minute with a sweep passes every two seconds. */
async function eventually(what: string, look: () => Promise<boolean> | boolean): Promise<void> {
  let since = performance.now();
  await until(what, async () => {
    if (await look()) return true;
    if (performance.now() - since < 2000) return false;
    since = performance.now();
    await passMinute();
    await sweepAfterPause();
    return false;
  });
}

async function wake(): Promise<void> {
  const sent = await send(stack, "/dispatch", { key: stack.secrets.wakeSecret, method: "POST" });
  expect(sent.status).toBe(202);
}

async function sweep(): Promise<void> {
  await stack.cron.tick("quarry-sweep");
}

async function sweepAfterPause(): Promise<void> {
  await stack.sql`update quarry.fleet_pause set paused_until = '-infinity'`;
  await sweep();
}

/** As if a minute had passed for every machine and lease. */
async function passMinute(): Promise<void> {
  await stack.sql`update quarry.machines set launched_at = launched_at - interval '61 seconds',
    alive_at = alive_at - interval '61 seconds', clean_at = clean_at - interval '61 seconds'`;
  await stack.sql`update quarry.indexing_jobs
    set lease_expires_at = lease_expires_at - interval '61 seconds' where state = 'running'`;
  await stack.sql`update quarry.indexing_jobs set run_at = clock_timestamp()
    where wait_reason = 'backoff'`;
}

/** As if leases and machines that are silent had been so for long enough. */
async function recover(): Promise<void> {
  await passMinute();
  await sweep();
  // Now the backoff is over.
  await passMinute();
  await sweep();
}

/** Asks for an index, which wakes; answers the job's id. */
async function request(owner = owners[0]!): Promise<string> {
  const { body } = await send(stack, `/api/repositories/${owner.repositoryId}/index`, {
    key: owner.key,
    body: {},
  });
  return (body["job"] as { id: string }).id;
}

/** How it ended, waited for with a sweep every two seconds instead of ten. */
async function jobEnded(key: string, jobId: string): Promise<string> {
  let sweptAt = performance.now();
  return await until(`the end of job ${jobId}`, async () => {
    if (performance.now() - sweptAt > 2000) {
      await sweep();
      sweptAt = performance.now();
    }
    const { body } = await send(stack, `/api/jobs/${jobId}`, { key });
    const state = body["state"] as string;
    return !["queued", "running"].includes(state) && state;
  });
}

/** How a new request ends. */
async function indexed(owner = owners[0]!): Promise<string> {
  return await jobEnded(owner.key, await request(owner));
}

/** How a new request of every tenant at once ends. */
async function allIndexed(): Promise<string[]> {
  return await Promise.all(owners.map((owner) => indexed(owner)));
}

async function countOf(action: string, during: () => Promise<unknown>): Promise<number> {
  const before = stack.machines.requests.length;
  await during();
  return stack.machines.requests.slice(before).filter((each) => each === action).length;
}

/** The one machine there is. */
async function theMachine(): Promise<Machine> {
  return await until("a machine", () => stack.machines.list()[0]);
}

async function isBusy(): Promise<boolean> {
  return (await stack.sql`select from quarry.machines where state = 'busy'`).length > 0;
}

describe("creating a machine", () => {
  test("whatever the answers leave open makes one a launch, within the platform's rate", async () => {
    const created = { kind: "unclear", isDone: true } as const;
    stack.machines.faults.onCall(
      "create",
      { ...created, status: 408 },
      { ...created, status: 502 },
      { ...created, status: "dropped" },
      { ...created, status: 408, lateMilliseconds: 300 },
      { kind: "unclear", status: 500, isDone: false },
      { kind: "rate_limited", retryAfterSeconds: 1 },
    );
    expect(await allIndexed()).toEqual(owners.map(() => "completed"));
  });

  test("without an answer and without a look at what came of it leaves it to the worker to tell", async () => {
    const dropped = { kind: "unclear", status: "dropped", isDone: true } as const;
    stack.machines.faults.onCall("create", dropped);
    stack.machines.faults.onCall("list", { kind: "rate_limited" }, { kind: "rate_limited" });
    expect(await indexed()).toBe("completed");
    expect(stack.machines.list()).toHaveLength(1);
  });

  test("that is repeated by the runtime and refused then has made its machine all the same", async () => {
    const dropped = { kind: "unclear", status: "dropped", isDone: true } as const;
    stack.machines.faults.onCall("create", dropped, { kind: "refused", status: 412 });
    expect(await indexed()).toBe("completed");
    expect(stack.machines.list()).toHaveLength(1);
  });

  test("is given up where there is no capacity, region by region", async () => {
    stack.machines.faults.regionsWithoutCapacity.add("fra");
    expect(await indexed()).toBe("completed");
    expect((await theMachine()).region).toBe("ams");
  });

  test("without capacity anywhere pauses, and goes on when there is some", async () => {
    for (const region of ["fra", "ams"]) stack.machines.faults.regionsWithoutCapacity.add(region);
    const jobId = await request();
    const paused = () => stack.sql`select from quarry.fleet_pause where refusals > 0`;
    await until("a pause", async () => (await paused()).length > 0);
    await stack
      .sql`update quarry.fleet_pause set paused_until = clock_timestamp() + interval '4 min'`;
    expect(await countOf("create", wake)).toBe(0);
    stack.machines.faults.clear();
    await sweepAfterPause();
    expect(await jobEnded(owners[0]!.key, jobId)).toBe("completed");
    expect(await paused()).toHaveLength(0);
  });

  test("keeps to a long Retry-After in every dispatch", async () => {
    stack.machines.faults.onCall("create", { kind: "rate_limited", retryAfterSeconds: 60 });
    const jobId = await request();
    await until("a pause", async () =>
      (await stack.sql`
        select from quarry.fleet_pause where paused_until > now() + interval '50 s'`).length > 0);
    expect(await countOf("create", () => Promise.all([wake(), wake(), sweep()]))).toBe(0);
    await sweepAfterPause();
    expect(await jobEnded(owners[0]!.key, jobId)).toBe("completed");
  });
});

describe("a machine that was created", () => {
  test("and comes up slowly is waited for: no wake launches another", async () => {
    stack.machines.faults.onStart({ kind: "slow_start", milliseconds: 400 });
    const jobId = await request();
    await theMachine();
    await Promise.all([wake(), wake(), sweep()]);
    expect(await jobEnded(owners[0]!.key, jobId)).toBe("completed");
    expect(stack.machines.list()).toHaveLength(1);
  });

  test("and never starts is destroyed at its deadline and replaced, in another region", async () => {
    stack.machines.faults.onStart({ kind: "never_starts" });
    const jobId = await request();
    const stuck = await theMachine();
    await until(
      "its record",
      async () =>
        (await stack.sql`select from quarry.machines where machine_id = ${stuck.id}`).length > 0,
    );
    await passMinute();
    await sweep();
    expect(await jobEnded(owners[0]!.key, jobId)).toBe("completed");
    await until("the end of the stuck machine", () => stuck.state === "destroyed");
    expect((await theMachine()).region).toBe("ams");
  });

  test("after its launch was given up registers in vain, and is destroyed", async () => {
    stack.machines.faults.onCall("create", {
      kind: "unclear",
      status: 504,
      isDone: true,
      lateMilliseconds: 0,
    });
    stack.machines.faults.onCall(
      "list",
      ...Array.from({ length: 3 }, () => ({
        kind: "unclear",
        status: 500,
        isDone: false,
      } as const)),
    );
    stack.machines.faults.onStart({ kind: "slow_start", milliseconds: 1500 });
    const jobId = await request();
    const late = await theMachine();
    await passMinute();
    await sweep();
    expect(await jobEnded(owners[0]!.key, jobId)).toBe("completed");
    await until("the end of the late machine", async () => {
      await passMinute();
      await wake();
      return late.state === "destroyed";
    });
  });

  test("and is lost with its job is replaced, and destroyed", async () => {
    stack.github.setOutage(true);
    const jobId = await request();
    const lost = await theMachine();
    await until("a claim", isBusy);
    lost.lose();
    stack.github.setOutage(false);
    await recover();
    expect(await jobEnded(owners[0]!.key, jobId)).toBe("completed");
    await until("the end of the lost machine", () => lost.state === "destroyed");
  });

  test("and is called gone while it lives finishes nothing that another has taken over", async () => {
    const jobId = await request();
    const zombie = await until("a machine that runs", () => stack.machines.running()[0]);
    await until("a claim", isBusy);
    zombie.kill("SIGSTOP");
    zombie.reportGone();
    await recover();
    expect(await jobEnded(owners[0]!.key, jobId)).toBe("completed");
    expect(stack.machines.running()).toContain(zombie);
    zombie.kill("SIGCONT");
    await until("the end of the zombie", () => !zombie.isRunning);
    expect(
      await stack.sql`select event from quarry.indexing_job_events
        where job_id = ${jobId} and event = 'completed'`,
    ).toHaveLength(1);
  });
});

describe("a machine that has stopped", () => {
  /** One that has done a job and come to rest. */
  async function rested(): Promise<Machine> {
    await indexed();
    await atRest();
    return await theMachine();
  }

  test("in the database and never at the platform is destroyed a minute later", async () => {
    stack.machines.faults.restMilliseconds = 3_600_000;
    const stuck = await rested();
    expect(stuck.state).toBe("started");
    await passMinute();
    await wake();
    await until("the end of the stuck machine", () => stuck.state === "destroyed");
  });

  test("is started again, none is created, and it keeps to its connections", async () => {
    const machine = await rested();
    const connections: number[] = [];
    const creates = await countOf("create", async () => {
      const jobId = await request();
      await until("the end", async () => {
        connections.push(
          (await stack.sql`
          select from pg_stat_activity where usename = 'quarry_indexer'`).length,
        );
        const [job] = await stack.sql`select state from quarry.indexing_jobs where id = ${jobId}`;
        return job!["state"] === "completed";
      });
    });
    expect(creates).toBe(0);
    expect(Math.max(...connections)).toBeLessThanOrEqual(CONNECTIONS_PER_MACHINE_MAX);
    await atRest();
    expect(stack.machines.list()).toEqual([machine]);
    expect(machine.events.filter(({ type }) => type === "start")).toHaveLength(2);
    expect(
      await stack.sql`select from quarry.machines where machine_id = ${machine.id} and registered_at
        is not null`,
    ).toHaveLength(2);
  });

  test("in the database and not yet at the platform is asked again until it has", async () => {
    stack.machines.faults.restMilliseconds = 600;
    await rested();
    expect(await countOf("create", () => indexed())).toBe(0);
  });

  test("does the work whatever its start is answered, if it can be started at all", async () => {
    await allIndexed();
    await atRest();
    const machines = stack.machines.list();
    stack.machines.faults.onCall(
      "start",
      { kind: "unclear", status: 408, isDone: true },
      { kind: "unclear", status: 503, isDone: false },
      { kind: "refused", status: 409 },
      { kind: "rate_limited" },
    );
    expect(await countOf("create", () => allIndexed())).toBe(0);
    await atRest();
    expect(stack.machines.list()).toEqual(machines);
  });

  test("for whom its host has no capacity is destroyed and replaced at once", async () => {
    const machine = await rested();
    stack.machines.faults.onCall("start", { kind: "no_capacity" });
    expect(await indexed()).toBe("completed");
    await until("its end", () => machine.state === "destroyed");
  });

  test("and never comes up again is destroyed at the deadline and replaced", async () => {
    const machine = await rested();
    stack.machines.faults.onStart({ kind: "never_starts" });
    const jobId = await request();
    await until("the start", () => machine.state === "starting");
    await until(
      "its record",
      async () =>
        (await stack.sql`select from quarry.machines where state = 'launching'`).length > 0,
    );
    await passMinute();
    await sweep();
    expect(await jobEnded(owners[0]!.key, jobId)).toBe("completed");
    await until("its end", () => machine.state === "destroyed");
  });
});

describe("a wake", () => {
  test("that is repeated, at once or later, launches one machine", async () => {
    stack.net.pause();
    const jobId = await request();
    const creates = await countOf("create", async () => {
      await Promise.all(Array.from({ length: 8 }, wake));
      stack.net.resume();
      expect(await jobEnded(owners[0]!.key, jobId)).toBe("completed");
    });
    expect(creates).toBe(1);
  });

  test("whose dispatch dies after planning is made good at the deadline", async () => {
    stack.net.pause();
    const jobId = await request();
    await stack.sql`select api.plan_launches(20, 'local')`;
    stack.net.resume();
    await passMinute();
    await sweep();
    expect(await jobEnded(owners[0]!.key, jobId)).toBe("completed");
    // Nobody knows whether the machine of that launch exists: it is looked for until it cannot.
    await stack.sql`update quarry.machines set launched_at = launched_at - interval '10 minutes',
      clean_at = clock_timestamp() where leftover = 'condemned'`;
    await wake();
    await until(
      "the end of the search",
      async () =>
        (await stack.sql`select from quarry.machines where leftover = 'condemned'`).length === 0,
    );
  });
});

test("under random faults of every kind the work is done", async () => {
  stack.machines.faults.atRandom({ seed: 1, share: 0.4 });
  const jobs = await Promise.all(
    owners.map(async (owner) => ({ owner, jobId: await request(owner) })),
  );
  await eventually("the work to be done", async () => await liveJobs() === 0);
  const states = jobs.map(({ owner, jobId }) => jobEnded(owner.key, jobId));
  expect(await Promise.all(states)).toEqual(owners.map(() => "completed"));
});

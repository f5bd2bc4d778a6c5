// What becomes of machines: stopped ones that are started again, each life with an identity of its
// own, and condemned ones that are destroyed; and the fleet's pauses. On the real functions, without
// a platform: fleet_faults.test.ts has that.

import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../scripts/local/test_database.ts";
import * as seed from "./support/seed.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  await database.admin`select vault.create_secret('http://127.0.0.1:1/dispatch', 'dispatch_url')`;
  await database.admin`select vault.create_secret('the wake secret', 'wake_secret')`;
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.admin.unsafe("delete from quarry.machines; delete from quarry.tenants");
  await database.admin`update quarry.fleet_pause set paused_until = '-infinity', refusals = 0`;
});

interface Launch {
  readonly launch_id: string;
  readonly machine_id: string | null;
  readonly avoided_regions: string[];
}

interface Leftover {
  readonly launch_id: string;
  readonly created_by: string;
  readonly machine_id: string | null;
  readonly leftover: "condemned" | "stopped";
}

async function plan(image = "image"): Promise<Launch[]> {
  const [row] = await database.serviceRole<{ launches: Launch[] }[]>`
    select api.plan_launches(5, ${image}) as launches`;
  return row!.launches;
}

/** Queues a job of a new tenant, and plans the launch for it. */
async function planOne(image?: string): Promise<Launch> {
  await seed.register(database.serviceRole, await seed.createTenant(database.admin));
  const launches = await plan(image);
  expect(launches).toHaveLength(1);
  return launches[0]!;
}

async function record(
  launchId: string,
  result: { machineId?: string; region?: string; error?: string; isReusable?: boolean },
  pauseSeconds: number | null = null,
): Promise<void> {
  await database.serviceRole`
    select api.record_launch(${launchId}, ${result.machineId ?? null}, ${result.region ?? null},
      ${result.error ?? null}, ${result.isReusable ?? false}, ${pauseSeconds})`;
}

async function registerWorker(launchId: string, machineId: string): Promise<string | null> {
  const [row] = await database.indexer<{ launch_id: string | null }[]>`
    select quarry.register_worker(${launchId}, ${randomUUID()}, ${machineId}) as launch_id`;
  return row!.launch_id;
}

/** A machine that ran its job, has left, and was seen at rest. */
async function stopped(machineId: string, image?: string): Promise<string> {
  const launchId = await left(machineId, image);
  expect(await recordRest(launchId, true)).toBe(false);
  return launchId;
}

/** Answers whether the machine is condemned for that. */
async function recordRest(launchId: string, isAtRest: boolean): Promise<boolean> {
  const [row] = await database.serviceRole<{ condemned: boolean }[]>`
    select api.record_rest(${launchId}, ${isAtRest}) as condemned`;
  return row!.condemned;
}

/** A machine that ran its job and whose worker has left. */
async function left(machineId: string, image?: string): Promise<string> {
  const { launch_id } = await planOne(image);
  await record(launch_id, { machineId, region: "fra" });
  expect(await registerWorker(launch_id, machineId)).toBe(launch_id);
  await finishJobs(launch_id);
  await database.indexer`select quarry.leave(${launch_id})`;
  return launch_id;
}

async function finishJobs(launchId: string): Promise<void> {
  const claim = await seed.claim(database.indexer, launchId);
  await database.indexer`
    select quarry.complete_job(${claim!.job_id}, ${claim!.lease_token}, 'empty', null, '{}')`;
}

async function rows(): Promise<string[]> {
  const found = await database.admin<{ text: string }[]>`
    select concat_ws(' ', machine_id, state, leftover) as text
    from quarry.machines order by launched_at`;
  return found.map(({ text }) => text);
}

async function clean(image = "image"): Promise<Leftover[]> {
  const [row] = await database.serviceRole<{ due: Leftover[] }[]>`
    select api.plan_cleaning(${image}) as due`;
  return row!.due;
}

async function age(interval: string): Promise<void> {
  await database.admin`update quarry.machines set
    launched_at = launched_at - ${interval}::interval, alive_at = alive_at - ${interval}::interval,
    gone_at = gone_at - ${interval}::interval, clean_at = clean_at - ${interval}::interval`;
}

async function sweepWakes(): Promise<boolean> {
  return await database.admin.begin(async (sql) => {
    // One transaction: the worker that would send the request must not see it.
    await sql`delete from net.http_request_queue`;
    // A webhook that is still to be created is a reason of its own.
    await sql`update quarry.repositories set hook_state = 'active'`;
    await sql`select quarry.sweep()`;
    return (await sql`select from net.http_request_queue`).length > 0;
  });
}

describe("a stopped machine", () => {
  test("is started before one is created, the one that has rested longest first", async () => {
    await stopped("m1");
    await database.admin`update quarry.machines set gone_at = gone_at - interval '1 minute'`;
    const { launch_id } = await planOne("other");
    await record(launch_id, { error: "no_capacity" });
    await plan();
    expect(await rows()).toEqual(["m1 gone", "gone", "m1 launching"]);
    await seed.register(database.serviceRole, await seed.createTenant(database.admin));
    expect(await plan()).toMatchObject([{ machine_id: null }]);
  });

  test("of another image is not started", async () => {
    await stopped("m1", "old");
    expect(await planOne("new")).toMatchObject({ machine_id: null });
  });

  test("that is started again is a launch of its own, and its worker learns which", async () => {
    const first = await stopped("m1");
    const second = await planOne();
    expect(second).toMatchObject({ machine_id: "m1" });
    expect(second.launch_id).not.toBe(first);
    // Its environment still names the launch that created it.
    expect(await registerWorker(first, "m1")).toBe(second.launch_id);
    expect((await seed.claim(database.indexer, second.launch_id))?.attempt).toBe(1);
  });

  test("has no life but the present one: a former one gets no job and ends no other", async () => {
    const first = await stopped("m1");
    const second = await planOne();
    await registerWorker(first, "m1");
    expect(await seed.claim(database.indexer, first)).toBeNull();
    await database.indexer`select quarry.leave(${first})`;
    const [row] = await database.indexer`select quarry.leave_or_take(${first}) as claim`;
    expect(row!["claim"]).toBeNull();
    expect(await rows()).toEqual(["m1 gone", "m1 idle"]);
    // A second process of the machine, whoever started it.
    expect(await registerWorker(first, "m1")).toBeNull();
    expect((await seed.claim(database.indexer, second.launch_id))?.attempt).toBe(1);
  });

  test("is known by the launch that created it through any number of starts", async () => {
    const first = await stopped("m1");
    for (let life = 2; life <= 4; life += 1) {
      const { launch_id, machine_id } = await planOne();
      expect(machine_id).toBe("m1");
      expect(await registerWorker(first, "m1")).toBe(launch_id);
      await finishJobs(launch_id);
      await database.indexer`select quarry.leave(${launch_id})`;
    }
    expect(await rows()).toEqual(["m1 gone", "m1 gone", "m1 gone", "m1 gone stopped"]);
  });

  test("that does not start is condemned, and replaced at once", async () => {
    await stopped("m1");
    const { launch_id } = await planOne();
    await record(launch_id, { error: "wrong_state: 412" });
    expect(await plan()).toMatchObject([{ machine_id: null }]);
    expect(await clean()).toMatchObject([{ launch_id, machine_id: "m1" }]);
  });

  test("that was not tried, for the rate, may be started later", async () => {
    await stopped("m1");
    const { launch_id } = await planOne();
    await record(launch_id, { error: "rate_limited", isReusable: true });
    // Nor is it looked at before its former worker has had its time to end.
    expect(await clean()).toEqual([]);
    expect(await plan()).toMatchObject([{ machine_id: "m1" }]);
  });

  test("is condemned after a day, under a new image, and beyond the last three", async () => {
    for (const id of ["m1", "m2", "m3", "m4"]) {
      await stopped(id);
      // Taken out of the pool for a moment, so that the next one is created.
      await database.admin`update quarry.machines set image = 'kept' where leftover = 'stopped'`;
    }
    await database.admin`update quarry.machines set image = 'image'`;
    expect(await clean()).toEqual([]);
    await age("61 seconds");
    expect(await sweepWakes()).toBe(true);
    expect(await clean()).toMatchObject([{ machine_id: "m1" }]);
    expect(await clean("next")).toHaveLength(3);
    await database.admin`truncate quarry.machines`;
    await stopped("m5");
    expect(await sweepWakes()).toBe(false);
    await age("25 hours");
    expect(await sweepWakes()).toBe(true);
    expect(await clean()).toMatchObject([{ machine_id: "m5" }]);
  });

  test("is not forgotten by retention while it exists", async () => {
    await stopped("m1");
    const { launch_id } = await planOne();
    await age("8 days");
    await database.admin`select quarry.apply_retention()`;
    expect(await rows()).toEqual(["m1 launching"]);
    expect(await clean()).toEqual([]);
    await database.admin`select quarry.forget_lost_machines()`;
    await age("8 days");
    await database.admin`select quarry.apply_retention()`;
    expect(await rows()).toEqual(["m1 gone condemned"]);
    await database.serviceRole`select api.record_cleaning(${launch_id}, true)`;
    await database.admin`select quarry.apply_retention()`;
    expect(await rows()).toEqual([]);
  });
});

describe("a machine whose worker has left", () => {
  test("is looked at a minute later, by one dispatch, and no more once it was seen at rest", async () => {
    const launch_id = await left("m1");
    expect(await clean()).toEqual([]);
    await age("61 seconds");
    expect(await sweepWakes()).toBe(false);
    await age("11 seconds");
    expect(await sweepWakes()).toBe(true);
    const due = { launch_id, created_by: launch_id, machine_id: "m1", leftover: "stopped" };
    expect(await clean()).toEqual([due]);
    expect(await clean()).toEqual([]);
    await age("61 seconds");
    expect(await clean()).toEqual([due]);
    expect(await recordRest(launch_id, true)).toBe(false);
    await age("61 seconds");
    expect(await clean()).toEqual([]);
    expect(await rows()).toEqual(["m1 gone stopped"]);
  });

  test("is condemned when it still runs then", async () => {
    const launch_id = await left("m1");
    expect(await recordRest(launch_id, false)).toBe(true);
    expect(await rows()).toEqual(["m1 gone condemned"]);
    expect(await planOne()).toMatchObject({ machine_id: null });
  });

  test("is not condemned for running when a later launch has started it", async () => {
    const launch_id = await left("m1");
    expect(await planOne()).toMatchObject({ machine_id: "m1" });
    expect(await recordRest(launch_id, false)).toBe(false);
    expect(await rows()).toEqual(["m1 gone", "m1 launching"]);
  });
});

describe("a condemned machine", () => {
  test("is one that did not register in time, even if nobody knows whether it exists", async () => {
    const { launch_id } = await planOne();
    await age("61 seconds");
    expect(await plan()).toMatchObject([{ machine_id: null }]);
    expect(await clean()).toEqual([
      { launch_id, created_by: launch_id, machine_id: null, leftover: "condemned" },
    ]);
  });

  test("is one that fell silent", async () => {
    const { launch_id } = await planOne();
    await registerWorker(launch_id, "m1");
    await age("61 seconds");
    await database.admin`select quarry.forget_lost_machines()`;
    expect(await clean()).toMatchObject([{ machine_id: "m1" }]);
  });

  test("is one that comes up after its launch was given up, whatever that left", async () => {
    const { launch_id } = await planOne();
    await record(launch_id, { error: "rejected: 400" });
    expect(await rows()).toEqual(["gone"]);
    expect(await registerWorker(launch_id, "m1")).toBeNull();
    expect(await clean()).toMatchObject([{ machine_id: "m1" }]);
  });

  test("is destroyed by one dispatch at a time, and again after a minute until it is recorded", async () => {
    await planOne();
    await age("61 seconds");
    await database.admin`select quarry.forget_lost_machines()`;
    const both = await Promise.all([clean(), clean()]);
    expect(both.flat()).toHaveLength(1);
    const [{ launch_id }] = both.flat() as [Leftover];
    await age("61 seconds");
    expect(await clean()).toMatchObject([{ launch_id }]);
    await database.serviceRole`select api.record_cleaning(${launch_id}, true)`;
    await age("61 seconds");
    expect(await clean()).toEqual([]);
  });

  test("that was not found is looked for until ten minutes after its launch", async () => {
    const { launch_id } = await planOne();
    await age("61 seconds");
    await plan();
    await clean();
    await database.serviceRole`select api.record_cleaning(${launch_id}, false)`;
    await age("61 seconds");
    expect(await clean()).toMatchObject([{ launch_id }]);
    await age("10 minutes");
    await database.serviceRole`select api.record_cleaning(${launch_id}, false)`;
    expect((await clean()).filter((each) => each.launch_id === launch_id)).toEqual([]);
  });

  test("that no dispatch has destroyed is a reason for the sweep to wake one", async () => {
    await planOne();
    await age("61 seconds");
    await database.admin`select quarry.forget_lost_machines()`;
    await database.admin`delete from quarry.indexing_jobs`;
    expect(await sweepWakes()).toBe(false);
    await age("11 seconds");
    expect(await sweepWakes()).toBe(true);
  });
});

test("a region where a machine never came up is avoided for ten minutes", async () => {
  const { launch_id } = await planOne();
  await record(launch_id, { machineId: "m1", region: "fra" });
  await age("61 seconds");
  expect(await plan()).toMatchObject([{ avoided_regions: ["fra"] }]);
  await age("10 minutes");
  expect(await plan()).toMatchObject([{ avoided_regions: [] }]);
});

describe("the fleet's pause", () => {
  /** Seconds from now. */
  async function pause(): Promise<number> {
    const [row] = await database.admin<{ seconds: number }[]>`
      select greatest(0, extract(epoch from paused_until - clock_timestamp()))::float8 as seconds
      from quarry.fleet_pause`;
    return row!.seconds;
  }

  async function endPause(): Promise<void> {
    await database.admin`update quarry.fleet_pause set paused_until = clock_timestamp()`;
  }

  test("holds every dispatch back for as long as the platform said", async () => {
    const { launch_id } = await planOne();
    await record(launch_id, { error: "rate_limited: 429" }, 30);
    expect(await pause()).toBeGreaterThan(20);
    expect(await plan()).toEqual([]);
    await endPause();
    expect(await plan()).toHaveLength(1);
  });

  test("grows with refusals in a row that name no time, and starts anew after a success", async () => {
    await seed.register(database.serviceRole, await seed.createTenant(database.admin));
    const pauses: number[] = [];
    for (let refusals = 0; refusals < 8; refusals += 1) {
      const [launch] = await plan();
      await record(launch!.launch_id, { error: "no_capacity" }, 0);
      pauses.push(Math.round(await pause()));
      await endPause();
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    const [launch] = await plan();
    await record(launch!.launch_id, { machineId: "m1" });
    await record(launch!.launch_id, { error: "no_capacity" }, 0);
    expect(Math.round(await pause())).toBe(1);
  });

  test("is never longer than five minutes, and a shorter one does not end it", async () => {
    const { launch_id } = await planOne();
    await record(launch_id, { error: "rate_limited" }, 86_400);
    await record(launch_id, { error: "rate_limited" }, 1);
    expect(Math.round(await pause() / 10)).toBe(30);
  });
});

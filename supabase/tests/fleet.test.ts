// Waking: how many machines are wanted, launches planned before any call, the leave handshake, and
// that nothing wrong with a wake undoes the enqueue it follows.

import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../scripts/local/test_database.ts";
import { GUEST } from "../functions/_shared/runtime/fly_machines.ts";
import * as seed from "./support/seed.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.admin`truncate quarry.tenants, quarry.machines cascade`;
  await database.admin`delete from vault.secrets`;
  await database.admin`delete from net.http_request_queue`;
});

interface Launch {
  readonly launch_id: string;
  readonly name: string;
  readonly machine_id: string | null;
  readonly avoided_regions: string[];
}

async function plan(machinesMax = 5, image = "image"): Promise<Launch[]> {
  const [row] = await database.serviceRole<{ launches: Launch[] }[]>`
    select api.plan_launches(${machinesMax}, ${image}) as launches`;
  return row!.launches;
}

/** One job of one tenant, and the launch that is planned for it. */
async function planOne(image?: string): Promise<[Launch]> {
  await seed.register(database.serviceRole, await seed.createTenant(database.admin));
  const [launch] = await plan(5, image);
  return [launch!];
}

async function leave(launchId: string): Promise<void> {
  await database.indexer`select quarry.leave(${launchId})`;
}

async function states(): Promise<string[]> {
  const rows = await database.admin<
    { state: string }[]
  >`select state from quarry.machines order by state`;
  return rows.map((row) => row.state);
}

async function setWakeSettings() {
  await database.admin`select vault.create_secret('http://127.0.0.1:1/dispatch', 'dispatch_url')`;
  await database.admin`select vault.create_secret('the wake secret', 'wake_secret')`;
}

test("plan_launches asks for one machine per job that a claim would hand out, and not again", async () => {
  await seed.register(database.serviceRole, await seed.createTenant(database.admin));
  await seed.register(database.serviceRole, await seed.createTenant(database.admin));
  expect(await plan()).toHaveLength(2);
  expect(await plan()).toEqual([]);
});

test("plan_launches counts no more of a tenant's jobs than its plan lets run", async () => {
  const tenantId = await seed.createTenant(database.admin);
  for (let i = 0; i < 6; i++) await seed.register(database.serviceRole, tenantId);
  expect(await plan()).toHaveLength(2);
});

test("plan_launches keeps to the fleet limit and leaves idle workers their work", async () => {
  for (let i = 0; i < 4; i++) {
    await seed.register(database.serviceRole, await seed.createTenant(database.admin));
  }
  await seed.startWorker(database.admin);
  expect(await plan(3)).toHaveLength(2);
  expect(await states()).toEqual(["idle", "launching", "launching"]);
});

test("no plan allows a repository that a machine has no room for", async () => {
  const [row] = await database.admin<{ bytes: number }[]>`
    select max(repository_bytes_max)::float8 as bytes from quarry.plans`;
  // /dev/shm has half of what Linux has got of the memory, and not only the repository lies there.
  const sharedBytes = GUEST.memory_mb * 1024 * 1024 / 2;
  expect(row!.bytes).toBeLessThanOrEqual(0.8 * sharedBytes);
});

test("a launch that failed for certain stops counting at once", async () => {
  await seed.register(database.serviceRole, await seed.createTenant(database.admin));
  const [launch] = await plan();
  await database.serviceRole`select api.record_launch(${
    launch!.launch_id
  }, null, null, 'no capacity')`;
  expect(await states()).toEqual(["gone"]);
  expect(await plan()).toHaveLength(1);
});

test("health says to the operator why the last launch failed, for an hour", async () => {
  const told = async () => {
    const [row] = await database.serviceRole<
      { health: Record<string, unknown> }[]
    >`select api.health(true) as health`;
    return [row!.health["last_launch_error"], row!.health["last_launch_failed_at"]];
  };
  expect(await told()).toEqual([null, null]);
  for (const error of ["no_capacity: 422", "rate_limited: 429"]) {
    await seed.register(database.serviceRole, await seed.createTenant(database.admin));
    const [launch] = await plan();
    await database.serviceRole`
      select api.record_launch(${launch!.launch_id}, null, null, ${error}, false, null)`;
    expect(await told()).toEqual([error, expect.stringMatching(/^2.*Z$/)]);
  }
  await database.admin`update quarry.machines set gone_at = gone_at - interval '61 minutes'`;
  expect(await told()).toEqual([null, null]);
});

test("a machine that never registers, or falls silent, stops counting", async () => {
  await seed.register(database.serviceRole, await seed.createTenant(database.admin));
  await plan();
  await database
    .admin`update quarry.machines set launched_at = launched_at - interval '61 seconds'`;
  expect(await plan()).toHaveLength(1);
  expect(await states()).toEqual(["gone", "launching"]);
});

async function leaveOrTake(launchId: string): Promise<unknown> {
  const [row] = await database.indexer`select quarry.leave_or_take(${launchId}) as claim`;
  return row!["claim"];
}

test("a worker of another image than the current one finishes its job, gets no other and counts for none", async () => {
  const [{ launch_id }] = await planOne("old");
  await registerWorker(launch_id);
  const claim = await seed.claim(database.indexer, launch_id);
  const [next] = await planOne("new");
  const [row] = await database.indexer`
    select quarry.complete_and_claim(p_job_id => ${claim!.job_id}, p_lease_token => ${
    claim!.lease_token
  },
      p_outcome => 'unchanged', p_commit_oid => null, p_report => '{}', p_launch_id => ${launch_id}) as claim`;
  expect(row!["claim"]).toBeNull();
  expect(await seed.claim(database.indexer, launch_id)).toBeNull();
  expect(await leaveOrTake(launch_id)).toBeNull();
  await registerWorker(next.launch_id);
  expect(await seed.claim(database.indexer, next.launch_id)).not.toBeNull();
});

test("an idle worker of another image stands in the way of no launch, nor does one that starts", async () => {
  const [idle] = await planOne("old");
  await registerWorker(idle.launch_id);
  const tenantId = await seed.createTenant(database.admin);
  await seed.register(database.serviceRole, tenantId);
  expect(await plan(5, "old")).toHaveLength(1);
  expect(await plan(5, "new")).toHaveLength(2);
  // Of an idle one that is told whose job has come as well.
  expect(await seed.claim(database.indexer, idle.launch_id, tenantId)).toBeNull();
});

test("a step back takes machines of that image back: they get jobs again and count as before", async () => {
  const [busy] = await planOne("old");
  await registerWorker(busy.launch_id);
  const claim = await seed.claim(database.indexer, busy.launch_id);
  const [starting] = await planOne("old");
  const [newer] = await planOne("new");
  await registerWorker(newer.launch_id);
  // Of two jobs that wait one has the machine that starts; the newer one counts for none.
  expect(await plan(6, "old")).toHaveLength(1);
  expect(await dismissed(newer.launch_id)).toBe(true);
  expect(await dismissed(starting.launch_id)).toBe(false);
  await database.indexer`
    select quarry.complete_job(${claim!.job_id}, ${claim!.lease_token}, 'unchanged', null, '{}')`;
  expect(await seed.claim(database.indexer, busy.launch_id)).not.toBeNull();
});

async function dismissed(launchId: string): Promise<boolean> {
  const [row] = await database.indexer<{ is_dismissed: boolean }[]>`
    select quarry.is_dismissed(${launchId})`;
  return row!.is_dismissed;
}

test("a worker that gets no job any more is told so: outdated, gone or unknown", async () => {
  const [{ launch_id }] = await planOne("old");
  await registerWorker(launch_id);
  expect(await dismissed(launch_id)).toBe(false);
  await plan(5, "new");
  expect(await dismissed(launch_id)).toBe(true);
  await plan(5, "old");
  await leave(launch_id);
  expect(await dismissed(launch_id)).toBe(true);
  expect(await dismissed(randomUUID())).toBe(true);
});

async function registerWorker(
  launchId: string,
  bootId = randomUUID(),
  machineId: string | null = null,
): Promise<string | null> {
  const [row] = await database.indexer<{ launch_id: string | null }[]>`
    select quarry.register_worker(${launchId}, ${bootId}, ${machineId}) as launch_id`;
  return row!.launch_id;
}

test("a worker registers once, and not after its launch was given up", async () => {
  const [{ launch_id }] = await planOne();
  expect(await registerWorker(launch_id)).toBe(launch_id);
  expect(await registerWorker(launch_id)).toBeNull();
  await leave(launch_id);
  expect(await registerWorker(launch_id)).toBeNull();
  expect(await registerWorker(randomUUID())).toBeNull();
});

test("a registration whose answer was lost is answered again, to the same process alone", async () => {
  const [{ launch_id }] = await planOne();
  const bootId = randomUUID();
  expect(await registerWorker(launch_id, bootId)).toBe(launch_id);
  expect(await registerWorker(launch_id, bootId)).toBe(launch_id);
  expect(await registerWorker(launch_id)).toBeNull();
});

test("leave_or_take hands out a job that came before the worker left", async () => {
  const worker = await seed.startWorker(database.admin);
  const { job } = await seed.register(
    database.serviceRole,
    await seed.createTenant(database.admin),
  );
  const [row] = await database.indexer<
    { claim: seed.Claim }[]
  >`select quarry.leave_or_take(${worker}) as claim`;
  expect(row!.claim.job_id).toBe(job.id);
  expect(await states()).toEqual(["busy"]);
});

test("an enqueue that commits after the worker looked finds it gone and launches", async () => {
  const worker = await seed.startWorker(database.admin);
  const tenantId = await seed.createTenant(database.admin);
  await database.serviceRole.begin(async (enqueueing) => {
    await seed.register(enqueueing as unknown as typeof database.serviceRole, tenantId);
    // The insert is not committed: the worker cannot see it and leaves.
    const [row] = await database.indexer<
      { claim: seed.Claim | null }[]
    >`select quarry.leave_or_take(${worker}) as claim`;
    expect(row!.claim).toBeNull();
  });
  expect(await states()).toEqual(["gone"]);
  expect(await plan()).toHaveLength(1);
});

test("leaving and planning exclude each other: a planner waits for the leaver's end and then launches", async () => {
  const worker = await seed.startWorker(database.admin);
  let planning: Promise<Launch[]> | undefined;
  await database.indexer.begin(async (leaving) => {
    await leaving`select quarry.leave_or_take(${worker})`;
    await seed.register(database.serviceRole, await seed.createTenant(database.admin));
    planning = plan();
    // The planner is seen waiting for the fleet lock before the leaver commits.
    await expect.poll(async () =>
      (await database.admin`select from pg_locks where locktype = 'advisory' and not granted`)
        .length
    ).toBe(1);
  });
  expect(await planning).toHaveLength(1);
});

test("an enqueue asks dispatch through pg_net with the wake secret", async () => {
  await setWakeSettings();
  // One transaction throughout: the worker that would send the request must not see it.
  await database.admin.begin(async (sql) => {
    await seed.register(
      sql as unknown as typeof database.admin,
      await seed.createTenant(sql as unknown as typeof database.admin),
    );
    const [request] = await sql`select url, headers from net.http_request_queue`;
    expect(request).toMatchObject({
      url: "http://127.0.0.1:1/dispatch",
      headers: { Authorization: "Bearer the wake secret" },
    });
  });
});

test.each<[string, number, (claim: seed.Claim) => Promise<unknown>]>([
  [
    "that is ready asks for no wake",
    0,
    ({ job_id, lease_token }) =>
      database.indexer`select quarry.release_job(${job_id}, ${lease_token})`,
  ],
  [
    "that waits for its host's rate limit asks for no wake",
    0,
    ({ job_id, lease_token }) =>
      database
        .indexer`select quarry.fail_job(${job_id}, ${lease_token}, 'retry', 'code', 'm', 600, null)`,
  ],
  [
    "whose backoff it ends asks for one",
    1,
    ({ job_id, lease_token }) =>
      database
        .indexer`select quarry.fail_job(${job_id}, ${lease_token}, 'retry', 'code', 'm', null, null)`,
  ],
  [
    "that was postponed asks for one",
    1,
    ({ job_id, lease_token }) =>
      database.indexer`select quarry.postpone_job(${job_id}, ${lease_token})`,
  ],
  [
    "whose backoff is over, though nobody has looked, asks for one",
    1,
    async ({ job_id, lease_token }) => {
      await database.indexer`select quarry.postpone_job(${job_id}, ${lease_token})`;
      await seed.makeDue(database.admin, job_id);
    },
  ],
])("a request for a job %s", async (_, wakes, lead) => {
  const tenantId = await seed.createTenant(database.admin);
  const { repository, job } = await seed.register(database.serviceRole, tenantId);
  await lead((await seed.claim(database.indexer, await seed.startWorker(database.admin)))!);
  await setWakeSettings();
  await database.admin.begin(async (sql) => {
    const [asked] = await sql`
      select id from quarry.enqueue_job(${repository.id}, 'index', 'refs/heads/main', 'test')`;
    expect(asked).toEqual({ id: job.id });
    expect(await sql`select from net.http_request_queue`).toHaveLength(wakes);
  });
});

test("a missing secret, or pg_net itself missing, does not undo the enqueue", async () => {
  const tenantId = await seed.createTenant(database.admin);
  expect((await seed.register(database.serviceRole, tenantId)).outcome).toBe("created");
  await setWakeSettings();
  await database.admin`alter schema net rename to net_gone`;
  try {
    expect((await seed.register(database.serviceRole, tenantId)).outcome).toBe("created");
  } finally {
    await database.admin`alter schema net_gone rename to net`;
  }
});

test("verify_wake accepts the secret's hash and nothing when there is no secret", async () => {
  const verify = async (secret: string) => {
    const [row] = await database.serviceRole`
      select api.verify_wake(encode(sha256(convert_to(${secret}, 'UTF8')), 'hex')) as answer`;
    return row!["answer"];
  };
  expect(await verify("the wake secret")).toBe(false);
  await setWakeSettings();
  expect(await verify("the wake secret")).toBe(true);
  expect(await verify("another")).toBe(false);
});

test("the sweep wakes when work waits, recovers leases, and says that it ran", async () => {
  await setWakeSettings();
  const { job } = await seed.register(
    database.serviceRole,
    await seed.createTenant(database.admin),
  );
  await database.admin.begin(async (sql) => {
    await sql`delete from net.http_request_queue`;
    await sql`update quarry.sweeps set swept_at = swept_at - interval '5 minutes'`;
    await sql`select quarry.sweep()`;
    expect(await sql`select from net.http_request_queue`).toHaveLength(1);
  });
  const [row] = await database.serviceRole<
    { health: Record<string, unknown> }[]
  >`select api.health(true) as health`;
  expect(row!.health).toMatchObject({
    status: "ok",
    queue: { queued: 1 },
    machines_wanted: 1,
    last_sweep_error: null,
  });
  expect((await seed.readJob(database.admin, job.id)).state).toBe("queued");
});

test("a sweep whose time is over ends there, and says that it ran and why", async () => {
  await setWakeSettings();
  await seed.register(database.serviceRole, await seed.createTenant(database.admin));
  const undone = new Error("The function is as before.");
  await expect(database.admin.begin(async (sql) => {
    await sql`delete from net.http_request_queue`;
    await sql`create or replace function quarry.forget_lost_machines() returns integer language sql
      set search_path = '' as 'select 1 from pg_sleep(60)'`;
    await sql`create or replace function quarry.recover_expired_leases(p_jobs_max integer, p_after timestamptz default '-infinity')
      returns integer language sql set search_path = '' as 'select 1 / 0'`;
    await sql`create or replace function quarry.clean_index(p_trees_max integer, p_files_max integer) returns void language sql
      set search_path = '' as 'select from pg_sleep(60)'`;
    await sql`set local statement_timeout = '200ms'`;
    await sql`update quarry.sweeps set swept_at = '-infinity', last_error = null`;
    await sql`select quarry.sweep()`;
    const [row] = await sql<{ has_swept: boolean; last_error: string }[]>`
      select swept_at > '-infinity' as has_swept, last_error from quarry.sweeps`;
    expect(row).toEqual({
      has_swept: true,
      last_error: expect.stringMatching(
        /^recover_expired_leases: division by zero; wake: canceling statement [^;]*$/,
      ) as string,
    });
    throw undone;
  })).rejects.toBe(undone);
});

test("health is unavailable when no sweep ran for a minute", async () => {
  const read = async () => {
    const [row] = await database.serviceRole<
      { health: unknown }[]
    >`select api.health(false) as health`;
    return row!.health;
  };
  await database
    .admin`update quarry.sweeps set swept_at = clock_timestamp() - interval '61 seconds'`;
  expect(await read()).toEqual({ status: "unavailable" });
  await database.admin`select quarry.sweep()`;
  expect(await read()).toEqual({ status: "ok" });
});

// What a repository is called: hosts give names anew, so that a name belongs to one repository at a
// time, and only who asked the host just now takes it from another. Waits are explicit: two
// connections, one step at a time.

import type { Sql } from "postgres";
import { beforeEach, expect, test } from "vitest";
import { database, worker } from "./support/queue_database.ts";
import * as seed from "./support/seed.ts";

const NAME = "owner/name";
const RENAMED = "owner/was-name";
const MAIN = "refs/heads/main";
const NEXT = "refs/heads/next";

let tenantId: string;

beforeEach(async () => {
  tenantId = await seed.createTenant(database.admin);
});

const register = (hostId: number, name: string, sql: Sql = database.serviceRole) =>
  seed.register(sql, tenantId, { hostId, name });

/** A push to `ref` of a repository that the host calls `name`. */
async function push(
  repositoryId: string,
  name: string,
  { ref = MAIN, branch = "main", sql = database.serviceRole } = {},
): Promise<{ outcome: string; job_id: string | null }> {
  const [row] = await sql<{ answer: { outcome: string; job_id: string | null } }[]>`
    select api.record_delivery(
      ${repositoryId}, gen_random_uuid()::text, 'push', ${ref}, 'oid', ${name}, ${branch}) as answer`;
  return row!.answer;
}

async function read(repositoryId: string): Promise<{ full_name: string; state: string }> {
  const [row] = await database.serviceRole<{ answer: { full_name: string; state: string } }[]>`
    select api.get_repository(${tenantId}, ${repositoryId}) as answer`;
  const { full_name, state } = row!.answer;
  return { full_name, state };
}

async function queuedRefs(repositoryId: string): Promise<string[]> {
  const rows = await database.admin<{ ref: string }[]>`
    select ref from quarry.indexing_jobs
    where repository_id = ${repositoryId} and kind = 'index' and state = 'queued' order by ref`;
  return rows.map(({ ref }) => ref);
}

const publish = (claim: seed.Claim) =>
  database.indexer`
    select quarry.publish_index(${claim.job_id}, ${claim.lease_token}, 'oid', '{}', null, '{}', 1, 1)`;

const loseAccess = (claim: seed.Claim) =>
  database.indexer`
    select quarry.fail_job(${claim.job_id}, ${claim.lease_token}, 'give_up', 'access_denied', 'm', null, null)`;

/** Takes a step while `hold`'s transaction is open, which goes on once all of that step waits. */
async function whileHeld<T>(
  hold: (sql: Sql) => Promise<unknown>,
  step: () => Promise<T>,
  { goOn, waiters = 1, role = "service_role" }: {
    goOn?: (sql: Sql) => Promise<unknown>;
    waiters?: number;
    role?: string;
  } = {},
): Promise<PromiseSettledResult<T>> {
  let waiting: Promise<PromiseSettledResult<T>[]> | undefined;
  await database.as(role).begin(async (transaction) => {
    const sql = transaction as unknown as Sql;
    await hold(sql);
    waiting = Promise.allSettled([step()]);
    await expect.poll(async () =>
      (await database.admin`
        select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)
        .length
    ).toBe(waiters);
    await goOn?.(sql);
  });
  return (await waiting!)[0]!;
}

/** What the API's and the webhook's functions do to a repository first. */
const lockRepository = (repositoryId: string) => (sql: Sql) =>
  sql`select api.set_refs(${tenantId}, ${repositoryId}, '{}', 'test')`;

/** A registration in the milliseconds in which it has taken the name and queued nothing yet. */
const takeName = async (sql: Sql) => {
  await sql`select from quarry.tenants where id = ${tenantId} for no key update`;
  await sql`select quarry.release_name(${tenantId}, 8, ${NAME})`;
};

test("a name that the host gives to another repository is no longer the old one's", async () => {
  const old = await register(7, NAME);
  const other = await seed.createTenant(database.admin);
  const theirs = await seed.register(database.serviceRole, other, { hostId: 7, name: NAME });
  const anew = await register(8, "Owner/Name");
  expect(anew).toMatchObject({ outcome: "created", repository: { full_name: "Owner/Name" } });
  expect(await read(old.repository.id))
    .toEqual({ full_name: `${NAME}~7`, state: "access_lost" });
  expect(await seed.readJob(database.admin, old.job.id))
    .toMatchObject({ state: "failed", errors: [{ code: "repository_gone" }] });
  expect((await seed.readJob(database.admin, theirs.job.id)).state).toBe("queued");
  expect(await push(old.repository.id, RENAMED)).toMatchObject({ outcome: "enqueued" });
  expect(await read(old.repository.id)).toEqual({ full_name: RENAMED, state: "error" });
});

test("a late push takes nothing from the repository that has its name by now", async () => {
  const old = await register(7, NAME);
  await push(old.repository.id, RENAMED);
  const anew = await register(8, NAME);
  const pushed = await push(anew.repository.id, NAME);
  expect(await push(old.repository.id, NAME)).toMatchObject({ outcome: "enqueued" });
  expect((await read(old.repository.id)).full_name).toBe(RENAMED);
  expect(await read(anew.repository.id)).toEqual({ full_name: NAME, state: "pending" });
  expect((await seed.readJob(database.admin, pushed.job_id!)).state).toBe("queued");
});

test("a push whose name another repository has still says what the default branch is", async () => {
  const { repository } = await register(7, RENAMED);
  await register(8, NAME);
  expect((await push(repository.id, NAME, { branch: "next", ref: NEXT })).outcome).toBe("enqueued");
  expect((await read(repository.id)).full_name).toBe(RENAMED);
  const [job] = await database
    .admin`select payload from quarry.indexing_jobs where repository_id = ${repository.id}`;
  expect(job!["payload"]).toMatchObject({ default_branch: "next" });
});

test("registering says what a known repository is called, whoever else has that name", async () => {
  const first = await register(7, "owner/x");
  const second = await register(8, "owner/y");
  expect(await register(7, "owner/y")).toMatchObject({
    outcome: "existing",
    repository: { full_name: "owner/y", state: "pending" },
  });
  expect((await read(second.repository.id)).full_name).toBe("owner/y~8");
  expect(await register(8, "owner/x")).toMatchObject({ repository: { full_name: "owner/x" } });
  expect((await read(first.repository.id)).full_name).toBe("owner/y");
});

test("what was pushed before a repository's new name was known is indexed once it is", async () => {
  const { repository } = await register(7, NAME);
  await database.serviceRole`
    select api.set_refs(${tenantId}, ${repository.id}, ${[MAIN, NEXT]}, 'test')`;
  await register(8, NAME);
  expect(await queuedRefs(repository.id)).toEqual([]);
  expect(await push(repository.id, RENAMED, { ref: "refs/heads/other" }))
    .toMatchObject({ outcome: "ignored" });
  expect(await queuedRefs(repository.id)).toEqual([MAIN, NEXT]);
  expect((await read(repository.id)).state).not.toBe("access_lost");
});

test("a job that was running when the name went to another repository publishes nothing", async () => {
  const { repository } = await register(7, NAME);
  const claim = (await seed.claim(database.indexer, worker))!;
  await database.indexer`select quarry.read_base(${claim.job_id}, ${claim.lease_token})`;
  await register(8, NAME);
  const [beat] = await database.indexer`
    select quarry.heartbeat_job(${claim.job_id}, ${claim.lease_token}, null, null) as verdict`;
  expect(beat).toEqual({ verdict: "lease_lost" });
  await expect(publish(claim)).rejects.toThrow("lease lost");
  expect(await read(repository.id)).toEqual({ full_name: `${NAME}~7`, state: "access_lost" });
});

test("without a name that the host knows no publish gives a repository its access back", async () => {
  const { repository } = await register(7, NAME);
  await register(8, NAME);
  await push(repository.id, NAME);
  await database
    .admin`update quarry.indexing_jobs set priority = 1 where repository_id = ${repository.id}`;
  const claim = (await seed.claim(database.indexer, worker))!;
  expect(claim.repository_id).toBe(repository.id);
  await database.indexer`select quarry.read_base(${claim.job_id}, ${claim.lease_token})`;
  await publish(claim);
  await database.indexer`
    select quarry.complete_job(${claim.job_id}, ${claim.lease_token}, 'indexed', 'oid', '{}')`;
  expect((await read(repository.id)).state).toBe("access_lost");
});

test("a repository that lost its access has it again when a job finds nothing new", async () => {
  const { repository } = await register(7, NAME);
  await loseAccess((await seed.claim(database.indexer, worker))!);
  expect((await read(repository.id)).state).toBe("access_lost");
  await push(repository.id, NAME);
  const claim = (await seed.claim(database.indexer, worker))!;
  const complete = (token: string) =>
    database
      .indexer`select quarry.complete_job(${claim.job_id}, ${token}, 'unchanged', 'oid', '{}')`;
  await expect(complete(repository.id)).rejects.toThrow("lease lost");
  expect((await read(repository.id)).state).toBe("access_lost");
  await complete(claim.lease_token);
  expect((await read(repository.id)).state).not.toBe("access_lost");
});

test("a ref that was dropped is deleted though its repository loses its name", async () => {
  const { repository } = await register(7, NAME);
  for (const refs of [[NEXT], []]) {
    await database.serviceRole`select api.set_refs(${tenantId}, ${repository.id}, ${refs}, 'test')`;
  }
  await register(8, NAME);
  const jobs = await database.admin`
    select ref, state from quarry.indexing_jobs where repository_id = ${repository.id} and kind = 'delete_ref'`;
  expect(jobs).toEqual([{ ref: NEXT, state: "queued" }]);
});

test("a worker that loses access waits for its repository before it holds its job", async () => {
  const { repository } = await register(7, NAME);
  const claim = (await seed.claim(database.indexer, worker))!;
  const failing = await whileHeld(
    lockRepository(repository.id),
    () => loseAccess(claim),
    { goOn: (sql) => register(8, NAME, sql) },
  );
  expect(failing).toMatchObject({ status: "rejected", reason: { code: "QRY01" } });
  expect(await seed.readJob(database.admin, claim.job_id))
    .toMatchObject({ state: "failed", errors: [{ code: "repository_gone" }] });
});

test("a worker that has access again waits for its repository before it holds its job", async () => {
  const { repository } = await register(7, NAME);
  await loseAccess((await seed.claim(database.indexer, worker))!);
  await push(repository.id, NAME);
  const claim = (await seed.claim(database.indexer, worker))!;
  await database.indexer`select quarry.read_base(${claim.job_id}, ${claim.lease_token})`;
  const publishing = await whileHeld(
    lockRepository(repository.id),
    () => publish(claim),
    {
      goOn: (sql) =>
        sql`select from quarry.indexing_jobs where id = ${claim.job_id} for update nowait`,
      role: "postgres",
    },
  );
  expect(publishing.status).toBe("fulfilled");
  expect((await read(repository.id)).state).not.toBe("access_lost");
});

test("two pushes of repositories that swapped their names keep nobody waiting", async () => {
  const first = await register(7, "owner/x");
  const second = await register(8, "owner/y");
  const both = await whileHeld(
    async (sql) => {
      await lockRepository(first.repository.id)(sql);
      await lockRepository(second.repository.id)(sql);
    },
    () =>
      Promise.all([
        push(first.repository.id, "owner/y"),
        push(second.repository.id, "owner/x"),
      ]),
    { waiters: 2 },
  );
  expect(both.status).toBe("fulfilled");
  expect((await read(first.repository.id)).full_name).toBe("owner/x");
  expect((await read(second.repository.id)).full_name).toBe("owner/y");
});

test("a push that waits for a registration does not keep it from the pushed repository", async () => {
  const { repository } = await register(7, NAME);
  const late = await whileHeld(
    (sql) => register(8, "owner/y", sql),
    () => push(repository.id, RENAMED),
    { goOn: (sql) => register(7, "owner/z", sql) },
  );
  expect(late.status).toBe("fulfilled");
  expect((await read(repository.id)).full_name).toBe(RENAMED);
});

test("a push and a registration at once do not give one name to two repositories", async () => {
  const { repository } = await register(7, NAME);
  const pushed = await whileHeld(
    (sql) => register(8, "owner/y", sql),
    () => push(repository.id, "owner/y"),
  );
  expect(pushed.status).toBe("fulfilled");
  expect((await read(repository.id)).full_name).toBe(NAME);

  const registered = await whileHeld(
    (sql) => push(repository.id, "owner/z", { sql }),
    () => register(9, "owner/z"),
  );
  expect(registered.status).toBe("fulfilled");
  expect((await read(repository.id)).full_name).toBe("owner/z~7");
});

test("a job that is redriven while its repository's name goes to another is not for the old name", async () => {
  const { repository, job } = await register(7, NAME);
  const failed = (await seed.claim(database.indexer, worker))!;
  await database.indexer`
    select quarry.fail_job(${failed.job_id}, ${failed.lease_token}, 'give_up', 'git_failed', 'm', null, null)`;
  const redriven = await whileHeld(
    takeName,
    () => database.serviceRole`select api.redrive_job(${tenantId}, ${job.id}, 'test')`,
    { role: "postgres" },
  );
  expect(redriven.status).toBe("fulfilled");
  expect(await seed.claim(database.indexer, worker))
    .toMatchObject({ repository_id: repository.id, full_name: `${NAME}~7` });
});

test("what an older indexer extracted is not queued anew while its name goes to another", async () => {
  const { repository, job } = await register(7, NAME);
  await database.serviceRole`select api.cancel_job(${tenantId}, ${job.id})`;
  await database.admin`update quarry.trees set extractor_version = 1, format_version = 1`;
  await database.admin`update quarry.extraction set extractor_version = 2, format_version = 1`;
  try {
    await database.as("postgres").begin(async (transaction) => {
      await takeName(transaction as unknown as Sql);
      await database.admin`select quarry.enqueue_upgrades(10)`;
    });
    expect(await queuedRefs(repository.id)).toEqual([]);
  } finally {
    await database.admin`update quarry.extraction set extractor_version = 0, format_version = 0`;
  }
});

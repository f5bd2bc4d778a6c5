// Work that nobody wants any more: of a repository that was deleted, and of refs that are not followed.
// It neither comes back nor is left half done. Waits are explicit: two connections, one step at a time.

import type { Sql } from "postgres";
import { beforeEach, expect, test } from "vitest";
import { database, worker } from "./support/queue_database.ts";
import * as seed from "./support/seed.ts";

const MAIN = "refs/heads/main";
const SIDE = "refs/heads/side";

let tenantId: string;

beforeEach(async () => {
  tenantId = await seed.createTenant(database.admin);
});

interface Answer {
  readonly outcome: string;
  readonly job?: { readonly id: string };
}

const claimNext = async () => (await seed.claim(database.indexer, worker))!;

const publish = ({ job_id, lease_token }: seed.Claim) =>
  database.indexer`
    select quarry.publish_index(${job_id}, ${lease_token}, 'oid', '{}', null, '{text,symbols}', 1, 1)`;

const complete = ({ job_id, lease_token }: seed.Claim) =>
  database.indexer`select quarry.complete_job(${job_id}, ${lease_token}, 'indexed', 'oid', '{}')`;

const readBase = ({ job_id, lease_token }: seed.Claim) =>
  database.indexer`select quarry.read_base(${job_id}, ${lease_token})`;

async function failNext(code: string): Promise<seed.Claim> {
  const claim = await claimNext();
  await database.indexer`
    select quarry.fail_job(${claim.job_id}, ${claim.lease_token}, 'give_up', ${code}, 'm', null, null)`;
  return claim;
}

async function indexNext(): Promise<void> {
  const claim = await claimNext();
  await publish(claim);
  await complete(claim);
}

async function answer(query: PromiseLike<readonly { answer?: Answer }[]>): Promise<Answer> {
  const [row] = await query;
  return row!.answer!;
}

const requestIndex = (repositoryId: string, ref: string) =>
  answer(database.serviceRole`
    select api.request_index(${tenantId}, ${repositoryId}, ${ref}, false, 'test') as answer`);

const setRefs = (repositoryId: string, refs: readonly string[]) =>
  answer(database.serviceRole`
    select api.set_refs(${tenantId}, ${repositoryId}, ${`{${refs.join()}}`}::text[], 'test') as answer`);

const cancel = (jobId: string) =>
  answer(database.serviceRole`select api.cancel_job(${tenantId}, ${jobId}) as answer`);

const redrive = (jobId: string, sql: Sql = database.serviceRole) =>
  answer(sql`select api.redrive_job(${tenantId}, ${jobId}, 'test') as answer`);

const remove = (sql: Sql, repositoryId: string) =>
  sql`select api.delete_repository(${tenantId}, ${repositoryId}, 'test')`;

const push = (repositoryId: string, name: string) =>
  answer(database.serviceRole`
    select api.record_delivery(
      ${repositoryId}, gen_random_uuid()::text, 'push', ${MAIN}, 'oid', ${name}, 'main') as answer`);

async function liveKinds(repositoryId: string): Promise<string[]> {
  const rows = await database.admin<{ kind: string }[]>`
    select kind from quarry.indexing_jobs
    where repository_id = ${repositoryId} and state in ('queued', 'running') order by kind`;
  return rows.map(({ kind }) => kind);
}

async function followedRefs(repositoryId: string): Promise<string[]> {
  const rows = await database.admin<{ ref: string }[]>`
    select ref from quarry.trees where repository_id = ${repositoryId} order by ref`;
  return rows.map(({ ref }) => ref);
}

/** Takes a step that waits for a deletion of the repository, which then commits. */
async function whileDeleted<T>(repositoryId: string, step: () => Promise<T>): Promise<T> {
  let waiting: Promise<T> | undefined;
  await database.as("service_role").begin(async (transaction) => {
    await remove(transaction as unknown as Sql, repositoryId);
    waiting = step();
    // Else a failure below would leave its rejection unheard.
    waiting.catch(() => undefined);
    await expect.poll(async () =>
      (await database.admin`
        select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)
        .length
    ).toBe(1);
  });
  return await waiting!;
}

test("a push that waits for the deletion of its repository queues nothing", async () => {
  const { repository } = await seed.register(database.serviceRole, tenantId, { name: "owner/a" });
  await indexNext();
  const pushed = await whileDeleted(repository.id, () => push(repository.id, "owner/a"));
  expect(pushed.outcome).toBe("not_found");
  expect(await liveKinds(repository.id)).toEqual(["delete_repository"]);
});

test("a push under a new name that waits for the deletion of its repository queues nothing", async () => {
  const { repository } = await seed.register(database.serviceRole, tenantId, { name: "owner/a" });
  await indexNext();
  const pushed = await whileDeleted(repository.id, () => push(repository.id, "owner/b"));
  expect(pushed.outcome).toBe("not_found");
  expect(await liveKinds(repository.id)).toEqual(["delete_repository"]);
});

test("a redrive that waits for the deletion of its repository queues nothing", async () => {
  const { repository } = await seed.register(database.serviceRole, tenantId);
  const { job_id } = await failNext("internal_error");
  const redriven = await whileDeleted(repository.id, () => redrive(job_id));
  expect(redriven.outcome).toBe("not_found");
  expect(await liveKinds(repository.id)).toEqual(["delete_repository"]);
});

test("a registration that waits for the deletion of its repository makes a new one", async () => {
  const host = { hostId: 7, name: "owner/a" };
  const { repository } = await seed.register(database.serviceRole, tenantId, host);
  await indexNext();
  const again = await whileDeleted(
    repository.id,
    () => seed.register(database.serviceRole, tenantId, { ...host, ref: SIDE }),
  );
  expect(again.outcome).toBe("created");
  expect(again.repository.id).not.toBe(repository.id);
  expect(await liveKinds(repository.id)).toEqual(["delete_repository"]);
});

test("no job brings back the index of a repository that is deleted", async () => {
  const { repository } = await seed.register(database.serviceRole, tenantId);
  await indexNext();
  await remove(database.serviceRole, repository.id);
  const deletion = await claimNext();
  await database.indexer`
    select quarry.delete_repository_data(${deletion.job_id}, ${deletion.lease_token}, 10, 10)`;
  await database.indexer`
    select quarry.complete_job(${deletion.job_id}, ${deletion.lease_token}, 'empty', null, '{}')`;
  await database.admin`select quarry.enqueue_job(${repository.id}, 'index', ${MAIN}, 'test')`;
  await expect(readBase(await claimNext())).rejects.toMatchObject({ code: "QRY06" });
  expect(await followedRefs(repository.id)).toEqual([]);
});

test("the deletion of a ref cannot be cancelled, waiting or running", async () => {
  const { repository } = await seed.register(database.serviceRole, tenantId);
  await indexNext();
  await requestIndex(repository.id, SIDE);
  await indexNext();
  await setRefs(repository.id, []);
  const [job] = await database.admin<{ id: string }[]>`
    select id from quarry.indexing_jobs where kind = 'delete_ref'`;
  expect((await cancel(job!.id)).outcome).toBe("conflict");
  expect((await claimNext()).job_id).toBe(job!.id);
  expect((await cancel(job!.id)).outcome).toBe("conflict");
});

test("a failed job of a ref that was dropped is no open failure", async () => {
  const { repository } = await seed.register(database.serviceRole, tenantId);
  await indexNext();
  await requestIndex(repository.id, SIDE);
  const { job_id } = await failNext("internal_error");
  const open = () => database.admin`select id from quarry.open_failures`;
  expect(await open()).toEqual([{ id: job_id }]);
  await setRefs(repository.id, []);
  expect(await open()).toEqual([]);
});

test("who redrives a job of a ref that was dropped follows it again, as far as the plan allows", async () => {
  await database.admin`
    insert into quarry.plans (plan, concurrent_jobs_max, repositories_max, repository_bytes_max, requests_per_minute_max, refs_max)
    values ('two refs', 9, 9, 9, 9, 2) on conflict do nothing`;
  await database.admin`update quarry.tenants set plan = 'two refs' where id = ${tenantId}`;
  const { repository } = await seed.register(database.serviceRole, tenantId);
  await indexNext();
  await requestIndex(repository.id, SIDE);
  const { job_id } = await failNext("internal_error");
  await setRefs(repository.id, ["refs/heads/next"]);
  expect(await redrive(job_id)).toEqual({ outcome: "limit_reached", limit: 2 });
  expect(await followedRefs(repository.id)).toEqual([MAIN, "refs/heads/next"]);
  await setRefs(repository.id, []);
  expect((await redrive(job_id)).outcome).toBe("enqueued");
  expect(await followedRefs(repository.id)).toEqual([MAIN, SIDE]);
});

test("a job does not follow its ref again when that was dropped", async () => {
  const { repository } = await seed.register(database.serviceRole, tenantId);
  await indexNext();
  await database.admin`select quarry.enqueue_job(${repository.id}, 'index', ${SIDE}, 'test')`;
  await expect(readBase(await claimNext())).rejects.toMatchObject({ code: "QRY06" });
  expect(await followedRefs(repository.id)).toEqual([MAIN]);
});

test("a job publishes nothing into the tree that took its ref's place", async () => {
  const { repository } = await seed.register(database.serviceRole, tenantId);
  await indexNext();
  await requestIndex(repository.id, SIDE);
  await indexNext();
  await requestIndex(repository.id, SIDE);
  const claim = await claimNext();
  await readBase(claim);
  await setRefs(repository.id, []);
  await setRefs(repository.id, [SIDE]);
  const { job_id, lease_token } = claim;
  const calls = [
    () => publish(claim),
    () =>
      database
        .indexer`select quarry.publish_text(${job_id}, ${lease_token}, 'oid', '{}', null)`,
    () =>
      database
        .indexer`select quarry.store_tree_pack(${job_id}, ${lease_token}, 'oid', false, null, null, null)`,
  ];
  for (const call of calls) await expect(call()).rejects.toMatchObject({ code: "QRY06" });
});

test("a ref that was asked for again while it was not found stays followed", async () => {
  const { repository } = await seed.register(database.serviceRole, tenantId);
  await indexNext();
  await requestIndex(repository.id, SIDE);
  const claim = await claimNext();
  await requestIndex(repository.id, SIDE);
  await database.indexer`
    select quarry.fail_job(${claim.job_id}, ${claim.lease_token}, 'give_up', 'ref_not_found', 'm', null, null)`;
  await indexNext();
  expect(await followedRefs(repository.id)).toEqual([MAIN, SIDE]);
});

// What the operator asks and does, on real jobs: lists across tenants, one job with what its tenant
// never sees, failures that are still open, cancelling and redriving.

import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../scripts/local/test_database.ts";
import * as seed from "./support/seed.ts";

let database: TestDatabase;
let worker: string;
let acme: string;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.admin`truncate quarry.tenants, quarry.machines cascade`;
  worker = await seed.startWorker(database.admin);
  acme = await seed.createTenant(database.admin, "acme");
});

interface List {
  readonly items: Record<string, unknown>[];
  readonly has_more: boolean;
}

interface Filter {
  readonly states?: string[];
  readonly tenant?: string;
  readonly repository?: string;
  readonly code?: string;
  readonly limit?: number;
}

/** One value of one row. */
async function ask<T>(query: Promise<readonly { answer: T }[]>): Promise<T> {
  const [row] = await query;
  return row!.answer;
}

async function list({ states, tenant, repository, code, limit = 50 }: Filter): Promise<List> {
  return await ask<List>(database.postgres<{ answer: List }[]>`
    select quarry.operator_list_jobs(${states ?? null}, ${tenant ?? null}, ${repository ?? null},
      ${code ?? null}, ${limit}) as answer`);
}

const ids = ({ items }: List) => items.map((item) => item["id"]);

interface Details {
  readonly job: Record<string, unknown>;
  readonly events: { event: string; message: string; context: Record<string, unknown> }[];
  readonly is_open_failure: boolean;
}

async function read(job: string): Promise<Details> {
  return await ask<Details>(database.postgres<{ answer: Details }[]>`
    select quarry.operator_read_job(${job}) as answer`);
}

async function failures(tenant: string | null = null): Promise<Record<string, unknown>[]> {
  const answer = await ask<List>(database.postgres<{ answer: List }[]>`
    select quarry.operator_list_failures(${tenant}, null) as answer`);
  return answer.items;
}

async function change(name: "operator_cancel_job" | "operator_redrive_job", job: string) {
  return await ask(database.postgres<{ answer: { outcome: string; job: { id: string } } }[]>`
    select ${database.postgres(`quarry.${name}`)}(${job}) as answer`);
}

/** Claims the one job there is and ends it `failed`, with what its worker would tell. */
async function failOne(code = "repository_gone", detail = "at fetch (git.ts:12)"): Promise<string> {
  const claim = (await seed.claim(database.indexer, worker))!;
  await database.indexer`
    select quarry.fail_job(${claim.job_id}, ${claim.lease_token}, 'give_up', ${code},
      'The host knows no such repository.', null, ${detail})`;
  return claim.job_id;
}

async function registerOne(tenantId = acme): Promise<seed.Registered> {
  return await seed.register(database.serviceRole, tenantId);
}

test("jobs of all tenants are listed newest first, with whose they are", async () => {
  const first = await registerOne();
  const second = await registerOne(await seed.createTenant(database.admin, "other"));
  const all = await list({});
  expect(ids(all)).toEqual([second.job.id, first.job.id]);
  expect(all.items[1]).toMatchObject({ tenant: "acme", tenant_id: acme, state: "queued" });
  expect(all.items[0]).not.toHaveProperty("lease_token");
  expect(await list({ limit: 1 })).toMatchObject({ has_more: true, items: [{ tenant: "other" }] });
});

test("a list is narrowed by state, tenant, repository and the code of the last error", async () => {
  await registerOne();
  const failed = await failOne("access_denied");
  const { repository, job } = await registerOne();
  expect(ids(await list({ states: ["failed", "cancelled"] }))).toEqual([failed]);
  expect(ids(await list({ tenant: "acme", repository: repository.id }))).toEqual([job.id]);
  expect(ids(await list({ tenant: acme.toUpperCase(), code: "access_denied" }))).toEqual([failed]);
  expect(ids(await list({ code: "another" }))).toEqual([]);
});

test("a tenant, a repository or a job that is not there is an error and no empty answer", async () => {
  await expect(list({ tenant: "acne" })).rejects.toMatchObject({
    code: "QRY03",
    message: "no tenant has the name or id acne",
  });
  await expect(list({ repository: "a/b" })).rejects.toMatchObject({ code: "QRY03" });
  for (const job of [randomUUID(), "abcd", "abc", "", "%", "'", "g0000000"]) {
    await expect(read(job), job).rejects.toMatchObject({ code: "QRY03" });
  }
});

test("the beginning of an id names a job, as long as it is one job's", async () => {
  const { job } = await registerOne();
  expect((await read(job.id.slice(0, 8))).job["id"]).toBe(job.id);
  expect((await read(job.id.toUpperCase())).job["id"]).toBe(job.id);
  // A sibling whose id differs in the last digit alone.
  const sibling = job.id.slice(0, -1) + (job.id.endsWith("0") ? "1" : "0");
  await registerOne(await seed.createTenant(database.admin));
  await database.admin`delete from quarry.indexing_job_events where job_id <> ${job.id}`;
  await database.admin`update quarry.indexing_jobs set id = ${sibling} where id <> ${job.id}`;
  await expect(read(job.id.slice(0, -1))).rejects.toThrow("more than one job");
  expect((await read(sibling)).job["id"]).toBe(sibling);
});

test("a job's history has the operator's detail, which its tenant never sees", async () => {
  await registerOne();
  const job = await failOne();
  const { events, is_open_failure } = await read(job);
  expect(events.map(({ event }) => event)).toEqual([
    "queued",
    "claimed",
    "operator_detail",
    "failed",
  ]);
  expect(events[2]?.context).toEqual({ detail: "at fetch (git.ts:12)" });
  expect(is_open_failure).toBe(true);
  const [row] = await database.serviceRole`
    select api.list_job_events(${acme}, ${job}, 50, null)::text as answer`;
  expect(row!["answer"]).not.toContain("git.ts");
});

test("failures are counted by code while they are open", async () => {
  await registerOne();
  const gone = await failOne("repository_gone");
  const pushed = await registerOne();
  await failOne("repository_gone");
  await registerOne();
  await failOne("access_denied");
  expect(await failures("acme")).toMatchObject([
    { code: "repository_gone", jobs: 2, tenants: 1, repositories: 2 },
    { code: "access_denied", jobs: 1, last_message: "The host knows no such repository." },
  ]);

  expect(await change("operator_redrive_job", gone)).toMatchObject({ outcome: "enqueued" });
  await database.serviceRole`
    select api.request_index(${acme}, ${pushed.repository.id}, null, false, 'key')`;
  expect(await failures()).toMatchObject([{ code: "access_denied", jobs: 1 }]);
  expect((await read(gone)).is_open_failure).toBe(false);
});

test("a failure of a deleted repository is not open", async () => {
  const { repository } = await registerOne();
  await failOne();
  await database.serviceRole`select api.delete_repository(${acme}, ${repository.id}, 'key')`;
  expect(await failures()).toEqual([]);
});

test("the failures to redrive are those that are counted, the oldest first", async () => {
  await registerOne();
  const oldest = await failOne("git_failed");
  await registerOne();
  await failOne("access_denied");
  await registerOne();
  const newest = await failOne("git_failed");
  const rows = await database.postgres`
    select quarry.operator_find_failures(null, null, 'git_failed') as id`;
  expect(rows.map((row) => row["id"])).toEqual([oldest, newest]);
});

test("a redriven job says that the operator asked", async () => {
  await registerOne();
  const failed = await failOne();
  const { job } = await change("operator_redrive_job", failed.slice(0, 8));
  expect((await read(job.id)).job).toMatchObject({ state: "queued", requested_by: "operator" });
  expect((await read(failed)).events.at(-1)).toMatchObject({
    event: "redriven",
    message: "operator",
  });
  expect(await change("operator_redrive_job", job.id)).toMatchObject({ outcome: "conflict" });
});

test("cancelling ends a waiting job, asks a running one, and is noted once", async () => {
  const { job } = await registerOne();
  const claim = (await seed.claim(database.indexer, worker))!;
  const waiting = await registerOne();
  const cancel = async (id: string) => (await change("operator_cancel_job", id)).outcome;
  expect(await cancel(waiting.job.id)).toBe("cancelled");
  expect(await cancel(job.id)).toBe("requested");
  expect(await cancel(job.id)).toBe("requested");
  const events = await seed.readEvents(database.admin, job.id);
  expect(events).toEqual(["queued", "claimed", "cancel_requested", "operator"]);
  await database.indexer`
    select quarry.complete_job(${job.id}, ${claim.lease_token}, 'unchanged', null, '{}')`;
  expect(await cancel(job.id)).toBe("conflict");
});

test("queues are listed by tenant, the one that waits longest first", async () => {
  const other = await seed.createTenant(database.admin, "other");
  await registerOne(other);
  await failOne();
  for (let i = 0; i < 3; i++) await registerOne();
  await seed.claim(database.indexer, worker);
  await database.admin`
    update quarry.indexing_jobs set wait_reason = 'rate_limit', run_at = now() + interval '1 hour'
    where id = (select id from quarry.indexing_jobs where state = 'queued' limit 1)`;
  const { items } = await ask<List>(database.postgres<{ answer: List }[]>`
    select quarry.operator_list_queues(null) as answer`);
  expect(items).toMatchObject([
    { tenant: "acme", ready: 1, backoff: 0, rate_limit: 1, running: 1, concurrent_jobs_max: 2 },
    { tenant: "other", ready: 0, running: 0, open_failures: 1, oldest_queued_at: null },
  ]);
});

test("machines are listed with the job they run, and gone ones only when asked for", async () => {
  const { job } = await registerOne();
  await seed.claim(database.indexer, worker);
  const gone = await seed.startWorker(database.admin);
  await database.indexer`select quarry.leave(${gone})`;
  const machines = async (withGone: boolean) =>
    (await ask<List>(database.postgres<{ answer: List }[]>`
      select quarry.operator_list_machines(${withGone}) as answer`)).items;
  expect(await machines(false)).toMatchObject([
    { launch_id: worker, state: "busy", job_id: job.id },
  ]);
  expect(await machines(true)).toMatchObject([{ state: "gone", job_id: null }, { state: "busy" }]);
});

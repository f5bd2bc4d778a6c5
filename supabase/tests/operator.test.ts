// What the operator asks and does, on real jobs: lists across tenants, one job with what its tenant
// never sees, failures that are still open, cancelling and redriving; keys, plans, and the end of a
// tenant.

import { createHash, randomUUID } from "node:crypto";
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
  readonly failure: string | null;
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

test("the end of an id names a job, as long as it is one job's", async () => {
  const { job } = await registerOne();
  expect((await read(job.id.slice(-8))).job["id"]).toBe(job.id);
  expect((await read(job.id.toUpperCase())).job["id"]).toBe(job.id);
  // A sibling whose id differs in the first digit alone.
  const sibling = (job.id.startsWith("0") ? "1" : "0") + job.id.slice(1);
  await registerOne(await seed.createTenant(database.admin));
  await database.admin`delete from quarry.indexing_job_events where job_id <> ${job.id}`;
  await database.admin`update quarry.indexing_jobs set id = ${sibling} where id <> ${job.id}`;
  await expect(read(job.id.slice(1))).rejects.toThrow("more than one job");
  expect((await read(sibling)).job["id"]).toBe(sibling);
});

test("a job's history has the operator's detail, which its tenant never sees", async () => {
  await registerOne();
  const job = await failOne();
  const { events, failure } = await read(job);
  expect(events.map(({ event }) => event)).toEqual([
    "queued",
    "claimed",
    "operator_detail",
    "failed",
  ]);
  expect(events[2]?.context).toEqual({ detail: "at fetch (git.ts:12)" });
  expect(failure).toBe("open");
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
  expect((await read(gone)).failure).toBe("asked_again");
  const [waiting] = (await list({ states: ["queued"] })).items;
  expect((await read(String(waiting!["id"]))).failure).toBeNull();
});

test("a failure of a ref that nobody follows is not open, and says that", async () => {
  await registerOne();
  const job = await failOne();
  await database.admin`update quarry.indexing_jobs set ref = 'refs/heads/dev' where id = ${job}`;
  expect(await failures()).toEqual([]);
  expect((await read(job)).failure).toBe("ref_dropped");
});

test("a failure of a deleted repository is not open", async () => {
  const { repository } = await registerOne();
  const job = await failOne();
  await database.serviceRole`select api.delete_repository(${acme}, ${repository.id}, 'key')`;
  expect(await failures()).toEqual([]);
  expect((await read(job)).failure).toBe("repository_deleted");
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
  const { job } = await change("operator_redrive_job", failed.slice(-8));
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

interface Key {
  readonly id: string;
  readonly [field: string]: unknown;
}

const hashOf = (key: string) => createHash("sha256").update(key).digest();

async function createKey(tenant: string, name: string, key: string = randomUUID()): Promise<Key> {
  return await ask<Key>(database.postgres<{ answer: Key }[]>`
    select quarry.operator_create_key(${tenant}, ${name}, ${hashOf(key)}) as answer`);
}

async function revoke(key: string): Promise<{ outcome: string; key: Key }> {
  return await ask(database.postgres<{ answer: { outcome: string; key: Key } }[]>`
    select quarry.operator_revoke_key(${key}) as answer`);
}

async function listKeys(tenant: string | null): Promise<Record<string, unknown>[]> {
  const { items } = await ask<List>(database.postgres<{ answer: List }[]>`
    select quarry.operator_list_keys(${tenant}) as answer`);
  return items;
}

async function authenticate(key: string): Promise<Record<string, unknown>> {
  return await ask(database.serviceRole<{ answer: Record<string, unknown> }[]>`
    select api.authenticate(${hashOf(key).toString("hex")}) as answer`);
}

async function setPlan(tenant: string, plan: string): Promise<Record<string, unknown>> {
  return await ask(database.postgres<{ answer: Record<string, unknown> }[]>`
    select quarry.operator_set_plan(${tenant}, ${plan}) as answer`);
}

test("keys are listed by tenant, with whether each was used and works, and never a hash", async () => {
  await seed.createTenant(database.admin, "other");
  await createKey("acme", "first", "key one");
  await createKey("other", "ci");
  await createKey(acme, "second");
  await authenticate("key one");
  await revoke("second");
  const all = await listKeys(null);
  expect(all).toMatchObject([
    { tenant: "acme", name: "first", last_used_at: expect.any(String), revoked_at: null },
    { tenant: "acme", name: "second", last_used_at: null, revoked_at: expect.any(String) },
    { tenant: "other", name: "ci", tenant_id: expect.any(String), expires_at: null },
  ]);
  expect(JSON.stringify(all)).not.toContain(hashOf("key one").toString("hex"));
  expect(await listKeys("other")).toMatchObject([{ name: "ci" }]);
  await expect(listKeys("acne")).rejects.toMatchObject({ code: "QRY03" });
});

test("a key that is revoked is unknown to the next request, and the others still work", async () => {
  await createKey("acme", "first", "key one");
  await createKey("acme", "second", "key two");
  expect(await authenticate("key one")).toMatchObject({ outcome: "ok", tenant_id: acme });
  expect(await revoke("first")).toMatchObject({ outcome: "revoked", key: { tenant: "acme" } });
  expect(await authenticate("key one")).toEqual({ outcome: "unknown" });
  expect(await authenticate("key two")).toMatchObject({ outcome: "ok" });
});

test("revoking again changes nothing, not even the time", async () => {
  const { id } = await createKey("acme", "first");
  const { key } = await revoke(id);
  expect(await revoke(id)).toMatchObject({ outcome: "conflict", key });
});

test("a key is named by its name, the end of its id, or itself, if that is one key", async () => {
  const one = await createKey("acme", "first", "qry_found_in_a_log");
  const two = await createKey("acme", "first");
  await expect(revoke("first")).rejects.toMatchObject({
    code: "QRY03",
    message: expect.stringContaining("more than one key"),
  });
  for (const key of ["abc", "", "%", "none", randomUUID()]) {
    await expect(revoke(key), key).rejects.toMatchObject({ code: "QRY03" });
  }
  expect((await revoke(two.id.slice(-13).toUpperCase())).key.id).toBe(two.id);
  expect((await revoke("qry_found_in_a_log")).key.id).toBe(one.id);
});

test("the next request knows a new plan, and an unknown one is told with those there are", async () => {
  await createKey("acme", "first", "key");
  expect(await authenticate("key")).toMatchObject({ limit: 1200 });
  expect(await setPlan("acme", "team")).toMatchObject({
    tenant_id: acme,
    was: "free",
    plan: "team",
  });
  expect(await authenticate("key")).toMatchObject({ limit: 12_000 });
  await expect(setPlan("acme", "gold")).rejects.toMatchObject({
    code: "QRY03",
    message: expect.stringMatching(/^no plan has the name gold: there are .*free.*, team/),
  });
  await seed.createTenant(database.admin, "acme");
  await expect(setPlan("acme", "free")).rejects.toThrow("more than one tenant has the name acme");
  expect(await setPlan(acme, "free")).toMatchObject({ was: "team" });
});

interface Closed {
  readonly keys_revoked: number;
  readonly repository_ids: string[];
}

const close = (tenant: string) =>
  ask<Closed>(database.postgres<{ answer: Closed }[]>`
    select quarry.operator_close_tenant(${tenant}) as answer`);

const deleteRepository = (id: string) =>
  ask(database.postgres<{ answer: Record<string, unknown> }[]>`
    select quarry.operator_delete_repository(${id}) as answer`);

/** What is there of a repository besides its row and its history. */
async function dataLeft(id: string): Promise<Record<string, number>> {
  const [row] = await database.admin<Record<string, number>[]>`
    select (select count(*) from vault.secrets where name like ${`repository/${id}/%`})::int as secrets,
      (select count(*) from quarry.trees where repository_id = ${id})::int as trees`;
  return { ...row };
}

test("a closed tenant has no key that works, and its repositories are those to delete", async () => {
  await seed.createTenant(database.admin, "other");
  await createKey("acme", "first", "key one");
  await createKey("acme", "second");
  await createKey("other", "first", "key of another");
  await revoke("second");
  const { repository } = await registerOne();
  const late = await registerOne();
  expect(await close("acme")).toMatchObject({
    keys_revoked: 1,
    repository_ids: [repository.id, late.repository.id],
  });
  expect(await authenticate("key one")).toEqual({ outcome: "unknown" });
  expect(await authenticate("key of another")).toMatchObject({ outcome: "ok" });
  await deleteRepository(repository.id);
  // As after an interruption, or of what a request under way has registered meanwhile.
  expect(await close("acme")).toMatchObject({
    keys_revoked: 0,
    repository_ids: [late.repository.id],
  });
});

test("the repositories of a closed tenant are deleted as its own request would, and nothing stays", async () => {
  const { repository, job } = await seed.register(database.serviceRole, acme, { token: "hush" });
  const answer = await deleteRepository((await close("acme")).repository_ids[0]!);
  expect(answer).toMatchObject({
    outcome: "enqueued",
    job: { kind: "delete_repository", requested_by: "operator" },
    hook: { hook_id: null },
  });
  expect(JSON.stringify(answer)).not.toContain("hush");
  expect((await seed.readJob(database.admin, job.id)).state).toBe("cancelled");
  expect(await deleteRepository(repository.id)).toEqual({ outcome: "not_found" });
  expect(await dataLeft(repository.id)).toEqual({ secrets: 2, trees: 1 });

  const claim = (await seed.claim(database.indexer, worker))!;
  await database.indexer`
    select quarry.delete_repository_data(${claim.job_id}, ${claim.lease_token}, 10, 10)`;
  expect(await dataLeft(repository.id)).toEqual({ secrets: 0, trees: 0 });
});

// Registering, webhook deliveries, deletion and the tenant's reads, as the edge functions' role.

import type { JSONValue, ParameterOrJSON } from "postgres";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../scripts/local/test_database.ts";
import * as seed from "./support/seed.ts";

let database: TestDatabase;
let tenantId: string;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.admin`truncate quarry.tenants, quarry.machines cascade`;
  await database.admin`delete from vault.secrets`;
  tenantId = await seed.createTenant(database.admin);
});

/** One call of an api function that answers json. */
async function call<T = Record<string, unknown>>(
  name: string,
  ...values: ParameterOrJSON<never>[]
): Promise<T> {
  const places = values.map((_, i) => `$${i + 1}`).join(", ");
  const [row] = await database.serviceRole.unsafe<{ answer: T }[]>(
    `select api.${name}(${places}) as answer`,
    values,
  );
  return row!.answer;
}

const deliver = (repositoryId: string, deliveryId: string, event: string, ref: string | null) =>
  call("record_delivery", repositoryId, deliveryId, event, ref, "a".repeat(40), null, null);

test("registering stores repository, webhook secret and a full index job in one transaction", async () => {
  const { outcome, repository, job } = await seed.register(database.serviceRole, tenantId);
  expect(outcome).toBe("created");
  expect(repository.state).toBe("pending");
  expect((await seed.readJob(database.admin, job.id)).payload).toEqual({ full: true });
  const secret = await call<string>("webhook_secret", repository.id);
  expect(secret).toMatch(/^[0-9a-f]{64}$/);
});

test("the webhook secret lies in Vault and in no table of ours", async () => {
  const { repository } = await seed.register(database.serviceRole, tenantId);
  const secret = await call<string>("webhook_secret", repository.id);
  const [row] = await database.admin<{ dump: string }[]>`
    select (select string_agg(r::text, '') from quarry.repositories r)
      || (select string_agg(s::text, '') from quarry.repository_secrets s)
      || (select string_agg(e::text, '') from quarry.indexing_job_events e) as dump`;
  expect(row!.dump).not.toContain(secret);
});

test("registering again answers the existing repository with its newest job", async () => {
  const first = await seed.register(database.serviceRole, tenantId, {
    hostId: 7,
    name: "owner/old",
  });
  const again = await seed.register(database.serviceRole, tenantId, {
    hostId: 7,
    name: "owner/new",
  });
  expect(again.outcome).toBe("existing");
  expect(again.repository).toMatchObject({ id: first.repository.id, full_name: "owner/new" });
  expect(again.job.id).toBe(first.job.id);
});

test("registering again what lost its access queues each ref that is followed, with the new token", async () => {
  const host = { hostId: 7, name: "owner/name" };
  const { repository, job } = await seed.register(database.serviceRole, tenantId, {
    ...host,
    token: "expired",
  });
  await call("set_refs", tenantId, repository.id, "{refs/heads/next}", "test");
  const worker = await seed.startWorker(database.admin);
  const loseAccess = async () => {
    const claim = (await seed.claim(database.indexer, worker))!;
    await database.indexer`
      select quarry.fail_job(${claim.job_id}, ${claim.lease_token}, 'give_up', 'access_denied', 'm', null, null)`;
  };
  await loseAccess();
  await loseAccess();
  // What is refused changes nothing: its token is not kept, so there is nothing to index with.
  await database
    .admin`insert into quarry.plans values ('narrow', 1, 9, 1, 1, 2) on conflict do nothing`;
  await database.admin`update quarry.tenants set plan = 'narrow' where id = ${tenantId}`;
  expect(
    await seed.register(database.serviceRole, tenantId, { ...host, ref: "refs/heads/third" }),
  ).toMatchObject({ outcome: "refs_limit_reached" });
  expect(await seed.claim(database.indexer, worker)).toBeNull();
  const again = await seed.register(database.serviceRole, tenantId, { ...host, token: "valid" });
  expect(again.job.id).not.toBe(job.id);
  const first = (await seed.claim(database.indexer, worker))!;
  expect(first.git_token).toBe("valid");
  await database.indexer`
    select quarry.complete_job(${first.job_id}, ${first.lease_token}, 'unchanged', 'oid', '{}')`;
  expect((await seed.claim(database.indexer, worker))?.git_token).toBe("valid");
});

test("who gives a token does not wait for the limit of whoever asked before", async () => {
  const host = { hostId: 7, name: "owner/name" };
  const { job } = await seed.register(database.serviceRole, tenantId, host);
  const worker = await seed.startWorker(database.admin);
  const limited = (await seed.claim(database.indexer, worker))!;
  await database.indexer`
    select quarry.fail_job(${limited.job_id}, ${limited.lease_token}, 'retry', 'rate_limited', 'm', 3000, null)`;
  await seed.register(database.serviceRole, tenantId, host);
  expect(await seed.claim(database.indexer, worker)).toBeNull();
  await seed.register(database.serviceRole, tenantId, { ...host, token: "mine" });
  expect(await seed.claim(database.indexer, worker))
    .toMatchObject({ job_id: job.id, git_token: "mine" });
});

test("a token that let nobody in is forgotten once the repository is registered without one", async () => {
  const host = { hostId: 7, name: "owner/name" };
  await seed.register(database.serviceRole, tenantId, { ...host, token: "expired" });
  // Access was not lost: it may be what keeps the host's limits high.
  await seed.register(database.serviceRole, tenantId, host);
  const worker = await seed.startWorker(database.admin);
  const claim = (await seed.claim(database.indexer, worker))!;
  expect(claim.git_token).toBe("expired");
  await database.indexer`
    select quarry.fail_job(${claim.job_id}, ${claim.lease_token}, 'give_up', 'access_denied', 'm', null, null)`;
  await seed.register(database.serviceRole, tenantId, host);
  expect((await seed.claim(database.indexer, worker))?.git_token).toBeNull();
  const tokens = await database.admin`select from vault.secrets where name like '%/token'`;
  expect(tokens).toHaveLength(0);
});

test("two tenants hold the same repository, each with a secret of its own", async () => {
  const other = await seed.createTenant(database.admin);
  const mine = await seed.register(database.serviceRole, tenantId, { hostId: 7 });
  const theirs = await seed.register(database.serviceRole, other, { hostId: 7 });
  expect(theirs.outcome).toBe("created");
  expect(await call("webhook_secret", mine.repository.id)).not.toBe(
    await call("webhook_secret", theirs.repository.id),
  );
});

test("two registrations at once make one repository", async () => {
  const pool = database.as("service_role", 4);
  const answers = await Promise.all(
    Array.from({ length: 4 }, () => seed.register(pool, tenantId, { hostId: 9 })),
  );
  expect(answers.map((answer) => answer.outcome).sort()).toEqual([
    "created",
    "existing",
    "existing",
    "existing",
  ]);
});

test("a tenant's plan bounds its repositories", async () => {
  await database.admin`
    insert into quarry.plans values ('one', 1, 1, 1, 1) on conflict do nothing`;
  await database.admin`update quarry.tenants set plan = 'one' where id = ${tenantId}`;
  await seed.register(database.serviceRole, tenantId);
  expect((await seed.register(database.serviceRole, tenantId)).outcome).toBe("limit_reached");
});

test("a push to an indexed ref enqueues once, however often it is delivered", async () => {
  const { repository, job } = await seed.register(database.serviceRole, tenantId);
  const worker = await seed.startWorker(database.admin);
  await seed.claim(database.indexer, worker);
  const first = await deliver(repository.id, "d1", "push", "refs/heads/main");
  expect(first).toMatchObject({ outcome: "enqueued" });
  expect(first["job_id"]).not.toBe(job.id);
  expect(await deliver(repository.id, "d1", "push", "refs/heads/main")).toEqual({
    outcome: "duplicate",
    job_id: first["job_id"],
  });
  const [count] = await database.admin`select count(*)::int as n from quarry.indexing_jobs`;
  expect(count!["n"]).toBe(2);
});

test("other refs and events are recorded and ignored, a ping is answered", async () => {
  const { repository } = await seed.register(database.serviceRole, tenantId);
  expect(await deliver(repository.id, "d1", "push", "refs/heads/other")).toMatchObject({
    outcome: "ignored",
  });
  expect(await deliver(repository.id, "d2", "star", null)).toMatchObject({ outcome: "ignored" });
  expect(await deliver(repository.id, "d3", "ping", null)).toMatchObject({ outcome: "pong" });
  expect(await deliver("00000000-0000-0000-0000-000000000000", "d4", "ping", null)).toMatchObject({
    outcome: "not_found",
  });
});

test("registering again with another ref follows it, up to the limit", async () => {
  await seed.register(database.serviceRole, tenantId, { hostId: 7 });
  const again = await seed.register(database.serviceRole, tenantId, {
    hostId: 7,
    ref: "refs/heads/next",
  });
  expect(again).toMatchObject({ outcome: "existing", job: { ref: "refs/heads/next" } });
  let last: { outcome: string } = again;
  for (let n = 0; n < 20 && last.outcome === "existing"; n += 1) {
    last = await seed.register(database.serviceRole, tenantId, {
      hostId: 7,
      ref: `refs/heads/${n}`,
    });
  }
  expect(last).toMatchObject({ outcome: "refs_limit_reached", limit: 16 });
});

test("a ref that is not found is not followed, so that search does not wait for it for good", async () => {
  const { repository } = await seed.register(database.serviceRole, tenantId, {
    ref: "refs/heads/typo",
  });
  const claim = (await seed.claim(database.indexer, await seed.startWorker(database.admin)))!;
  await database.indexer`
    select quarry.fail_job(${claim.job_id}, ${claim.lease_token}, 'give_up', 'ref_not_found', 'no such ref', null, null)`;
  expect(await database.admin`select from quarry.trees where repository_id = ${repository.id}`)
    .toHaveLength(0);
});

test("a ref that was mistyped does not turn the repository to an error, one that is followed does", async () => {
  const host = { hostId: 8 };
  const worker = await seed.startWorker(database.admin);
  await seed.register(database.serviceRole, tenantId, host);
  const failNext = async (code: string) => {
    const claim = (await seed.claim(database.indexer, worker))!;
    await database.indexer`
      select quarry.fail_job(${claim.job_id}, ${claim.lease_token}, 'give_up', ${code}, 'm', null, null)`;
  };
  const first = (await seed.claim(database.indexer, worker))!;
  await database.indexer`
    select quarry.complete_job(${first.job_id}, ${first.lease_token}, 'unchanged', 'oid', '{}')`;
  const state = async () =>
    (await seed.register(database.serviceRole, tenantId, host)).repository.state;
  const before = await state();
  await seed.register(database.serviceRole, tenantId, { ...host, ref: "refs/heads/typo" });
  await failNext("ref_not_found");
  expect([before, await state()]).toEqual(["pending", "pending"]);
  await seed.register(database.serviceRole, tenantId, { ...host, ref: "refs/heads/next" });
  await failNext("too_large");
  expect(await state()).toBe("error");
});

test("a pending hook is handed to one caller and comes again when that one dies", async () => {
  const { repository } = await seed.register(database.serviceRole, tenantId, { token: "t" });
  const taken = await call<{ repository_id: string; token: string }[]>(
    "take_pending_hooks",
    null,
    10,
  );
  expect(taken).toMatchObject([{ repository_id: repository.id, token: "t" }]);
  expect(await call("take_pending_hooks", repository.id, 10)).toEqual([]);
  await database.admin`update quarry.repositories set hook_retry_at = clock_timestamp()`;
  expect(await call<unknown[]>("take_pending_hooks", null, 10)).toHaveLength(1);
  expect(await call("record_hook", repository.id, 5, null)).toMatchObject({ hook_state: "active" });
  await database.admin`update quarry.repositories set hook_retry_at = clock_timestamp()`;
  expect(await call("take_pending_hooks", null, 10)).toEqual([]);
});

test("a webhook that the host lets nobody make is given up at the third refusal in a row", async () => {
  const host = { hostId: 7, name: "owner/name" };
  const { repository } = await seed.register(database.serviceRole, tenantId, host);
  const stateAfter = async (error: string, isDenied: boolean) =>
    (await call("record_hook", repository.id, null, error, isDenied))["hook_state"];
  const states: unknown[] = [];
  for (const isDenied of [true, true, false, true, true, true]) {
    states.push(await stateAfter(isDenied ? "forbidden: 403" : "unavailable: 503", isDenied));
  }
  expect(states).toEqual(["pending", "pending", "pending", "pending", "pending", "failed"]);
  await seed.register(database.serviceRole, tenantId, host);
  expect(await stateAfter("forbidden: 403", true)).toBe("pending");
});

test("who registers again does not wait for a webhook that could not be made before", async () => {
  const host = { hostId: 7, name: "owner/name" };
  await seed.register(database.serviceRole, tenantId, host);
  expect(await call("take_pending_hooks", null, 1)).toHaveLength(1);
  expect(await call("take_pending_hooks", null, 1)).toEqual([]);
  await seed.register(database.serviceRole, tenantId, host);
  expect(await call("take_pending_hooks", null, 1)).toHaveLength(1);
});

test("a webhook that a host makes later, since it limits us, loses no try and waits an hour at most", async () => {
  const { repository } = await seed.register(database.serviceRole, tenantId);
  for (let n = 0; n < 25; n += 1) {
    await database.admin`update quarry.repositories set hook_retry_at = '-infinity'`;
    expect(await call("take_pending_hooks", null, 1)).toHaveLength(1);
    expect(await call("record_hook", repository.id, null, "rate_limited: 429", false, 86_400))
      .toMatchObject({ hook_state: "pending" });
  }
  const [row] = await database.admin<{ seconds: number; attempts: number }[]>`
    select extract(epoch from hook_retry_at - clock_timestamp())::float8 as seconds, hook_attempts as attempts
    from quarry.repositories`;
  expect(row!.attempts).toBe(0);
  expect(row!.seconds).toBeGreaterThan(3590);
  expect(row!.seconds).toBeLessThanOrEqual(3600);
});

test("a webhook that nobody may look after any more is active again once it delivers", async () => {
  const { repository } = await seed.register(database.serviceRole, tenantId);
  await call("record_hook", repository.id, 5, null);
  await seed.register(database.serviceRole, tenantId);
  await database.admin`update quarry.repositories set hook_attempts = 20`;
  expect(await call("record_hook", repository.id, null, "forbidden: 403"))
    .toMatchObject({ hook_state: "failed" });
  await deliver(repository.id, "d1", "push", "refs/heads/main");
  expect(await call("get_repository", tenantId, repository.id))
    .toMatchObject({ hook_state: "active" });
});

test("what was pushed before there was a webhook is looked for by a job that begins after it", async () => {
  const { repository, job } = await seed.register(database.serviceRole, tenantId);
  const jobs = async () =>
    (await database.admin<{ state: string; requested_by: string }[]>`
      select state, requested_by from quarry.indexing_jobs where repository_id = ${repository.id}
      order by queued_at`).map(({ state, requested_by }) => `${state}, ${requested_by}`);
  await call("record_hook", repository.id, null, "forbidden: 403");
  await call("record_hook", repository.id, 5, null);
  // The one that waits will ask the host after this.
  expect(await jobs()).toEqual(["queued, test"]);
  const claim = (await seed.claim(database.indexer, await seed.startWorker(database.admin)))!;
  expect(claim.job_id).toBe(job.id);
  await call("record_hook", repository.id, 5, null);
  expect(await jobs()).toEqual(["running, test"]);
  await call("record_hook", repository.id, 6, null);
  expect(await jobs()).toEqual(["running, test", "queued, a new webhook"]);
});

test("deleting hides the repository at once, cancels its jobs and leaves one deletion job", async () => {
  const { repository, job } = await seed.register(database.serviceRole, tenantId);
  const deleted = await call<{ outcome: string; job: { id: string; kind: string } }>(
    "delete_repository",
    tenantId,
    repository.id,
    "test",
  );
  expect(deleted).toMatchObject({ outcome: "enqueued", job: { kind: "delete_repository" } });
  expect((await seed.readJob(database.admin, job.id)).state).toBe("cancelled");
  expect(await call("get_repository", tenantId, repository.id)).toBeNull();
  expect(await call("webhook_secret", repository.id)).toBeNull();

  const claim = (await seed.claim(database.indexer, await seed.startWorker(database.admin)))!;
  expect(claim.job_id).toBe(deleted.job.id);
  const [done] = await database.indexer`
    select quarry.delete_repository_data(${claim.job_id}, ${claim.lease_token}, 10, 10) as done`;
  expect(done!["done"]).toBe(true);
  const [secrets] = await database.admin`select count(*)::int as n from vault.secrets`;
  expect(secrets!["n"]).toBe(0);
  expect((await seed.register(database.serviceRole, tenantId)).outcome).toBe("created");
});

test("every function answers another tenant's id exactly like one that does not exist", async () => {
  const { repository, job } = await seed.register(database.serviceRole, tenantId);
  const other = await seed.createTenant(database.admin);
  const unknown = "00000000-0000-4000-8000-000000000000";
  const calls: ((repositoryId: string, jobId: string) => Promise<unknown>)[] = [
    (id) => call("get_repository", other, id),
    (id) => call("list_jobs", other, id, null, 10, null),
    (_, id) => call("get_job", other, id),
    (_, id) => call("list_job_events", other, id, 10, null),
    (_, id) => call("cancel_job", other, id),
    (_, id) => call("redrive_job", other, id, "x"),
    (id) => call("request_index", other, id, null, false, "x"),
    (id) => call("delete_repository", other, id, "x"),
    (id) => call("list_skipped_files", other, id, null, 10, null),
  ];
  for (const each of calls) {
    expect(await each(repository.id, job.id)).toEqual(await each(unknown, unknown));
  }
  expect(await call("list_repositories", other, 10, null)).toEqual({
    items: [],
    next_cursor: null,
  });
  expect((await seed.readJob(database.admin, job.id)).state).toBe("queued");
});

test("lists page without loss or repetition", async () => {
  for (let i = 0; i < 5; i++) await seed.register(database.serviceRole, tenantId);
  for (const list of ["list_repositories", "list_jobs"]) {
    const seen: string[] = [];
    let cursor: JSONValue = null;
    do {
      const args = list === "list_jobs" ? [null, null] : [];
      const page: { items: { id: string }[]; next_cursor: JSONValue } = await call(
        list,
        tenantId,
        ...args,
        2,
        cursor === null ? null : database.serviceRole.json(cursor),
      );
      seen.push(...page.items.map((item) => item.id));
      cursor = page.next_cursor;
    } while (cursor !== null);
    expect(new Set(seen).size).toBe(5);
    expect(seen).toHaveLength(5);
  }
});

test("authenticate knows live keys only and charges the minute", async () => {
  const hash = "ab".repeat(32);
  await database.admin`select quarry.create_api_key(${tenantId}, 'key', decode(${hash}, 'hex'))`;
  await database.admin`insert into quarry.plans values ('two', 1, 9, 1, 2) on conflict do nothing`;
  await database.admin`update quarry.tenants set plan = 'two' where id = ${tenantId}`;
  expect(await call("authenticate", "cd".repeat(32))).toEqual({ outcome: "unknown" });
  const answers = [];
  for (let i = 0; i < 4; i++) answers.push((await call("authenticate", hash))["outcome"]);
  // The minute may turn once in between: then one more passes.
  expect(answers.filter((outcome) => outcome === "ok").length).toBeLessThanOrEqual(3);
  expect(answers).toContain("limited");
  await database.admin`update quarry.api_keys set revoked_at = now()`;
  expect(await call("authenticate", hash)).toEqual({ outcome: "unknown" });
});

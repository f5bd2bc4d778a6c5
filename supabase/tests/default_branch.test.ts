// Which branch is the default one: what a push calls it may be old, so that a job asks the host, and
// what the host says to who asks it now counts.

import { beforeEach, expect, test } from "vitest";
import { database, worker } from "./support/queue_database.ts";
import * as seed from "./support/seed.ts";

const MAIN = "refs/heads/main";
const TRUNK = "refs/heads/trunk";
const NAME = "owner/name";
const HOST_ID = 7;

let tenantId: string;

beforeEach(async () => {
  tenantId = await seed.createTenant(database.admin);
});

const claimNext = async () => (await seed.claim(database.indexer, worker))!;

async function register(branch = "main", ref: string | null = null): Promise<string> {
  const [row] = await database.serviceRole<{ id: string }[]>`
    select api.register_repository(
      ${tenantId}, ${HOST_ID}, ${NAME}, ${branch}, 'public', ${ref}, null, 'test') #>> '{repository,id}' as id`;
  return row!.id;
}

async function push(repositoryId: string, ref: string, branch: string) {
  const [row] = await database.serviceRole<{ answer: { outcome: string; job_id: string } }[]>`
    select api.record_delivery(
      ${repositoryId}, gen_random_uuid()::text, 'push', ${ref}, 'oid', ${NAME}, ${branch}) as answer`;
  return row!.answer;
}

/** As a worker tells what it has heard from the host. */
async function tell({ job_id, lease_token }: seed.Claim, known: string, branch: string) {
  const [row] = await database.indexer<{ answer: boolean }[]>`
    select quarry.note_default_branch(${job_id}, ${lease_token}, ${known}, ${branch}) as answer`;
  return row!.answer;
}

async function indexNext(): Promise<void> {
  const { job_id, lease_token } = await claimNext();
  await database.indexer`
    select quarry.publish_index(${job_id}, ${lease_token}, 'oid', '{}', null, '{text,symbols}', 1, 1)`;
  await database
    .indexer`select quarry.complete_job(${job_id}, ${lease_token}, 'indexed', 'oid', '{}')`;
}

async function defaultBranch(repositoryId: string): Promise<string> {
  const [row] = await database.admin<{ branch: string }[]>`
    select default_branch as branch from quarry.repositories where id = ${repositoryId}`;
  return row!.branch;
}

async function trees(repositoryId: string) {
  return await database.admin`
    select ref, retired_at is null as is_followed, generation is not null as is_published
    from quarry.trees where repository_id = ${repositoryId} order by ref`;
}

async function limitRefs(refsMax: number): Promise<void> {
  await database.admin`
    insert into quarry.plans (plan, concurrent_jobs_max, repositories_max, repository_bytes_max, requests_per_minute_max, refs_max)
    values ('few refs', 9, 9, 9, 9, ${refsMax}) on conflict (plan) do update set refs_max = excluded.refs_max`;
  await database.admin`update quarry.tenants set plan = 'few refs' where id = ${tenantId}`;
}

async function requestIndex(repositoryId: string, ref: string): Promise<string> {
  const [row] = await database.serviceRole<{ outcome: string }[]>`
    select api.request_index(${tenantId}, ${repositoryId}, ${ref}, false, 'test') ->> 'outcome' as outcome`;
  return row!.outcome;
}

async function queued(repositoryId: string) {
  return await database.admin`
    select ref, payload from quarry.indexing_jobs
    where repository_id = ${repositoryId} and state = 'queued' order by ref`;
}

test("a push that names another default branch changes nothing but has a job ask the host", async () => {
  const id = await register();
  await indexNext();
  expect((await push(id, "refs/heads/master", "master")).outcome).toBe("enqueued");
  expect(await defaultBranch(id)).toBe("main");
  expect(await trees(id)).toEqual([{ ref: MAIN, is_followed: true, is_published: true }]);
  expect(await queued(id)).toEqual([{ ref: MAIN, payload: { default_branch: "master" } }]);
});

test("a push to a followed ref is indexed, and says what it calls the default branch", async () => {
  const id = await register();
  await indexNext();
  await push(id, MAIN, "master");
  expect(await queued(id))
    .toEqual([{ ref: MAIN, payload: { commit_oid: "oid", default_branch: "master" } }]);
});

test("where the default branch is not followed another ref's job asks", async () => {
  const id = await register("main", "refs/heads/side");
  await indexNext();
  await push(id, MAIN, "trunk");
  expect(await queued(id))
    .toEqual([{ ref: "refs/heads/side", payload: { default_branch: "trunk" } }]);
  expect(await tell(await claimNext(), "main", "trunk")).toBe(false);
  expect(await defaultBranch(id)).toBe("trunk");
});

test("what a worker hears makes the new default branch the followed one, and the old one serves until then", async () => {
  const id = await register();
  await indexNext();
  const { job_id: jobId } = await push(id, MAIN, "trunk");
  const claim = await claimNext();
  expect(await tell(claim, "main", "trunk")).toBe(true);
  // An answer that was lost is asked for again.
  expect(await tell(claim, "main", "trunk")).toBe(true);
  expect(await trees(id)).toEqual([
    { ref: MAIN, is_followed: false, is_published: true },
    { ref: "refs/heads/trunk", is_followed: true, is_published: false },
  ]);
  expect(await seed.readEvents(database.admin, jobId)).toContain("cancel_requested");
  await seed.expireLease(database.admin, jobId);
  await database.admin`select quarry.sweep()`;
  expect((await seed.readJob(database.admin, jobId)).state).toBe("cancelled");
  await indexNext();
  expect(await trees(id))
    .toEqual([{ ref: "refs/heads/trunk", is_followed: true, is_published: true }]);
});

test("the publish that ends the former default branch leaves its files to a job", async () => {
  const id = await register();
  await indexNext();
  await database.admin`
    insert into quarry.tree_files (tree_id, path, path_text, generation_from, mode, language, marks)
    select t.id, n::text::bytea, n::text, t.generation, 33188, '', 0
    from quarry.trees t, generate_series(1, 5) n where t.repository_id = ${id}`;
  await register("trunk");
  const read = (ref: string | null) =>
    database.admin`select outcome, ref from quarry.tree_of(${tenantId}, ${id}, ${ref})`;
  const files = async () => (await database.admin`select from quarry.tree_files`).length;
  const claim = await claimNext();
  await database.indexer`
    select quarry.publish_index(${claim.job_id}, ${claim.lease_token}, 'oid', '{}', null, '{text,symbols}', 1, 1)`;
  expect(await read(null)).toEqual([{ outcome: "ok", ref: TRUNK }]);
  expect(await read(MAIN)).toMatchObject([{ outcome: "not_indexed" }]);
  expect(await files()).toBe(5);
  await database
    .indexer`select quarry.complete_job(${claim.job_id}, ${claim.lease_token}, 'indexed', 'oid', '{}')`;
  const { job_id, lease_token } = await claimNext();
  const left: number[] = [];
  for (let isDone = false; !isDone;) {
    const [row] = await database.indexer<{ done: boolean }[]>`
      select quarry.delete_ref_data(${job_id}, ${lease_token}, 2) as done`;
    isDone = row!.done;
    left.push(await files());
  }
  expect(left).toEqual([3, 1, 0, 0]);
});

test("another ref that is published does not end what serves for the new default branch", async () => {
  const id = await register();
  await indexNext();
  await push(id, MAIN, "trunk");
  const claim = await claimNext();
  await database.serviceRole`
    select api.request_index(${tenantId}, ${id}, 'refs/heads/side', false, 'test')`;
  await tell(claim, "main", "trunk");
  await database.indexer`
    select quarry.fail_job(${claim.job_id}, ${claim.lease_token}, 'cancelled', 'cancelled', '', null, null)`;
  await indexNext();
  expect(await trees(id)).toEqual([
    { ref: MAIN, is_followed: false, is_published: true },
    { ref: "refs/heads/side", is_followed: true, is_published: true },
    { ref: "refs/heads/trunk", is_followed: true, is_published: false },
  ]);
  await indexNext();
  expect((await trees(id)).map(({ ref }) => ref)).toEqual(["refs/heads/side", "refs/heads/trunk"]);
});

test("a job that waits for the former default branch is cancelled, and its history says so", async () => {
  const id = await register();
  const { job_id: jobId } = await push(id, MAIN, "main");
  await register("trunk");
  expect((await seed.readJob(database.admin, jobId)).state).toBe("cancelled");
  expect(await seed.readEvents(database.admin, jobId)).toContain("cancelled");
  expect(await trees(id))
    .toEqual([{ ref: "refs/heads/trunk", is_followed: true, is_published: false }]);
});

test("what a worker heard before a registration asked does not count", async () => {
  const id = await register();
  await indexNext();
  await push(id, MAIN, "master");
  const claim = await claimNext();
  await register("trunk");
  expect(await tell(claim, "main", "master")).toBe(true);
  expect(await defaultBranch(id)).toBe("trunk");
});

test("without the lease nobody changes the default branch", async () => {
  const id = await register();
  const claim = { ...await claimNext(), lease_token: "00000000-0000-4000-8000-000000000000" };
  await expect(tell(claim, "main", "trunk")).rejects.toMatchObject({ code: "QRY01" });
  expect(await defaultBranch(id)).toBe("main");
});

test("a job that folds into a newer one has that one ask the host", async () => {
  const id = await register();
  await indexNext();
  await push(id, MAIN, "trunk");
  const { job_id, lease_token } = await claimNext();
  await push(id, MAIN, "main");
  await database.indexer`select quarry.release_job(${job_id}, ${lease_token})`;
  expect(await queued(id))
    .toEqual([{ ref: MAIN, payload: { commit_oid: "oid", default_branch: "trunk" } }]);
});

test("a new default branch is followed whatever the plan allows, since it takes the old one's place", async () => {
  const id = await register();
  await indexNext();
  for (const ref of ["refs/heads/a", "refs/heads/b"]) await requestIndex(id, ref);
  await indexNext();
  await indexNext();
  await limitRefs(1);
  await register("trunk");
  expect((await push(id, TRUNK, "trunk")).outcome).toBe("enqueued");
  await indexNext();
  expect((await trees(id)).map(({ ref }) => ref)).toEqual(["refs/heads/a", "refs/heads/b", TRUNK]);
});

test("a former default branch that still serves is followed again only as far as the plan allows", async () => {
  const id = await register();
  await indexNext();
  await limitRefs(1);
  await register("trunk");
  expect(await requestIndex(id, MAIN)).toBe("limit_reached");
  expect(await trees(id)).toMatchObject([{ ref: MAIN, is_followed: false }, { ref: TRUNK }]);
  await limitRefs(2);
  expect(await requestIndex(id, MAIN)).toBe("enqueued");
  expect(await trees(id)).toMatchObject([{ ref: MAIN, is_followed: true }, { ref: TRUNK }]);
});

test("where the new default branch is indexed already the old one is dropped at once", async () => {
  const id = await register();
  await indexNext();
  await requestIndex(id, TRUNK);
  await indexNext();
  await register("trunk");
  expect(await trees(id)).toEqual([{ ref: TRUNK, is_followed: true, is_published: true }]);
});

test("one that still served for a branch that was the default between them is dropped with it", async () => {
  const id = await register();
  await indexNext();
  await requestIndex(id, "refs/heads/side");
  await indexNext();
  await register("trunk");
  await register("side");
  expect(await trees(id)).toEqual([{
    ref: "refs/heads/side",
    is_followed: true,
    is_published: true,
  }]);
});

test("who reads files without a ref is served by the old default branch until the new one is indexed", async () => {
  const id = await register();
  await indexNext();
  await register("trunk");
  const read = (ref: string | null) =>
    database.admin`select outcome, ref from quarry.tree_of(${tenantId}, ${id}, ${ref})`;
  expect(await read(null)).toEqual([{ outcome: "ok", ref: MAIN }]);
  expect(await read(TRUNK)).toEqual([{ outcome: "not_indexed", ref: TRUNK }]);
  await indexNext();
  expect(await read(null)).toEqual([{ outcome: "ok", ref: TRUNK }]);
});

test("who reads without a ref gets the one that search looks at where the default branch is not followed", async () => {
  const SIDE = "refs/heads/side";
  const id = await register("main", SIDE);
  await indexNext();
  const read = (ref: string | null) =>
    database.admin`select outcome, ref from quarry.tree_of(${tenantId}, ${id}, ${ref})`;
  const filters = { all_refs: false };
  expect(
    await database.admin`
      select ref from quarry.search_trees(${tenantId}, ${id}, ${database.admin.json(filters)})`,
  ).toEqual([{ ref: SIDE }]);
  expect(await read(null)).toEqual([{ outcome: "ok", ref: SIDE }]);
  expect(await read(MAIN)).toEqual([{ outcome: "not_indexed", ref: MAIN }]);
  const [skipped] = await database.serviceRole`
    select api.list_skipped_files(${tenantId}, ${id}, null, 9, null) ->> 'ref' as ref`;
  expect(skipped).toEqual({ ref: SIDE });
  // Once it is followed it is the one that is meant, and waited for.
  expect(await requestIndex(id, MAIN)).toBe("enqueued");
  expect(await read(null)).toEqual([{ outcome: "not_indexed", ref: MAIN }]);
});

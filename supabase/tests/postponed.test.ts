// What becomes of a job that is given back since the host does not have the pushed commit yet.

import { beforeEach, expect, test } from "vitest";
import { database, worker } from "./support/queue_database.ts";
import * as seed from "./support/seed.ts";

let tenantId: string;
let repositoryId: string;

beforeEach(async () => {
  tenantId = await seed.createTenant(database.admin);
  repositoryId = (await seed.register(database.serviceRole, tenantId)).repository.id;
});

async function enqueue(payload: object): Promise<void> {
  await database.admin`
    select quarry.enqueue_job(${repositoryId}, 'index', 'refs/heads/main', 'test', ${
    database.admin.json({ ...payload })
  })`;
}

async function postpone({ job_id, lease_token }: seed.Claim): Promise<void> {
  await database.indexer`select quarry.postpone_job(${job_id}, ${lease_token})`;
}

async function queued(): Promise<unknown> {
  const [row] = await database.admin<{ payload: unknown }[]>`
    select payload from quarry.indexing_jobs where repository_id = ${repositoryId} and state = 'queued'`;
  return row?.payload;
}

test("it has done in full what it was to do in full, and is looked at for its commit once", async () => {
  await enqueue({ full: true, commit_oid: "a" });
  await postpone((await seed.claim(database.indexer, worker))!);
  expect(await queued()).toEqual({ commit_oid: "a", looked_for: "a" });
});

test("a request that takes it over looks for the commit that it waited for", async () => {
  await enqueue({ commit_oid: "a" });
  const claim = (await seed.claim(database.indexer, worker))!;
  await enqueue({ full: false });
  await postpone(claim);
  expect(await queued()).toMatchObject({ full: false, commit_oid: "a" });
  expect(await queued()).not.toHaveProperty("looked_for");
});

test("a request that ends its wait has the commit looked for anew", async () => {
  await enqueue({ commit_oid: "a" });
  await postpone((await seed.claim(database.indexer, worker))!);
  await enqueue({});
  expect(await queued()).not.toHaveProperty("looked_for");
  expect(await queued()).toMatchObject({ commit_oid: "a" });
});

async function deliver(commit: string, isForced: boolean): Promise<void> {
  await database.serviceRole`
    select api.record_delivery(
      ${repositoryId}, gen_random_uuid()::text, 'push', 'refs/heads/main', ${commit}, null, null, ${isForced})`;
}

test("where a push by force has set the ref to is known beside what is told behind it", async () => {
  await deliver("a", true);
  await deliver("b", false);
  expect(await queued()).toMatchObject({ commit_oid: "b", announced: ["a"], set_to: "a" });
});

test("no commit that was announced is forgotten for an older one whose delivery comes out of turn", async () => {
  await enqueue({ commit_oid: "b" });
  await enqueue({ commit_oid: "c" });
  await enqueue({ commit_oid: "a" });
  await enqueue({ commit_oid: "b" });
  expect(await queued()).toMatchObject({ commit_oid: "b", announced: ["a", "c"] });
});

test("a job that takes over another looks for what was announced to either", async () => {
  await enqueue({ commit_oid: "b" });
  await enqueue({ commit_oid: "c" });
  const claim = (await seed.claim(database.indexer, worker))!;
  await enqueue({ commit_oid: "a" });
  await postpone(claim);
  expect(await queued()).toEqual({ commit_oid: "a", announced: ["c", "b"] });
});

test("where several pushes by force have set the ref to is not told, but that they did", async () => {
  await deliver("a", true);
  await deliver("a", true);
  expect(await queued()).not.toHaveProperty("ambiguous");
  await deliver("b", true);
  await deliver("a", true);
  expect(await queued()).toMatchObject({ commit_oid: "a", announced: ["b"], ambiguous: true });
});

test("of many pushes the last ones are looked for, and that there were more is known", async () => {
  for (const commit of ["a", "b", "c", "d"]) await enqueue({ commit_oid: commit });
  expect(await queued()).toMatchObject({ commit_oid: "d", announced: ["c", "b", "a"] });
  expect(await queued()).not.toHaveProperty("ambiguous");
  await enqueue({ commit_oid: "e" });
  await enqueue({ commit_oid: "f" });
  expect(await queued())
    .toMatchObject({ commit_oid: "f", announced: ["e", "d", "c"], ambiguous: true });
});

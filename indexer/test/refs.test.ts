import { afterAll, beforeAll, expect, test } from "vitest";
import { searchMatches } from "../../supabase/tests/support/search.ts";
import { dumpIndex } from "./support/dump.ts";
import { commitFiles, file } from "./support/hosted_commits.ts";
import { createIndexing, type Indexing, type RegisteredRepository } from "./support/indexing.ts";

let indexing: Indexing;
beforeAll(async () => {
  indexing = await createIndexing();
});
afterAll(async () => {
  await indexing[Symbol.asyncDispose]();
});

const MAIN = "refs/heads/main";
const DEV = "refs/heads/dev";
const shared = ["shared.ts", file("export const needle = 1;\n")] as const;

async function indexed(): Promise<RegisteredRepository> {
  const hosted = await indexing.createHosted();
  await commitFiles(hosted.directory, new Map([shared]));
  await commitFiles(
    hosted.directory,
    new Map([shared, ["dev.ts", file("export const needleOfDev = 1;\n")]]),
    DEV,
  );
  const repository = await indexing.register(hosted);
  await indexing.work();
  return repository;
}

async function setRefs({ tenantId, id }: RegisteredRepository, refs: readonly string[]) {
  const [row] = await indexing.database.serviceRole<
    { answer: { outcome: string; repository?: { refs: string[] } } }[]
  >`select api.set_refs(${tenantId}, ${id}, ${`{${refs.join()}}`}::text[], 'a test') as answer`;
  return row?.answer;
}

async function dump(repository: RegisteredRepository) {
  return await dumpIndex(indexing.database.admin, repository);
}

async function kinds({ id }: RegisteredRepository, state: string) {
  return await indexing.database.admin`
    select kind, ref from quarry.indexing_jobs
    where repository_id = ${id} and state = ${state} order by kind, ref`;
}

async function left({ id }: RegisteredRepository) {
  const [row] = await indexing.database.admin`
    select (select count(*)::int from quarry.dropped_trees d where d.repository_id = ${id}) as dropped,
      (select count(*)::int from quarry.segments s where s.repository_id = ${id}) as segments,
      (select count(*)::int from quarry.tree_files f
        where not exists (select from quarry.trees t where t.id = f.tree_id)) as files`;
  return row;
}

async function deliver({ id }: RegisteredRepository, ref: string) {
  const delivery = `${ref} ${Math.random()}`;
  await indexing.database.serviceRole`
    select api.record_delivery(${id}, ${delivery}, 'push', ${ref}, null, null, null)`;
  const [row] = await indexing.database.admin`
    select outcome, ignored_reason from quarry.webhook_deliveries where delivery_id = ${delivery}`;
  return row;
}

test("refs of one repository share what they have in common", async () => {
  const repository = await indexed();
  expect(await setRefs(repository, [DEV])).toMatchObject({
    outcome: "ok",
    repository: { refs: [DEV, MAIN] },
  });
  await indexing.work();
  const job = await indexing.lastJob(repository);
  expect(await indexing.facts(job.id, "completed")).toMatchObject({ files: 2, blobs_fetched: 1 });
  expect((await dump(repository)).map(({ ref, file_count: files }) => [ref, files])).toEqual([
    [DEV, 2],
    [MAIN, 1],
  ]);
  const matches = await searchMatches(
    indexing.database.serviceRole,
    repository.tenantId,
    "needle",
  );
  expect(matches.map(({ ref, path }) => [ref, path])).toEqual([[MAIN, "shared.ts"]]);
});

test("a push to a ref that is not followed is ignored, and says why", async () => {
  const repository = await indexed();
  expect(await deliver(repository, DEV)).toEqual({
    outcome: "ignored",
    ignored_reason: "ref_not_followed",
  });
  await setRefs(repository, [DEV]);
  expect(await deliver(repository, DEV)).toEqual({ outcome: "enqueued", ignored_reason: null });
});

test("a ref that is left out is gone at once, and then its files and segments", async () => {
  const repository = await indexed();
  await setRefs(repository, [DEV]);
  await indexing.work();
  const [, main] = await dump(repository);
  expect(await setRefs(repository, [])).toMatchObject({ repository: { refs: [MAIN] } });
  expect(await dump(repository)).toEqual([main]);
  expect(await kinds(repository, "queued")).toEqual([{ kind: "delete_ref", ref: DEV }]);
  await indexing.work();
  expect(await left(repository)).toEqual({ dropped: 0, segments: 1, files: 0 });
  expect(await dump(repository)).toEqual([main]);
});

test("a ref that is followed again before its index is deleted is indexed from nothing", async () => {
  const repository = await indexed();
  await setRefs(repository, [DEV]);
  await indexing.work();
  const before = await dump(repository);
  await setRefs(repository, []);
  await setRefs(repository, [DEV]);
  await indexing.work();
  expect(await kinds(repository, "queued")).toEqual([]);
  expect(await dump(repository)).toEqual(before);
  expect(await left(repository)).toMatchObject({ dropped: 0, files: 0 });
});

test.each(["after_claim", "after_diff"])(
  "what indexes a ref that is left out %s is cancelled",
  async (point) => {
    const repository = await indexed();
    await setRefs(repository, [DEV]);
    await indexing.work({
      failpoint: async (name) => {
        if (name === point) await setRefs(repository, []);
      },
    });
    const trees = await indexing.database.admin`
      select ref from quarry.trees where repository_id = ${repository.id}`;
    expect(trees).toEqual([{ ref: MAIN }]);
    expect(await kinds(repository, "queued")).toEqual([]);
    expect((await dump(repository)).map(({ ref }) => ref)).toEqual([MAIN]);
    expect(await kinds(repository, "cancelled")).toEqual([{ kind: "index", ref: DEV }]);
  },
);

test("the default branch counts, and beyond the plan's limit nothing changes", async () => {
  const repository = await indexed();
  const { admin } = indexing.database;
  await admin`insert into quarry.plans values ('two refs', 2, 9, 1000000, 99, 2)`;
  await admin`update quarry.tenants set plan = 'two refs' where id = ${repository.tenantId}`;
  expect(await setRefs(repository, [DEV, MAIN])).toMatchObject({ outcome: "ok" });
  expect(await setRefs(repository, ["refs/heads/a", "refs/heads/b"])).toEqual({
    outcome: "limit_reached",
    limit: 2,
  });
  await indexing.work();
  expect((await dump(repository)).map(({ ref }) => ref)).toEqual([DEV, MAIN]);
});

test("a ref that is dropped and followed again while its job runs is indexed as a whole", async () => {
  const repository = await indexed();
  await setRefs(repository, [DEV]);
  await indexing.work();
  await commitFiles(
    repository.hosted.directory,
    new Map([shared, ["new.ts", file("export const more = 1;\n")]]),
    DEV,
  );
  await deliver(repository, DEV);
  let isReplaced = false;
  await indexing.work({
    failpoint: async (name) => {
      if (name !== "before_publish" || isReplaced) return;
      isReplaced = true;
      await setRefs(repository, []);
      await setRefs(repository, [DEV]);
    },
  });
  const files = await indexing.database.admin`
    select f.path_text as path from quarry.trees t
    join quarry.tree_files f on f.tree_id = t.id and f.generation_to is null
    where t.repository_id = ${repository.id} and t.ref = ${DEV} order by 1`;
  expect(files.map(({ path }) => path)).toEqual(["new.ts", "shared.ts"]);
  expect(await kinds(repository, "cancelled")).toEqual([{ kind: "index", ref: DEV }]);
});

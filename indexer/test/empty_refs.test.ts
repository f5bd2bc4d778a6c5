import { afterAll, beforeAll, expect, test } from "vitest";
import { commitFiles, deleteRef, file } from "./support/hosted_commits.ts";
import { dumpTree, indexFiles } from "./support/indexed_files.ts";
import { createIndexing, type Indexing } from "./support/indexing.ts";

let indexing: Indexing;
beforeAll(async () => {
  indexing = await createIndexing();
});
afterAll(async () => {
  await indexing[Symbol.asyncDispose]();
});

async function publishedRefs({ id }: { readonly id: string }): Promise<string[]> {
  const rows = await indexing.database.admin<{ ref: string }[]>`
    select ref from quarry.trees where repository_id = ${id} and generation is not null
    order by ref`;
  return rows.map(({ ref }) => ref);
}

test("a repository without commits is published as empty, and is indexed once it has one", async () => {
  const hosted = await indexing.createHosted();
  const repository = await indexing.register(hosted);
  await indexing.work();
  expect(await indexing.lastJob(repository)).toMatchObject({
    state: "completed",
    outcome: "empty",
    commit_oid: null,
  });
  const { tree } = await dumpTree(indexing, repository);
  expect(tree).toMatchObject({ commit_oid: null, file_count: 0, features: ["text", "symbols"] });
  expect(await publishedRefs(repository)).toEqual(["refs/heads/main"]);
  await indexing.push(repository);
  await indexing.work();
  expect(await indexing.lastJob(repository)).toMatchObject({ outcome: "empty" });
  const commitOid = await commitFiles(hosted.directory, new Map([["a.ts", file("let a;\n")]]));
  await indexing.push(repository, commitOid);
  await indexing.work();
  expect((await dumpTree(indexing, repository)).tree).toMatchObject({
    commit_oid: commitOid,
    file_count: 1,
  });
});

test("invariant 1: a deleted branch that the host shows for a while longer is emptied", async () => {
  const hosted = await indexing.createHosted();
  await commitFiles(hosted.directory, new Map([["a.ts", file("let a;\n")]]));
  const repository = await indexing.register(hosted);
  await indexing.work();
  const deliver = (delivery: string) =>
    indexing.database.serviceRole`
      select api.record_delivery(${repository.id}, ${delivery}, 'push', 'refs/heads/main', null, null, null)`;
  await deliver("late");
  await indexing.work({ moveWaitsMilliseconds: [1] });
  expect(await indexing.lastJob(repository)).toMatchObject({ state: "queued", attempt: 0 });
  await deleteRef(hosted.directory, "refs/heads/main");
  await indexing.passTime();
  await indexing.work();
  expect(await indexing.lastJob(repository)).toMatchObject({ outcome: "empty", commit_oid: null });
  expect((await dumpTree(indexing, repository)).tree).toMatchObject({ file_count: 0 });
  await deliver("at once");
  await indexing.work();
  expect(await indexing.lastJob(repository)).toMatchObject({ outcome: "empty", commit_oid: null });
});

test("a default branch that the host does not have is published as empty", async () => {
  const hosted = await indexing.createHosted();
  await commitFiles(hosted.directory, new Map([["a.ts", file("let a;\n")]]), "refs/heads/other");
  const repository = await indexing.register(hosted);
  await indexing.work();
  expect(await indexing.lastJob(repository)).toMatchObject({ outcome: "empty" });
  expect(await publishedRefs(repository)).toEqual(["refs/heads/main"]);
});

test("another ref that never was is given up, and nothing of it is published", async () => {
  const hosted = await indexing.createHosted();
  await commitFiles(hosted.directory, new Map([["a.ts", file("let a;\n")]]));
  const repository = await indexing.register(hosted, { ref: "refs/heads/no-such" });
  await indexing.work();
  const job = await indexing.lastJob(repository);
  expect(job).toMatchObject({ state: "failed", attempt: 1, outcome: null });
  expect(job.errors.at(-1)).toMatchObject({ code: "ref_not_found" });
  expect(await publishedRefs(repository)).toEqual([]);
});

test("invariant 1: another ref that a push has announced is waited for before it is given up", async () => {
  const hosted = await indexing.createHosted();
  await commitFiles(hosted.directory, new Map([["a.ts", file("let a;\n")]]));
  const ref = "refs/heads/new";
  for (const isShown of [true, false]) {
    const repository = await indexing.register(hosted, { ref });
    const announced = { commit_oid: "1".repeat(40) };
    await indexing.enqueue(repository, announced, ref);
    await indexing.work();
    expect(await indexing.lastJob(repository)).toMatchObject({ state: "queued", attempt: 0 });
    if (isShown) await commitFiles(hosted.directory, new Map([["b.ts", file("let b;\n")]]), ref);
    await indexing.passTime();
    await indexing.work();
    expect(await indexing.lastJob(repository)).toMatchObject(
      isShown ? { outcome: "indexed" } : { state: "failed", attempt: 1 },
    );
    expect(await publishedRefs(repository)).toEqual(isShown ? [ref] : []);
    if (isShown) await deleteRef(hosted.directory, ref);
  }
});

test("a branch is never looked for under a second prefix, first or again", async () => {
  const hosted = await indexing.createHosted();
  const files = new Map([["a.ts", file("let a;\n")]]);
  await commitFiles(hosted.directory, files);
  for (const prefix of ["refs/heads/", "refs/tags/", "refs/"]) {
    await commitFiles(hosted.directory, files, `${prefix}refs/heads/gone`);
  }
  const ref = "refs/heads/gone";
  const repository = await indexing.register(hosted, { ref });
  await indexing.work();
  expect(await indexing.lastJob(repository)).toMatchObject({ state: "failed", outcome: null });
  expect(await publishedRefs(repository)).toEqual([]);
  // Once it was there, what it had is no reason to find it elsewhere.
  await commitFiles(hosted.directory, files, ref);
  await indexing.database.serviceRole`
    select api.request_index(${repository.tenantId}, ${repository.id}, ${ref}, false, 'a test')`;
  await indexing.work();
  await deleteRef(hosted.directory, ref);
  await indexing.enqueue(repository, {}, ref);
  await indexing.work();
  expect(await indexing.lastJob(repository)).toMatchObject({ outcome: "empty" });
});

test("another ref that was indexed and is gone is published as empty", async () => {
  const hosted = await indexing.createHosted();
  const ref = "refs/heads/feature";
  await commitFiles(hosted.directory, new Map([["a.ts", file("let a;\n")]]), ref);
  const repository = await indexing.register(hosted, { ref });
  await indexing.work();
  await deleteRef(hosted.directory, ref);
  await indexing.enqueue(repository, {}, ref);
  await indexing.work();
  expect(await indexing.lastJob(repository)).toMatchObject({ outcome: "empty" });
  expect((await dumpTree(indexing, repository)).tree).toMatchObject({
    ref,
    commit_oid: null,
    files: [],
  });
  await indexing.enqueue(repository, {}, ref);
  await indexing.work();
  expect(await indexing.lastJob(repository)).toMatchObject({ outcome: "empty" });
});

test("a commit without files is published and ends as empty", async () => {
  const { repository, commitOid } = await indexFiles(indexing, new Map());
  expect(await indexing.lastJob(repository)).toMatchObject({
    outcome: "empty",
    commit_oid: commitOid,
  });
  expect((await dumpTree(indexing, repository)).tree).toMatchObject({
    commit_oid: commitOid,
    files: [],
  });
});

test("a deleted ref takes its files out of the index, and may come back", async () => {
  const content = new Map([["a.ts", file("export const a = 1;\n")]]);
  const { hosted, repository } = await indexFiles(indexing, content);
  await deleteRef(hosted.directory, "refs/heads/main");
  await indexing.push(repository);
  await indexing.work();
  expect(await indexing.lastJob(repository)).toMatchObject({ outcome: "empty" });
  expect((await dumpTree(indexing, repository)).tree).toMatchObject({
    commit_oid: null,
    files: [],
  });
  const commitOid = await commitFiles(hosted.directory, content);
  await indexing.push(repository);
  await indexing.work();
  const { tree, files } = await dumpTree(indexing, repository);
  expect(tree.commit_oid).toBe(commitOid);
  expect(files.get("a.ts")?.symbols).toMatchObject([{ name: "a" }]);
  const job = await indexing.lastJob(repository);
  expect(await indexing.facts(job.id, "completed")).toMatchObject({ blobs_fetched: 0 });
});

import { readdir } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { git } from "../../scripts/local/github/git_process.ts";
import { type FailpointName, FAILPOINTS, TEXT_FAILPOINTS } from "../src/failpoint.ts";
import { type DumpedTree, dumpIndex, unpublishedRows } from "./support/dump.ts";
import { commitFiles, file } from "./support/hosted_commits.ts";
import { createIndexing, type Indexing } from "./support/indexing.ts";

const before = new Map([["a.ts", file("let before;\n")], ["gone.ts", file("let gone;\n")]]);
const after = new Map([["a.ts", file("let after;\n")], ["new.py", file("def fresh(): pass\n")]]);

let indexing: Indexing;
/** Two commits of one repository, and what a fresh index of each is. */
let hosted: Awaited<ReturnType<Indexing["createHosted"]>>;
let oids: { readonly before: string; readonly after: string };
let expected: { readonly before: DumpedTree[]; readonly after: DumpedTree[] };

async function moveTo(commitOid: string): Promise<void> {
  await git(hosted.directory, "update-ref", "refs/heads/main", commitOid);
}

async function freshIndex(): Promise<DumpedTree[]> {
  const repository = await indexing.register(hosted);
  await indexing.work();
  return await dumpIndex(indexing.database.admin, repository);
}

beforeAll(async () => {
  indexing = await createIndexing();
  hosted = await indexing.createHosted();
  oids = {
    before: await commitFiles(hosted.directory, before),
    after: await commitFiles(hosted.directory, after),
  };
  const freshAfter = await freshIndex();
  await moveTo(oids.before);
  expected = { before: await freshIndex(), after: freshAfter };
});
afterAll(async () => {
  await indexing[Symbol.asyncDispose]();
});

/** Indexes the first commit, then lets a worker die while it indexes the second. */
async function killWorkerAt(failpoint: FailpointName) {
  await moveTo(oids.before);
  const repository = await indexing.register(hosted);
  await indexing.work();
  await moveTo(oids.after);
  await indexing.push(repository, oids.after);
  const killed = await (await indexing.start({ failpoint })).ended;
  expect(killed.signal).toBe("SIGKILL");
  return repository;
}

const ofTextFirst = new Set<FailpointName>(TEXT_FAILPOINTS);

test.each(FAILPOINTS.filter((failpoint) => !ofTextFirst.has(failpoint)))(
  "invariants 1 to 3: killed at %s, a worker leaves the old index or the new one; another finishes",
  async (failpoint) => {
    const repository = await killWorkerAt(failpoint);
    const left = await dumpIndex(indexing.database.admin, repository);
    const isPublished = left[0]?.commit_oid === oids.after;
    expect(left).toEqual(isPublished ? expected.after : expected.before);

    await indexing.passTime();
    await indexing.work();
    expect(await dumpIndex(indexing.database.admin, repository)).toEqual(expected.after);
    expect(await indexing.lastJob(repository)).toMatchObject({
      state: "completed",
      commit_oid: oids.after,
      attempt: failpoint === "after_complete" ? 1 : 2,
    });
  },
);

test("what a killed worker left is cleaned away: its segment and its directory", async () => {
  const { admin } = indexing.database;
  await killWorkerAt("before_publish");
  expect(await readdir(indexing.workDirectory)).not.toEqual([]);
  await indexing.passTime();
  await (await indexing.start()).ended;
  expect(await readdir(indexing.workDirectory)).toEqual([]);
  await admin`update quarry.segments set created_at = created_at - interval '1 hour'`;
  await admin`select quarry.clean_index(100, 10000)`;
  expect(await unpublishedRows(admin)).toEqual({ segments: 0, tree_changes: 0 });
});

test("invariant 7: a worker goes even when its connections never say that they have ended", async () => {
  // As the database's client leaves them: it throws while it ends them, where nobody catches.
  const deaf = `import { Socket } from "node:net";
    const ending = new WeakSet();
    Socket.prototype.end = function () {
      if (ending.has(this)) throw new TypeError("Cannot read properties of null (reading 'write')");
      ending.add(this);
      return this;
    };`;
  const preload = `data:text/javascript,${encodeURIComponent(deaf)}`;
  const { code, output } = await (await indexing.start({ preload })).ended;
  expect(output).toContain('"left"');
  expect(code).toBe(0);
});

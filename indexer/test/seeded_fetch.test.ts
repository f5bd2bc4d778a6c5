import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { git } from "../../scripts/local/github/git_process.ts";
import { HISTORY_BYTES_MAX } from "../src/jobs/source.ts";
import { SEED_PACKS_MAX } from "../src/jobs/tree_seed.ts";
import { dumpIndex } from "./support/dump.ts";
import { commitFiles, deleteRef, file, type HostedFile } from "./support/hosted_commits.ts";
import {
  createIndexing,
  type Indexing,
  OPERATOR_TOKEN,
  type RegisteredRepository,
} from "./support/indexing.ts";

let indexing: Indexing;
beforeAll(async () => {
  indexing = await createIndexing();
});
afterAll(async () => {
  await indexing[Symbol.asyncDispose]();
});

const MAIN = "refs/heads/main";
const FOLDERS = 40;
const FILES_PER_FOLDER = 10;

/** A tree of many folders; the names do not compress. */
function manyFiles(): Map<string, HostedFile> {
  const files = new Map<string, HostedFile>();
  for (let folder = 0; folder < FOLDERS; folder += 1) {
    for (let each = 0; each < FILES_PER_FOLDER; each += 1) {
      files.set(`d${folder}/f${each}.ts`, file(`export const v${folder}_${each} = 1;\n`));
    }
  }
  return files;
}

async function indexed(files: ReadonlyMap<string, HostedFile>) {
  const hosted = await indexing.createHosted();
  await commitFiles(hosted.directory, files);
  const repository = await indexing.register(hosted);
  await indexing.work();
  return { hosted, repository };
}

async function pushed(
  repository: RegisteredRepository,
  files: ReadonlyMap<string, HostedFile>,
) {
  await commitOnTop(repository, files);
  return await reindexed(repository);
}

/** Commits the files as a child of the head. Answers its oid. */
async function commitOnTop(
  { hosted: { directory } }: RegisteredRepository,
  files: ReadonlyMap<string, HostedFile>,
) {
  const head = (await git(directory, "for-each-ref", "--format=%(objectname)", MAIN)).trim();
  return await commitFiles(directory, files, MAIN, head === "" ? null : head);
}

/** Indexes the head, and answers what the job says of itself. */
async function reindexed(repository: RegisteredRepository) {
  await indexing.push(repository);
  await indexing.work();
  const job = await indexing.lastJob(repository);
  expect(job).toMatchObject({ state: "completed", attempt: 1, errors: [] });
  const fetched = await indexing.facts(job.id, "fetched");
  return {
    job,
    fetchedBytes: Number(fetched["bytes"]),
    fetchedBy: fetched["by"],
    completed: await indexing.facts(job.id, "completed"),
  };
}

async function kept(repository: RegisteredRepository) {
  const [row] = await indexing.database.admin<
    { isOfHead: boolean; packs: number; bytes: number }[]
  >`
    select t.packed_commit_oid is not distinct from t.commit_oid as "isOfHead",
      (select count(*)::int from quarry.tree_packs p where p.tree_id = t.id) as packs,
      (select coalesce(sum(length(p.pack)), 0)::int from quarry.tree_packs p
        where p.tree_id = t.id) as bytes
    from quarry.trees t where t.repository_id = ${repository.id}`;
  if (row === undefined) throw new Error("no tree");
  return row;
}

async function dump(repository: RegisteredRepository) {
  return await dumpIndex(indexing.database.admin, repository);
}

/** The same repository, registered by another tenant and indexed from nothing. */
async function fresh({ hosted }: RegisteredRepository): Promise<RegisteredRepository> {
  const repository = await indexing.register(hosted);
  await indexing.work();
  return repository;
}

test("invariant 5: a push fetches the changed directories and reads the changed rows", async () => {
  const files = manyFiles();
  const { repository } = await indexed(files);
  expect(await kept(repository)).toMatchObject({ isOfHead: true, packs: 1 });
  const whole = (await kept(repository)).bytes;
  // Else whether a plan reads by path hangs on when the server happened to look at the new table.
  await indexing.database.admin`analyze quarry.tree_files`;
  const before = await treeRowsRead();
  const { fetchedBytes, completed } = await pushed(
    repository,
    new Map([...files, ["d7/f7.ts", file("export const changed = 1;\n")]]),
  );
  expect(completed).toMatchObject({ files: FOLDERS * FILES_PER_FOLDER, changed: 1, removed: 0 });
  // A commit, two trees and the files that git writes beside a pack, of some 42 objects.
  expect(fetchedBytes).toBeLessThan(whole / 4);
  expect(await treeRowsRead() - before).toBeLessThan(10);
  expect(await kept(repository)).toMatchObject({ isOfHead: true, packs: 2 });
  expect(await dump(repository)).toEqual(await dump(await fresh(repository)));
});

/** Rows of tree_files that the statements of workers have read; a backend counts up as it ends. */
async function treeRowsRead(): Promise<number> {
  const { admin } = indexing.database;
  const backends = () =>
    admin`select from pg_stat_activity
      where usename = 'quarry_indexer' and datname = current_database()`;
  await expect.poll(backends).toHaveLength(0);
  const [row] = await admin<{ n: number }[]>`
    select (seq_tup_read + idx_tup_fetch)::int as n from pg_stat_user_tables
    where schemaname = 'quarry' and relname = 'tree_files'`;
  return row?.n ?? 0;
}

test("folders that move, files that become folders, and back, equal a fresh index", async () => {
  const { repository } = await indexed(
    new Map([
      ["lib/a.ts", file("export const a = 1;\n")],
      ["lib/deep/b.ts", file("export const b = 1;\n")],
      ["plain", file("plain\n")],
    ]),
  );
  const moved = new Map<string, HostedFile>([
    ["src/lib/a.ts", file("export const a = 1;\n")],
    ["src/lib/deep/b.ts", file("export const b = 1;\n")],
    ["plain/inner.ts", file("export const inner = 1;\n")],
  ]);
  await pushed(repository, moved);
  expect(await dump(repository)).toEqual(await dump(await fresh(repository)));
  await pushed(repository, new Map([...moved, ["src/lib/deep", file("no folder any more\n")]]));
  expect(await dump(repository)).toEqual(await dump(await fresh(repository)));
});

test("a merge is indexed by what it brings to the ref", async () => {
  const base = new Map([["a.ts", file("export const a = 1;\n")]]);
  const { hosted, repository } = await indexed(base);
  const { directory } = hosted;
  const main = (await git(directory, "rev-parse", "main")).trim();
  const side = await commitFiles(
    directory,
    new Map([...base, ["side/b.ts", file("export const b = 1;\n")]]),
    "refs/heads/side",
  );
  const treeOid = (await git(directory, "rev-parse", `${side}^{tree}`)).trim();
  const as = ["-c", "user.name=a", "-c", "user.email=a@b"];
  const merge = (await git(
    directory,
    ...[...as, "commit-tree", "-m", "merge", "-p", main, "-p", side, treeOid],
  )).trim();
  await git(directory, "update-ref", "refs/heads/main", merge);
  const { completed } = await reindexed(repository);
  expect(completed).toMatchObject({ changed: 1, removed: 0 });
  expect(await dump(repository)).toEqual(await dump(await fresh(repository)));
});

test("a merge of what forked off before brings what it changes, and no older history", async () => {
  const base = new Map([["a.ts", file("export const a = 1;\n")]]);
  const { hosted: { directory }, repository } = await indexed(base);
  await commitOnTop(repository, new Map([...base, ["old.bin", file(randomBytes(100_000))]]));
  const fork = await commitOnTop(repository, base);
  const main = new Map([...base, ["main.ts", file("export const main = 1;\n")]]);
  await pushed(repository, main);
  const newest = await fresh(repository);
  const both = new Map([...main, ["side.ts", file("export const side = 1;\n")]]);
  const side = await commitFiles(directory, both, "refs/heads/side", fork);
  const treeOid = (await git(directory, "rev-parse", `${side}^{tree}`)).trim();
  const as = ["-c", "user.name=a", "-c", "user.email=a@b"];
  const parents = ["-p", MAIN, "-p", side];
  const merge = await git(directory, ...as, "commit-tree", "-m", "merge", ...parents, treeOid);
  await git(directory, "update-ref", MAIN, merge.trim());
  const { fetchedBytes, completed } = await reindexed(newest);
  expect(completed).toMatchObject({ changed: 1, removed: 0 });
  expect(fetchedBytes).toBeLessThan(10_000);
  expect(await dump(newest)).toEqual(await dump(await fresh(newest)));
});

test("trees that the host leaves out, as of old, are asked for", async () => {
  const old = new Map([["d/a.ts", file("let old;\n")], ["d/b.ts", file("let b;\n")]]);
  const { hosted: { directory }, repository } = await indexed(old);
  await commitOnTop(repository, new Map([...old, ["d/a.ts", file("let newer;\n")]]));
  const newest = await fresh(repository);
  await commitOnTop(newest, old);
  // With these a host knows all that an old commit and its ancestors have, and sends none of it.
  await git(directory, "repack", "-adbq");
  const { completed } = await reindexed(newest);
  expect(completed).toMatchObject({ changed: 1, blobs_fetched: 1 });
  expect(await kept(newest)).toMatchObject({ isOfHead: true, packs: 2 });
  expect(await dump(newest)).toEqual(await dump(await fresh(newest)));
});

test("histories that share nothing, and one from before, equal a fresh index", async () => {
  const files = manyFiles();
  const { hosted: { directory }, repository } = await indexed(files);
  const first = (await git(directory, "rev-parse", MAIN)).trim();
  await commitFiles(directory, new Map([...files, ["new.ts", file("let fresh;\n")]]));
  const { completed } = await reindexed(repository);
  expect(completed).toMatchObject({ changed: 1, removed: 0 });
  expect(await dump(repository)).toEqual(await dump(await fresh(repository)));
  const newest = await fresh(repository);
  await git(directory, "update-ref", MAIN, first);
  await reindexed(newest);
  expect(await dump(newest)).toEqual(await dump(await fresh(newest)));
});

test("more history than a push has costs the newest commit's trees alone", async () => {
  const files = new Map([["a.ts", file("export const a = 1;\n")]]);
  const { hosted: { directory }, repository } = await indexed(files);
  const message = path.join(directory, "message");
  await writeFile(message, randomBytes(HISTORY_BYTES_MAX).toString("base64"));
  const tree = (await git(directory, "rev-parse", `${MAIN}^{tree}`)).trim();
  const as = ["-c", "user.name=a", "-c", "user.email=a@b"];
  const large = await git(directory, ...as, "commit-tree", "-p", MAIN, "-F", message, tree);
  await git(directory, "update-ref", MAIN, large.trim());
  const { fetchedBytes } = await pushed(repository, new Map([["a.ts", file("let changed;\n")]]));
  expect(fetchedBytes).toBeLessThan(10_000);
  expect(await kept(repository)).toMatchObject({ isOfHead: true, packs: 2 });
  expect(await dump(repository)).toEqual(await dump(await fresh(repository)));
});

test("packs add up to a limit, and then are one again", async () => {
  const { repository } = await indexed(new Map([["a.ts", file("let a;\n")]]));
  const counts: number[] = [];
  for (let push = 0; push < SEED_PACKS_MAX; push += 1) {
    await pushed(repository, new Map([["a.ts", file(`let a = ${push};\n`)]]));
    const { isOfHead, packs } = await kept(repository);
    expect(isOfHead).toBe(true);
    counts.push(packs);
  }
  expect(counts.at(-2)).toBe(SEED_PACKS_MAX);
  expect(counts.at(-1)).toBe(1);
  expect(await dump(repository)).toEqual(await dump(await fresh(repository)));
}, 60_000);

test("a push back to a commit that was indexed before needs no new pack", async () => {
  const [first, second] = ["1", "2"].map((n) => new Map([["d/a.ts", file(`let a = ${n};\n`)]]));
  const { hosted, repository } = await indexed(first ?? new Map());
  const oids = [(await git(hosted.directory, "rev-parse", "main")).trim()];
  oids.push(await commitOnTop(repository, second ?? new Map()));
  await reindexed(repository);
  for (const oid of [0, 1, 0, 1, 0]) {
    await git(hosted.directory, "update-ref", "refs/heads/main", oids[oid] ?? "");
    await reindexed(repository);
    expect(await kept(repository)).toMatchObject({ isOfHead: true });
  }
  expect(await dump(repository)).toEqual(await dump(await fresh(repository)));
});

test.each([
  ["broken", "set pack = substring(pack for length(pack) - 30)"],
  ["another commit's", "set name = reverse(name)"],
])("packs that are %s cost a fetch of everything, and are replaced", async (_what, change) => {
  const files = manyFiles();
  const { repository } = await indexed(files);
  const { admin } = indexing.database;
  await admin.unsafe(`update quarry.tree_packs p ${change} from quarry.trees t
    where t.id = p.tree_id and t.repository_id = '${repository.id}'`);
  await pushed(repository, new Map([...files, ["d1/f1.ts", file("let changed;\n")]]));
  expect(await kept(repository)).toMatchObject({ isOfHead: true });
  expect(await dump(repository)).toEqual(await dump(await fresh(repository)));
});

test("an index that is not what git says was there is compared file by file", async () => {
  const files = new Map([["a.ts", file("let a;\n")], ["b.ts", file("let b;\n")]]);
  const { repository } = await indexed(files);
  await indexing.database.admin`
    delete from quarry.tree_files f using quarry.trees t
    where t.id = f.tree_id and t.repository_id = ${repository.id} and f.path_text = 'a.ts'`;
  await indexing.database.admin`
    update quarry.trees set file_count = 1 where repository_id = ${repository.id}`;
  await pushed(repository, new Map([...files, ["a.ts", file("let changed;\n")]]));
  expect(await dump(repository)).toEqual(await dump(await fresh(repository)));
});

test("an attempt that follows another does without the packs", async () => {
  const files = manyFiles();
  const { repository } = await indexed(files);
  await commitFiles(
    repository.hosted.directory,
    new Map([...files, ["d1/f1.ts", file("let changed;\n")]]),
  );
  await indexing.push(repository);
  await indexing.database.admin`
    update quarry.indexing_jobs set attempt = 1 where state = 'queued'`;
  const whole = (await kept(repository)).bytes;
  await indexing.work();
  const job = await indexing.lastJob(repository);
  expect(job).toMatchObject({ state: "completed", attempt: 2 });
  expect(Number((await indexing.facts(job.id, "fetched"))["bytes"])).toBeGreaterThan(whole / 2);
  expect(await kept(repository)).toMatchObject({ isOfHead: true, packs: 1 });
});

test("nothing is kept of a ref that is empty, and of one that comes back everything", async () => {
  const files = new Map([["a.ts", file("let a;\n")]]);
  const { hosted, repository } = await indexed(files);
  await deleteRef(hosted.directory, "refs/heads/main");
  await indexing.push(repository);
  await indexing.work();
  expect(await kept(repository)).toMatchObject({ isOfHead: false });
  await pushed(repository, files);
  expect(await kept(repository)).toMatchObject({ isOfHead: true });
  expect(await dump(repository)).toEqual(await dump(await fresh(repository)));
});

test("a push comes by two requests: its blobs with its trees", async () => {
  const files = manyFiles();
  const { repository } = await indexed(files);
  const { fetchedBytes, fetchedBy, completed } = await pushed(
    repository,
    new Map([...files, ["d7/f7.ts", file("let changed;\n")], ["new.py", file("new = 1\n")]]),
  );
  expect(fetchedBy).toBe("requests");
  expect(completed).toMatchObject({ blobs_fetched: 2, bytes_fetched: fetchedBytes });
  expect(await dump(repository)).toEqual(await dump(await fresh(repository)));
});

test("a blob that is like one of the earlier commit comes whole, for that one is not here", async () => {
  const lines = Array.from({ length: 500 }, () => `// ${randomBytes(16).toString("hex")}\n`);
  const { repository } = await indexed(new Map([["a.ts", file(lines.join(""))]]));
  const changed = new Map([["a.ts", file(lines.with(250, "export const a = 1;\n").join(""))]]);
  expect(await pushed(repository, changed)).toMatchObject({ fetchedBy: "requests" });
  expect(await dump(repository)).toEqual(await dump(await fresh(repository)));
});

test("what is private comes by requests with its token", async () => {
  const hosted = await indexing.createHosted();
  await commitFiles(hosted.directory, new Map([["a.ts", file("let a;\n")]]));
  indexing.github.setPrivate(`${hosted.owner}/${hosted.name}`, true);
  const repository = await indexing.register(hosted, { token: OPERATOR_TOKEN });
  await indexing.work();
  const after = new Map([["a.ts", file("let a, b;\n")]]);
  expect(await pushed(repository, after)).toMatchObject({ fetchedBy: "requests" });
});

test("what has moved is fetched all the same", async () => {
  const { hosted, repository } = await indexed(new Map([["a.ts", file("let a;\n")]]));
  indexing.github.rename(repository.name, `acme/moved-${hosted.id}`);
  const after = new Map([["a.ts", file("let a, b;\n")]]);
  expect((await pushed(repository, after)).completed).toMatchObject({ changed: 1 });
});

test("a file that is indexed anew under another language is asked for by its name", async () => {
  const files = new Map([["a.ts", file("export const a = 1;\n")], ["b.ts", file("let b;\n")]]);
  const { repository } = await indexed(files);
  await pushed(repository, new Map([...files, ["a.py", file("export const a = 1;\n")]]));
  expect(await dump(repository)).toEqual(await dump(await fresh(repository)));
});

test(
  "blobs beyond what a push has cost their trees alone, and then come by their names",
  async () => {
    const files = new Map([["a.ts", file("export const a = 1;\n")]]);
    const { repository } = await indexed(files);
    // Binary, so that nothing is to be indexed of what does not compress.
    const each = Math.ceil(HISTORY_BYTES_MAX / 5);
    const large = Array.from(
      { length: 6 },
      (_, n) => [`${n}.bin`, file(randomBytes(each))] as const,
    );
    const after = await pushed(repository, new Map([...files, ...large]));
    expect(after.fetchedBy).toBe("git");
    expect(after.fetchedBytes).toBeLessThan(10_000);
    expect(await dump(repository)).toEqual(await dump(await fresh(repository)));
  },
  60_000,
);

import { afterAll, beforeAll, expect, test } from "vitest";
import { EXTRACTOR_VERSION } from "../src/segment/extractor_version.ts";
import { SEGMENT_FORMAT_VERSION } from "../src/segment/format_version.ts";
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

async function indexed(): Promise<RegisteredRepository> {
  const hosted = await indexing.createHosted();
  await commitFiles(
    hosted.directory,
    new Map([["a.ts", file("export const a = 1;\n")], ["vendor/b.go", file("package b\n")]]),
  );
  const repository = await indexing.register(hosted);
  await indexing.work();
  return repository;
}

/** Makes the index of a repository one that an older indexer has left. */
async function age({ id }: RegisteredRepository, what: "extractor" | "format"): Promise<void> {
  const { admin } = indexing.database;
  if (what === "extractor") {
    await admin`update quarry.trees set extractor_version = 0 where repository_id = ${id}`;
    await admin`update quarry.blobs b set extractor_version = 0 from quarry.segments s
      where s.id = b.segment_id and s.repository_id = ${id}`;
  } else {
    await admin`update quarry.trees set format_version = 0 where repository_id = ${id}`;
    await admin`update quarry.segments set format_version = 0 where repository_id = ${id}`;
  }
}

async function sweep(): Promise<void> {
  await indexing.database.admin`select quarry.enqueue_upgrades(5)`;
}

async function queued({ id }: RegisteredRepository) {
  return await indexing.database.admin`
    select kind, ref, priority from quarry.indexing_jobs
    where repository_id = ${id} and state = 'queued'`;
}

test.each(["extractor", "format"] as const)(
  "what an older %s left is indexed anew in the background, and serves until then",
  async (what) => {
    const repository = await indexed();
    const { admin } = indexing.database;
    const current = await dumpIndex(admin, repository);
    await age(repository, what);
    const old = await dumpIndex(admin, repository);
    await sweep();
    await sweep();
    expect(await queued(repository)).toEqual([
      { kind: "index", ref: "refs/heads/main", priority: -10 },
    ]);
    expect(await dumpIndex(admin, repository)).toEqual(old);
    await indexing.work();
    expect(await indexing.lastJob(repository)).toMatchObject({
      state: "completed",
      outcome: "indexed",
    });
    expect(await dumpIndex(admin, repository)).toEqual(current);
    const versions = await admin`
      select t.extractor_version, t.format_version from quarry.trees t
      where t.repository_id = ${repository.id}`;
    expect(versions).toEqual([
      { extractor_version: EXTRACTOR_VERSION, format_version: SEGMENT_FORMAT_VERSION },
    ]);
    await sweep();
    expect(await queued(repository)).toEqual([]);
  },
);

test("a ref that an older indexer takes once more is not queued again and again", async () => {
  const repository = await indexed();
  await age(repository, "extractor");
  await sweep();
  await indexing.database.admin`
    update quarry.indexing_jobs set state = 'cancelled', finished_at = clock_timestamp()
    where state = 'queued'`;
  await sweep();
  expect(await queued(repository)).toEqual([]);
});

test("a ref that an older indexer has left as it was is queued again once another image is launched", async () => {
  const repository = await indexed();
  const { admin } = indexing.database;
  const asked: number[] = [];
  await age(repository, "extractor");
  for (const image of ["new", "back", "back", "new"]) {
    await admin`insert into quarry.machines (name, image) values (gen_random_uuid()::text, ${image})`;
    await sweep();
    asked.push((await queued(repository)).length);
    await admin`
      update quarry.indexing_jobs set state = 'cancelled', finished_at = clock_timestamp()
      where state = 'queued'`;
  }
  expect(asked).toEqual([1, 1, 0, 1]);
});

test("a ref that an older indexer takes back after its upgrade is queued again", async () => {
  const repository = await indexed();
  for (const _ of ["upgraded", "taken back and upgraded again"]) {
    await age(repository, "extractor");
    await sweep();
    expect(await queued(repository)).toHaveLength(1);
    await indexing.work();
  }
});

test("an indexer that is older than another does not lower the version", async () => {
  await indexed();
  const { admin } = indexing.database;
  await admin`select quarry.note_versions(0, 0)`;
  expect(await admin`select extractor_version, format_version from quarry.extraction`).toEqual([
    { extractor_version: EXTRACTOR_VERSION, format_version: SEGMENT_FORMAT_VERSION },
  ]);
});

test("a file's row has the marks of its path", async () => {
  const { id } = await indexed();
  const rows = await indexing.database.admin`
    select f.path_text as path, f.marks from quarry.tree_files f
    join quarry.trees t on t.id = f.tree_id where t.repository_id = ${id} order by f.path`;
  expect(rows).toEqual([{ path: "a.ts", marks: 0 }, { path: "vendor/b.go", marks: 1 }]);
});

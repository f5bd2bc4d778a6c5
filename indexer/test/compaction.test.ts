import { afterAll, beforeAll, expect, test } from "vitest";
import { searchMatches, searchPage } from "../../supabase/tests/support/search.ts";
import { dumpIndex } from "./support/dump.ts";
import { commitFiles, file, type HostedFile } from "./support/hosted_commits.ts";
import { createIndexing, type Indexing, type RegisteredRepository } from "./support/indexing.ts";

/** Fewer than in earnest: each takes a push. */
const segmentsMax = 5;
const deadBlobsMin = 100;
const smallBytes = 100 * 2048;

let indexing: Indexing;
beforeAll(async () => {
  indexing = await createIndexing();
  await indexing.database.admin.unsafe(`
    create or replace function quarry.small_segments_max() returns integer
    language sql immutable parallel safe set search_path = '' return ${segmentsMax};
    create or replace function quarry.dead_blobs_min() returns integer
    language sql immutable parallel safe set search_path = '' return ${deadBlobsMin};
    create or replace function quarry.small_segment_bytes() returns bigint
    language sql immutable parallel safe set search_path = '' return ${smallBytes}`);
});
afterAll(async () => {
  await indexing[Symbol.asyncDispose]();
});

const fileNames = ["a.ts", "lib/b.py", "lib/c.go", "README.md"];

function content(version: number, name: string): HostedFile {
  return file(`export const needle${version} = 1;\nfunction of_${name.length}() {}\n# ${name}\n`);
}

async function indexed(): Promise<
  RegisteredRepository & { readonly files: Map<string, HostedFile> }
> {
  const hosted = await indexing.createHosted();
  const files = new Map([
    ...fileNames.map((name) => [name, content(0, name)] as const),
    ["link", { mode: "120000", content: "a.ts" }],
    ["binary", file(Buffer.from([0, 1, 2]))],
  ]);
  await commitFiles(hosted.directory, files);
  const repository = await indexing.register(hosted);
  await indexing.work();
  return { ...repository, files };
}

type Indexed = Awaited<ReturnType<typeof indexed>>;

/** One push, of one file. */
async function push(repository: Indexed, version: number): Promise<void> {
  const name = fileNames[version % fileNames.length] ?? "";
  repository.files.set(name, content(version, name));
  await commitFiles(repository.hosted.directory, repository.files);
  await indexing.push(repository);
}

async function segmentCount({ id }: RegisteredRepository): Promise<number> {
  const [row] = await indexing.database.admin<{ n: number }[]>`
    select count(*)::int as n from quarry.segments where repository_id = ${id}`;
  return row?.n ?? 0;
}

async function compactions({ id }: RegisteredRepository) {
  return await indexing.database.admin<{ id: string; state: string; attempt: number }[]>`
    select id, state, attempt from quarry.indexing_jobs
    where repository_id = ${id} and kind = 'compact' order by queued_at`;
}

/** Cleans away what only an old cursor can read, and does what comes of it. */
async function endGenerations(): Promise<void> {
  const { admin } = indexing.database;
  await admin`update quarry.trees set indexed_at = clock_timestamp() - interval '1 hour'`;
  await admin`select quarry.clean_index(10, 10000)`;
  await indexing.work();
}

async function dump(repository: RegisteredRepository) {
  return await dumpIndex(indexing.database.admin, repository);
}

async function fresh({ hosted }: RegisteredRepository): Promise<RegisteredRepository> {
  const repository = await indexing.register(hosted);
  await indexing.work();
  return repository;
}

async function answers({ tenantId }: RegisteredRepository) {
  const matches = await searchMatches(indexing.database.serviceRole, tenantId, "needle");
  return matches.toSorted((a, b) => a.path < b.path ? -1 : 1);
}

async function firstPage({ tenantId }: RegisteredRepository) {
  const page = await searchPage(indexing.database.serviceRole, tenantId, "needle", { limit: 1 });
  if (page.outcome !== "ok") throw new Error(page.outcome);
  return page;
}

test("the number of segments stays bounded, and the index equal to a fresh one", async () => {
  const repository = await indexed();
  let most = 0;
  for (let version = 1; version <= 2 * segmentsMax - 2; version += 1) {
    await push(repository, version);
    await indexing.work();
    most = Math.max(most, await segmentCount(repository));
  }
  expect(await compactions(repository)).toMatchObject([{ state: "completed", attempt: 1 }]);
  expect(most).toBeLessThanOrEqual(segmentsMax);
  expect(await segmentCount(repository)).toBeLessThan(segmentsMax);
  expect(await dump(repository)).toEqual(await dump(await fresh(repository)));
}, 120_000);

test(
  "invariant 3: answers are equal while segments are merged and after; a cursor gets 410",
  async () => {
    const repository = await indexed();
    const seen: unknown[] = [];
    const pages: Awaited<ReturnType<typeof firstPage>>[] = [];
    for (let version = 1; version <= segmentsMax; version += 1) {
      await push(repository, version);
      await indexing.work({
        failpoint: async (name) => {
          if (name !== "before_publish" || (await compactions(repository)).length === 0) return;
          pages.push(await firstPage(repository));
          seen.push(await answers(repository));
        },
      });
    }
    seen.push(await answers(repository));
    expect(seen).toHaveLength(2);
    expect(seen[0]).toHaveLength(fileNames.length);
    expect(seen[1]).toEqual(seen[0]);
    const position = pages[0]?.next ?? null;
    expect(position).not.toBeNull();
    const { serviceRole } = indexing.database;
    const next = await searchPage(serviceRole, repository.tenantId, "needle", { position });
    expect(next).toMatchObject({ outcome: "cursor_expired" });
  },
  120_000,
);

test("a compaction gives way to a push, which costs it no attempt", async () => {
  const repository = await indexed();
  const order: string[] = [];
  for (let version = 1; version <= segmentsMax; version += 1) {
    await push(repository, version);
    await indexing.work({
      onJob: ({ claim }) => order.push(claim.kind),
      failpoint: async (name) => {
        const isFirst = order.filter((kind) => kind === "compact").length === 1;
        if (name === "before_publish" && isFirst && order.at(-1) === "compact") {
          await push(repository, 1000);
        }
      },
    });
  }
  expect(order.slice(-4)).toEqual(["index", "compact", "index", "compact"]);
  expect(await compactions(repository)).toMatchObject([{ state: "completed", attempt: 1 }]);
  expect(await dump(repository)).toEqual(await dump(await fresh(repository)));
}, 120_000);

test("a large segment that is mostly dead is rewritten, with what is left of it", async () => {
  const hosted = await indexing.createHosted();
  const names = Array.from({ length: 2 * deadBlobsMin }, (_, n) => `d${n % 20}/f${n}.txt`);
  const files = new Map(names.map((name) => [name, file(`text of ${name}\n`)]));
  await commitFiles(hosted.directory, files);
  const repository = await indexing.register(hosted);
  await indexing.work();
  const kept = names.slice(-20);
  await commitFiles(
    hosted.directory,
    new Map(kept.map((name) => [name, file(`text of ${name}\n`)])),
  );
  await indexing.push(repository);
  await indexing.work();
  // What a cursor may still read is not dead yet.
  expect(await compactions(repository)).toHaveLength(0);
  await endGenerations();
  expect(await compactions(repository)).toMatchObject([{ state: "completed" }]);
  const [row] = await indexing.database.admin<{ blobs: number }[]>`
    select count(*)::int as blobs from quarry.blobs b join quarry.segments s on s.id = b.segment_id
    where s.repository_id = ${repository.id}`;
  expect(row).toEqual({ blobs: kept.length });
  expect(await dump(repository)).toEqual(await dump(await fresh(repository)));
}, 120_000);

test(
  "invariant 5: what another ref has is not dead, and not rewritten where one is left out",
  async () => {
    const hosted = await indexing.createHosted();
    const names = Array.from({ length: 2 * deadBlobsMin }, (_, n) => `d${n % 20}/f${n}.txt`);
    const files = new Map(names.map((name) => [name, file(`text of ${name}\n`)]));
    const dev = "refs/heads/dev";
    await commitFiles(hosted.directory, files);
    await commitFiles(hosted.directory, files, dev);
    const repository = await indexing.register(hosted);
    const { serviceRole } = indexing.database;
    for (const refs of [[dev], []]) {
      await serviceRole`select api.set_refs(${repository.tenantId}, ${repository.id}, ${refs}, 'a test')`;
      await indexing.work();
    }
    expect(await compactions(repository)).toEqual([]);
    await commitFiles(hosted.directory, new Map([...files].slice(-20)));
    await indexing.push(repository);
    await indexing.work();
    await endGenerations();
    expect(await compactions(repository)).toMatchObject([{ state: "completed" }]);
  },
  120_000,
);

test("files that end with a compaction count as those that end by themselves", async () => {
  const hosted = await indexing.createHosted();
  const names = Array.from({ length: 2 * deadBlobsMin }, (_, n) => `d${n % 20}/f${n}.txt`);
  const files = new Map(names.map((name) => [name, file(`text of ${name}\n`)]));
  await commitFiles(hosted.directory, files);
  const repository = await indexing.register(hosted);
  await indexing.work();
  const pushed = async (changed: readonly string[], text: string) => {
    for (const name of changed) files.set(name, file(`${text} of ${name}\n`));
    await commitFiles(hosted.directory, files);
    await indexing.push(repository);
    await indexing.work();
  };
  await pushed(names.slice(0, deadBlobsMin + 20), "other text");
  for (const name of names.slice(-2)) await pushed([name], "other text");
  // It merges the two small segments, and nothing of the first, which nobody knows to be mostly dead yet.
  await indexing.enqueue(repository, {}, "", "compact");
  await indexing.work();
  await pushed(names.slice(0, 1), "third text");
  expect(await compactions(repository)).toMatchObject([{ state: "completed" }, {
    state: "completed",
  }]);
  const [row] = await indexing.database.admin<{ blobs: number }[]>`
    select count(*)::int as blobs from quarry.blobs b join quarry.segments s on s.id = b.segment_id
    where s.repository_id = ${repository.id}`;
  expect(row?.blobs).toBeLessThan(names.length + deadBlobsMin / 2);
  expect(await dump(repository)).toEqual(await dump(await fresh(repository)));
}, 120_000);

test("a compaction that is killed before it publishes leaves the index as it was", async () => {
  const repository = await indexed();
  const before = await dump(repository);
  await indexing.enqueue(repository, {}, "", "compact");
  const child = await indexing.start({ failpoint: "before_publish" });
  await child.ended;
  expect(await compactions(repository)).toMatchObject([{ state: "running" }]);
  expect(await dump(repository)).toEqual(before);
  await indexing.passTime();
  await indexing.work();
  expect(await compactions(repository)).toMatchObject([{ state: "completed", attempt: 2 }]);
  expect(await dump(repository)).toEqual(before);
});

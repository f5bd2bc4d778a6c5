// What the sweep drops from the index, and what it must not: generations within a cursor's reach,
// segments that a tree still needs, segments that a running job fills.

import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../scripts/local/test_database.ts";
import * as seed from "./support/seed.ts";

let database: TestDatabase;
let worker: string;
let tenantId: string;
let repositoryId: string;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database
    .admin`truncate quarry.tenants, quarry.machines, quarry.tree_files, quarry.blobs, quarry.tree_changes cascade`;
  worker = await seed.startWorker(database.admin);
  tenantId = await seed.createTenant(database.admin);
  repositoryId = (await seed.register(database.serviceRole, tenantId)).repository.id;
});

interface Work extends seed.Claim {
  readonly segmentId: string;
}

/** Claims the index job and opens its segment with one blob in it. */
async function begin(): Promise<Work> {
  const claim = (await seed.claim(database.indexer, worker))!;
  const { job_id, lease_token } = claim;
  await database.indexer`select quarry.read_base(${job_id}, ${lease_token})`;
  const [row] = await database.indexer<{ id: string }[]>`
    select quarry.open_segment(${job_id}, ${lease_token}, 1) as id`;
  await database.indexer`
    insert into quarry.blobs (segment_id, blob_no, blob_oid, language, text_marks, line_count, decoded_leniently, extractor_version)
    values (${row!.id}, 0, '\\x01', '', 0, 1, false, 1)`;
  return { ...claim, segmentId: row!.id };
}

/** Publishes one file whose blob is in a segment, and completes. */
async function publish(work: Work, blobSegmentId = work.segmentId): Promise<void> {
  await database.indexer`
    insert into quarry.tree_changes
      (segment_id, page_no, paths, path_texts, modes, blob_oids, languages, marks, blob_segment_ids, blob_nos, skip_reasons)
    values (${work.segmentId}, 0, '{a}', '{null}', '{33188}', '{null}', '{""}', '{0}', array[${blobSegmentId}::bigint], '{0}', '{null}')`;
  await database.indexer`
    select quarry.publish_index(${work.job_id}, ${work.lease_token}, 'oid', array[${work.segmentId}]::bigint[], ${work.segmentId}, '{}', 1, 1)`;
  await database.indexer`
    select quarry.complete_job(${work.job_id}, ${work.lease_token}, 'indexed', 'oid', '{}')`;
}

async function indexAgain(): Promise<Work> {
  await database
    .serviceRole`select api.request_index(${tenantId}, ${repositoryId}, null, true, 'test')`;
  return await begin();
}

async function segments(): Promise<string[]> {
  const rows = await database.admin<{ id: string }[]>`select id from quarry.segments order by id`;
  return rows.map((row) => row.id);
}

const age = () =>
  database.admin`update quarry.trees set indexed_at = indexed_at - interval '21 minutes'`;
const clean = (filesMax = 1000) => database.admin`select quarry.clean_index(20, ${filesMax})`;

test("a replaced segment is kept while a cursor may read it, and dropped after", async () => {
  const first = await begin();
  await publish(first);
  const second = await indexAgain();
  await publish(second);
  await clean();
  expect(await segments()).toEqual([first.segmentId, second.segmentId]);
  await age();
  await clean();
  expect(await segments()).toEqual([second.segmentId]);
  expect(await database.admin`select from quarry.blobs`).toHaveLength(1);
  expect(await database.admin`select from quarry.tree_files`).toHaveLength(1);
});

test("a segment that the current tree needs outlives any age", async () => {
  const first = await begin();
  await publish(first);
  const second = await indexAgain();
  await publish(second, first.segmentId);
  await age();
  await clean();
  expect(await segments()).toEqual([first.segmentId]);
});

test("publishing on a segment that was dropped meanwhile fails whole and is tried again", async () => {
  const first = await begin();
  await publish(first);
  await publish(await indexAgain());
  const third = await indexAgain();
  await age();
  await clean();
  await expect(publish(third, first.segmentId)).rejects.toMatchObject({ code: "QRY02" });
  expect(await database.admin`select from quarry.tree_files where generation_to is null`)
    .toHaveLength(1);
  expect((await seed.readJob(database.admin, third.job_id)).state).toBe("running");
});

test("an abandoned segment is dropped, one that a running job fills is not", async () => {
  const lost = await begin();
  await seed.expireLease(database.admin, lost.job_id);
  await database.admin`select quarry.recover_expired_leases(10)`;
  await seed.makeDue(database.admin, lost.job_id);
  const current = await begin();
  await database.admin`update quarry.segments set created_at = created_at - interval '2 minutes'`;
  await clean();
  expect(await segments()).toEqual([current.segmentId]);
  await publish(current);
});

test("a segment that another ref publishes on while the sweep looks for dead ones is kept", async () => {
  const first = await begin();
  await publish(first);
  const second = await indexAgain();
  await publish(second);
  await database.admin`delete from quarry.tree_files where generation_to is not null`;
  // A look at the files of a segment waits where this is held, when it has its snapshot.
  await database.admin.unsafe(`
    alter table quarry.tree_files rename to held_files;
    create view quarry.tree_files as
      select * from quarry.held_files where pg_advisory_xact_lock_shared(1) is not null`);
  // Of an older segment, so that the look meets a file before it locks anything.
  await database.admin`
    update quarry.held_files set segment_id = ${first.segmentId} where segment_id = ${second.segmentId}`;
  let dropping: Promise<unknown> | undefined;
  await database.admin.begin(async (publisher) => {
    await publisher`select pg_advisory_xact_lock(1)`;
    dropping = database.admin`select quarry.drop_dead_segments(${repositoryId}, 20)`.execute();
    await expect.poll(() =>
      database.admin`select from pg_locks where locktype = 'advisory' and not granted`
    )
      .toHaveLength(1);
    await publisher`select from quarry.segments where id = ${second.segmentId} for key share`;
    await publisher`
      insert into quarry.held_files (tree_id, path, path_text, generation_from, mode, language, marks, segment_id, blob_no)
      values (0, 'b', 'b', 1, 33188, '', 0, ${second.segmentId}, 0)`;
  });
  await dropping;
  await database.admin.unsafe(`
    drop view quarry.tree_files; alter table quarry.held_files rename to tree_files`);
  expect(await segments()).toEqual([first.segmentId, second.segmentId]);
});

/** Copies of the only file under other names. */
async function addFiles(count: number): Promise<void> {
  await database.admin`
    insert into quarry.tree_files
    select (jsonb_populate_record(f, jsonb_build_object('path', '\\x' || to_hex(4096 + n), 'path_text', 'f' || n))).*
    from quarry.tree_files f cross join generate_series(1, ${count}) n where f.path_text = 'a'`;
}

async function fileCount(): Promise<number> {
  return (await database.admin`select from quarry.tree_files`).length;
}

test("files that ended are dropped so many a call, and with the first of them no cursor reads their generation", async () => {
  await publish(await begin());
  await addFiles(5);
  await database.admin`
    update quarry.tree_files f set generation_to = nextval('quarry.generations') where f.path_text <> 'a'`;
  await publish(await indexAgain());
  await age();
  const kept = async () =>
    (await database.admin`select from quarry.trees where oldest_generation < generation`).length;
  expect(await kept()).toBe(1);
  await clean(4);
  expect([await fileCount(), await kept()]).toEqual([3, 0]);
  // The next push is no older than a cursor: it keeps nobody from going on, and what it ended stays.
  await database.admin`update quarry.trees set indexed_at = now()`;
  await clean(4);
  expect([await fileCount(), await kept()]).toEqual([1, 0]);
});

test("dead segments are dropped a hundred a call, of whatever repositories, until none is left", async () => {
  const repositories = [repositoryId];
  await publish(await begin());
  repositories.push((await seed.register(database.serviceRole, tenantId)).repository.id);
  await publish(await begin());
  // What a full index leaves behind, or what a compaction has merged: segments without a file.
  for (const id of repositories) {
    await database.admin`
      insert into quarry.segments (repository_id, job_id, lease_token, published_at, format_version)
      select ${id}, gen_random_uuid(), gen_random_uuid(), now(), 1 from generate_series(1, 60)`;
  }
  await database.admin`update quarry.trees set generation = generation + 1`;
  await age();
  const left: number[] = [];
  for (let n = 0; n < 3; n++) {
    await clean();
    left.push((await segments()).length);
  }
  expect(left).toEqual([22, 2, 2]);
  expect(await database.admin`select from quarry.trees where is_cleaning`).toEqual([]);
});

test("a deleted repository loses so many files a call, then its segments", async () => {
  await publish(await begin());
  await addFiles(5);
  await database.serviceRole`select api.delete_repository(${tenantId}, ${repositoryId}, 'test')`;
  const { job_id, lease_token } = (await seed.claim(database.indexer, worker))!;
  const left: unknown[] = [];
  for (let isDone = false; !isDone;) {
    const [row] = await database.indexer<{ done: boolean }[]>`
      select quarry.delete_repository_data(${job_id}, ${lease_token}, 4, 10) as done`;
    isDone = row!.done;
    left.push([await fileCount(), (await segments()).length]);
  }
  expect(left).toEqual([[2, 1], [0, 1], [0, 0], [0, 0]]);
});

test("dead segments that take long are dropped over several sweeps", async () => {
  const first = await begin();
  await publish(first);
  await publish(await indexAgain());
  await database.admin`
    insert into quarry.segments (repository_id, job_id, lease_token, format_version, published_at)
    select ${repositoryId}, gen_random_uuid(), gen_random_uuid(), 1, now() from generate_series(1, 30)`;
  const dead = async () => (await segments()).length - 1;
  await database.admin.unsafe(`
    create function public.take_long() returns trigger language plpgsql as
      'begin perform pg_sleep(1.1); return null; end';
    create trigger take_long after delete on quarry.segments
      for each statement execute function public.take_long()`);
  await age();
  await clean();
  expect(await dead()).toBeGreaterThan(0);
  expect(await dead()).toBeLessThan(31);
  await database.admin.unsafe(`
    drop trigger take_long on quarry.segments; drop function public.take_long()`);
  await clean();
  expect(await dead()).toBe(0);
});

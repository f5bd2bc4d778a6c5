// Locks are taken in one order: the tenant, the repository, its running job, its waiting jobs, and the
// tenant's place in the queue last. What would wait in a circle is led to the point where it did: two
// connections, one step at a time.

import type { Sql } from "postgres";
import { beforeEach, expect, test } from "vitest";
import { database, worker } from "./support/queue_database.ts";
import * as seed from "./support/seed.ts";

const MAIN = "refs/heads/main";

let tenantId: string;

beforeEach(async () => {
  await database.admin`update quarry.extraction set extractor_version = 0, format_version = 0`;
  tenantId = await seed.createTenant(database.admin);
});

async function indexed(hostId: number): Promise<string> {
  const { repository } = await seed.register(database.serviceRole, tenantId, {
    hostId,
    name: `owner/${hostId}`,
  });
  await publishNext();
  return repository.id;
}

async function publishNext(): Promise<void> {
  const claim = (await seed.claim(database.indexer, worker))!;
  await publish(database.indexer, claim);
  await database.indexer`
    select quarry.complete_job(${claim.job_id}, ${claim.lease_token}, 'indexed', 'oid', '{}')`;
}

const publish = (sql: Sql, { job_id, lease_token }: seed.Claim) =>
  sql`select quarry.publish_index(${job_id}, ${lease_token}, 'oid', '{}', null, '{text,symbols}', 1, 1)`;

const push = (repositoryId: string) =>
  database.serviceRole`
    select api.record_delivery(${repositoryId}, gen_random_uuid()::text, 'push', ${MAIN}, 'oid', null, null)`;

const enqueue = (sql: Sql, repositoryId: string) =>
  sql`select quarry.enqueue_job(${repositoryId}, 'index', ${MAIN}, 'test')`;

async function untilWaiting(count: number): Promise<void> {
  await expect.poll(async () =>
    (await database.admin`
      select from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`).length
  ).toBe(count);
}

/** As if nothing had been queued for so long that the next job notes it, or nothing ever. */
const idleTenants: readonly [string, () => Promise<unknown>][] = [
  ["has just been active", () => Promise.resolve()],
  [
    "was active a while ago",
    () =>
      database.admin`update quarry.tenant_queues set active_at = active_at - interval '2 minutes'`,
  ],
  ["has no place in the queue", () => database.admin`delete from quarry.tenant_queues`],
];

test.each(idleTenants)(
  "a push does not wait for who queues more jobs of its tenant, which %s",
  async (_, makeIdle) => {
    const first = await indexed(7);
    const second = await indexed(8);
    await makeIdle();
    await database.admin.begin(async (transaction) => {
      const sql = transaction as unknown as Sql;
      await enqueue(sql, first);
      const pushing = push(second).then(() => "pushed");
      expect(await Promise.race([pushing, untilWaiting(1).then(() => "waits")])).toBe("pushed");
      await enqueue(sql, second);
    });
    const rows = await database.admin`
      select q.tenant_id, count(*)::int as jobs from quarry.tenant_queues q
      join quarry.indexing_jobs j on j.tenant_id = q.tenant_id and j.state = 'queued' group by 1`;
    expect(rows).toEqual([{ tenant_id: tenantId, jobs: 2 }]);
  },
);

test("a new default branch waits for the publish of the old one before it touches what that publishes", async () => {
  const repositoryId = await indexed(7);
  await push(repositoryId);
  const claim = (await seed.claim(database.indexer, worker))!;
  let registering: Promise<unknown> | undefined;
  await database.indexer.begin(async (transaction) => {
    const sql = transaction as unknown as Sql;
    await sql`select quarry.heartbeat_job(${claim.job_id}, ${claim.lease_token}, null, null)`;
    registering = database.serviceRole`
      select api.register_repository(${tenantId}, 7, 'owner/7', 'trunk', 'public', null, null, 'test')`;
    registering.catch(() => undefined);
    await untilWaiting(1);
    await publish(sql, claim);
  });
  await registering;
  const trees = await database.admin`
    select ref, retired_at is null as is_followed from quarry.trees where repository_id = ${repositoryId} order by ref`;
  expect(trees).toEqual([
    { ref: MAIN, is_followed: false },
    { ref: "refs/heads/trunk", is_followed: true },
  ]);
});

const TRUNK = "refs/heads/trunk";

const registerTrunk = (sql: Sql) =>
  sql`select api.register_repository(${tenantId}, 7, 'owner/7', 'trunk', 'public', null, null, 'test')`;

const follow = (sql: Sql, repositoryId: string, ref: string) =>
  sql`select api.request_index(${tenantId}, ${repositoryId}, ${ref}, false, 'test')`;

/** What is followed, what still serves, and what is only left to be deleted. */
async function readRefs(repositoryId: string) {
  const rows = await database.admin<{ kind: string; refs: string[] }[]>`
    select kind, array_agg(ref order by ref) as refs from (
      select case when retired_at is null then 'followed' else 'retired' end as kind, ref
      from quarry.trees where repository_id = ${repositoryId}
      union all select 'dropped', ref from quarry.dropped_trees where repository_id = ${repositoryId}
    ) r group by kind`;
  return Object.fromEntries(rows.map(({ kind, refs }) => [kind, refs]));
}

async function deletions(repositoryId: string): Promise<string[]> {
  const rows = await database.admin<{ ref: string }[]>`
    select ref from quarry.indexing_jobs
    where repository_id = ${repositoryId} and kind = 'delete_ref' and state = 'queued' order by ref`;
  return rows.map(({ ref }) => ref);
}

/** Two steps, of which the second is made to wait for the first one's transaction. */
async function inTurn(
  first: (sql: Sql) => Promise<unknown>,
  second: () => PromiseLike<unknown>,
): Promise<void> {
  let waiting: Promise<unknown> | undefined;
  await database.admin.begin(async (transaction) => {
    await first(transaction as unknown as Sql);
    waiting = Promise.resolve(second());
    waiting.catch(() => undefined);
    await untilWaiting(1);
  });
  await waiting;
}

/** The default branch is another since, and the job that indexes it is about to publish. */
async function aboutToReplaceMain() {
  const repositoryId = await indexed(7);
  await registerTrunk(database.serviceRole);
  return { repositoryId, claim: (await seed.claim(database.indexer, worker))! };
}

test("who follows the former default branch again before the new one is published keeps it", async () => {
  const { repositoryId, claim } = await aboutToReplaceMain();
  await inTurn(
    (sql) => follow(sql, repositoryId, MAIN),
    () => publish(database.indexer, claim),
  );
  expect(await readRefs(repositoryId)).toEqual({ followed: [MAIN, TRUNK] });
  expect(await deletions(repositoryId)).toEqual([]);
});

test("who follows the former default branch again while the new one is published begins anew", async () => {
  const { repositoryId, claim } = await aboutToReplaceMain();
  await inTurn(
    (sql) => publish(sql, claim),
    () => follow(database.serviceRole, repositoryId, MAIN),
  );
  expect(await readRefs(repositoryId)).toEqual({ followed: [MAIN, TRUNK], dropped: [MAIN] });
  expect(await deletions(repositoryId)).toEqual([MAIN]);
});

test("a branch that becomes the default one while it is published takes over all the same", async () => {
  const repositoryId = await indexed(7);
  await follow(database.serviceRole, repositoryId, TRUNK);
  const claim = (await seed.claim(database.indexer, worker))!;
  await inTurn((sql) => publish(sql, claim), () => registerTrunk(database.serviceRole));
  expect(await readRefs(repositoryId)).toEqual({ followed: [TRUNK], dropped: [MAIN] });
  expect(await deletions(repositoryId)).toEqual([MAIN]);
});

test("a branch that is published as it becomes the default one takes over", async () => {
  const repositoryId = await indexed(7);
  await follow(database.serviceRole, repositoryId, TRUNK);
  const claim = (await seed.claim(database.indexer, worker))!;
  await inTurn(registerTrunk, () => publish(database.indexer, claim));
  expect(await readRefs(repositoryId)).toEqual({ followed: [TRUNK], dropped: [MAIN] });
});

test("a ref that is dropped again while a job deletes what it was leaves the rest to the next job", async () => {
  const repositoryId = await indexed(7);
  const setRefs = (refs: string) =>
    database.serviceRole`
      select api.set_refs(${tenantId}, ${repositoryId}, ${refs}::text[], 'test')`;
  const addFile = () =>
    database.admin`
      insert into quarry.tree_files (tree_id, path, path_text, generation_from, mode, language, marks)
      select t.id, 'a', 'a', 1, 33188, '', 0
      from quarry.trees t where t.repository_id = ${repositoryId} and t.ref = ${TRUNK}`;
  for (const refs of [`{${TRUNK}}`, "{}", `{${TRUNK}}`]) {
    await setRefs(refs);
    if (refs !== "{}") await publishNext();
    await addFile();
  }
  const { job_id, lease_token } = (await seed.claim(database.indexer, worker))!;
  let deleting: Promise<unknown> | undefined;
  await database.admin.begin(async (sql) => {
    await sql`
      delete from quarry.tree_files f using quarry.dropped_trees d where f.tree_id = d.tree_id`;
    deleting = Promise.resolve(database.indexer`
      select quarry.delete_ref_data(${job_id}, ${lease_token}, 10) as done`);
    deleting.catch(() => undefined);
    await untilWaiting(1);
    await setRefs("{}");
  });
  expect(await deleting).toEqual([{ done: true }]);
  expect(await readRefs(repositoryId)).toEqual({ followed: [MAIN], dropped: [TRUNK] });
  expect(await deletions(repositoryId)).toEqual([TRUNK]);
});

test("what a new indexer has to do passes by a repository that is being changed", async () => {
  const changed = await indexed(7);
  const other = await indexed(8);
  await database.admin`update quarry.extraction set extractor_version = 9, format_version = 9`;
  const upgrade = async () => {
    const [row] = await database.admin`select quarry.enqueue_upgrades(5) as count`;
    return row!["count"];
  };
  await database.admin.begin(async (transaction) => {
    await transaction`select from quarry.repositories where id = ${changed} for no key update`;
    expect(await upgrade()).toBe(1);
    const queued = await database.admin`
      select repository_id from quarry.indexing_jobs where state = 'queued'`;
    expect(queued).toEqual([{ repository_id: other }]);
  });
  expect(await upgrade()).toBe(1);
});

test("what a new indexer has to do leaves nothing of a repository locked that it passes by", async () => {
  const changed = await indexed(7);
  await database.admin`update quarry.extraction set extractor_version = 9, format_version = 9`;
  await database.admin.begin(async (changing) => {
    await changing`select from quarry.repositories where id = ${changed} for no key update`;
    await database.admin.begin(async (sweeping) => {
      await sweeping`select quarry.enqueue_upgrades(5)`;
      expect(
        await changing`
          select ref from quarry.trees where repository_id = ${changed} for update skip locked`,
      ).toEqual([{ ref: MAIN }]);
    });
  });
});

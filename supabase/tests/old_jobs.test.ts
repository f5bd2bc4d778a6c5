// A month of pushes: what it costs to say how a repository is, and which jobs are forgotten after it.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { createTestDatabase, type TestDatabase } from "../../scripts/local/test_database.ts";
import * as seed from "./support/seed.ts";

let database: TestDatabase;
let tenantId: string;
let repositoryId: string;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.admin`truncate quarry.tenants cascade`;
  await database.admin`update quarry.sweeps set jobs_looked_at = null`;
  tenantId = await seed.createTenant(database.admin);
  repositoryId = (await seed.register(database.serviceRole, tenantId)).repository.id;
});

interface Ended {
  readonly state: "completed" | "failed" | "cancelled";
  readonly daysAgo: number;
  readonly ref?: string;
  readonly count?: number;
}

/** Index jobs that ended, a minute apart, the newest of them so many days ago. */
async function addEnded(
  { state, daysAgo, ref = "refs/heads/main", count = 1 }: Ended,
): Promise<void> {
  const outcome = state === "completed" ? "indexed" : null;
  await database.admin`
    insert into quarry.indexing_jobs (
      tenant_id, repository_id, kind, ref, requested_by, state, outcome, attempt, queued_at, run_at, started_at, finished_at)
    select ${tenantId}, ${repositoryId}, 'index', ${ref}, 'test', ${state}, ${outcome}, 1, e.at, e.at, e.at, e.at
    from (
      select now() - make_interval(days => ${daysAgo}, mins => n) as at from generate_series(1, ${count}) n) e`;
}

async function ended(): Promise<string[]> {
  const rows = await database.admin<{ job: string }[]>`
    select state || ' ' || ref as job from quarry.indexing_jobs where finished_at is not null order by 1`;
  return rows.map(({ job }) => job);
}

async function forget(): Promise<void> {
  await database.admin`select quarry.forget_old_jobs()`;
}

interface PlanNode {
  readonly "Relation Name"?: string | undefined;
  readonly "Actual Rows": number;
  readonly "Rows Removed by Filter"?: number | undefined;
  readonly Plans?: readonly PlanNode[] | undefined;
}
const planNode: z.ZodType<PlanNode> = z.lazy(() =>
  z.object({
    "Relation Name": z.string().optional(),
    "Actual Rows": z.number(),
    "Rows Removed by Filter": z.number().optional(),
    Plans: z.array(planNode).optional(),
  })
);
const plans = z.tuple([z.object({ Plan: planNode })]);

/** Rows of the queue that a plan has read. */
function jobsRead(node: PlanNode): number {
  const own = node["Relation Name"] === "indexing_jobs"
    ? node["Actual Rows"] + (node["Rows Removed by Filter"] ?? 0)
    : 0;
  return (node.Plans ?? []).reduce((sum, child) => sum + jobsRead(child), own);
}

test("how a repository is, is read from its newest jobs, however many there were", async () => {
  await addEnded({ state: "completed", daysAgo: 0, count: 3000 });
  await database.admin`analyze quarry.indexing_jobs`;
  const [row] = await database.admin`
    explain (analyze, format json)
    select v.state from quarry.repository_status_view v where v.id = ${repositoryId}`;
  const [{ Plan: plan }] = plans.parse(row?.["QUERY PLAN"]);
  expect(jobsRead(plan)).toBeLessThan(10);
});

test("a repository is indexing while its job runs, whatever was asked for since", async () => {
  const stateOf = async () => {
    const [row] = await database.admin<{ state: string }[]>`
      select state from quarry.repository_status_view where id = ${repositoryId}`;
    return row?.state;
  };
  await addEnded({ state: "failed", daysAgo: 0 });
  expect(await stateOf()).toBe("error");
  await seed.claim(database.indexer, await seed.startWorker(database.admin));
  expect(await stateOf()).toBe("indexing");
});

describe("jobs that ended a month ago", () => {
  test("are forgotten, and younger ones are not", async () => {
    await addEnded({ state: "completed", daysAgo: 31 });
    await addEnded({ state: "cancelled", daysAgo: 31 });
    await addEnded({ state: "completed", daysAgo: 29 });
    await forget();
    expect(await ended()).toEqual(["completed refs/heads/main"]);
  });

  test("with a failure stay for the operator, unless it was asked for again or nobody follows its ref", async () => {
    // The registration's own job asks for it again: it goes.
    await seed.claim(database.indexer, await seed.startWorker(database.admin));
    await addEnded({ state: "failed", daysAgo: 31 });
    await addEnded({ state: "failed", daysAgo: 31, ref: "refs/heads/mistyped" });
    await forget();
    expect(await ended()).toEqual([]);
    await database.admin`delete from quarry.indexing_jobs`;
    await database.admin`update quarry.sweeps set jobs_looked_at = null`;
    await addEnded({ state: "failed", daysAgo: 31 });
    await forget();
    expect(await ended()).toEqual(["failed refs/heads/main"]);
  });

  test("are forgotten but for the newest of a repository, with which a registration answers", async () => {
    await database.admin`delete from quarry.indexing_jobs`;
    await addEnded({ state: "completed", daysAgo: 31 });
    await addEnded({ state: "cancelled", daysAgo: 32 });
    await forget();
    expect(await ended()).toEqual(["completed refs/heads/main"]);
    const [host] = await database.admin<{ id: string }[]>`
      select host_id::text as id from quarry.repositories where id = ${repositoryId}`;
    const again = await seed.register(database.serviceRole, tenantId, { hostId: Number(host?.id) });
    expect(again).toMatchObject({ outcome: "existing", job: { state: "completed" } });

    await database.admin`update quarry.repositories set deleted_at = now()`;
    await database.admin`update quarry.sweeps set jobs_looked_at = null`;
    await forget();
    expect(await ended()).toEqual([]);
  });

  test("are looked for again an hour later where there were few, at once where there are more", async () => {
    await addEnded({ state: "completed", daysAgo: 31, count: 1500 });
    await forget();
    expect(await ended()).toHaveLength(500);
    await forget();
    expect(await ended()).toHaveLength(0);
    await addEnded({ state: "completed", daysAgo: 31 });
    await forget();
    expect(await ended()).toHaveLength(1);
    await database
      .admin`update quarry.sweeps set jobs_looked_at = jobs_looked_at - interval '61 minutes'`;
    await forget();
    expect(await ended()).toHaveLength(0);
  });

  test("are looked for where the clock went back since", async () => {
    await addEnded({ state: "completed", daysAgo: 31 });
    await database.admin`update quarry.sweeps set jobs_looked_at = now() + interval '1 day'`;
    await forget();
    expect(await ended()).toHaveLength(0);
  });
});

describe("a repository that was deleted", () => {
  const known = async () =>
    (await database.admin`select id from quarry.repositories where id = ${repositoryId}`).length;
  const deleted = (daysAgo: number) =>
    database.admin`
      update quarry.repositories set deleted_at = now() - make_interval(days => ${daysAgo})`;

  test("is forgotten once its last job is", async () => {
    await database.admin`delete from quarry.indexing_jobs`;
    await addEnded({ state: "completed", daysAgo: 31 });
    await deleted(31);
    await forget();
    expect(await ended()).toEqual([]);
    expect(await known()).toBe(0);
  });

  test("is kept for a month, and as long as a job of it is", async () => {
    await database.admin`delete from quarry.indexing_jobs`;
    await deleted(29);
    await forget();
    expect(await known()).toBe(1);
    await addEnded({ state: "completed", daysAgo: 29 });
    await deleted(31);
    await database.admin`update quarry.sweeps set jobs_looked_at = null`;
    await forget();
    expect(await known()).toBe(1);
  });

  test("is kept where it could not be deleted, for the operator to redrive that", async () => {
    await database.admin`delete from quarry.indexing_jobs`;
    await addEnded({ state: "failed", daysAgo: 31 });
    await database.admin`update quarry.indexing_jobs set kind = 'delete_repository', ref = null`;
    await deleted(31);
    await forget();
    expect(await known()).toBe(1);
  });

  test("takes no other one along, nor one that only has no jobs", async () => {
    await database.admin`delete from quarry.indexing_jobs`;
    await forget();
    expect(await known()).toBe(1);
  });
});

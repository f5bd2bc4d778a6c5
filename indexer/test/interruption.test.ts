import { afterAll, beforeAll, expect, test } from "vitest";
import { git } from "../../scripts/local/github/git_process.ts";
import type { Failpoint, FailpointName } from "../src/failpoint.ts";
import { Stopped } from "../src/errors.ts";
import { type DumpedTree, dumpIndex } from "./support/dump.ts";
import { commitFiles, file } from "./support/hosted_commits.ts";
import { createIndexing, type Indexing, type RegisteredRepository } from "./support/indexing.ts";

const before = new Map([["a.ts", file("let before;\n")], ["gone.ts", file("let gone;\n")]]);
const after = new Map([["a.ts", file("let after;\n")], ["new.py", file("def fresh(): pass\n")]]);

let indexing: Indexing;
let hosted: Awaited<ReturnType<Indexing["createHosted"]>>;
let oids: { readonly before: string; readonly after: string };
let expected: DumpedTree[];

async function moveTo(commitOid: string): Promise<void> {
  await git(hosted.directory, "update-ref", "refs/heads/main", commitOid);
}

beforeAll(async () => {
  indexing = await createIndexing();
  hosted = await indexing.createHosted();
  oids = {
    before: await commitFiles(hosted.directory, before),
    after: await commitFiles(hosted.directory, after),
  };
  const fresh = await indexing.register(hosted);
  await indexing.work();
  expected = await dumpIndex(indexing.database.admin, fresh);
});
afterAll(async () => {
  await indexing[Symbol.asyncDispose]();
});

/** A repository with the first commit indexed and a job for the second one queued. */
async function pushed(): Promise<{ repository: RegisteredRepository; old: DumpedTree[] }> {
  await moveTo(oids.before);
  const repository = await indexing.register(hosted);
  await indexing.work();
  await moveTo(oids.after);
  await indexing.push(repository, oids.after);
  return { repository, old: await dump(repository) };
}

function dump(repository: RegisteredRepository): Promise<DumpedTree[]> {
  return dumpIndex(indexing.database.admin, repository);
}

/** Does something the first time that a point is passed, while the worker waits. */
function once(point: FailpointName, action: () => Promise<unknown>): Failpoint {
  let isDone = false;
  return async (name) => {
    if (name !== point || isDone) return;
    isDone = true;
    await action();
  };
}

/** Somebody else gets the job: its lease ran out. */
async function loseLease(): Promise<void> {
  await indexing.database.admin`
    update quarry.indexing_jobs set lease_token = gen_random_uuid() where state = 'running'`;
}

async function dropConnections(): Promise<void> {
  await indexing.database.admin`
    select pg_terminate_backend(pid) from pg_stat_activity
    where usename = 'quarry_indexer' and datname = current_database()`;
}

test.each(["after_diff", "during_copy", "before_publish"] as const)(
  "invariant 2: a worker that loses its lease at %s changes nothing that anybody sees",
  async (point) => {
    const { repository, old } = await pushed();
    await indexing.work({ failpoint: once(point, loseLease) });
    expect(await dump(repository)).toEqual(old);
    expect(await indexing.lastJob(repository)).toMatchObject({ state: "running", errors: [] });
    await indexing.passTime();
    await indexing.work();
    expect(await dump(repository)).toEqual(expected);
  },
);

test.each(
  ["after_fetch", "during_copy", "after_copy", "before_publish", "before_complete"] as const,
)(
  "a database that drops its connections at %s costs at most an attempt",
  async (point) => {
    const { repository } = await pushed();
    await indexing.work({ failpoint: once(point, dropConnections) });
    await indexing.passTime();
    await indexing.work();
    expect(await dump(repository)).toEqual(expected);
    const job = await indexing.lastJob(repository);
    expect(job.state).toBe("completed");
    expect(job.attempt).toBeLessThanOrEqual(2);
  },
);

test.each(["after_fetch", "during_copy", "before_publish"] as const)(
  "a job that is cancelled at %s hears of it by its heartbeat and changes nothing",
  async (point) => {
    const { repository, old } = await pushed();
    const { promise: aborted, resolve } = Promise.withResolvers<void>();
    await indexing.work({
      worker: { heartbeatMilliseconds: 20 },
      onJob: ({ signal }) => signal.addEventListener("abort", () => resolve()),
      failpoint: once(point, async () => {
        const { id } = await indexing.lastJob(repository);
        await indexing.database.serviceRole`
          select api.cancel_job(${repository.tenantId}, ${id})`;
        await aborted;
      }),
    });
    expect(await indexing.lastJob(repository)).toMatchObject({ state: "cancelled" });
    expect(await dump(repository)).toEqual(old);
  },
);

test.each(["after_claim", "during_copy", "before_publish"] as const)(
  "a worker that is asked to stop at %s gives the job back without cost",
  async (point) => {
    const { repository, old } = await pushed();
    const shutdown = new AbortController();
    await indexing.work({
      worker: { shutdown: shutdown.signal },
      failpoint: once(point, () => {
        shutdown.abort(new Stopped("shutdown"));
        return Promise.resolve();
      }),
    });
    expect(await indexing.lastJob(repository)).toMatchObject({ state: "queued", attempt: 0 });
    expect(await dump(repository)).toEqual(old);
    await indexing.work();
    expect(await dump(repository)).toEqual(expected);
    expect(await indexing.lastJob(repository)).toMatchObject({ state: "completed", attempt: 1 });
  },
);

test("two workers never hold one repository, and both find the work that is left", async () => {
  const { repository } = await pushed();
  const other = await indexing.register(hosted);
  await Promise.all([indexing.work(), indexing.work()]);
  expect(await dump(repository)).toEqual(expected);
  expect(await dump(other)).toEqual(expected);
  for (const each of [repository, other]) {
    expect(await indexing.lastJob(each)).toMatchObject({ state: "completed", attempt: 1 });
  }
});

test("an error in words that PostgreSQL cannot keep is told all the same", async () => {
  const { repository } = await pushed();
  await indexing.work({
    failpoint: once("after_fetch", () => Promise.reject(new Error("the host said \0, and left"))),
  });
  const { id, ...job } = await indexing.lastJob(repository);
  expect(job).toMatchObject({ state: "queued", errors: [{ code: "internal_error" }] });
  expect(await indexing.facts(id, "operator_detail"))
    .toEqual({ detail: expect.stringContaining("the host said \ufffd, and left") });
});

test("a job that takes longer than it may is given up", async () => {
  const { repository } = await pushed();
  const { promise: aborted, resolve } = Promise.withResolvers<void>();
  await indexing.work({
    worker: { jobMillisecondsMax: 1 },
    failpoint: (name) => {
      if (name !== "after_claim") return;
      setTimeout(resolve, 20);
      return aborted;
    },
  });
  expect(await indexing.lastJob(repository)).toMatchObject({
    state: "failed",
    errors: [{ code: "job_time_limit" }],
  });
});

test("a job whose handler never ends is given up, and its worker goes", async () => {
  const { repository, old } = await pushed();
  const never = new Promise<void>(() => undefined);
  await expect(indexing.work({
    worker: { jobMillisecondsMax: 500, graceMilliseconds: 200 },
    failpoint: (name) => name === "after_fetch" ? never : undefined,
  })).rejects.toThrow("has not stopped");
  expect(await indexing.lastJob(repository)).toMatchObject({
    state: "failed",
    errors: [{ code: "job_time_limit" }],
  });
  expect(await dump(repository)).toEqual(old);
  const [machine] = await indexing.database.admin`
    select count(*)::int as live from quarry.machines where state <> 'gone'`;
  expect(machine).toEqual({ live: 0 });
});

test("a process that gets SIGTERM releases its job, leaves, and exits with 0", async () => {
  const { repository, old } = await pushed();
  const { admin } = indexing.database;
  // Holds the worker at the point where it reads the published state.
  await admin.begin(async (lock) => {
    await lock`lock table quarry.tree_files in access exclusive mode`;
    const worker = await indexing.start({ idleExitSeconds: 60 });
    while (!worker.output().includes('"claimed"')) await new Promise((go) => setTimeout(go, 10));
    worker.child.kill("SIGTERM");
    expect(await worker.ended).toMatchObject({ code: 0 });
  });
  expect(await indexing.lastJob(repository)).toMatchObject({ state: "queued", attempt: 0 });
  expect(await dump(repository)).toEqual(old);
  const [machine] = await admin`
    select count(*)::int as live from quarry.machines where state <> 'gone'`;
  expect(machine).toEqual({ live: 0 });
});

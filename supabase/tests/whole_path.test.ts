// The whole way through HTTP and git, on the stack that `npm run stack` starts: register, index,
// push, search, and machines that go when there is nothing to do.

import { rename, rm } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createStack, type Stack } from "../../scripts/local/stack.ts";
import { register, send } from "./support/http.ts";
import { Clone, ended, searchAll, settled, until } from "./support/whole_path.ts";

let stack: Stack;
let clone: Clone;
let repositoryId: string;

beforeAll(async () => {
  stack = await createStack({ durable: false, machineEnvironment: { IDLE_EXIT_SECONDS: "1" } });
  clone = await Clone.create(stack, "acme/rocket");
  await clone.write(
    "engine.ts",
    "export function igniteEngine(stage: number) {\n  return stage;\n}\n",
  );
  await clone.write("fuel.py", "class Tank:\n    def refill(self):\n        return 'kerosene'\n");
  await clone.write("notes.txt", "the Quick brown fox\nüber 日本語\n");
  await clone.commitAndPush();
  const { jobId, ...registered } = await register(stack, "acme/rocket");
  repositoryId = registered.repositoryId;
  expect(await ended(stack, jobId)).toMatchObject({ state: "completed", outcome: "indexed" });
});
afterAll(async () => {
  await clone[Symbol.asyncDispose]();
  await stack.stop();
});

const paths = async (q: string) => (await searchAll(stack, q)).map((match) => match.path);

test("a registered repository is found by text, with the commit, line and column of each match", async () => {
  const oid = (await clone.git("rev-parse", "HEAD")).trim();
  expect(await searchAll(stack, "igniteEngine")).toEqual([{
    repository: "acme/rocket",
    ref: "refs/heads/main",
    commit_oid: oid,
    path: "engine.ts",
    line: 1,
    column: 17,
    length: 12,
    text: "export function igniteEngine(stage: number) {",
  }]);
});

test("a query without capitals ignores case, one with a capital does not", async () => {
  expect(await paths("quick")).toEqual(["notes.txt"]);
  expect(await paths("Quick")).toEqual(["notes.txt"]);
  expect(await paths("QUICK")).toEqual([]);
  expect(await paths("ÜBER")).toEqual([]);
  expect(await paths("本語")).toEqual(["notes.txt"]);
});

test("symbols are found exactly, by prefix and by their middle", async () => {
  const find = async (name: string, match: string) => {
    const { body } = await send(stack, `/api/symbols?name=${name}&match=${match}`);
    return (body["symbols"] as { name: string; container: string | null; kind: string }[])
      .map(({ name: found, container, kind }) => [found, container, kind]);
  };
  expect(await find("refill", "exact")).toEqual([["refill", "Tank", "method"]]);
  expect(await find("ignite", "prefix")).toEqual([["igniteEngine", null, "function"]]);
  expect(await find("teEng", "infix")).toEqual([["igniteEngine", null, "function"]]);
  expect(await find("ignite", "exact")).toEqual([]);
});

test("a finished job says how many files and bytes it has indexed", async () => {
  const { progress } = await settled(stack);
  expect(progress).toEqual({
    percent: 100,
    files_done: 3,
    files_total: 3,
    bytes_done: 160,
    bytes_total: 160,
  });
});

test("a job's history shows its tenant nothing of the machine or of what others published", async () => {
  const { id } = await settled(stack);
  const { body } = await send(stack, `/api/jobs/${id}/events`);
  const events = body["items"] as { event: string; context: Record<string, unknown> }[];
  const shown = (name: string) => events.find(({ event }) => event === name)?.context ?? {};
  expect(shown("claimed")).toEqual({ attempt: 1 });
  expect(Object.keys(shown("published")).toSorted()).toEqual(["files", "segments"]);
  expect(shown("completed")).toMatchObject({ files: 3 });
  expect(shown("completed")).not.toHaveProperty("peak_rss_bytes");
  const kept = await stack.sql<{ event: string; context: Record<string, unknown> }[]>`
    select event, context from quarry.indexing_job_events where job_id = ${id}`;
  const operator = Object.assign({}, ...kept.map(({ context }) => context)) as object;
  for (const name of ["launch_id", "generation", "peak_rss_bytes"]) {
    expect(operator).toHaveProperty(name);
  }
});

test("a push is indexed by what it changed: edits, a rename, a deletion", async () => {
  await clone.write("engine.ts", "export const shutdownEngine = 1;\n");
  await rename(path.join(clone.directory, "notes.txt"), path.join(clone.directory, "renamed.md"));
  await rm(path.join(clone.directory, "fuel.py"));
  const oid = await clone.commitAndPush();
  const [match] = await until("the pushed commit", async () => {
    const found = await searchAll(stack, "shutdownEngine");
    return found.length > 0 && found;
  });
  expect(match).toMatchObject({ commit_oid: oid, path: "engine.ts" });
  expect(await paths("igniteEngine")).toEqual([]);
  expect(await paths("kerosene")).toEqual([]);
  expect(await paths("quick")).toEqual(["renamed.md"]);
  const job = await settled(stack);
  const { body } = await send(stack, `/api/jobs/${job.id}/events`);
  const completed = (body["items"] as { event: string; context: Record<string, number> }[])
    .find(({ event }) => event === "completed");
  expect(completed?.context).toMatchObject({ changed: 2, removed: 2, files: 2 });
});

test("a push that changes no content completes as unchanged, and answers name the new commit", async () => {
  const oid = await clone.commitAndPush("Nothing");
  const job = await until("the job of the push", async () => {
    const newest = await settled(stack);
    return newest.commit_oid === oid && newest;
  });
  expect(job).toMatchObject({ state: "completed", outcome: "unchanged" });
  const { body } = await send(stack, `/api/jobs/${job.id}/events`);
  expect(JSON.stringify(body)).toContain("unchanged");
  expect((await searchAll(stack, "shutdownEngine"))[0]?.commit_oid).toBe(oid);
});

test("a forced push to an older commit brings the older content back", async () => {
  await clone.git("reset", "--quiet", "--hard", "HEAD~2");
  await clone.push("--force");
  await until("the old content", async () => (await paths("kerosene")).length === 1);
  expect(await paths("shutdownEngine")).toEqual([]);
  expect(await paths("quick")).toEqual(["notes.txt"]);
});

test("a repeated delivery changes nothing", async () => {
  await settled(stack);
  const count = async () => (await stack.sql`select from quarry.indexing_jobs`).length;
  const before = await count();
  const { deliveries } = stack.github.webhooks;
  const push = deliveries.findLast((delivery) => delivery.event === "push")!;
  await stack.github.webhooks.redeliver(push.guid);
  expect(push.attempts).toHaveLength(2);
  expect(push.attempts[1]).toMatchObject({ status: 200 });
  expect(await count()).toBe(before);
});

test("the next page of a search reads the generation and names the commit of its first", async () => {
  await clone.write("pages.txt", "page one\npage two\npage three\n");
  const first = await clone.commitAndPush();
  await until("the pages", async () => (await paths("page two")).length === 1);
  const page = async (cursor: string) => (await send(stack, `/api/search?q=page&limit=1${cursor}`));
  const { body: one } = await page("");
  expect(one).toMatchObject({ complete: false, incomplete_reason: "more_results" });
  await clone.write("pages.txt", "nothing of it is left\n");
  await clone.commitAndPush();
  await until("the change", async () => (await paths("page two")).length === 0);
  const cursor = `&cursor=${String(one["next_cursor"])}`;
  expect((await page(cursor)).body["matches"]).toMatchObject([{
    line: 2,
    text: "page two",
    commit_oid: first,
  }]);

  await stack.sql`update quarry.trees set oldest_generation = generation`;
  expect((await page(cursor)).status).toBe(410);
});

test("a new default branch is followed from its first push on, and takes over when it is indexed", async () => {
  await stack.github.createRepository("acme/moving");
  await using other = await Clone.create(stack, "acme/moving");
  await other.write("old.txt", "kept on the old branch\n");
  await other.commitAndPush();
  const { jobId, repositoryId: movingId } = await register(stack, "acme/moving");
  await ended(stack, jobId);
  await other.write("new.txt", "only on the new branch\n");
  await other.commit();
  await other.git("push", "--quiet", `${stack.githubUrl}/acme/moving.git`, "HEAD:refs/heads/trunk");
  await stack.github.setDefaultBranch("acme/moving", "trunk");
  expect(await paths("kept on the old branch")).toEqual(["old.txt"]);
  await other.write("newer.txt", "pushed to the new branch\n");
  await other.commit();
  await other.git("push", "--quiet", `${stack.githubUrl}/acme/moving.git`, "HEAD:refs/heads/trunk");
  await until("the new branch", async () => (await paths("on the new branch")).length === 1);
  const [match] = await searchAll(stack, "kept on the old branch");
  expect(match).toMatchObject({ path: "old.txt", ref: "refs/heads/trunk" });
  expect(await paths("kept on the old branch")).toHaveLength(1);
  const { body } = await send(stack, `/api/repositories/${movingId}`, { method: "DELETE" });
  await ended(stack, (body["job"] as { id: string }).id);
});

test("a lost wake is made good by the sweep", async () => {
  await until("an idle fleet", () => stack.machines.running().length === 0);
  stack.net.pause();
  try {
    await clone.write("late.txt", "indexed without a wake\n");
    await clone.commitAndPush();
    await until(
      "the queued job",
      async () =>
        (await stack.sql`select from quarry.indexing_jobs where state = 'queued'`).length === 1,
    );
    await stack.sql`truncate net.http_request_queue`;
  } finally {
    stack.net.resume();
  }
  await stack.cron.tick("quarry-sweep");
  const found = await until("the late file", async () => {
    const matches = await searchAll(stack, "without a wake");
    return matches.length > 0 && matches;
  });
  expect(found[0]?.path).toBe("late.txt");
});

test("with nothing to do no machine runs, and the rows say so (invariant 7)", async () => {
  await until("an idle fleet", () => stack.machines.running().length === 0);
  expect(await stack.sql`select from quarry.machines where state <> 'gone'`).toHaveLength(0);
});

test("deleting a repository hides it at once and then removes its index, its hook and its secrets", async () => {
  const { status, body } = await send(stack, `/api/repositories/${repositoryId}`, {
    method: "DELETE",
  });
  expect(status).toBe(202);
  expect(await paths("quick")).toEqual([]);
  expect(await ended(stack, (body["job"] as { id: string }).id)).toMatchObject({
    state: "completed",
  });
  const ofSegments = [
    "blobs",
    "blob_chunks",
    "term_pages",
    "gram_pages",
    "symbol_pages",
    "use_pages",
  ];
  for (const table of ["segments", ...ofSegments, "tree_files", "trees"]) {
    expect(await stack.sql`select from ${stack.sql(`quarry.${table}`)}`, table).toHaveLength(0);
  }
  expect(await stack.sql`select from vault.secrets where name like 'repository/%'`).toHaveLength(0);
});

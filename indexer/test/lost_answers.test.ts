import { afterAll, beforeAll, expect, test } from "vitest";
import { startCuttingProxy } from "./support/cutting_proxy.ts";
import { commitFiles, file } from "./support/hosted_commits.ts";
import { createIndexing, type Indexing } from "./support/indexing.ts";

let indexing: Indexing;
beforeAll(async () => {
  indexing = await createIndexing();
});
afterAll(async () => {
  await indexing[Symbol.asyncDispose]();
});

test.each([
  ["publish_index", "published"],
  ["complete_and_claim", "completed"],
])("invariant 2: where the answer of %s is lost, the job is %s once", async (name, event) => {
  const hosted = await indexing.createHosted();
  await commitFiles(hosted.directory, new Map([["a.ts", file("let a;\n")]]));
  const repository = await indexing.register(hosted);
  const { id } = await indexing.lastJob(repository);
  const events = async () => {
    const rows = await indexing.database.admin<{ event: string }[]>`
      select event from quarry.indexing_job_events where job_id = ${id} order by id`;
    return rows.map((row) => row.event);
  };
  const databaseUrl = indexing.database.url("quarry_indexer");
  const isCommitted = async () => (await events()).includes(event);
  using proxy = await startCuttingProxy(databaseUrl, name, isCommitted);
  const { ended } = await indexing.start({ environment: { DATABASE_URL: proxy.url } });
  expect(await ended).toMatchObject({ code: 0 });
  expect(proxy.isCut).toBe(true);
  expect(await indexing.lastJob(repository))
    .toMatchObject({ state: "completed", outcome: "indexed", attempt: 1, errors: [] });
  expect(await events())
    .toEqual(["queued", "claimed", "fetched", "diffed", "written", "published", "completed"]);
});

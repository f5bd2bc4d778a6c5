import { afterAll, beforeAll, expect, test } from "vitest";
import { commitFiles, file } from "./support/hosted_commits.ts";
import { createIndexing, type Indexing } from "./support/indexing.ts";

let indexing: Indexing;
beforeAll(async () => {
  indexing = await createIndexing();
});
afterAll(async () => {
  await indexing[Symbol.asyncDispose]();
});

test("what an indexer finds changed that was deployed in parts waits until the rest is", async () => {
  const { admin } = indexing.database;
  const hosted = await indexing.createHosted();
  await commitFiles(hosted.directory, new Map([["a.ts", file("export const a = 1;\n")]]));
  const repository = await indexing.register(hosted);
  await admin`alter function quarry.publish_index rename to publish_otherwise`;
  for (let times = 0; times < 6; times += 1) {
    await indexing.work();
    expect(await indexing.lastJob(repository)).toMatchObject({ state: "queued" });
    await indexing.passTime();
  }
  await admin`alter function quarry.publish_otherwise rename to publish_index`;
  await indexing.work();
  expect(await indexing.lastJob(repository)).toMatchObject({
    state: "completed",
    outcome: "indexed",
    errors: expect.arrayContaining([expect.objectContaining({ code: "version_mismatch" })]),
  });
});

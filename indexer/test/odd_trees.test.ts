import { afterAll, beforeAll, expect, test } from "vitest";
import { spawnSync } from "node:child_process";
import { git } from "../../scripts/local/git_process.ts";
import { dumpIndex } from "./support/dump.ts";
import { commitFiles, file, type HostedFile } from "./support/hosted_commits.ts";
import { createIndexing, type Indexing } from "./support/indexing.ts";

let indexing: Indexing;
beforeAll(async () => {
  indexing = await createIndexing();
});
afterAll(async () => {
  await indexing[Symbol.asyncDispose]();
});

async function indexed(files: ReadonlyMap<string, HostedFile>) {
  const hosted = await indexing.createHosted();
  const commitOid = await commitFiles(hosted.directory, files);
  const repository = await indexing.register(hosted);
  await indexing.work();
  return { hosted, repository, commitOid };
}

async function dump(repository: Parameters<typeof dumpIndex>[1]) {
  const [tree] = await dumpIndex(indexing.database.admin, repository);
  if (tree === undefined) throw new Error("no tree");
  return { tree, files: new Map(tree.files.map((each) => [each.path, each])) };
}

test("a push that changes modes alone completes as unchanged, with the modes in the tree", async () => {
  const content = "#!/bin/sh\necho hi\n";
  const { hosted, repository } = await indexed(
    new Map([["run.sh", file(content)], ["kept.sh", file("kept\n")]]),
  );
  const commitOid = await commitFiles(
    hosted.directory,
    new Map<string, HostedFile>([
      ["run.sh", { mode: "100755", content }],
      ["kept.sh", file("kept\n")],
    ]),
  );
  await indexing.push(repository, commitOid);
  await indexing.work();
  const job = await indexing.lastJob(repository);
  expect(job).toMatchObject({ state: "completed", outcome: "unchanged", commit_oid: commitOid });
  expect(await indexing.facts(job.id, "completed")).toMatchObject({
    reason: "same content",
    modes_changed: 1,
    changed: 0,
    removed: 0,
    blobs_fetched: 0,
  });
  const { tree, files } = await dump(repository);
  expect(tree.commit_oid).toBe(commitOid);
  expect(files.get("run.sh")).toMatchObject({ mode: 0o100755, chunks: [[1, content.trimEnd()]] });
});

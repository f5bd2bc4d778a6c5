import { afterAll, beforeAll, expect, test } from "vitest";
import { spawnSync } from "node:child_process";
import { git, gitEnvironment } from "../../scripts/local/git_process.ts";
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

/** Writes an object as it is, sound or not. */
function writeObject(directory: string, type: string, content: Buffer): string {
  const args = ["hash-object", "-t", type, "-w", "--literally", "--stdin"];
  const { stdout, status } = spawnSync("git", args, {
    cwd: directory,
    env: gitEnvironment(),
    input: content,
  });
  expect(status).toBe(0);
  return stdout.toString().trim();
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

test("a tree that names a path twice has the first of the two", async () => {
  const hosted = await indexing.createHosted();
  const { directory } = hosted;
  const [first, second] = ["first\n", "second\n"].map((text) =>
    writeObject(directory, "blob", Buffer.from(text))
  );
  const entry = (oid = "") =>
    Buffer.concat([Buffer.from("100644 twice.txt\0"), Buffer.from(oid, "hex")]);
  const treeOid = writeObject(
    directory,
    "tree",
    Buffer.concat([entry(first), entry(second)]),
  );
  const as = ["-c", "user.name=a", "-c", "user.email=a@b"];
  const commitOid = (await git(directory, ...as, "commit-tree", "-m", "twice", treeOid)).trim();
  await git(directory, "update-ref", "refs/heads/main", commitOid);
  const repository = await indexing.register(hosted);
  await indexing.work();
  const job = await indexing.lastJob(repository);
  expect(job).toMatchObject({ state: "completed", outcome: "indexed", attempt: 1 });
  expect(await indexing.facts(job.id, "completed")).toMatchObject({ files: 1, changed: 1 });
  const { tree, files } = await dump(repository);
  expect(tree).toMatchObject({ commit_oid: commitOid, file_count: 1 });
  expect(files.get("twice.txt")?.chunks).toEqual([[1, "first"]]);
});

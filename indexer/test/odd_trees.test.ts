import { afterAll, beforeAll, expect, test } from "vitest";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { z } from "zod";
import { PATH_BYTES_MAX } from "../../supabase/functions/_shared/contracts/limits.ts";
import { type CursorPosition, Cursors } from "../../supabase/functions/_shared/runtime/cursor.ts";
import { git, gitEnvironment } from "../../scripts/local/github/git_process.ts";
import { commitFiles, file, type HostedFile } from "./support/hosted_commits.ts";
import { dumpTree, indexFiles } from "./support/indexed_files.ts";
import { createIndexing, type Indexing, type RegisteredRepository } from "./support/indexing.ts";

const cursors = new Cursors("a secret");
let indexing: Indexing;
beforeAll(async () => {
  indexing = await createIndexing();
});
afterAll(async () => {
  await indexing[Symbol.asyncDispose]();
});

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

/** The whole list, page by page through the cursors that the API would hand out. */
async function listSkippedFiles(repository: RegisteredRepository) {
  const { serviceRole } = indexing.database;
  const listed: { readonly path: string; readonly reason: string }[] = [];
  for (let position: CursorPosition = null;;) {
    const [row] = await serviceRole<{ page: SkippedPage }[]>`
      select api.list_skipped_files(p_tenant_id => ${repository.tenantId},
        p_repository_id => ${repository.id}, p_ref => null, p_limit => 1,
        p_cursor => ${position === null ? null : serviceRole.json(position)}) as page`;
    if (row === undefined) throw new Error("no page");
    listed.push(...row.page.items);
    const cursor = await cursors.seal(row.page.next_cursor, ["skipped"], Date.now());
    if (cursor === null) return listed;
    position = await cursors.open(cursor, ["skipped"], z.tuple([z.string()]), Date.now());
  }
}

interface SkippedPage {
  readonly items: { readonly path: string; readonly reason: string }[];
  readonly next_cursor: [string] | null;
}

test("a push that changes modes alone completes as unchanged, with the modes in the tree", async () => {
  const content = "#!/bin/sh\necho hi\n";
  const { hosted, repository } = await indexFiles(
    indexing,
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
  const { tree, files } = await dumpTree(indexing, repository);
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
  const { tree, files } = await dumpTree(indexing, repository);
  expect(tree).toMatchObject({ commit_oid: commitOid, file_count: 1 });
  expect(files.get("twice.txt")?.chunks).toEqual([[1, "first"]]);
});

test("a path that is too long has a skip reason, and lists go on behind it", async () => {
  // Random names: what compresses well fits where other names of the length do not.
  const longPath = (bytes: number) => {
    const name = randomBytes(bytes).toString("base64url");
    return (name.match(/.{1,200}/g) ?? []).join("/").slice(0, bytes);
  };
  const longest = longPath(PATH_BYTES_MAX);
  const tooLong = longPath(5 * PATH_BYTES_MAX);
  const sibling = `${tooLong.slice(0, -4)}.new`;
  const { repository, hosted } = await indexFiles(
    indexing,
    new Map([
      [longest, file("export const fits = 1;\n")],
      [tooLong, file("const a = 1;\n")],
      [sibling, file("const b = 1;\n")],
      ["~last.bin", file(Buffer.alloc(4))],
    ]),
  );
  const { tree, files } = await dumpTree(indexing, repository);
  expect(tree).toMatchObject({ file_count: 4, skipped_count: 3 });
  expect(files.get(longest)?.chunks).toEqual([[1, "export const fits = 1;"]]);
  const listed = await listSkippedFiles(repository);
  expect(listed.map(({ reason }) => reason)).toEqual([
    "path_too_long",
    "path_too_long",
    "binary",
  ]);
  for (const { path } of listed.slice(0, 2)) {
    expect(path.startsWith(tooLong.slice(0, PATH_BYTES_MAX))).toBe(true);
  }
  const commitOid = await commitFiles(hosted.directory, new Map([[sibling, file("const b;\n")]]));
  await indexing.push(repository, commitOid);
  await indexing.work();
  expect((await dumpTree(indexing, repository)).tree).toMatchObject({
    file_count: 1,
    skipped_count: 1,
  });
  expect(await indexing.lastJob(repository)).toMatchObject({ outcome: "indexed", attempt: 1 });
});

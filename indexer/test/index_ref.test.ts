import { afterAll, beforeAll, expect, test } from "vitest";
import { git } from "../../scripts/local/github/git_process.ts";
import { dumpIndex } from "./support/dump.ts";
import {
  bytePath,
  commitFiles,
  deleteRef,
  file,
  type HostedFile,
} from "./support/hosted_commits.ts";
import { dumpTree, indexFiles } from "./support/indexed_files.ts";
import { createIndexing, type Indexing } from "./support/indexing.ts";

let indexing: Indexing;
beforeAll(async () => {
  indexing = await createIndexing();
});
afterAll(async () => {
  await indexing[Symbol.asyncDispose]();
});

test("a first index has text and symbols of every file, at the head's commit", async () => {
  const { repository, commitOid } = await indexFiles(
    indexing,
    new Map([
      ["src/a.ts", file("export function hello() {\n  return 1;\n}\n")],
      ["b.py", file("class Greeter:\n    pass\n")],
      ["README.md", file("# hello\n")],
    ]),
  );
  const { tree, files } = await dumpTree(indexing, repository);
  expect(tree).toMatchObject({ commit_oid: commitOid, file_count: 3, skipped_count: 0 });
  expect(files.get("src/a.ts")?.symbols).toMatchObject([{ name: "hello", kind: "function" }]);
  expect(files.get("b.py")?.symbols).toMatchObject([{ name: "Greeter", kind: "class" }]);
  expect(files.get("README.md")?.chunks).toEqual([[1, "# hello"]]);
  expect(files.get("README.md")?.symbols).toMatchObject([{ name: "hello", kind: "section" }]);
  const job = await indexing.lastJob(repository);
  expect(job).toMatchObject({ state: "completed", outcome: "indexed", commit_oid: commitOid });
  expect(await indexing.facts(job.id, "completed")).toMatchObject({
    files: 3,
    changed: 3,
    removed: 0,
    segments: 1,
    symbols: 3,
    blobs_fetched: 3,
  });
});

test("a file that cannot be indexed has a skip reason, and hurts no other", async () => {
  const { repository } = await indexFiles(
    indexing,
    new Map<string, HostedFile>([
      ["link", { mode: "120000", content: "../../../etc/passwd" }],
      ["module", { mode: "160000", commitOid: "1".repeat(40) }],
      ["binary.ts", file(Buffer.from([0x61, 0, 0x62]))],
      ["late_nul.txt", file(`${"x ".repeat(5000)}\u0000end\n`)],
      ["invalid.txt", file(Buffer.from([0x68, 0xff, 0xfe, 0x69, 0x0a]))],
      ["one_line.js", file("x".repeat(10 * 1024 * 1024))],
      ["empty.go", file("")],
      ["fine.go", file("package fine\n\nfunc Fine() {}\n")],
      ["script.sh", { mode: "100755", content: "#!/bin/sh\necho hi\n" }],
    ]),
  );
  const { tree, files } = await dumpTree(indexing, repository);
  const reasons = Object.fromEntries(
    [...files].map(([path, { skip_reason }]) => [path, skip_reason]),
  );
  expect(reasons).toEqual({
    "link": "symlink",
    "module": "submodule",
    "binary.ts": "binary",
    "one_line.js": "too_large",
    "late_nul.txt": null,
    "invalid.txt": null,
    "empty.go": null,
    "fine.go": null,
    "script.sh": null,
  });
  expect(tree.skipped_count).toBe(4);
  expect(files.get("late_nul.txt")?.blob).toMatchObject({ decoded_leniently: true });
  expect(files.get("invalid.txt")?.chunks).toEqual([[1, "h\ufffd\ufffdi"]]);
  expect(files.get("script.sh")?.mode).toBe(0o100755);
  expect(files.get("fine.go")?.symbols).toMatchObject([{ name: "fine" }, { name: "Fine" }]);
  expect(files.get("one_line.js")?.blob).toMatchObject({ size_bytes: null });
});

test("a path may be any bytes", async () => {
  const { repository } = await indexFiles(
    indexing,
    new Map([
      ["with\nnewline.txt", file("a\n")],
      ['quote"and\\slash.txt', file("b\n")],
      ["😀/ümlaut.ts", file("export const c = 1;\n")],
      [bytePath(0x6c, 0xe9, 0x2e, 0x74, 0x73), file("export const latin = 1;\n")],
      ["-dash", file("d\n")],
      ["tab\tand space", file("e\n")],
    ]),
  );
  const rows = await indexing.database.admin<{ path: string; text: string; language: string }[]>`
    select encode(f.path, 'hex') as path, f.path_text as text, f.language
    from quarry.tree_files f join quarry.trees t on t.id = f.tree_id
    where t.repository_id = ${repository.id}`;
  const byPath = new Map(rows.map((row) => [row.path, row]));
  for (const path of ["with\nnewline.txt", 'quote"and\\slash.txt', "😀/ümlaut.ts", "-dash"]) {
    expect(byPath.get(Buffer.from(path).toString("hex"))?.text).toBe(path);
  }
  expect(byPath.get("6ce92e7473")).toMatchObject({ text: "l\ufffd.ts", language: "TypeScript" });
  expect(rows).toHaveLength(6);
});

test("a push touches changed blobs alone; renames and deletions cost rows", async () => {
  const before = new Map([
    ["kept.ts", file("export const kept = 1;\n")],
    ["moved.ts", file("export const moved = 1;\n")],
    ["changed.ts", file("export const before = 1;\n")],
    ["deleted.ts", file("export const deleted = 1;\n")],
  ]);
  const { hosted, repository } = await indexFiles(indexing, before);
  const commitOid = await commitFiles(
    hosted.directory,
    new Map([
      ["kept.ts", file("export const kept = 1;\n")],
      ["new_name.ts", file("export const moved = 1;\n")],
      ["changed.ts", file("export const after = 1;\n")],
    ]),
  );
  await indexing.push(repository, commitOid);
  await indexing.work();
  const job = await indexing.lastJob(repository);
  expect(await indexing.facts(job.id, "completed")).toMatchObject({
    files: 3,
    changed: 2,
    removed: 2,
    blobs_fetched: 1,
    segments: 1,
  });
  const { tree, files } = await dumpTree(indexing, repository);
  expect(tree.commit_oid).toBe(commitOid);
  expect([...files.keys()]).toEqual(["changed.ts", "kept.ts", "new_name.ts"]);
  expect(files.get("changed.ts")?.symbols).toMatchObject([{ name: "after" }]);
  expect(files.get("new_name.ts")?.symbols).toMatchObject([{ name: "moved" }]);
});

test("a renamed file that changes its language is extracted again, its text is not fetched twice", async () => {
  const { hosted, repository } = await indexFiles(
    indexing,
    new Map([["a.txt", file("class A {}\n")]]),
  );
  await commitFiles(
    hosted.directory,
    new Map([["a.ts", file("class A {}\n")], ["b.js", file("class A {}\n")]]),
  );
  await indexing.push(repository);
  await indexing.work();
  const { files } = await dumpTree(indexing, repository);
  expect(files.get("a.ts")).toMatchObject({ language: "TypeScript", symbols: [{ name: "A" }] });
  expect(files.get("b.js")).toMatchObject({ language: "JavaScript", symbols: [{ name: "A" }] });
});

test("a push without changed files moves the commit and completes as unchanged", async () => {
  const content = new Map([["a.ts", file("export const a = 1;\n")]]);
  const { hosted, repository } = await indexFiles(indexing, content);
  const commitOid = await commitFiles(hosted.directory, content);
  await indexing.push(repository, commitOid);
  await indexing.work();
  const job = await indexing.lastJob(repository);
  expect(job).toMatchObject({ state: "completed", outcome: "unchanged", commit_oid: commitOid });
  expect(await indexing.facts(job.id, "completed")).toMatchObject({ reason: "same files" });
  expect((await dumpTree(indexing, repository)).tree.commit_oid).toBe(commitOid);
});

test("a job for the commit that is indexed completes as unchanged", async () => {
  const { repository, commitOid } = await indexFiles(
    indexing,
    new Map([["a.ts", file("let a;\n")]]),
  );
  await indexing.push(repository, commitOid);
  await indexing.work();
  const job = await indexing.lastJob(repository);
  expect(job).toMatchObject({ state: "completed", outcome: "unchanged", commit_oid: commitOid });
  expect(await indexing.facts(job.id, "completed")).toMatchObject({ reason: "same commit" });
});

test("a full job extracts everything anew and equals what it replaces", async () => {
  const { repository } = await indexFiles(
    indexing,
    new Map([["a.ts", file("export const a = 1;\n")], ["b.bin", file(Buffer.alloc(10))]]),
  );
  const before = await dumpTree(indexing, repository);
  await indexing.enqueue(repository, { full: true });
  await indexing.work();
  const job = await indexing.lastJob(repository);
  expect(await indexing.facts(job.id, "completed")).toMatchObject({ blobs_fetched: 2, changed: 2 });
  expect((await dumpTree(indexing, repository)).tree).toEqual(before.tree);
});

test("a tag is indexed at the commit that it points to", async () => {
  const hosted = await indexing.createHosted();
  const commitOid = await commitFiles(hosted.directory, new Map([["a.ts", file("let a;\n")]]));
  await deleteRef(hosted.directory, "refs/heads/main");
  const as = ["-c", "user.name=a", "-c", "user.email=a@b"];
  await git(hosted.directory, ...as, "tag", "-a", "-m", "one", "v1", commitOid);
  const repository = await indexing.register(hosted, { ref: "refs/tags/v1" });
  await indexing.work();
  const indexed = { ref: "refs/tags/v1", commit_oid: commitOid };
  expect((await dumpTree(indexing, repository)).tree).toMatchObject(indexed);
  // The second look asks the host where the ref is without git.
  await indexing.enqueue(repository, {}, "refs/tags/v1");
  await indexing.work();
  expect((await dumpTree(indexing, repository)).tree).toMatchObject(indexed);
});

test.each(["^{tree}", ":a.ts"])(
  "a tag of %s, which is no commit, is given up at once",
  async (what) => {
    const hosted = await indexing.createHosted();
    const commitOid = await commitFiles(hosted.directory, new Map([["a.ts", file("let a;\n")]]));
    await git(hosted.directory, "tag", "v1", `${commitOid}${what}`);
    const repository = await indexing.register(hosted, { ref: "refs/tags/v1" });
    await indexing.work();
    expect(await indexing.lastJob(repository)).toMatchObject({
      state: "failed",
      attempt: 1,
      errors: [{ code: "ref_not_found" }],
    });
  },
);

test("deleting a repository leaves nothing of its index", async () => {
  const { repository } = await indexFiles(
    indexing,
    new Map([["a.ts", file("export const gone = 1;\n")]]),
  );
  await indexing.database.serviceRole`
    select api.delete_repository(${repository.tenantId}, ${repository.id}, 'a test')`;
  await indexing.work();
  expect(await indexing.lastJob(repository)).toMatchObject({ state: "completed" });
  const [row] = await indexing.database.admin`
    select count(*)::int as n from quarry.segments where repository_id = ${repository.id}`;
  expect(row).toEqual({ n: 0 });
  expect(await dumpIndex(indexing.database.admin, repository)).toEqual([]);
});

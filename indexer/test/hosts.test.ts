import { randomBytes } from "node:crypto";
import { readdir, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { git } from "../../scripts/local/github/git_process.ts";
import { dumpIndex } from "./support/dump.ts";
import { commitFiles, deleteRef, file } from "./support/hosted_commits.ts";
import { createIndexing, type Indexing, type RegisteredRepository } from "./support/indexing.ts";

let indexing: Indexing;
beforeAll(async () => {
  indexing = await createIndexing();
});
afterAll(async () => {
  await indexing[Symbol.asyncDispose]();
});

const content = new Map([["a.ts", file("export const a = 1;\n")]]);

async function repositoryState(repository: RegisteredRepository): Promise<unknown> {
  const [row] = await indexing.database.admin<{ state: string }[]>`
    select quarry.repository_json(${repository.id}) ->> 'state' as state`;
  return row?.state;
}

test("a private repository without a token ends as access_denied", async () => {
  const hosted = await indexing.createHosted();
  await commitFiles(hosted.directory, content);
  hosted.isPrivate = true;
  const repository = await indexing.register(hosted);
  await indexing.work();
  expect(await indexing.lastJob(repository)).toMatchObject({
    state: "failed",
    attempt: 1,
    errors: [{ code: "access_denied" }],
  });
  expect(await repositoryState(repository)).toBe("access_lost");
});

test("a token opens a private repository, and lies in no file", async () => {
  const hosted = await indexing.createHosted();
  const commitOid = await commitFiles(hosted.directory, content);
  hosted.isPrivate = true;
  const token = "ghs_secret_of_this_test";
  indexing.github.repositories.addToken(token, hosted);
  const repository = await indexing.register(hosted, { token });
  const seen: string[] = [];
  await indexing.work({
    failpoint: async (name) => {
      if (name !== "after_fetch") return;
      const directory = indexing.workDirectory;
      for (const file of await readdir(directory, { recursive: true, withFileTypes: true })) {
        if (file.isFile()) {
          seen.push(await readFile(path.join(file.parentPath, file.name), "latin1"));
        }
      }
    },
  });
  expect(await indexing.lastJob(repository)).toMatchObject({
    state: "completed",
    commit_oid: commitOid,
  });
  expect(seen.length).toBeGreaterThan(0);
  expect(seen.join("\n")).not.toContain(token);
  expect(seen.join("\n")).not.toContain(Buffer.from(token).toString("base64").slice(4, -4));
});

test("a repository that is gone ends as repository_gone", async () => {
  const hosted = await indexing.createHosted();
  indexing.github.repositories.addToken("ghs_other", hosted);
  const repository = await indexing.register(hosted, { token: "ghs_other" });
  await indexing.github.deleteRepository(repository.name);
  await indexing.work();
  expect(await indexing.lastJob(repository)).toMatchObject({
    state: "failed",
    errors: [{ code: "repository_gone" }],
  });
});

test.each(["refs/heads/a:refs/heads/b", "refs/heads/a b", "refs/heads/*", "--upload-pack=x"])(
  "a ref named %j is given up before git sees it",
  async (ref) => {
    const repository = await indexing.register(await indexing.createHosted(), { ref });
    await indexing.work();
    expect(await indexing.lastJob(repository)).toMatchObject({
      state: "failed",
      errors: [{ code: "invalid_ref" }],
    });
  },
);

test("a host that is down costs an attempt, and the job waits for it", async () => {
  const hosted = await indexing.createHosted();
  await commitFiles(hosted.directory, content);
  const repository = await indexing.register(hosted);
  indexing.github.setOutage(true);
  try {
    await indexing.work();
  } finally {
    indexing.github.setOutage(false);
  }
  expect(await indexing.lastJob(repository)).toMatchObject({
    state: "queued",
    attempt: 1,
    errors: [{ code: "host_unreachable" }],
  });
  await indexing.passTime();
  await indexing.work();
  expect(await indexing.lastJob(repository)).toMatchObject({ state: "completed", attempt: 2 });
});

test("a repository of SHA-256 is given up at once", async () => {
  const hosted = await indexing.createHosted();
  await rm(hosted.directory, { recursive: true });
  const of = ["--bare", "--object-format=sha256", "--initial-branch=main"];
  await git(os.tmpdir(), "init", "--quiet", ...of, hosted.directory);
  await git(hosted.directory, "config", "uploadpack.allowFilter", "true");
  await commitFiles(hosted.directory, content);
  const repository = await indexing.register(hosted);
  await indexing.work();
  expect(await indexing.lastJob(repository)).toMatchObject({
    state: "failed",
    attempt: 1,
    errors: [{ code: "unsupported_repository" }],
  });
});

test("a repository above the plan's limit ends as repository_too_large", async () => {
  const hosted = await indexing.createHosted();
  await commitFiles(hosted.directory, new Map([["random.txt", file(randomBytes(100_000))]]));
  const repository = await indexing.register(hosted);
  const { admin } = indexing.database;
  const [plan] = await admin<{ bytes: string }[]>`
    select repository_bytes_max as bytes from quarry.plans where plan = 'free'`;
  await admin`update quarry.plans set repository_bytes_max = 50000 where plan = 'free'`;
  try {
    await indexing.work();
  } finally {
    await admin`
      update quarry.plans set repository_bytes_max = ${plan?.bytes ?? 0} where plan = 'free'`;
  }
  expect(await indexing.lastJob(repository)).toMatchObject({
    state: "failed",
    errors: [{ code: "repository_too_large" }],
  });
});

test.each([
  // Fetched with the others, and found to be too large.
  ["a little", 3, { least: 3_000_000, most: 4_000_000 }],
  // More than two files may have: the fetch is broken off, and its repetition leaves the file out.
  ["far", 7, { least: 0, most: 10_000 }],
])("a pushed file %s above the limit is skipped as in a fresh index", async (_how, size, bytes) => {
  const hosted = await indexing.createHosted();
  await commitFiles(hosted.directory, content);
  const repository = await indexing.register(hosted);
  await indexing.work();
  await commitFiles(
    hosted.directory,
    new Map([
      ...content,
      ["huge.txt", file(randomBytes(size * 1024 * 1024))],
      ["small.py", file("def small(): pass\n")],
    ]),
  );
  const jobId = await indexing.push(repository);
  await indexing.work();
  const fetched = (await indexing.facts(jobId, "completed"))["bytes_fetched"];
  expect(fetched).toBeGreaterThan(bytes.least);
  expect(fetched).toBeLessThan(bytes.most);
  const fresh = await indexing.register(hosted);
  await indexing.work();
  const [tree] = await dumpIndex(indexing.database.admin, repository);
  expect(tree?.files).toMatchObject([
    { path: "a.ts" },
    { path: "huge.txt", skip_reason: "too_large" },
    { path: "small.py", symbols: [{ name: "small" }] },
  ]);
  expect([tree]).toEqual(await dumpIndex(indexing.database.admin, fresh));
});

test("a push that the host shows late is waited for", async () => {
  const hosted = await indexing.createHosted();
  await commitFiles(hosted.directory, content);
  const repository = await indexing.register(hosted);
  await indexing.work();
  const announced = await commitFiles(
    hosted.directory,
    new Map([["b.ts", file("let b;\n")]]),
    "refs/heads/elsewhere",
  );
  await indexing.push(repository, announced);
  const working = indexing.work({ moveWaitsMilliseconds: Array.from({ length: 500 }, () => 20) });
  await git(hosted.directory, "update-ref", "refs/heads/main", announced);
  await working;
  expect(await indexing.lastJob(repository)).toMatchObject({
    outcome: "indexed",
    commit_oid: announced,
  });
});

test("invariant 1: an announced commit that the host does not have is looked for once more", async () => {
  const hosted = await indexing.createHosted();
  const commitOid = await commitFiles(hosted.directory, content);
  const repository = await indexing.register(hosted);
  await indexing.work();
  for (const announced of ["3".repeat(40), "4".repeat(40)]) {
    await indexing.push(repository, announced);
    await indexing.work({ moveWaitsMilliseconds: [1, 1] });
    expect(await indexing.lastJob(repository)).toMatchObject({ state: "queued", attempt: 0 });
    await indexing.passTime();
    await indexing.work();
    expect(await indexing.lastJob(repository)).toMatchObject({
      outcome: "unchanged",
      commit_oid: commitOid,
    });
  }
});

test.each<[string, (older: string, newer: string) => readonly string[]]>([
  ["a push that the host shows a minute late", (_, newer) => [newer]],
  [
    "a push whose delivery an older one overtakes, and that the host shows late,",
    (older, newer) => [newer, older],
  ],
])("invariant 1: %s is indexed", async (_, deliveries) => {
  const hosted = await indexing.createHosted();
  await commitFiles(hosted.directory, content);
  const repository = await indexing.register(hosted);
  await indexing.work();
  const older = await commitFiles(hosted.directory, new Map([["b.ts", file("let b;\n")]]));
  const elsewhere = await indexing.createHosted();
  await git(elsewhere.directory, "fetch", "--quiet", hosted.directory, "+main:main");
  const newer = await commitFiles(elsewhere.directory, new Map([["c.ts", file("let c;\n")]]));
  for (const announced of deliveries(older, newer)) {
    await indexing.push(repository, announced);
  }
  await indexing.work();
  expect(await indexing.lastJob(repository)).toMatchObject({ state: "queued", attempt: 0 });
  await git(hosted.directory, "fetch", "--quiet", elsewhere.directory, "+main:main");
  await indexing.passTime();
  await indexing.work();
  expect(await indexing.lastJob(repository)).toMatchObject({
    outcome: "indexed",
    commit_oid: newer,
  });
});

test("a host that fails at the look for an announced commit costs no attempt", async () => {
  const hosted = await indexing.createHosted();
  const former = await commitFiles(hosted.directory, content);
  const commitOid = await commitFiles(hosted.directory, new Map([["b.ts", file("let b;\n")]]));
  const repository = await indexing.register(hosted);
  await indexing.push(repository, former);
  try {
    await indexing.work({
      failpoint: (name) => {
        if (name === "after_publish") indexing.github.setOutage(true);
      },
    });
  } finally {
    indexing.github.setOutage(false);
  }
  expect(await indexing.lastJob(repository)).toMatchObject({
    state: "queued",
    attempt: 0,
    errors: [],
  });
  await indexing.passTime();
  await indexing.work();
  expect(await indexing.lastJob(repository)).toMatchObject({
    outcome: "unchanged",
    commit_oid: commitOid,
    attempt: 1,
  });
});

test.each<[string, (directory: string) => Promise<string>]>([
  [
    "a branch that is set back to an earlier commit",
    async (directory) => {
      const former = await commitFiles(directory, content);
      const newer = new Map([["b.ts", file("let b;\n")]]);
      await commitFiles(directory, newer, "refs/heads/main", former);
      return former;
    },
  ],
  [
    "a push of a commit that the host has by another ref",
    async (directory) => {
      await commitFiles(directory, content);
      const newer = new Map([["c.ts", file("let c;\n")]]);
      return await commitFiles(directory, newer, "refs/heads/elsewhere");
    },
  ],
])("invariant 1: %s, and is shown late, is indexed", async (_, commit) => {
  const hosted = await indexing.createHosted();
  const announced = await commit(hosted.directory);
  const repository = await indexing.register(hosted);
  await indexing.work();
  await indexing.push(repository, announced);
  await indexing.work({ moveWaitsMilliseconds: [1] });
  expect(await indexing.lastJob(repository)).toMatchObject({ state: "queued", attempt: 0 });
  await git(hosted.directory, "update-ref", "refs/heads/main", announced);
  await indexing.passTime();
  await indexing.work();
  expect(await indexing.lastJob(repository)).toMatchObject({
    outcome: "indexed",
    commit_oid: announced,
  });
});

/** Commits, each on the one before. */
async function commitsInARow(directory: string, count: number): Promise<string[]> {
  const oids = [await commitFiles(directory, content)];
  for (let number = 1; number < count; number += 1) {
    const files = new Map([[`${number}.ts`, file("let x;\n")]]);
    oids.push(await commitFiles(directory, files, "refs/heads/main", oids.at(-1)));
  }
  return oids;
}

/** What deliveries announce, in their order, and where the host shows the branch by then and in the end. */
interface ToldOutOfOrder {
  readonly told: readonly { readonly oid: string; readonly isForced: boolean }[];
  readonly shown: string;
  readonly last: string;
}

test.each<[string, (directory: string) => Promise<ToldOutOfOrder>]>([
  [
    "a branch that is set back, which is told before what was pushed before",
    async (directory) => {
      const [former = "", pushed = ""] = await commitsInARow(directory, 2);
      const told = [{ oid: former, isForced: true }, { oid: pushed, isForced: false }];
      return { told, shown: pushed, last: former };
    },
  ],
  [
    "the last of two pushes by force that are told the wrong way round",
    async (directory) => {
      const [last = "", first = ""] = await commitsInARow(directory, 2);
      const told = [last, first].map((oid) => ({ oid, isForced: true }));
      return { told, shown: first, last };
    },
  ],
  [
    "the last of many pushes, which is told first",
    async (directory) => {
      const pushed = await commitsInARow(directory, 5);
      const [last = "", shown = ""] = pushed.toReversed();
      const told = [last, ...pushed.slice(0, -1)].map((oid) => ({ oid, isForced: false }));
      return { told, shown, last };
    },
  ],
])("invariant 1: %s, and is shown late, is indexed", async (_, push) => {
  const hosted = await indexing.createHosted();
  const { told, shown, last } = await push(hosted.directory);
  await git(hosted.directory, "update-ref", "refs/heads/main", shown);
  const repository = await indexing.register(hosted);
  await indexing.work();
  for (const { oid, isForced } of told) {
    if (isForced) await indexing.enqueue(repository, { commit_oid: oid, set_to: oid });
    else await indexing.push(repository, oid);
  }
  await indexing.work({ moveWaitsMilliseconds: [1] });
  expect(await indexing.lastJob(repository)).toMatchObject({ state: "queued", attempt: 0 });
  await git(hosted.directory, "update-ref", "refs/heads/main", last);
  await indexing.passTime();
  await indexing.work();
  expect(await indexing.lastJob(repository)).toMatchObject({
    outcome: "indexed",
    commit_oid: last,
  });
});

test("pushes that meet in one job are all seen in the history of the last", async () => {
  const hosted = await indexing.createHosted();
  await commitFiles(hosted.directory, content);
  const repository = await indexing.register(hosted);
  const pushed: string[] = [];
  for (const name of ["b", "c", "d"]) {
    const files = new Map([[`${name}.ts`, file("let x;\n")]]);
    const parent = pushed.at(-1) ?? null;
    pushed.push(await commitFiles(hosted.directory, files, "refs/heads/main", parent));
  }
  for (const announced of pushed) await indexing.push(repository, announced);
  await indexing.work();
  expect(await indexing.lastJob(repository)).toMatchObject({
    outcome: "indexed",
    commit_oid: pushed.at(-1),
  });
});

test("a commit that was pushed away by force is looked for once more", async () => {
  const hosted = await indexing.createHosted();
  const former = await commitFiles(hosted.directory, content);
  const away = await commitFiles(hosted.directory, new Map([["b.ts", file("let b;\n")]]));
  await git(hosted.directory, "update-ref", "refs/heads/main", former);
  const repository = await indexing.register(hosted);
  await indexing.push(repository, away);
  await indexing.work();
  expect(await indexing.lastJob(repository)).toMatchObject({ state: "queued", attempt: 0 });
  await indexing.passTime();
  await indexing.work();
  expect(await indexing.lastJob(repository)).toMatchObject({
    outcome: "unchanged",
    commit_oid: former,
  });
});

test("a second ref of a repository fetches only what the first has not", async () => {
  const hosted = await indexing.createHosted();
  await commitFiles(hosted.directory, content);
  const repository = await indexing.register(hosted);
  await indexing.work();
  await commitFiles(
    hosted.directory,
    new Map([...content, ["b.ts", file("export const b = 1;\n")]]),
    "refs/heads/other",
  );
  await indexing.follow(repository, "refs/heads/other");
  const jobId = await indexing.enqueue(repository, {}, "refs/heads/other");
  await indexing.work();
  expect(await indexing.facts(jobId, "completed")).toMatchObject({ blobs_fetched: 1, changed: 2 });
  await deleteRef(hosted.directory, "refs/heads/other");
});

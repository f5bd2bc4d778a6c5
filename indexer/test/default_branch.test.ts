// The default branch changes at the host, and pushes say so early, late or never: what it is decides
// the host, when a job asks it.

import { afterAll, beforeAll, expect, test } from "vitest";
import { commitFiles, deleteRef, file } from "./support/hosted_commits.ts";
import { createIndexing, type Indexing, type RegisteredRepository } from "./support/indexing.ts";

const MAIN = "refs/heads/main";
const MASTER = "refs/heads/master";
const TRUNK = "refs/heads/trunk";

let indexing: Indexing;
beforeAll(async () => {
  indexing = await createIndexing();
});
afterAll(async () => {
  await indexing[Symbol.asyncDispose]();
});

const files = new Map([["a.ts", file("export const needle = 1;\n")]]);

/** Registered and indexed, with `main` as the default branch. */
async function indexed(): Promise<RegisteredRepository> {
  const hosted = await indexing.createHosted();
  await commitFiles(hosted.directory, files);
  const repository = await indexing.register(hosted);
  await indexing.work();
  return repository;
}

interface Push {
  readonly ref: string;
  /** What the delivery calls the default branch. */
  readonly branch: string;
}

async function deliver({ id, name }: RegisteredRepository, { ref, branch }: Push): Promise<string> {
  const [row] = await indexing.database.serviceRole<{ outcome: string }[]>`
    select api.record_delivery(
      ${id}, gen_random_uuid()::text, 'push', ${ref}, 'oid', ${name}, ${branch}) ->> 'outcome' as outcome`;
  return row!.outcome;
}

/** At the host: a new branch with a file of its own becomes the default. */
async function makeDefault(
  { name, hosted }: RegisteredRepository,
  branch: string,
): Promise<string> {
  const oid = await commitFiles(
    hosted.directory,
    new Map([...files, [`${branch}.ts`, file("export const other = 1;\n")]]),
    `refs/heads/${branch}`,
  );
  await indexing.github.setDefaultBranch(name, branch);
  return oid;
}

const work = () => indexing.work({ moveWaitsMilliseconds: [] });

async function trees({ id }: RegisteredRepository) {
  return await indexing.database.admin`
    select t.ref, t.file_count, t.retired_at is null as is_followed, t.ref = r.default_ref as is_default
    from quarry.trees t join quarry.repositories r on r.id = t.repository_id
    where r.id = ${id} order by t.ref`;
}

const indexedAs = (ref: string, fileCount: number) => [
  { ref, file_count: fileCount, is_followed: true, is_default: true },
];

test("a late push with a former default branch that is gone changes nothing", async () => {
  const repository = await indexed();
  expect(await deliver(repository, { ref: MASTER, branch: "master" })).toBe("enqueued");
  await work();
  expect(await trees(repository)).toEqual(indexedAs(MAIN, 1));
});

test("a late push with a former default branch that is still there changes nothing", async () => {
  const repository = await indexed();
  await commitFiles(
    repository.hosted.directory,
    new Map([...files, ["b.ts", file("let b;\n")]]),
    MASTER,
  );
  await deliver(repository, { ref: MASTER, branch: "master" });
  await deliver(repository, { ref: MAIN, branch: "master" });
  await work();
  expect(await trees(repository)).toEqual(indexedAs(MAIN, 1));
});

test("a push to a new default branch has it indexed, and the old one serves until then", async () => {
  const repository = await indexed();
  await makeDefault(repository, "trunk");
  expect(await deliver(repository, { ref: TRUNK, branch: "trunk" })).toBe("enqueued");
  const seen: unknown[] = [];
  await indexing.work({
    failpoint: async (name) => {
      if (name === "before_publish") seen.push(await trees(repository));
    },
  });
  expect(seen).toMatchObject([[{ ref: MAIN, file_count: 1, is_followed: false }, { ref: TRUNK }]]);
  expect(await trees(repository)).toEqual(indexedAs(TRUNK, 2));
});

test("a default branch that was renamed is found though no push says so", async () => {
  const repository = await indexed();
  await makeDefault(repository, "trunk");
  await deleteRef(repository.hosted.directory, MAIN);
  await deliver(repository, { ref: MAIN, branch: "main" });
  await work();
  expect(await trees(repository)).toEqual(indexedAs(TRUNK, 2));
});

test("a registration whose default branch was renamed before its first job is indexed", async () => {
  const hosted = await indexing.createHosted();
  const repository = await indexing.register(hosted);
  await makeDefault(repository, "trunk");
  await work();
  expect(await trees(repository)).toEqual(indexedAs(TRUNK, 2));
});

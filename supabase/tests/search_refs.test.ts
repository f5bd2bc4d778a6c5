// A search over trees that share segments, and over ones that get their symbols while it goes on: what
// one batch tells the next never loses a match.

import { afterAll, beforeAll, expect, test } from "vitest";
import { commitFiles, deleteRef, file } from "../../indexer/test/support/hosted_commits.ts";
import {
  createIndexing,
  type Indexing,
  type RegisteredRepository,
} from "../../indexer/test/support/indexing.ts";
import { searchBatches, searchPage } from "./support/search.ts";

/** More than a search looks into together. */
const REPOSITORIES = 14;
/** Of the first one, which has them under two refs. */
const SHARED_FILES = 40;

let indexing: Indexing;
let tenantId: string;

function filesOf(number: number): Map<string, ReturnType<typeof file>> {
  if (number > 0) {
    const text = `export function named() {} // target ${number}\n`;
    return new Map([[`b${number}.ts`, file(text)]]);
  }
  return new Map(
    Array.from({ length: SHARED_FILES }, (_, each) => [`a${each}`, file(`a target ${each}\n`)]),
  );
}

beforeAll(async () => {
  indexing = await createIndexing();
  const { admin, serviceRole } = indexing.database;
  for (let number = 0; number < REPOSITORIES; number += 1) {
    const { directory, ...hosted } = await indexing.createHosted();
    await commitFiles(directory, filesOf(number));
    const dev = new Map([...filesOf(number), ["dev", file("target\n")] as const]);
    if (number === 0) await commitFiles(directory, dev, "refs/heads/dev");
    const repository = await indexing.register(
      { directory, ...hosted },
      number === 0 ? {} : { tenantId },
    );
    if (number > 0) continue;
    ({ tenantId } = repository);
    await admin`update quarry.plans
      set repositories_max = ${REPOSITORIES}, concurrent_jobs_max = ${REPOSITORIES}`;
    await indexing.work();
    await serviceRole`
      select api.set_refs(${tenantId}, ${repository.id}, array['refs/heads/dev'], 'a test')`;
    await indexing.work();
  }
  await indexing.work();
}, 100_000);
afterAll(async () => {
  await indexing[Symbol.asyncDispose]();
});

/** The trees of the files of all batches; `between` runs after the first of them. */
async function treesFound(
  tenant: string,
  q: string,
  weightMax: number,
  between: () => PromiseLike<unknown> = () => Promise.resolve(),
): Promise<number[]> {
  const trees: number[] = [];
  let count = 0;
  const batches = searchBatches(indexing.database.serviceRole, tenant, q, { weightMax });
  for await (const { blobs } of batches) {
    trees.push(...blobs.map(({ tree }) => tree));
    if ((count += 1) === 1) await between();
  }
  return trees;
}

test.each(["-ref:zzz target", "-ref:zzz target -nothing", "-ref:zzz arge"])(
  "%s finds every file of every ref, whatever segments they share",
  async (q) => {
    const files = SHARED_FILES + SHARED_FILES + 1 + REPOSITORIES - 1;
    for (const weightMax of [1, 3, 64]) {
      expect(await treesFound(tenantId, q, weightMax)).toHaveLength(files);
    }
    const page = await searchPage(indexing.database.serviceRole, tenantId, q, { limit: 1000 });
    if (page.outcome !== "ok") throw new Error(page.outcome);
    expect(page.lines).toHaveLength(files);
  },
);

test("a tree that gets its symbols while a search for them goes on is not passed over", async () => {
  const { admin } = indexing.database;
  const few: RegisteredRepository[] = [];
  for (const number of [1, 2, 3]) {
    const hosted = await indexing.createHosted();
    await commitFiles(hosted.directory, filesOf(number));
    const owner = few[0] === undefined ? {} : { tenantId: few[0].tenantId };
    few.push(await indexing.register(hosted, owner));
  }
  await indexing.work();
  await admin`update quarry.trees set features = '{text}' where repository_id = ${
    few[2]?.id ?? ""
  }`;
  const publish = () => admin`update quarry.trees set features = '{text,symbols}'`;
  expect(await treesFound(few[0]?.tenantId ?? "", "sym:named", 1, publish)).toHaveLength(3);
});

test("a followed ref that the host no longer has is searched as an empty one, also by the next page", async () => {
  const hosted = await indexing.createHosted();
  const ref = "refs/heads/gone";
  await commitFiles(hosted.directory, filesOf(0));
  await commitFiles(hosted.directory, filesOf(0), ref);
  const repository = await indexing.register(hosted);
  const { admin, serviceRole } = indexing.database;
  await indexing.work();
  await serviceRole`
    select api.set_refs(${repository.tenantId}, ${repository.id}, array[${ref}], 'a test')`;
  await indexing.work();
  await deleteRef(hosted.directory, ref);
  await indexing.enqueue(repository, {}, ref);
  await indexing.work();
  expect(
    await admin`
    select from quarry.trees where ref = ${ref} and generation is not null and commit_oid is null`,
  )
    .toHaveLength(1);
  for (const q of ["ref:gone target", "ref:gone sym:target", "ref:gone path:a"]) {
    expect(await searchPage(serviceRole, repository.tenantId, q))
      .toMatchObject({ outcome: "ok", lines: [] });
  }
  for (const weightMax of [1, 64]) {
    expect(await treesFound(repository.tenantId, "-ref:zzz target", weightMax))
      .toHaveLength(SHARED_FILES);
  }
  const page = await searchPage(serviceRole, repository.tenantId, "-ref:zzz target", { limit: 3 });
  if (page.outcome !== "ok") throw new Error(page.outcome);
  const next = await searchPage(serviceRole, repository.tenantId, "-ref:zzz target", {
    position: page.next,
  });
  expect(next).toMatchObject({ outcome: "ok" });
});

import { afterAll, beforeAll, expect, test } from "vitest";
import type { Failpoint, FailpointName } from "../src/failpoint.ts";
import type { Progress } from "../src/job.ts";
import { type DumpedTree, dumpIndex } from "./support/dump.ts";
import { commitFiles, file } from "./support/hosted_commits.ts";
import { createIndexing, type Indexing, type RegisteredRepository } from "./support/indexing.ts";

const files = new Map([
  ["a.ts", file("export const before = 1;\n\nexport function burn() {}\n")],
  ["b.py", file("def fresh():\n    return burn()\n")],
  ["c.bin", file("\u0000\u0001")],
  // The same bytes in another language are another blob.
  ["d.js", file("export const before = 1;\n\nexport function burn() {}\n")],
  ["package.json", file('{"name": "rocket"}\n')],
]);
const TEXT_FIRST = { textFirstBytesMin: 0 };

let indexing: Indexing;
let hosted: Awaited<ReturnType<Indexing["createHosted"]>>;
/** What an index that is published at once is. */
let expected: DumpedTree[];

beforeAll(async () => {
  indexing = await createIndexing();
  hosted = await indexing.createHosted();
  await commitFiles(hosted.directory, files);
  const repository = await indexing.register(hosted);
  await indexing.work();
  expected = await dumpIndex(indexing.database.admin, repository);
});
afterAll(async () => {
  await indexing[Symbol.asyncDispose]();
});

const dump = (repository: RegisteredRepository) => dumpIndex(indexing.database.admin, repository);

/** A failpoint that looks around each time it is passed. */
function lookAt(name: FailpointName, look: () => Promise<void>): Failpoint {
  return async (passed) => {
    if (passed === name) await look();
  };
}

/** What a search and a look for a symbol answer. */
async function ask({ tenantId, name }: RegisteredRepository) {
  const { serviceRole } = indexing.database;
  const query = { name: "burn", name_folded: "burn", match: "exact", case_sensitive: false };
  const names = [{ match: "exact", folded: "burn", name: "burn" }];
  const candidates = { files: ["a.ts"] };
  const [row] = await serviceRole<Record<string, Record<string, unknown>>[]>`
    select
      api.search_symbols(${tenantId}, ${
    serviceRole.json(query)
  }, ${name}, null, 10, null) as symbols,
      api.find_definitions(${tenantId}, ${name}, null, ${
    serviceRole.json(names)
  }, '{}', 10) as definitions,
      api.find_occurrences(${tenantId}, ${name}, null, 'burn', '', 10, null) as occurrences,
      api.read_file(${tenantId}, ${name}, null, 'a.ts', null, 1, 9, true) as file,
      api.find_files(${tenantId}, ${name}, null, ${
    serviceRole.json(candidates)
  }, 9, true, 0) as files,
      api.read_overview(${tenantId}, ${name}, null, 1, 9, 9) as overview`;
  if (row === undefined) throw new Error("no answer");
  return row;
}

/** What is answered while the text alone is published. */
const pending = {
  symbols: { outcome: "ok", symbols: [], symbols_pending: 1, unindexed: 0 },
  definitions: { outcome: "ok", definitions: [], symbols_pending: 1 },
  occurrences: {
    outcome: "ok",
    symbols_pending: 1,
    files: ["a.ts", "b.py", "d.js"].map((path) => ({
      path,
      has_outline: false,
      symbols_skip_reason: "symbols_pending",
    })),
  },
  file: {
    outcome: "ok",
    outline: null,
    size_bytes: null,
    line_count: null,
    symbols_skip_reason: "symbols_pending",
    last_chunk: { first_line: 1 },
  },
  files: { outcome: "symbols_pending" },
  overview: { outcome: "symbols_pending" },
};

test("the text of a first index is published before its symbols, and the whole is what it is at once", async () => {
  const repository = await indexing.register(hosted);
  const seen: Progress[] = [];
  let text: DumpedTree[] = [];
  await indexing.work({
    ...TEXT_FIRST,
    failpoint: lookAt("after_text", async () => {
      text = await dump(repository);
    }),
    onProgress: (progress) => seen.push(progress),
  });
  const [tree] = expected;
  expect(text).toMatchObject([{ commit_oid: tree?.commit_oid, features: ["text"], file_count: 5 }]);
  const textOf = (each: DumpedTree | undefined) =>
    each?.files.map(({ path, chunks, terms, skip_reason }) => [path, chunks, terms, skip_reason]);
  expect(textOf(text[0])).toEqual(textOf(tree));
  expect(text[0]?.files.map(({ blob }) => blob)).toEqual(Array(5).fill(null));
  expect(await dump(repository)).toEqual(expected);
  const { id } = await indexing.lastJob(repository);
  expect(await indexing.facts(id, "text_published")).toMatchObject({ files: 5, segments: 1 });
  expect(await indexing.facts(id, "published")).toMatchObject({ files: 5, segments: 1 });
  const parsing = seen.filter(({ filesTotal }) => filesTotal > 0);
  expect(parsing.at(-1)).toMatchObject({ filesDone: parsing.at(-1)?.filesTotal });
  // Of both goes over the files together, which end before the job does.
  for (const figure of ["percent", "filesDone", "bytesDone"] as const) {
    const told = parsing.map((progress) => progress[figure]);
    expect(told, figure).toEqual(told.toSorted((one, other) => one - other));
  }
  expect(parsing.at(-1)?.percent).toBeLessThan(100);
});

test("invariant 3: of symbols nobody sees anything before all are published", async () => {
  const repository = await indexing.register(hosted);
  const looks: string[] = [];
  const look = async (name: string) => {
    looks.push(name);
    expect(await ask(repository)).toMatchObject(pending);
  };
  await indexing.work({
    ...TEXT_FIRST,
    failpoint: async (passed) => {
      // Before any symbol is stored, and when all are.
      if (passed === "after_text" || passed === "before_publish") await look(passed);
    },
  });
  expect(looks).toEqual(["after_text", "before_publish"]);
  expect(await ask(repository)).toMatchObject({
    symbols: { symbols: [{ path: "a.ts" }, { path: "d.js" }], symbols_pending: 0 },
    definitions: { definitions: [{ path: "a.ts" }, { path: "d.js" }], symbols_pending: 0 },
    occurrences: { symbols_pending: 0 },
    file: { symbols_skip_reason: null, size_bytes: 52, line_count: 3, last_chunk: null },
    files: { outcome: "ok" },
    overview: { outcome: "ok", sources: 4 },
  });
});

test.each(
  [
    "before_text",
    "after_text",
    "during_symbols",
    "after_copy",
    "before_publish",
    "after_publish",
  ] as const,
)(
  "invariants 1 to 3: killed at %s, a first index leaves nothing, its text or all; another worker finishes",
  async (failpoint) => {
    const repository = await indexing.register(hosted);
    const killed = await (await indexing.start({ failpoint, ...TEXT_FIRST })).ended;
    expect(killed.signal).toBe("SIGKILL");
    const [left] = await dump(repository);
    const features = { before_text: [], after_publish: ["text", "symbols"] }[failpoint as string];
    expect(left?.features).toEqual(features ?? ["text"]);
    expect(left?.files.length).toBe(failpoint === "before_text" ? 0 : 5);
    const answers = await ask(repository);
    expect(answers.symbols?.["symbols_pending"]).toBe(left?.features.join() === "text" ? 1 : 0);

    await indexing.passTime();
    await indexing.work(TEXT_FIRST);
    expect(await dump(repository)).toEqual(expected);
    expect(await indexing.lastJob(repository)).toMatchObject({
      state: "completed",
      outcome: "indexed",
      attempt: 2,
    });
    expect((await ask(repository)).symbols).toMatchObject({ symbols_pending: 0 });
  },
);

test.each(
  [
    // Only a segment that has all its symbols is taken over.
    ["during_symbols", 5],
    ["before_publish", 0],
  ] as const,
)(
  "after a first index that was given up at %s, a push makes whole what has its text alone",
  async (failpoint, blobsFetched) => {
    const repository = await indexing.register(hosted);
    await indexing.database.admin`
      update quarry.indexing_jobs set max_attempts = 1 where repository_id = ${repository.id}`;
    await (await indexing.start({ failpoint, ...TEXT_FIRST })).ended;
    await indexing.passTime();
    expect(await indexing.lastJob(repository)).toMatchObject({ state: "failed" });
    expect(await ask(repository)).toMatchObject(pending);
    await indexing.push(repository);
    await indexing.work(TEXT_FIRST);
    expect(await dump(repository)).toEqual(expected);
    const { id, outcome } = await indexing.lastJob(repository);
    expect(outcome).toBe("indexed");
    expect(await indexing.facts(id, "completed")).toMatchObject({ blobs_fetched: blobsFetched });
  },
);

test("what a killed worker's text leaves behind goes once nobody can look at it", async () => {
  const { admin } = indexing.database;
  const repository = await indexing.register(hosted);
  await (await indexing.start({ failpoint: "after_text", ...TEXT_FIRST })).ended;
  await indexing.passTime();
  await indexing.work(TEXT_FIRST);
  const segments = () =>
    admin`select published_at is not null as published, blob_count from quarry.segments
      where repository_id = ${repository.id} order by id`;
  expect(await segments()).toEqual([
    { published: true, blob_count: 0 },
    { published: true, blob_count: 5 },
  ]);
  await admin`update quarry.trees set indexed_at = indexed_at - interval '1 hour'`;
  await admin`select quarry.clean_index(100, 10000)`;
  expect(await segments()).toEqual([{ published: true, blob_count: 5 }]);
  expect(await dump(repository)).toEqual(expected);
});

test("a page of a search in the text alone does not go on in the whole", async () => {
  const repository = await indexing.register(hosted);
  const { serviceRole } = indexing.database;
  const page = async (cursor: Record<string, string | number> | null) => {
    const [row] = await serviceRole<{ answer: Record<string, unknown> }[]>`
      select api.find_occurrences(${repository.tenantId}, ${repository.name}, null, 'burn', '', 1,
        ${cursor === null ? null : serviceRole.json(cursor)}) as answer`;
    return row?.answer ?? {};
  };
  let first: Record<string, unknown> = {};
  await indexing.work({
    ...TEXT_FIRST,
    failpoint: lookAt("before_publish", async () => {
      first = await page(null);
    }),
  });
  expect(first).toMatchObject({ outcome: "ok", files: [{ path: "a.ts" }] });
  expect(await page(first["next_cursor"] as Record<string, string>))
    .toEqual({ outcome: "cursor_expired" });
});

test("a push is published at once, and once", async () => {
  const own = await indexing.createHosted();
  await commitFiles(own.directory, files);
  const repository = await indexing.register(own);
  await indexing.work(TEXT_FIRST);
  await commitFiles(
    own.directory,
    new Map([...files, ["new.ts", file("export const late = 1;\n")]]),
  );
  await indexing.push(repository);
  await indexing.work(TEXT_FIRST);
  const { id } = await indexing.lastJob(repository);
  await expect(indexing.facts(id, "text_published")).rejects.toThrow("no event");
  const fresh = await indexing.register(own);
  await indexing.work();
  expect(await dump(repository)).toEqual(await dump(fresh));
});

// A search over more segments and more trees than are looked at together: every matching line comes
// exactly once, in one order, whatever the page's size.

import type { Sql } from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commitFiles, file } from "../../indexer/test/support/hosted_commits.ts";
import {
  createIndexing,
  type Indexing,
  type RegisteredRepository,
} from "../../indexer/test/support/indexing.ts";
import { type SearchPosition, searchPosition } from "../functions/api/search/search_run.ts";
import { showLines } from "../functions/api/search/search_views.ts";
import { type BatchOptions, searchBatches, searchPage } from "./support/search.ts";

/** More than a search looks into together, and more than a batch pins. */
const REPOSITORIES = 42;
/** Segments of the first one, one a push. */
const PUSHES = 12;

let indexing: Indexing;
let tenantId: string;
/** repository path:line of every line with the word that all files have. */
const places: string[] = [];

/** Some files define the word, some use it, the others do not have it. */
function source(number: number): string {
  const kinds = ["export function target() {}\ntarget();", "target();", "nothing();"];
  return `${kinds[number % kinds.length] ?? ""}\n// ${"filler ".repeat(number)}\n`;
}

/** Commits files of these numbers, whatever was there before. */
async function commit({ hosted }: RegisteredRepository, numbers: readonly number[]): Promise<void> {
  const files = numbers.map((number) => [`f${number}.ts`, file(source(number))] as const);
  await commitFiles(hosted.directory, new Map(files));
}

function expectLines({ name }: RegisteredRepository, numbers: readonly number[]): void {
  for (const number of numbers) {
    for (const [index, line] of source(number).split("\n").entries()) {
      if (line.includes("target")) places.push(`${name} f${number}.ts:${index + 1}`);
    }
  }
}

/** Adds a file a push, and so a segment each. */
async function pushFilesOneByOne(repository: RegisteredRepository, numbers: number[]) {
  for (let push = 1; push < PUSHES; push += 1) {
    await indexing.work();
    numbers.push(push);
    await commit(repository, numbers);
    await indexing.push(repository);
  }
}

beforeAll(async () => {
  indexing = await createIndexing();
  const { admin } = indexing.database;
  for (let number = 0; number < REPOSITORIES; number += 1) {
    const hosted = await indexing.createHosted();
    await commitFiles(hosted.directory, new Map([["README", file("Nothing.\n")]]));
    const repository = await indexing.register(hosted, number === 0 ? {} : { tenantId });
    if (number === 0) {
      ({ tenantId } = repository);
      await admin`
        update quarry.plans set repositories_max = ${REPOSITORIES}, concurrent_jobs_max = ${REPOSITORIES}`;
    }
    const numbers = [number];
    await commit(repository, numbers);
    if (number === 0) await pushFilesOneByOne(repository, numbers);
    expectLines(repository, numbers);
  }
  await indexing.work();
}, 240_000);
afterAll(async () => {
  await indexing[Symbol.asyncDispose]();
});

async function allPages(q: string, limit: number): Promise<string[]> {
  const found: string[] = [];
  let position: SearchPosition | null = null;
  do {
    const page = await searchPage(indexing.database.serviceRole, tenantId, q, { limit, position });
    if (page.outcome !== "ok") throw new Error(page.outcome);
    found.push(
      ...showLines(page.lines, false).map((match) =>
        `${match.repository} ${match.path}:${match.line}`
      ),
    );
    const { next }: { next: SearchPosition | null } = page;
    position = next === null ? null : searchPosition.parse(JSON.parse(JSON.stringify(next)));
  } while (position !== null);
  return found;
}

test.each([
  ["a word that some files define", "target"],
  ["a part of it, for which segments are asked one by one at first", "arge"],
  ["an expression without a literal", "/t[a]rg?et/"],
])("%s", async (_, q) => {
  const all = await allPages(q, 100_000);
  expect(all.toSorted()).toEqual(places.toSorted());
  for (const limit of [1, 7, 50]) {
    expect(await allPages(q, limit), String(limit)).toEqual(all);
  }
});

/** Every text of all batches of a few chunks, how many of them said that they knew something, and what was sent. */
async function walk(q: string, options: Omit<BatchOptions, "weightMax"> = {}) {
  const texts: string[] = [];
  const sent: { readonly segment: number; readonly no: number }[] = [];
  let knowing = 0;
  const request = { weightMax: 3, ...options };
  for await (const batch of searchBatches(indexing.database.serviceRole, tenantId, q, request)) {
    for (const { tree, tier, segment, blob, chunks } of batch.blobs) {
      texts.push([tree, tier, segment, blob, ...chunks.map(({ no }) => no)].join(" "));
      sent.push(
        ...chunks.filter(({ packed }) => packed !== null).map(({ no }) => ({ segment, no })),
      );
    }
    texts.push(`${batch.weight} until ${JSON.stringify(batch.at)}`);
    knowing += Number(batch.known !== null);
  }
  return { texts, sent, knowing };
}

test.each(["target", "arget", "target -nothing", "sym:target", "nothing or /arg.*lines/"])(
  "what one batch tells the next of %s changes nothing of what is found",
  async (q) => {
    const { texts, knowing } = await walk(q);
    expect(knowing).toBeGreaterThan(0);
    expect(texts.length).toBeGreaterThan(10);
    expect(texts).toEqual((await walk(q, { passesOn: false })).texts);
  },
);

test.each(["target", "arget or nothing", "/arg.*lines|target/"])(
  "what is held of %s is not sent, and nothing else of a batch differs",
  async (q) => {
    const all = await walk(q);
    const segments = [...new Set(all.sent.map(({ segment }) => segment))];
    // The first chunk, but not the second, of every other segment.
    const some = segments.filter((_, index) => index % 2 === 0);
    const held = Object.fromEntries(some.map((segment) => [segment, btoa("\u0001")]));
    const walked = await walk(q, { held });
    expect(walked.texts).toEqual(all.texts);
    expect(walked.sent).toEqual(
      all.sent.filter(({ segment, no }) => no !== 0 || !some.includes(segment)),
    );
    expect(walked.sent.length).toBeLessThan(all.sent.length);
    expect(walked.sent.length).toBeGreaterThan(0);
  },
);

test("invariant 6: who says that another's chunks are held is told of none", async () => {
  const stranger = await indexing.createTenant();
  const { sent } = await walk("target");
  const held = Object.fromEntries(sent.map(({ segment }) => [segment, btoa("\u00ff")]));
  const batches = searchBatches(indexing.database.serviceRole, stranger, "target", {
    weightMax: 3,
    held,
  });
  for await (const { blobs, trees, weight } of batches) {
    expect({ blobs, trees, weight }).toEqual({ blobs: [], trees: {}, weight: 0 });
  }
});

test("files are looked up by their blobs, however few those of other repositories are", async () => {
  const { admin } = indexing.database;
  await admin`
    insert into quarry.tree_files (tree_id, path, path_text, generation_from, mode, language, marks, segment_id, blob_no)
    select -t, convert_to('f' || f, 'utf8'), 'f' || f, 1, 33188, 'TypeScript', 0, -t, f
    from generate_series(1, 3000) t, generate_series(1, 20) f`;
  try {
    await admin`analyze quarry.tree_files`;
    await admin.begin(async (transaction) => {
      const sql = transaction as unknown as Sql;
      const page = await searchPage(sql, tenantId, "target", { limit: 100, position: null });
      expect(page.outcome).toBe("ok");
      const rows = await sql<{ index: string; reads: number }[]>`
        select indexrelid::regclass::text as index, pg_stat_get_xact_tuples_returned(indexrelid)::int as reads
        from pg_index where indrelid = 'quarry.tree_files'::regclass and pg_stat_get_xact_tuples_returned(indexrelid) > 0`;
      expect(rows.map(({ index }) => index)).toEqual(["quarry.tree_files_by_blob"]);
    });
  } finally {
    await admin`delete from quarry.tree_files where tree_id < 0`;
    await admin`analyze quarry.tree_files`;
  }
});

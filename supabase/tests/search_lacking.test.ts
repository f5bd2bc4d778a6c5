// A search whose candidates are many and whose lines are few, asked of an instance that knows what cannot be in
// them: it is told of fewer files, and comes to the same.

import { afterAll, beforeAll, expect, test } from "vitest";
import { commitFiles, file } from "../../indexer/test/support/hosted_commits.ts";
import { createIndexing, type Indexing } from "../../indexer/test/support/indexing.ts";
import { ChunkText } from "../functions/_shared/search/chunk_text.ts";
import { KeptChunks } from "../functions/_shared/search/kept_chunks.ts";
import { type SearchPosition, searchPosition } from "../functions/api/search/search_run.ts";
import { showLines } from "../functions/api/search/search_views.ts";
import { type BatchOptions, searchBatches, searchPage } from "./support/search.ts";

const FILES = 400;
/** Terms of which every file has all, in this order in every ninth alone. */
const TEXT = "target, as";
const QUERY = `"${TEXT}"`;
/** Terms of which files have all in each of their chunks, and define it in the first. */
const DEFINING_FILES = 60;
const KEY = "alpha-beta";

let indexing: Indexing;
let tenantId: string;
let definingTenantId: string;

function isFound(number: number): boolean {
  return number % 9 === 4;
}

async function index(files: readonly (readonly [string, string])[]): Promise<string> {
  const hosted = await indexing.createHosted();
  await commitFiles(hosted.directory, new Map(files.map(([name, text]) => [name, file(text)])));
  const registered = await indexing.register(hosted);
  await indexing.work();
  return registered.tenantId;
}

beforeAll(async () => {
  indexing = await createIndexing();
  const numbers = Array.from({ length: FILES }, (_, number) => number);
  const files = numbers.map((number) => {
    const line = isFound(number) ? "target, as" : "target of as ,";
    // Some files have several chunks.
    const filler = `// target of as , ${"word ".repeat(number % 40)}\n`.repeat(
      number % 7 === 0 ? 90 : 1,
    );
    return [`f${number}.ts`, `${filler}${line} ${number}\n${filler}`] as const;
  });
  tenantId = await index(files);
  const rest = "# alpha - beta\n".repeat(800);
  definingTenantId = await index(
    numbers.slice(0, DEFINING_FILES).map((
      number,
    ) => [`k${number}.yml`, `${KEY}: ${number}\n${rest}`]),
  );
}, 120_000);
afterAll(async () => {
  await indexing[Symbol.asyncDispose]();
});

interface Walk {
  readonly chunks: { readonly segment: number; readonly no: number; readonly isFound: boolean }[];
  readonly ways: string[];
}

/** The chunks that are named in all batches, and how far each of these went. */
async function walk(tenant: string, text: string, options: BatchOptions): Promise<Walk> {
  const walked: Walk = { chunks: [], ways: [] };
  const { serviceRole } = indexing.database;
  for await (const batch of searchBatches(serviceRole, tenant, `"${text}"`, options)) {
    for (const { segment, chunks } of batch.blobs) {
      walked.chunks.push(...chunks.map(({ no, firstLine, packed }) => {
        const chunk = new ChunkText(firstLine, packed ?? new Uint8Array());
        return { segment, no, isFound: chunk.text.includes(text) };
      }));
    }
    walked.ways.push(`${batch.weight} until ${JSON.stringify(batch.at)}`);
  }
  return walked;
}

/** As a request says it. */
function stated(chunks: Walk["chunks"]): Record<string, string> {
  const bits: Record<string, number[]> = {};
  for (const { segment, no } of chunks) {
    const bytes = (bits[segment] ??= Array<number>(FILES).fill(0));
    bytes[no >> 3] = (bytes[no >> 3] ?? 0) | (1 << (no & 7));
  }
  return Object.fromEntries(
    Object.entries(bits).map(([segment, bytes]) => [segment, btoa(String.fromCharCode(...bytes))]),
  );
}

/** All batches, and those that are told what lacks the text. */
async function walks(tenant: string, text: string, weightMax: number) {
  const all = await walk(tenant, text, { weightMax });
  const lacking = stated(all.chunks.filter((chunk) => !chunk.isFound));
  return { all, some: await walk(tenant, text, { weightMax, lacking }) };
}

test.each([7, 64, 500])(
  "what is lacking is hardly named, and batches of %i go as far as if it were",
  async (weightMax) => {
    const { all, some } = await walks(tenantId, TEXT, weightMax);
    expect(some.ways).toEqual(all.ways);
    const found = ({ chunks }: Walk) => chunks.filter((chunk) => chunk.isFound);
    expect(found(some)).toEqual(found(all));
    // The last file of each batch is looked at in any case, and it may have several chunks.
    expect(some.chunks.length - found(some).length).toBeLessThanOrEqual(some.ways.length * 3);
  },
);

test.each([7, 64])(
  "batches of %i files that define the text go as far as if nothing were said to be lacking",
  async (weightMax) => {
    const { all, some } = await walks(definingTenantId, KEY, weightMax);
    expect(all.chunks.length).toBeGreaterThan(DEFINING_FILES);
    expect(some).toEqual(all);
  },
);

/** The lines of a page, and where the next one begins. */
async function pageOf(kept: KeptChunks, limit: number, position: SearchPosition | null) {
  const options = { limit, position, keptChunks: kept };
  const page = await searchPage(indexing.database.serviceRole, tenantId, QUERY, options);
  if (page.outcome !== "ok") throw new Error(page.outcome);
  const { next, total, reason } = page;
  const copy = next === null ? null : searchPosition.parse(JSON.parse(JSON.stringify(next)));
  return { lines: showLines(page.lines, false), next: copy, total, reason };
}

test("pages are the same whatever an instance knows, and may be read on by one that knows nothing", async () => {
  const kept = new KeptChunks();
  const whole = await pageOf(kept, 1_000, null);
  expect(whole.lines.length).toBe(
    Array.from({ length: FILES }, (_, no) => no).filter(isFound).length,
  );
  // What stays unpacked is worked out when it is looked at again.
  expect(await pageOf(kept, 1_000, null)).toEqual(whole);
  for (const limit of [1_000, 20, 3]) {
    const pages = [];
    let position: SearchPosition | null = null;
    do {
      const page = await pageOf(kept, limit, position);
      expect(await pageOf(new KeptChunks(), limit, position)).toEqual(page);
      pages.push(...page.lines);
      position = page.next;
    } while (position !== null);
    expect(pages).toEqual(whole.lines);
  }
});

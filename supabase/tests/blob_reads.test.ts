// What is read of blobs by their names, which other answers have told: outlines, and the text around lines.

import { afterAll, beforeAll, expect, test } from "vitest";
import { commitFiles, file } from "../../indexer/test/support/hosted_commits.ts";
import { createIndexing, type Indexing } from "../../indexer/test/support/indexing.ts";
import { readOutline } from "../functions/_shared/runtime/outlines.ts";
import {
  type BlobChunk,
  readChunksAnswer,
  readOutlinesAnswer,
} from "../functions/_shared/runtime/packed_answers.ts";

const LINES = 400;

let indexing: Indexing;
let tenantId: string;
let strangerId: string;
/** By path: the name of its blob, and whether it has an outline. */
let blobs: Map<string, { readonly blob: string; readonly hasOutline: boolean }>;

beforeAll(async () => {
  indexing = await createIndexing();
  const hosted = await indexing.createHosted();
  const long = Array.from({ length: LINES }, (_, line) => `const value${line + 1} = ${line};`);
  await commitFiles(
    hosted.directory,
    new Map([
      ["long.ts", file(long.join("\n"))],
      ["short.ts", file("export function launch() {}\n")],
      ["plain.txt", file("nothing to outline\n")],
    ]),
  );
  ({ tenantId } = await indexing.register(hosted));
  await indexing.work();
  const other = await indexing.createHosted();
  await commitFiles(other.directory, new Map([["own.ts", file("export const own = 1;\n")]]));
  ({ tenantId: strangerId } = await indexing.register(other));
  await indexing.work();
  expect(strangerId).not.toBe(tenantId);
  const rows = await indexing.database.admin<{ path: string; blob: string; outlined: boolean }[]>`
    select f.path_text as path, f.segment_id || '/' || f.blob_no as blob, b.outline is not null as outlined
    from quarry.tree_files f join quarry.blobs b using (segment_id, blob_no)`;
  blobs = new Map(rows.map(({ path, blob, outlined: hasOutline }) => [path, { blob, hasOutline }]));
});
afterAll(async () => {
  await indexing[Symbol.asyncDispose]();
});

const blobOf = (path: string) => blobs.get(path)?.blob ?? "";

async function outlines(tenant: string, names: readonly string[]) {
  const [row] = await indexing.database.serviceRole<{ answer: Uint8Array }[]>`
    select api.read_outlines(${tenant}, ${names})::bytea as answer`;
  return readOutlinesAnswer(row?.answer ?? new Uint8Array());
}

async function chunks(tenant: string, wanted: unknown): Promise<BlobChunk[]> {
  const [row] = await indexing.database.serviceRole<{ answer: Uint8Array }[]>`
    select api.read_chunks(${tenant}, (${JSON.stringify(wanted)}::text)::jsonb)::bytea as answer`;
  return readChunksAnswer(row?.answer ?? new Uint8Array());
}

test("outlines come in the order in which they were asked for, null where there is none", async () => {
  expect(blobs.get("plain.txt")?.hasOutline).toBe(false);
  const names = ["short.ts", "plain.txt", "long.ts"].map(blobOf);
  const read = await outlines(tenantId, [...names, "999999/0"]);
  expect(read.map((each) => each === null ? null : readOutline(each).definitions[0]?.name))
    .toEqual(["launch", null, "value1", null]);
  expect(await outlines(tenantId, [])).toEqual([]);
});

test("of a text come the chunks that have the lines, each once", async () => {
  const wanted = [{ blob: blobOf("long.ts"), lines: [1, 2, LINES] }, {
    blob: blobOf("short.ts"),
    lines: [1],
  }];
  const read = await chunks(tenantId, wanted);
  const lineOf = (blob: string, line: number) => {
    const chunk = read.findLast((each) => each.blob === blob && each.first_line <= line);
    return chunk?.content.split("\n")[line - chunk.first_line];
  };
  expect(lineOf(blobOf("long.ts"), 1)).toBe("const value1 = 0;");
  expect(lineOf(blobOf("long.ts"), 2)).toBe("const value2 = 1;");
  expect(lineOf(blobOf("long.ts"), LINES)).toBe(`const value${LINES} = ${LINES - 1};`);
  expect(lineOf(blobOf("short.ts"), 1)).toBe("export function launch() {}");
  const places = read.map(({ blob, first_line }) => `${blob}:${first_line}`);
  expect(new Set(places).size).toBe(places.length);
  expect(await chunks(tenantId, [])).toEqual([]);
});

test("invariant 6: another tenant's blobs are as those that do not exist", async () => {
  const [blob, own] = [blobOf("short.ts"), blobOf("own.ts")];
  const read = await outlines(strangerId, [blob, own, "999999/0"]);
  expect(read.map((each) => each !== null)).toEqual([false, true, false]);
  expect(await chunks(strangerId, [{ blob, lines: [1] }, { blob: "999999/0", lines: [1] }]))
    .toEqual([]);
  expect(await chunks(strangerId, [{ blob: own, lines: [1] }])).toHaveLength(1);
});

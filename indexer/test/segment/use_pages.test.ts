// Which blobs call a name and which import by a word, as PostgreSQL looks them up in real segments,
// against the outlines of the same blobs.

import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../scripts/local/test_database.ts";
import { unpackOutline } from "../../../supabase/functions/_shared/segment/outline.ts";
import { type Outline } from "../../../supabase/functions/_shared/segment/outline_entries.ts";
import { unpackBytes } from "../../../supabase/functions/_shared/segment/stored_text.ts";
import { originalNames } from "../../../supabase/functions/_shared/segment/bindings.ts";
import {
  importWords,
  type Use,
  USES,
  useWord,
} from "../../../supabase/functions/_shared/text/use_words.ts";
import { createSymbolParser } from "../../src/parse/parser.ts";
import { createSegmentBuilder } from "../../src/segment/segment_builder.ts";
import { copySegment } from "./copy_segment.ts";

const symbolParser = createSymbolParser({ now: () => performance.now() });
let database: TestDatabase;

const sources = [
  'import { open as start } from "@acme/io";\nstart();\nobj.close(1);\nnew Box();\n',
  'import "../Tools/io.js";\nexport function close() { return open() + open(); }\n',
  "// close() is only a comment, and Tools a word\nconst close = 1;\n",
  `import x from "${"long".repeat(40)}";\n${"f".repeat(200)}();\n${"f".repeat(70)}();\n`,
  'import { Über } from "./größe/😀.ts";\nÜber();\n"\\0"();\n',
  Array.from({ length: 400 }, (_, n) => `import "./m${n}/part";\ncall${n}(a${n}());`).join("\n"),
];

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  symbolParser.close();
  await database.drop();
});

async function load(segmentId: number): Promise<Outline[]> {
  const builder = createSegmentBuilder({
    segmentId: BigInt(segmentId),
    extractorVersion: 1,
    symbolParser,
  });
  for (const text of sources) {
    const bytes = Buffer.from(text);
    await builder.addBlob({ blobOid: "ab".repeat(20), language: "TypeScript", bytes });
  }
  await copySegment(database.admin, builder.finish().tables);
  return await outlinesOf(segmentId);
}

async function outlinesOf(segmentId: number): Promise<Outline[]> {
  const rows = await database.admin<{ outline: Uint8Array }[]>`
    select outline from quarry.blobs where segment_id = ${segmentId} order by blob_no`;
  return rows.map(({ outline }) => unpackOutline(unpackBytes(outline, 1_000_000)));
}

async function using(segmentId: number, use: Use, word: string): Promise<number[] | null> {
  const [row] = await database.admin<{ blobs: number[] | null }[]>`
    select quarry.using_blobs(${segmentId}, ${USES[use]}::smallint, ${word}) as blobs`;
  return row?.blobs ?? null;
}

function usesOf(outline: Outline): Record<Use, Set<string>> {
  const { references, imports } = outline;
  const originals = originalNames({ language: "TypeScript", outline });
  const calls = references.filter(({ role }) => role === "call");
  const names = calls.flatMap(({ name }) => [name, originals.get(name) ?? []].flat());
  return {
    package: new Set(),
    call: new Set(names.map((name) => useWord("call", name))),
    import: new Set(imports.flatMap((each) => [...importWords(each)])),
  };
}

test("a word leads to every blob that calls or imports by it, and to no other", async () => {
  const uses = (await load(1)).map(usesOf);
  for (const use of ["call", "import"] as const) {
    const words = new Set(uses.flatMap((each) => [...each[use]]));
    expect(words.size).toBeGreaterThan(400);
    for (const word of words) {
      const expected = uses.flatMap((each, blobNo) => each[use].has(word) ? [blobNo] : []);
      expect(await using(1, use, word), `${use} ${word}`).toEqual(expected);
    }
  }
  expect(await using(1, "call", "close")).toEqual([0]);
  // By the name that an import renames, and by the one that it gives.
  for (const name of ["open", "start"]) expect(await using(1, "call", name)).toContain(0);
  expect(await using(1, "import", "io")).toEqual([0, 1]);
  expect(await using(1, "import", "tools")).toEqual([1]);
  for (const word of ["", "clos", "closed", "zzz", "A"]) {
    expect(await using(1, "call", word)).toBeNull();
  }
});

test("a manifest is found by the name it gives to its package, extracted or merged", async () => {
  const far = `{"private": true, "about": "${"x".repeat(3000)}",\n\n"name" : "@acme/far-away"}`;
  const texts = ['{"name": "@acme/ui", "author": {"name": "Zoe"}}', far, '{"a": {"nam": "b"}}'];
  const segments = [5, 6];
  const rows: Parameters<ReturnType<typeof createSegmentBuilder>["addStored"]>[0][] = [];
  for (const segmentId of segments) {
    const builder = createSegmentBuilder({
      segmentId: BigInt(segmentId),
      extractorVersion: 1,
      symbolParser,
    });
    for (const text of rows.length > 0 ? [] : texts) {
      const bytes = Buffer.from(text);
      await builder.addBlob({ blobOid: "ab".repeat(20), language: "JSON", bytes });
    }
    for (const row of rows) builder.addStored(row);
    await copySegment(database.admin, builder.finish().tables);
    expect(await using(segmentId, "package", "@acme/ui")).toEqual([0]);
    expect(await using(segmentId, "package", "@acme/far-away")).toEqual([1]);
    expect(await using(segmentId, "package", "b")).toBeNull();
    const stored = await database.admin<{ first_line: number; content: Uint8Array; no: number }[]>`
      select first_line, content, blob_no as no from quarry.blob_chunks
      where segment_id = ${segmentId} order by chunk_no`;
    rows.push(...texts.map((_, blobNo) => ({
      ...{ blobOid: "ab".repeat(20), language: "JSON", sizeBytes: 1, lineCount: 1 },
      ...{ decodedLeniently: false, skipReason: null, symbolsSkipReason: null, outline: null },
      textLanguage: null,
      textMarks: 0,
      chunks: stored.filter(({ no }) => no === blobNo)
        .map(({ first_line: firstLine, content }) => ({ firstLine, content })),
    })));
  }
});

test("words longer than are listed are found by their beginning, as they were cut", async () => {
  await load(2);
  expect(await using(2, "call", useWord("call", "f".repeat(200)))).toEqual([3]);
  expect(await using(2, "import", useWord("import", "Long".repeat(40)))).toEqual([3]);
});

test("a blob that is merged into another segment is listed as when it was extracted", async () => {
  await load(3);
  const rows = await database.admin<{ outline: Uint8Array }[]>`
    select outline from quarry.blobs where segment_id = 3 order by blob_no`;
  const merged = createSegmentBuilder({ segmentId: 4n, extractorVersion: 1, symbolParser });
  for (const { outline } of rows) {
    merged.addStored({
      ...{ blobOid: "ab".repeat(20), language: "TypeScript", sizeBytes: 1, lineCount: 1 },
      ...{ decodedLeniently: false, skipReason: null, symbolsSkipReason: null },
      textLanguage: null,
      textMarks: 0,
      outline,
      chunks: [],
    });
  }
  await copySegment(database.admin, merged.finish().tables);
  const pages = (segmentId: number) =>
    database.admin`
    select use, words, list_starts, blob_nos from quarry.use_pages
    where segment_id = ${segmentId} order by use, first_word`;
  expect(await pages(4)).toEqual(await pages(3));
});

import { afterAll, describe, expect, test } from "vitest";
import { createTestDatabase } from "../../../scripts/local/test_database.ts";
import {
  TEXT_BYTES_MAX,
  unpackText,
} from "../../../supabase/functions/_shared/segment/stored_text.ts";
import { symbolKindNumber } from "../../../supabase/functions/_shared/segment/symbol_kinds.ts";
import { createSymbolParser, PARSE_BYTES_MAX } from "../../src/parse/parser.ts";
import { CopyEncoder } from "../../src/segment/copy_encoder.ts";
import { writeTreeChanges } from "../../src/segment/copy_rows.ts";
import { FILE_BYTES_MAX } from "../../src/segment/decode.ts";
import { GRAM_TERMS_MIN } from "../../src/segment/grams.ts";
import { createSegmentBuilder, type SegmentParts } from "../../src/segment/segment_builder.ts";
import { copyRows, copySegment } from "./copy_segment.ts";
import { bytesOf, readCopy, readGrams, readSymbols, readTerms } from "./read_copy.ts";

const symbolParser = createSymbolParser({ now: () => performance.now() });
afterAll(() => symbolParser.close());

function newBuilder(segmentId = 7n) {
  return createSegmentBuilder({ segmentId, extractorVersion: 3, symbolParser });
}

const oid = "0123456789abcdef0123456789abcdef01234567";

describe("the rows of a segment", () => {
  test("number blobs and chunks through the whole segment", async () => {
    const builder = newBuilder();
    const long = "word\n".repeat(3000);
    const add = (language: string, text: string) =>
      builder.addBlob({ blobOid: oid, language, bytes: Buffer.from(text) });
    await add("Text", long);
    await add("Go", "");
    expect(await add("Go", "package a\nfunc F() {}\n")).toEqual({
      blobNo: 2,
      textLanguage: null,
      textMarks: 0,
      skipReason: null,
      symbolsSkipReason: null,
      lineCount: 2,
      symbolCount: 2,
    });
    expect(builder.sourceBytes).toBe(long.length + 22);
    const { tables, counts } = builder.finish();
    const chunks = readCopy("blob_chunks", tables.blob_chunks);
    expect(chunks.map((row) => [row["chunk_no"], row["blob_no"], row["first_line"]])).toEqual([
      [0, 0, 1],
      [1, 0, 1230],
      [2, 0, 2459],
      [3, 2, 1],
    ]);
    expect(readTerms(tables.term_pages).get("word")).toEqual([0, 1, 2]);
    expect(counts).toEqual({ blobs: 3, chunks: 4, terms: 7, grams: 0, symbols: 2, uses: 0 });
    expect(readSymbols(tables.symbol_pages).at(-1)).toEqual({
      name: "F",
      nameFolded: "f",
      humps: "f",
      kind: symbolKindNumber("function"),
      blobNo: 2,
      symbolNo: 1,
    });
  });

  test("are the same when the text is built first and the symbols in another go", async () => {
    const built = async (parts: SegmentParts) => {
      const builder = createSegmentBuilder({
        segmentId: 7n,
        extractorVersion: 3,
        symbolParser,
        parts,
      });
      const add = (language: string, text: string) =>
        builder.addBlob({ blobOid: oid, language, bytes: Buffer.from(text) });
      builder.addUnfetched({ blobOid: oid, language: "Go", skipReason: "too_large" });
      await add("Go", "package a\nfunc F() { G() }\n");
      await add("Text", "\0");
      await add("JSON", '{"name": "a"}\n');
      await add("Text", "word\n".repeat(3000));
      const { tables } = builder.finish();
      return new Map(Object.entries(tables).map(([name, chunks]) => [name, Buffer.concat(chunks)]));
    };
    const [all, text, symbols] = [await built("all"), await built("text"), await built("symbols")];
    const ofText = ["blob_chunks", "term_pages", "gram_pages"];
    const empty = Buffer.concat(new CopyEncoder().finish());
    for (const [name, rows] of all) {
      const isText = ofText.includes(name);
      expect(text.get(name), name).toEqual(isText ? rows : empty);
      expect(symbols.get(name), name).toEqual(isText ? empty : rows);
    }
    expect(all.get("use_pages")).not.toEqual(empty);
  });

  test("hold the longest line that a file can become, to be read again", async () => {
    const builder = newBuilder();
    await builder.addBlob({
      blobOid: oid,
      language: "Text",
      bytes: Buffer.alloc(FILE_BYTES_MAX, 0xff),
    });
    const [row] = readCopy("blob_chunks", builder.finish().tables.blob_chunks);
    const text = unpackText(bytesOf(row?.["content"]));
    expect(text).toBe("\ufffd".repeat(FILE_BYTES_MAX));
    expect(Buffer.byteLength(text)).toBe(TEXT_BYTES_MAX);
  });

  test("say why a blob has no text or no symbols", async () => {
    const builder = newBuilder();
    const add = (language: string, bytes: Uint8Array) =>
      builder.addBlob({ blobOid: oid, language, bytes });
    await add("Go", Buffer.from("a\0b"));
    await add("Go", Buffer.alloc(3 * 1024 * 1024, "a"));
    await add("TypeScript", Buffer.alloc(PARSE_BYTES_MAX + 1, "a"));
    await add("Text", Uint8Array.from([0x61, 0xff]));
    await add("", Buffer.from("#!/usr/bin/env python3\ndef f(): pass\n"));
    builder.addUnfetched({ blobOid: oid, language: "Go", skipReason: "too_large" });
    const { tables, counts } = builder.finish();
    const rows = readCopy("blobs", tables.blobs);
    expect(rows.map((row) => [
      row["size_bytes"],
      row["line_count"],
      row["decoded_leniently"],
      row["skip_reason"],
      row["symbols_skip_reason"],
    ])).toEqual([
      [3, 0, false, "binary", null],
      [3 * 1024 * 1024, 0, false, "too_large", null],
      [PARSE_BYTES_MAX + 1, 1, false, null, "too_large_to_parse"],
      [2, 1, true, null, "unknown_language"],
      [37, 2, false, null, null],
      [null, 0, false, "too_large", null],
    ]);
    expect(rows[0]?.["blob_oid"]).toEqual(Uint8Array.from(Buffer.from(oid, "hex")));
    expect(rows.every((row) => row["extractor_version"] === 3)).toBe(true);
    expect(counts.symbols).toBe(1);
  });

  test("have every name as written and folded, whatever is in it", async () => {
    const builder = newBuilder();
    const text = `interface A { "Two Words": string; "${"X".repeat(300)}": 1 }`;
    await builder.addBlob({ blobOid: oid, language: "TypeScript", bytes: Buffer.from(text) });
    const { tables } = builder.finish();
    const symbols = readSymbols(tables.symbol_pages);
    expect(symbols.map(({ name, nameFolded, humps }) => [name, nameFolded, humps])).toEqual([
      ["A", "a", "a"],
      ["Two Words", "two words", "tw"],
      ["X".repeat(255), "x".repeat(255), "x"],
    ]);
  });

  test("have grams from a certain size of the dictionary on", async () => {
    for (const count of [GRAM_TERMS_MIN - 1, GRAM_TERMS_MIN]) {
      const builder = newBuilder();
      const text = Array.from({ length: count }, (_, n) => `t${n}`).join(" ");
      await builder.addBlob({ blobOid: oid, language: "Text", bytes: Buffer.from(text) });
      const { tables, counts } = builder.finish();
      expect(counts.terms).toBe(count);
      expect(counts.grams > 0).toBe(count === GRAM_TERMS_MIN);
      expect(readGrams(tables.gram_pages).size).toBe(counts.grams);
    }
  });

  test("are valid when there are none", () => {
    const { tables } = newBuilder().finish();
    expect(readCopy("blobs", tables.blobs)).toEqual([]);
    expect(readCopy("term_pages", tables.term_pages)).toEqual([]);
  });
});

describe("PostgreSQL takes the rows of a segment", () => {
  /** Whatever is hard for it: other planes, long lines, NUL, invalid UTF-8, names of all kinds. */
  const hostile = Buffer.concat([
    Buffer.from('\ufeffclass Ä😀 { "\u0001 \ud83d\ude00": 1; "\uffff\u{10000}"() {} }\r\n'),
    Buffer.from(Array.from({ length: 2500 }, (_, n) => `Term${n}\u{10000} \uff00${n}`).join("\n")),
    Buffer.alloc(300_000, "-x漢"),
    Uint8Array.from([0xff, 0xed, 0xa0, 0x80, 0x00, 0x0a]),
  ]);

  test("and orders their terms as they are numbered", async () => {
    await using database = await createTestDatabase();
    const builder = newBuilder(42n);
    await builder.addBlob({ blobOid: oid, language: "JavaScript", bytes: hostile });
    builder.addUnfetched({ blobOid: oid, language: "", skipReason: "too_large" });
    const { tables, counts } = builder.finish();
    const changes = new CopyEncoder();
    const nowhere = { blobSegmentId: null, blobNo: null, language: "", marks: 0 };
    writeTreeChanges(changes, 42n, 0, [
      {
        path: Uint8Array.from([0x61, 0x0a, 0xff]),
        mode: 0o100644,
        blobOid: null,
        language: "",
        marks: 0,
        blobSegmentId: 42n,
        blobNo: 0,
        skipReason: null,
      },
      { ...nowhere, path: Buffer.from("ä"), mode: 0o120000, blobOid: oid, skipReason: "symlink" },
      { ...nowhere, path: Buffer.from("gone"), mode: null, blobOid: null, skipReason: null },
    ]);
    const sql = database.admin;
    await copySegment(sql, tables);
    await copyRows(sql, "tree_changes", changes.finish());

    const [counted] = await sql`
      select (select count(*)::int from quarry.blobs) as blobs,
        (select count(*)::int from quarry.blob_chunks) as chunks,
        (select sum(cardinality(list_starts) - 1)::int from quarry.term_pages) as terms,
        (select sum(cardinality(list_starts) - 1)::int from quarry.gram_pages) as grams,
        (select coalesce(sum(cardinality(name_nos)), 0)::int from quarry.symbol_pages) as symbols,
        (select coalesce(sum(cardinality(list_starts) - 1), 0)::int from quarry.use_pages) as uses`;
    expect(counted).toEqual(counts);
    expect(counts.grams).toBeGreaterThan(0);
    const entries = await sql<{ terms: string }[]>`
      select terms from quarry.term_pages order by first_term`;
    const terms = entries.flatMap((row) => row.terms.split("\n"));
    const ordered = await sql<{ term: string }[]>`
      select t.term from unnest(${terms}::text[]) t (term) order by t.term collate "C"`;
    expect(terms).toEqual(ordered.map(({ term }) => term));
    const chunks = await sql<{ content: Buffer }[]>`
      select content from quarry.blob_chunks order by chunk_no`;
    const expected = hostile.toString("utf8").replaceAll("\u0000", "\ufffd").replace(/\n$/, "");
    expect(chunks.map(({ content }) => unpackText(content)).join("\n")).toBe(expected);
    const changed = await sql`
      select path, path_text, mode, encode(blob_oid, 'hex') as oid, blob_segment_id, skip_reason
      from quarry.changed_files(42)`;
    expect(changed).toEqual([
      {
        path: Buffer.from([0x61, 0x0a, 0xff]),
        path_text: "a\n\ufffd",
        mode: 0o100644,
        oid: null,
        blob_segment_id: "42",
        skip_reason: null,
      },
      {
        path: Buffer.from("ä"),
        path_text: "ä",
        mode: 0o120000,
        oid,
        blob_segment_id: null,
        skip_reason: "symlink",
      },
      {
        path: Buffer.from("gone"),
        path_text: "gone",
        mode: null,
        oid: null,
        blob_segment_id: null,
        skip_reason: null,
      },
    ]);
  });
});

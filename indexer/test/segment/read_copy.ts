/**
 * Reads PostgreSQL's binary COPY format back, as the server does, so that a test sees the rows
 * that a segment's bytes mean. Refuses whatever the server would refuse: a wrong header, a length
 * that does not fit its type, invalid UTF-8, NUL in a text.
 */
import { COPY_COLUMNS, type CopyTable } from "../../src/segment/copy_rows.ts";

type FieldType = "int2" | "int4" | "int8" | "boolean" | "text" | "bytea" | "int2[]" | "int4[]";

const FIELD_TYPES: Readonly<Record<string, FieldType>> = {
  segment_id: "int8",
  blob_segment_id: "int8",
  blob_oid: "bytea",
  outline: "bytea",
  content: "bytea",
  path: "bytea",
  decoded_leniently: "boolean",
  removed: "boolean",
  list_starts: "int2[]",
  chunk_nos: "int2[]",
  page_nos: "int2[]",
  name_nos: "int2[]",
  kinds: "int2[]",
  blob_nos: "int2[]",
  symbol_nos: "int4[]",
  page_no: "int2",
  blob_no: "int4",
  chunk_no: "int4",
  size_bytes: "int4",
  line_count: "int4",
  first_line: "int4",
  extractor_version: "int4",
  mode: "int4",
  text_marks: "int2",
};

export type Field = number | bigint | boolean | string | Uint8Array | number[] | null;
export type Row = Readonly<Record<string, Field>>;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function readText(bytes: Buffer): string {
  const text = utf8.decode(bytes);
  if (text.includes("\u0000")) throw new Error("a text has a NUL");
  return text;
}

function readArray(bytes: Buffer, elementOid: number, elementBytes: number): number[] {
  const dimensions = bytes.readInt32BE(0);
  if (bytes.readInt32BE(8) !== elementOid) throw new Error("an array of another type");
  if (dimensions === 0) return [];
  const count = bytes.readInt32BE(12);
  const stride = 4 + elementBytes;
  if (dimensions !== 1 || bytes.readInt32BE(16) !== 1 || bytes.length !== 20 + stride * count) {
    throw new Error("malformed array");
  }
  return Array.from(
    { length: count },
    (_, index) => bytes.readIntBE(24 + stride * index, elementBytes),
  );
}

const readers: Readonly<Record<FieldType, (bytes: Buffer) => Field>> = {
  "int2": (bytes) => bytes.readInt16BE(0),
  "int4": (bytes) => bytes.readInt32BE(0),
  "int8": (bytes) => bytes.readBigInt64BE(0),
  "boolean": (bytes) => bytes.readUInt8(0) === 1,
  "text": readText,
  "bytea": (bytes) => Uint8Array.from(bytes),
  "int2[]": (bytes) => readArray(bytes, 21, 2),
  "int4[]": (bytes) => readArray(bytes, 23, 4),
};

const FIXED_BYTES: Readonly<Partial<Record<FieldType, number>>> = {
  int2: 2,
  int4: 4,
  int8: 8,
  boolean: 1,
};

function readField(type: FieldType, bytes: Buffer): Field {
  if (bytes.length !== (FIXED_BYTES[type] ?? bytes.length)) throw new Error(`malformed ${type}`);
  return readers[type](bytes);
}

/** The rows in a COPY stream of a table. */
export function readCopy(table: CopyTable, pieces: readonly Uint8Array[]): Row[] {
  const bytes = Buffer.concat(pieces);
  if (bytes.toString("latin1", 0, 11) !== "PGCOPY\n\xff\r\n\0") throw new Error("no COPY header");
  if (bytes.readInt32BE(11) !== 0) throw new Error("unknown COPY flags");
  let position = 19 + bytes.readInt32BE(15);
  const rows: Row[] = [];
  const columns = COPY_COLUMNS[table];
  for (;;) {
    const fieldCount = bytes.readInt16BE(position);
    position += 2;
    if (fieldCount === -1) break;
    if (fieldCount !== columns.length) throw new Error(`${fieldCount} fields in ${table}`);
    const row: Record<string, Field> = {};
    for (const column of columns) {
      const length = bytes.readInt32BE(position);
      position += 4;
      const field = bytes.subarray(position, position + Math.max(length, 0));
      row[column] = length === -1 ? null : readField(FIELD_TYPES[column] ?? "text", field);
      position += field.length;
    }
    rows.push(row);
  }
  if (position !== bytes.length) throw new Error("bytes after the trailer");
  return rows;
}

/** A field of bytes. */
export function bytesOf(field: Field | undefined): Uint8Array {
  if (!(field instanceof Uint8Array)) throw new Error("not bytes");
  return field;
}

function numbersOf(field: Field | undefined): number[] {
  if (!Array.isArray(field)) throw new Error("not an array");
  return field;
}

function entriesOf(row: Row, texts: string, numbers: string): [string, number[]][] {
  const starts = numbersOf(row["list_starts"]);
  const entries = String(row[texts]).split("\n");
  if (starts.length !== entries.length + 1) throw new Error("as many lists as entries");
  return entries.map((entry, index) => [
    entry,
    numbersOf(row[numbers]).slice(starts[index], starts[index + 1]),
  ]);
}

/** The chunks of each term, from a stream of term pages. */
export function readTerms(pieces: readonly Uint8Array[]): Map<string, number[]> {
  const rows = readCopy("term_pages", pieces);
  return new Map(rows.flatMap((row) => entriesOf(row, "terms", "chunk_nos")));
}

/** The term pages of each gram, from a stream of gram pages. */
export function readGrams(pieces: readonly Uint8Array[]): Map<string, number[]> {
  const rows = readCopy("gram_pages", pieces);
  return new Map(rows.flatMap((row) => entriesOf(row, "grams", "page_nos")));
}

/** A definition as symbol pages have it. */
export interface ReadSymbol {
  readonly name: string;
  readonly nameFolded: string;
  readonly humps: string;
  readonly kind: number;
  readonly blobNo: number;
  readonly symbolNo: number;
}

/** The definitions in a stream of symbol pages, in its order. */
export function readSymbols(pieces: readonly Uint8Array[]): ReadSymbol[] {
  return readCopy("symbol_pages", pieces).flatMap((row) => {
    const texts = (column: string) => String(row[column]).split("\n");
    const at = (column: string, index: number) => numbersOf(row[column])[index] ?? -1;
    return numbersOf(row["name_nos"]).map((nameNo, index) => ({
      name: texts("names")[nameNo - 1] ?? "",
      nameFolded: texts("names_folded")[nameNo - 1] ?? "",
      humps: texts("humps")[nameNo - 1] ?? "",
      kind: at("kinds", index),
      blobNo: at("blob_nos", index),
      symbolNo: at("symbol_nos", index),
    }));
  });
}

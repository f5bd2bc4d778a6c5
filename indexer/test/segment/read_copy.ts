/**
 * Reads PostgreSQL's binary COPY format back, as the server does, so that a test sees the rows
 * that a segment's bytes mean. Refuses whatever the server would refuse: a wrong header, a length
 * that does not fit its type, invalid UTF-8, NUL in a text.
 */
import { COPY_COLUMNS, type CopyTable } from "../../src/segment/copy_rows.ts";

type FieldType = "int4" | "int8" | "boolean" | "text" | "bytea" | "int4[]";

const FIELD_TYPES: Readonly<Record<string, FieldType>> = {
  segment_id: "int8",
  blob_segment_id: "int8",
  blob_oid: "bytea",
  outline: "bytea",
  path: "bytea",
  decoded_leniently: "boolean",
  removed: "boolean",
  chunk_nos: "int4[]",
  term_nos: "int4[]",
  blob_no: "int4",
  chunk_no: "int4",
  term_no: "int4",
  symbol_no: "int4",
  size_bytes: "int4",
  line_count: "int4",
  first_line: "int4",
  start_line: "int4",
  start_column: "int4",
  end_line: "int4",
  end_column: "int4",
  extractor_version: "int4",
  mode: "int4",
};

export type Field = number | bigint | boolean | string | Uint8Array | number[] | null;
export type Row = Readonly<Record<string, Field>>;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function readText(bytes: Buffer): string {
  const text = utf8.decode(bytes);
  if (text.includes("\u0000")) throw new Error("a text has a NUL");
  return text;
}

function readInt4Array(bytes: Buffer): number[] {
  const dimensions = bytes.readInt32BE(0);
  if (bytes.readInt32BE(8) !== 23) throw new Error("not an array of int4");
  if (dimensions === 0) return [];
  const count = bytes.readInt32BE(12);
  if (dimensions !== 1 || bytes.readInt32BE(16) !== 1 || bytes.length !== 20 + 8 * count) {
    throw new Error("malformed array");
  }
  return Array.from({ length: count }, (_, index) => bytes.readInt32BE(24 + 8 * index));
}

const readers: Readonly<Record<FieldType, (bytes: Buffer) => Field>> = {
  "int4": (bytes) => bytes.readInt32BE(0),
  "int8": (bytes) => bytes.readBigInt64BE(0),
  "boolean": (bytes) => bytes.readUInt8(0) === 1,
  "text": readText,
  "bytea": (bytes) => Uint8Array.from(bytes),
  "int4[]": readInt4Array,
};

const FIXED_BYTES: Readonly<Partial<Record<FieldType, number>>> = { int4: 4, int8: 8, boolean: 1 };

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

/**
 * PostgreSQL's binary COPY format, written into a growing list of buffers. Knows the types that a
 * segment has and no table. Text must hold no NUL; lone surrogates are written as U+FFFD.
 */
/** `PGCOPY\n\377\r\n\0`, no flags, no header extension. */
const HEADER = Buffer.from("5047434f50590aff0d0a000000000000000000", "hex");
const TRAILER = Buffer.from("ffff", "hex");

const INT2_OID = 21;
const INT2_MAX = 0x7fff;
const INT4_OID = 23;
const INT8_OID = 20;
const TEXT_OID = 25;
const BYTEA_OID = 17;
const NULL_LENGTH = -1;

/** One write of the stream behind a COPY. */
const BUFFER_BYTES = 256 * 1024;

/** A UTF-16 unit becomes at most three bytes of UTF-8. */
const UNIT_BYTES_MAX = 3;

/** Texts up to this length are written unit by unit as long as they are ASCII: it saves a call. */
const SHORT_TEXT_UNITS = 32;

/** Encodes the rows of one table: row(), then its fields in order, and finish() at the end. */
export class CopyEncoder {
  #buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  #view = new DataView(this.#buffer.buffer, this.#buffer.byteOffset, this.#buffer.length);
  #length = 0;
  readonly #full: Buffer[] = [];
  #rowCount = 0;

  constructor() {
    this.#append(HEADER);
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    this.#full.push(this.#buffer.subarray(0, this.#length));
    this.#buffer = Buffer.allocUnsafe(Math.max(BUFFER_BYTES, bytes));
    this.#view = new DataView(this.#buffer.buffer, this.#buffer.byteOffset, this.#buffer.length);
    this.#length = 0;
  }

  #append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #int4Raw(value: number): void {
    this.#view.setInt32(this.#length, value);
    this.#length += 4;
  }

  #null(): void {
    this.#reserve(4);
    this.#int4Raw(NULL_LENGTH);
  }

  row(fieldCount: number): void {
    this.#reserve(2);
    this.#view.setInt16(this.#length, fieldCount);
    this.#length += 2;
    this.#rowCount++;
  }

  int2(value: number): void {
    this.#reserve(6);
    this.#int4Raw(2);
    this.#int2Raw(value);
  }

  #int2Raw(value: number): void {
    if (value > INT2_MAX) throw new RangeError(`${value} does not fit into two bytes`);
    this.#view.setInt16(this.#length, value);
    this.#length += 2;
  }

  int4(value: number | null): void {
    if (value === null) return this.#null();
    this.#reserve(8);
    this.#int4Raw(4);
    this.#int4Raw(value);
  }

  int8(value: bigint | null): void {
    if (value === null) return this.#null();
    this.#reserve(12);
    this.#int4Raw(8);
    this.#view.setBigInt64(this.#length, value);
    this.#length += 8;
  }

  boolean(value: boolean): void {
    this.#reserve(5);
    this.#int4Raw(1);
    this.#view.setUint8(this.#length++, value ? 1 : 0);
  }

  text(value: string | null): void {
    if (value === null) return this.#null();
    if (value.length <= SHORT_TEXT_UNITS && this.#shortAscii(value)) return;
    // Worst case where that is cheap, so that a text is not measured before it is written.
    const isLong = value.length * UNIT_BYTES_MAX > BUFFER_BYTES / 2;
    this.#reserve(4 + (isLong ? Buffer.byteLength(value) : value.length * UNIT_BYTES_MAX));
    const bytes = this.#buffer.write(value, this.#length + 4, "utf8");
    this.#int4Raw(bytes);
    this.#length += bytes;
  }

  #shortAscii(value: string): boolean {
    this.#reserve(4 + value.length);
    let position = this.#length + 4;
    for (let index = 0; index < value.length; index++) {
      const unit = value.charCodeAt(index);
      if (unit >= 0x80) return false;
      this.#view.setUint8(position++, unit);
    }
    this.#int4Raw(value.length);
    this.#length = position;
    return true;
  }

  bytea(value: Uint8Array | null): void {
    if (value === null) return this.#null();
    this.#reserve(4);
    this.#int4Raw(value.length);
    this.#append(value);
  }

  /** Numbers below 32,768. */
  int2Array(numbers: ArrayLike<number>): void {
    const bytes = 6 * numbers.length;
    this.#arrayHead(numbers.length, INT2_OID, bytes);
    this.#reserve(bytes);
    for (let index = 0; index < numbers.length; index++) {
      this.#int4Raw(2);
      this.#int2Raw(numbers[index] ?? 0);
    }
  }

  int4Array(numbers: readonly (number | null)[]): void {
    let bytes = 0;
    for (const number of numbers) bytes += number === null ? 4 : 8;
    this.#arrayHead(numbers.length, INT4_OID, bytes);
    for (const number of numbers) this.int4(number);
  }

  int8Array(numbers: readonly (bigint | null)[]): void {
    let bytes = 0;
    for (const number of numbers) bytes += number === null ? 4 : 12;
    this.#arrayHead(numbers.length, INT8_OID, bytes);
    for (const number of numbers) this.int8(number);
  }

  textArray(texts: readonly (string | null)[]): void {
    let bytes = 0;
    for (const text of texts) bytes += 4 + (text === null ? 0 : Buffer.byteLength(text));
    this.#arrayHead(texts.length, TEXT_OID, bytes);
    for (const text of texts) this.text(text);
  }

  byteaArray(values: readonly (Uint8Array | null)[]): void {
    let bytes = 0;
    for (const value of values) bytes += 4 + (value?.length ?? 0);
    this.#arrayHead(values.length, BYTEA_OID, bytes);
    for (const value of values) this.bytea(value);
  }

  /** Begins an array of one dimension, whose elements follow and take so many bytes with their lengths. */
  #arrayHead(count: number, elementOid: number, elementBytes: number): void {
    const head = count === 0 ? 12 : 20;
    this.#reserve(4 + head);
    this.#int4Raw(head + elementBytes);
    this.#int4Raw(count === 0 ? 0 : 1);
    this.#int4Raw(0); // whether an element is null: what the server finds counts
    this.#int4Raw(elementOid);
    if (count === 0) return;
    this.#int4Raw(count);
    this.#int4Raw(1); // the first subscript
  }

  /** The whole stream. The encoder must not be used any more. */
  finish(): Uint8Array[] {
    this.#append(TRAILER);
    this.#full.push(this.#buffer.subarray(0, this.#length));
    return this.#full;
  }
}

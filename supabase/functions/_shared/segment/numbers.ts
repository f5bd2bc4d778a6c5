/**
 * Whole numbers as bytes, small ones in one: seven bits a byte, the lowest first, the top bit set in
 * all but the last. Knows nothing of what they mean.
 */

const INITIAL_BYTES = 4096;

/** Writes into a growing array. */
export class NumberWriter {
  #bytes = new Uint8Array(INITIAL_BYTES);
  #length = 0;

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }

  /** From 0 to 2^32 - 1. */
  unsigned(value: number): void {
    this.#reserve(5);
    let rest = value;
    while (rest > 0x7f) {
      this.#bytes[this.#length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[this.#length++] = rest;
  }

  /** From -2^31 to 2^31 - 1, small where the distance to 0 is. */
  signed(value: number): void {
    this.unsigned(((value << 1) ^ (value >> 31)) >>> 0);
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }
}

/** The number that `signed` wrote as an unsigned one. */
export function signedOf(written: number): number {
  return (written >>> 1) ^ -(written & 1);
}

/** What numbers are decoded into before it is known how many there are, and how large. */
let scratch = new Uint32Array(64 * 1024);

/** Reads what a NumberWriter wrote; throws a RangeError beyond the end. */
export class NumberReader {
  readonly #bytes: Uint8Array;
  #next = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#next;
  }

  unsigned(): number {
    const first = this.#bytes[this.#next] ?? 0x80;
    if (first < 0x80) {
      this.#next++;
      return first;
    }
    let value = 0;
    for (let shift = 0;; shift += 7) {
      const byte = this.#bytes[this.#next++];
      if (byte === undefined) throw new RangeError("the bytes end within a number");
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  }

  signed(): number {
    return signedOf(this.unsigned());
  }

  /** Every number up to the end, unsigned; in an array of their own that is as narrow as they are small. */
  rest(): Uint16Array | Uint32Array {
    const bytes = this.#bytes;
    if (scratch.length < this.left) scratch = new Uint32Array(this.left);
    const numbers = scratch;
    let count = 0;
    let value = 0;
    let shift = 0;
    let all = 0;
    for (let index = this.#next; index < bytes.length; index++) {
      const byte = bytes[index] ?? 0;
      value |= (byte & 0x7f) << shift;
      if (byte >= 0x80) {
        shift += 7;
        continue;
      }
      numbers[count++] = value;
      all |= value;
      value = 0;
      shift = 0;
    }
    if (shift > 0) throw new RangeError("the bytes end within a number");
    this.#next = bytes.length;
    const found = numbers.subarray(0, count);
    return all >>> 0 <= 0xffff ? new Uint16Array(found) : found.slice();
  }

  raw(count: number): Uint8Array {
    if (count > this.left) throw new RangeError("the bytes end too early");
    this.#next += count;
    return this.#bytes.subarray(this.#next - count, this.#next);
  }
}

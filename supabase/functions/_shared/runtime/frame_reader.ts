/**
 * Reads the bytes that SQL functions answer: numbers with the highest byte first, and texts, runs of
 * bytes and lists, which have their length before them. Knows none of the answers.
 */
import { decodeUtf8 } from "../segment/utf8.ts";

/** Reads one thing after the other; throws where the bytes end early. */
export class FrameReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  uint32(): number {
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4);
  }

  /** Ids and masks have fewer bits than a double. */
  uint64(): number {
    return this.uint32() * 2 ** 32 + this.uint32();
  }

  bytes(length: number): Uint8Array {
    this.#at += length;
    if (this.#at > this.#bytes.length) throw new RangeError("the answer ends early");
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** Bytes with their length before them. */
  sizedBytes(): Uint8Array {
    return this.bytes(this.uint32());
  }

  text(): string {
    return decodeUtf8(this.sizedBytes());
  }

  list<Entry>(read: () => Entry): Entry[] {
    const entries: Entry[] = [];
    for (let left = this.uint32(); left > 0; left -= 1) entries.push(read());
    return entries;
  }
}

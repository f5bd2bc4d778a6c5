/**
 * The chunks of one segment that an instance keeps, and what a request says of them: which there are, and which
 * cannot hold what is looked for. Knows no bounds. Pure.
 */
import { type ChunkGrams, mayHold } from "./chunk_grams.ts";
import { type ChunkText } from "./chunk_text.ts";

/** What an entry costs besides its packed bytes. */
const ENTRY_BYTES = 950;

/** A chunk of a blob as the database hands it out; bit i of the mask: leaf i may match in it. */
export interface HandedChunk {
  readonly no: number;
  readonly mask: number;
  readonly firstLine: number;
  /** Null: it was said to be held, and its first line with it. */
  readonly packed: Uint8Array | null;
}

/** A chunk that is kept, with what has been made of it. */
export class KeptChunk {
  readonly tenantId: string;
  readonly segment: number;
  readonly no: number;
  readonly firstLine: number;
  readonly packed: Uint8Array;
  unpacked: ChunkText | null = null;
  /** Of a text that is no more unpacked, or was looked at twice. */
  grams: ChunkGrams | null = null;
  /** What of `unpacked` is counted. */
  unpackedBytes = 0;

  constructor(tenantId: string, segment: number, { no, firstLine }: HandedChunk, own: Uint8Array) {
    this.tenantId = tenantId;
    this.segment = segment;
    this.no = no;
    this.firstLine = firstLine;
    this.packed = own;
  }

  get packedBytes(): number {
    return this.packed.length + ENTRY_BYTES;
  }
}

/** The chunks of a segment that are kept. */
export class KeptSegment {
  readonly #chunks = new Map<number, KeptChunk>();
  #bits = new Uint8Array(64);
  #stated: string | null = null;

  get isEmpty(): boolean {
    return this.#chunks.size === 0;
  }

  get stated(): string {
    this.#stated ??= state(this.#bits);
    return this.#stated;
  }

  /** Those that cannot have all of these runs, as `stated`; empty where none is known to be one. */
  stateLacking(needed: readonly number[]): string {
    const bits = new Uint8Array(this.#bits.length);
    let isAny = false;
    for (const { no, grams } of this.#chunks.values()) {
      if (grams === null || mayHold(grams, needed)) continue;
      bits[no >> 3] = (bits[no >> 3] ?? 0) | (1 << (no & 7));
      isAny = true;
    }
    return isAny ? state(bits) : "";
  }

  of(no: number): KeptChunk | null {
    return this.#chunks.get(no) ?? null;
  }

  add(chunk: KeptChunk): void {
    this.#chunks.set(chunk.no, chunk);
    this.#mark(chunk.no, true);
  }

  remove({ no }: KeptChunk): void {
    this.#chunks.delete(no);
    this.#mark(no, false);
  }

  #mark(no: number, isKept: boolean): void {
    const at = no >> 3;
    if (at >= this.#bits.length) {
      const longer = new Uint8Array(2 ** Math.ceil(Math.log2(at + 1)));
      longer.set(this.#bits);
      this.#bits = longer;
    }
    const others = (this.#bits[at] ?? 0) & ~(1 << (no & 7));
    this.#bits[at] = isKept ? others | (1 << (no & 7)) : others;
    this.#stated = null;
  }
}

function state(bits: Uint8Array): string {
  return btoa(String.fromCharCode(...bits));
}

/**
 * Texts that an instance of a function has unpacked, so that those who search the same places again need
 * not unpack them again. A text is found by the very bytes that the database has handed out for a request,
 * so nobody is shown what was not. Pure.
 */
import { ChunkText } from "./chunk_text.ts";

/** In memory, with all that is made of them: some 4,000 chunks. An instance has 256 MB. */
const KEPT_BYTES_MAX = 48 * 1024 * 1024;
/** A chunk of one long line may be as long as a file. */
const CHUNK_BYTES_MAX = 64 * 1024;
/** The first of one search, which it has read when it is asked again: a long scan would push out all others. */
const SEARCH_CHUNKS_KEPT_MAX = 256;

/** A blob, as the database names it. */
interface BlobName {
  readonly segment: number;
  readonly blob: number;
}

/** A chunk with its bytes as they were handed out. */
interface PackedChunk {
  readonly chunk: ChunkText;
  readonly packed: Uint8Array;
}

interface Kept extends PackedChunk {
  readonly bytes: number;
}

/** What was used longest ago is forgotten first. */
export class KeptChunks {
  readonly #bytesMax: number;
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  constructor(bytesMax = KEPT_BYTES_MAX) {
    this.#bytesMax = bytesMax;
  }

  /** The chunk of a name, if it has these bytes. */
  of(name: string, packed: Uint8Array): ChunkText | null {
    const kept = this.#kept.get(name);
    return kept !== undefined && areEqual(kept.packed, packed) ? kept.chunk : null;
  }

  /** Keeps a chunk with all that has been made of it by now; one that was never looked at is not worth it. */
  keep(name: string, { chunk, packed }: PackedChunk): void {
    const bytes = chunk.bytes + packed.length;
    if (chunk.bytes === 0 || bytes > CHUNK_BYTES_MAX) return;
    const known = this.#kept.get(name);
    this.#forget(name);
    // A copy: what was handed out is a part of an answer, which it would hold in memory as a whole.
    const own = known?.chunk === chunk ? known.packed : packed.slice();
    this.#kept.set(name, { chunk, packed: own, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#bytesMax) break;
      this.#forget(oldest);
    }
  }

  #forget(name: string): void {
    this.#bytes -= this.#kept.get(name)?.bytes ?? 0;
    this.#kept.delete(name);
  }
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) return false;
  return true;
}

/** The chunks that one search is handed. */
export class SearchChunks {
  readonly #kept: KeptChunks;
  readonly #opened = new Map<string, PackedChunk>();
  #count = 0;

  constructor(kept: KeptChunks) {
    this.#kept = kept;
  }

  /** A chunk of a blob. */
  open({ segment, blob }: BlobName, firstLine: number, packed: Uint8Array): ChunkText {
    const name = `${segment}/${blob}/${firstLine}`;
    const known = this.#kept.of(name, packed);
    const chunk = known ?? new ChunkText(firstLine, packed);
    this.#count += 1;
    // One that is kept is counted anew: more may have been made of it.
    if (known !== null || this.#count <= SEARCH_CHUNKS_KEPT_MAX) {
      this.#opened.set(name, { chunk, packed });
    }
    return chunk;
  }

  /** Keeps the first of those that were opened, and what was kept before, now that they have been looked at. */
  keep(): void {
    for (const [name, opened] of this.#opened) this.#kept.keep(name, opened);
    this.#opened.clear();
  }
}

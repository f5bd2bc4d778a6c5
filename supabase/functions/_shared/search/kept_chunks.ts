/**
 * Chunks that an instance of a function has been handed, so that the database need not send them again:
 * a segment never changes and its number is given to no other, so its number and a chunk's name the same
 * bytes for ever. What is kept says nothing of who may see it: it is kept by tenant, and a search looks
 * only at what the database names in the answer to it. Pure.
 */
import { gramsOf } from "./chunk_grams.ts";
import { ChunkText } from "./chunk_text.ts";
import { type CandidateChunk } from "./file_search.ts";
import { type HandedChunk, KeptChunk, KeptSegment } from "./kept_segment.ts";

/** As they are stored, with what an entry costs besides: the text of some 100 MB of source. An instance has 256 MB. */
const PACKED_BYTES_MAX = 48 * 1024 * 1024;
/** Unpacked, with what is made of them: some 8,000 chunks. */
const UNPACKED_BYTES_MAX = 32 * 1024 * 1024;
/** A chunk of one long line may be as long as a file, whatever it has packed, and has every run of three. */
const TEXT_BYTES_MAX = 64 * 1024;
/** What has fewer weighs one in a batch, so that the database need not look at it; few have more. */
const CHUNK_BYTES_MAX = 8_000;
/** The first of one search stay unpacked, which it has read when it is asked again: a long scan would push out all others. */
const SEARCH_UNPACKED_MAX = 256;
/** What a request says of what is held: some 100,000 chunks where they lie close. */
const STATED_UNITS_MAX = 16 * 1024;

/** Chunks by segment, such as those that are held: bit n of its bytes for chunk n, the lowest first, in base64. */
export type StatedChunks = Readonly<Record<string, string>>;

/** What was used longest ago is forgotten first. */
export class KeptChunks {
  readonly #packedBytesMax: number;
  readonly #unpackedBytesMax: number;
  /** By tenant, and then by segment, the ones that were used last at the end. */
  readonly #tenants = new Map<string, Map<number, KeptSegment>>();
  readonly #recent = new Set<KeptChunk>();
  readonly #recentUnpacked = new Set<KeptChunk>();
  readonly #holds = new Set<HeldChunks>();
  #packedBytes = 0;
  #unpackedBytes = 0;

  constructor(packedBytesMax = PACKED_BYTES_MAX, unpackedBytesMax = UNPACKED_BYTES_MAX) {
    this.#packedBytesMax = packedBytesMax;
    this.#unpackedBytesMax = unpackedBytesMax;
  }

  /** What is held for a tenant now, for one answer of the database; `release` it when that is there. */
  hold(tenantId: string): HeldChunks {
    const held = new HeldChunks(this, tenantId, this.#state(tenantId, ({ stated }) => stated));
    this.#holds.add(held);
    return held;
  }

  /**
   * Of what a tenant has here the chunks in whose text there cannot be all of these runs: for every answer
   * that follows, whatever is forgotten meanwhile.
   */
  lacking(tenantId: string, needed: readonly number[]): StatedChunks {
    return this.#state(tenantId, (kept) => kept.stateLacking(needed));
  }

  release(held: HeldChunks): void {
    this.#holds.delete(held);
  }

  /** A chunk that is kept, now used last; null where there is none. */
  use(tenantId: string, segment: number, no: number): KeptChunk | null {
    const segments = this.#tenants.get(tenantId);
    const kept = segments?.get(segment);
    const chunk = kept?.of(no) ?? null;
    if (segments === undefined || kept === undefined || chunk === null) return null;
    segments.delete(segment);
    segments.set(segment, kept);
    this.#recent.delete(chunk);
    this.#recent.add(chunk);
    return chunk;
  }

  /** Keeps what a tenant was handed; null for what is too large. */
  add(
    tenantId: string,
    segment: number,
    handed: HandedChunk,
    packed: Uint8Array,
  ): KeptChunk | null {
    if (packed.length > CHUNK_BYTES_MAX) return null;
    const known = this.use(tenantId, segment, handed.no);
    if (known !== null) return known;
    // A copy: what was handed out is a part of an answer, which it would hold in memory as a whole.
    const chunk = new KeptChunk(tenantId, segment, handed, packed.slice());
    const segments = this.#tenants.get(tenantId) ?? new Map<number, KeptSegment>();
    this.#tenants.set(tenantId, segments);
    const kept = segments.get(segment) ?? new KeptSegment();
    segments.set(segment, kept);
    kept.add(chunk);
    this.#recent.add(chunk);
    this.#packedBytes += chunk.packedBytes;
    for (const oldest of this.#recent) {
      if (this.#packedBytes <= this.#packedBytesMax) break;
      this.#forget(oldest);
    }
    return chunk;
  }

  /** Keeps a chunk's text with all that has been made of it by now. */
  keepUnpacked(chunk: KeptChunk, text: ChunkText): void {
    if (!this.#recent.has(chunk)) return;
    text.shrink();
    if (this.#recentUnpacked.delete(chunk)) this.#unpackedBytes -= chunk.unpackedBytes;
    chunk.unpacked = text;
    chunk.unpackedBytes = text.bytes;
    this.#recentUnpacked.add(chunk);
    this.#unpackedBytes += chunk.unpackedBytes;
    for (const oldest of this.#recentUnpacked) {
      if (this.#unpackedBytes <= this.#unpackedBytesMax) break;
      this.#forgetUnpacked(oldest);
    }
  }

  #state(tenantId: string, of: (kept: KeptSegment) => string): StatedChunks {
    const all: Record<string, string> = {};
    let units = 0;
    for (const [segment, kept] of [...this.#tenants.get(tenantId) ?? []].toReversed()) {
      const stated = of(kept);
      units += stated.length;
      if (units > STATED_UNITS_MAX) break;
      if (stated !== "") all[segment] = stated;
    }
    return all;
  }

  #forget(chunk: KeptChunk): void {
    const { tenantId, segment } = chunk;
    // Whoever said that it is held may be told so.
    for (const held of this.#holds) held.retain(chunk);
    this.#forgetUnpacked(chunk);
    this.#recent.delete(chunk);
    this.#packedBytes -= chunk.packedBytes;
    const segments = this.#tenants.get(tenantId);
    const kept = segments?.get(segment);
    kept?.remove(chunk);
    if (kept?.isEmpty === true) segments?.delete(segment);
    if (segments?.size === 0) this.#tenants.delete(tenantId);
  }

  #forgetUnpacked(chunk: KeptChunk): void {
    if (!this.#recentUnpacked.delete(chunk)) return;
    this.#unpackedBytes -= chunk.unpackedBytes;
    if (chunk.unpacked !== null) chunk.grams ??= gramsOf(chunk.unpacked.folded);
    chunk.unpacked = null;
  }
}

/** What one request has said to be held: it is there until its answer is, whatever others need room for. */
export class HeldChunks {
  readonly tenantId: string;
  readonly stated: StatedChunks;
  readonly #kept: KeptChunks;
  readonly #retained = new Map<string, KeptChunk>();

  constructor(kept: KeptChunks, tenantId: string, stated: StatedChunks) {
    this.#kept = kept;
    this.tenantId = tenantId;
    this.stated = stated;
  }

  retain(chunk: KeptChunk): void {
    if (chunk.tenantId !== this.tenantId) return;
    this.#retained.set(`${chunk.segment}/${chunk.no}`, chunk);
  }

  release(): void {
    this.#kept.release(this);
    this.#retained.clear();
  }

  /** The chunk that the database has named; throws where it was never said to be held. */
  of(segment: number, handed: HandedChunk): KeptChunk | null {
    if (handed.packed !== null) {
      return this.#kept.add(this.tenantId, segment, handed, handed.packed);
    }
    const chunk = this.#kept.use(this.tenantId, segment, handed.no) ??
      this.#retained.get(`${segment}/${handed.no}`);
    if (chunk === undefined) throw new Error(`chunk ${handed.no} of ${segment} is not held`);
    return chunk;
  }
}

/** The chunks that one search is handed. */
export class SearchChunks {
  readonly #kept: KeptChunks;
  #opened: { readonly kept: KeptChunk; readonly text: ChunkText }[] = [];
  #unpackedCount = 0;

  constructor(kept: KeptChunks) {
    this.#kept = kept;
  }

  /** The texts of a blob's chunks. */
  open(
    held: HeldChunks,
    segment: number,
    chunks: readonly HandedChunk[],
  ): readonly CandidateChunk[] {
    return chunks.map((handed) => {
      const kept = held.of(segment, handed);
      const packed = kept?.packed ?? handed.packed ?? new Uint8Array();
      const firstLine = kept?.firstLine ?? handed.firstLine;
      const text = kept?.unpacked ?? new ChunkText(firstLine, packed, kept?.grams);
      if (kept !== null) this.#opened.push({ kept, text });
      return [text, handed.mask];
    });
  }

  /** Keeps unpacked the first of those that were looked at, and what was so before, and of the others their runs. */
  keep(): void {
    for (const { kept, text } of this.#opened) {
      if (!text.isUnpacked || text.bytes > TEXT_BYTES_MAX) continue;
      // One that is kept unpacked is counted anew: more may have been made of it.
      if (kept.unpacked === null) this.#unpackedCount += 1;
      // Which runs a text has is worth working out once it has been looked at again.
      else kept.grams ??= gramsOf(text.folded);
      if (kept.unpacked !== null || this.#unpackedCount <= SEARCH_UNPACKED_MAX) {
        this.#kept.keepUnpacked(kept, text);
      } else {
        kept.grams ??= gramsOf(text.folded);
      }
    }
    this.#opened = [];
  }
}

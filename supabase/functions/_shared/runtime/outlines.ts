/**
 * The outlines of blobs, read once: a blob never changes, so what was unpacked of it holds for as long as
 * it is kept in memory. Only who was told a blob's name by the database asks for it, so that what is kept
 * for one tenant is found by no other.
 */
import { unpackOutline } from "../segment/outline.ts";
import { type Outline } from "../segment/outline_entries.ts";
import { readBytes, readUnpacked } from "../segment/stored_text.ts";
import { type Database } from "./database.ts";
import { unavailable } from "./problem.ts";

/** Far more than the outline of the largest file that is parsed. */
const OUTLINE_BYTES_MAX = 64 * 1024 * 1024;
/** Of packed columns; in memory, with all that is made of them, about five times as much. */
const KEPT_BYTES_MAX = 12 * 1024 * 1024;
/** Read at once; more would not be sent in one answer. */
const BLOBS_MAX = 500;

const EMPTY: Outline = { definitions: [], imports: [], references: [] };

/** Says the outline of a blob that was asked for; null is a blob that has none. */
export type OutlineOf = (blob: string | null) => Outline;

/** An outline, and the length of its columns. */
interface Kept {
  readonly outline: Outline;
  readonly length: number;
}

/** An outline as the database stores it, or as base64 of that; an empty one where there is none. */
export function readOutline(stored: string | Uint8Array | null): Outline {
  if (stored === null) return EMPTY;
  return typeof stored === "string"
    ? unpackOutline(readBytes(stored, OUTLINE_BYTES_MAX))
    : readUnpacked(stored, OUTLINE_BYTES_MAX, unpackOutline);
}

/** What one instance of a function remembers; what was used longest ago is forgotten first. */
export class Outlines {
  readonly #database: Pick<Database, "readOutlines">;
  readonly #keptBytesMax: number;
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  constructor(database: Pick<Database, "readOutlines">, keptBytesMax = KEPT_BYTES_MAX) {
    this.#database = database;
    this.#keptBytesMax = keptBytesMax;
  }

  /** The outlines of blobs that the database has just named to this tenant. */
  async of(tenantId: string, blobs: Iterable<string | null>): Promise<OutlineOf> {
    const found = new Map<string, Outline>();
    const missing: string[] = [];
    for (const blob of new Set(blobs)) {
      if (blob === null) continue;
      const outline = this.#known(blob);
      if (outline === null) missing.push(blob);
      else found.set(blob, outline);
    }
    for (let from = 0; from < missing.length; from += BLOBS_MAX) {
      const some = missing.slice(from, from + BLOBS_MAX);
      const stored = await this.#database.readOutlines(tenantId, some);
      for (const [index, blob] of some.entries()) {
        const packed = stored[index] ?? null;
        // Its repository was deleted since the blob was named.
        if (packed === null) throw unavailable("database_unavailable", "The index has changed.");
        found.set(blob, this.#keep(blob, packed));
      }
    }
    return (blob) => {
      const outline = blob === null ? EMPTY : found.get(blob);
      if (outline === undefined) throw new Error(`the outline of ${blob} was not asked for`);
      return outline;
    };
  }

  #known(blob: string): Outline | null {
    const kept = this.#kept.get(blob);
    if (kept === undefined) return null;
    this.#kept.delete(blob);
    this.#kept.set(blob, kept);
    return kept.outline;
  }

  #keep(blob: string, stored: Uint8Array): Outline {
    const kept = readUnpacked(stored, OUTLINE_BYTES_MAX, (columns) => ({
      outline: unpackOutline(columns),
      length: columns.length,
    }));
    this.#kept.set(blob, kept);
    this.#bytes += kept.length;
    for (const [oldest, { length }] of this.#kept) {
      if (this.#bytes <= this.#keptBytesMax) break;
      this.#kept.delete(oldest);
      this.#bytes -= length;
    }
    return kept.outline;
  }
}

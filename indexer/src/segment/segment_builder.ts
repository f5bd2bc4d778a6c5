/**
 * Builds one segment in memory: blobs go in one by one and come out as COPY streams. Rows that are
 * final are encoded at once, so a segment holds little more than its own output. Does no I/O; knows
 * nothing of trees, leases or the database.
 */
import { packOutline, unpackOutline } from "../../../supabase/functions/_shared/segment/outline.ts";
import {
  unpackBytes,
  unpackText,
} from "../../../supabase/functions/_shared/segment/stored_text.ts";
import { asSymbolKind } from "../../../supabase/functions/_shared/segment/symbol_kinds.ts";
import type { FileMarks } from "../../../supabase/functions/_shared/text/path_marks.ts";
import { marksOfText } from "../parse/detection/file_marks.ts";
import { languageOfText } from "../parse/detection/language_content.ts";
import type { Extraction, SymbolParser } from "../parse/parser.ts";
import type { SymbolsSkipReason } from "../parse/symbol.ts";
import { visitChunks } from "./chunks.ts";
import { CopyEncoder } from "./copy_encoder.ts";
import { type BlobRow, type CopyTable, writeBlob, writeChunk } from "./copy_rows.ts";
import { type ContentSkipReason, decode } from "./decode.ts";
import { Deflater } from "./deflater.ts";
import { PostingsBuilder } from "./postings.ts";
import { writeDictionary, writeNames } from "./segment_pages.ts";
import { SymbolPagesBuilder } from "./symbol_pages.ts";
import { MANIFEST_HEAD_UNITS } from "../../../supabase/functions/_shared/text/use_words.ts";
import { UsePagesBuilder } from "./use_pages.ts";

/** A builder with this much text should be finished and another one begun: it bounds memory. */
export const SEGMENT_SOURCE_BYTES_MAX = 32 * 1024 * 1024;

/**
 * What of a segment is built: its text is chunks, terms and grams, its symbols are all the rest. Both
 * number the same blobs alike, in the order in which they are added.
 */
export type SegmentParts = "all" | "text" | "symbols";

export interface SegmentOptions {
  readonly segmentId: bigint;
  /** Absent: all. */
  readonly parts?: SegmentParts;
  readonly extractorVersion: number;
  /** Lent: whoever made it closes it. */
  readonly symbolParser: SymbolParser;
}

export interface FetchedBlob {
  /** Hexadecimal. */
  readonly blobOid: string;
  /**
   * A Linguist name, empty when the path does not tell; with the oid, the key of the extraction.
   */
  readonly language: string;
  readonly bytes: Uint8Array;
}

export interface UnfetchedBlob {
  readonly blobOid: string;
  readonly language: string;
  readonly skipReason: "too_large";
}

/** A blob as another segment has it. */
export interface StoredBlob extends Omit<BlobRow, "blobNo" | "extractorVersion"> {
  /** The texts packed. */
  readonly chunks: readonly { readonly firstLine: number; readonly content: Uint8Array }[];
}

/** What became of a blob. */
export interface AddedBlob {
  readonly blobNo: number;
  /** What the text is in, where it says so itself and it is another language. */
  readonly textLanguage: string | null;
  /** What the text says of its file. */
  readonly textMarks: FileMarks;
  readonly skipReason: ContentSkipReason | null;
  readonly symbolsSkipReason: SymbolsSkipReason | null;
  readonly lineCount: number;
  readonly symbolCount: number;
}

/** The tables of a segment; the changes of its tree are written elsewhere. */
export type SegmentTable = Exclude<CopyTable, "tree_changes">;

/** What was written of a segment. */
export interface SegmentCounts {
  readonly blobs: number;
  readonly chunks: number;
  readonly terms: number;
  /** 0 for a small dictionary. */
  readonly grams: number;
  readonly symbols: number;
  /** Words of calls and of imports. */
  readonly uses: number;
}

export interface FinishedSegment {
  /** A COPY stream for each table, in pieces; a table without rows is a valid empty stream. */
  readonly tables: Readonly<Record<SegmentTable, Uint8Array[]>>;
  readonly counts: SegmentCounts;
}

/** Far more than any outline has that a builder has made. */
const OUTLINE_BYTES_MAX = 256 * 1024 * 1024;

/** The language of manifests that give packages their names. */
const MANIFEST_LANGUAGE = "JSON";

type Encoders = Readonly<Record<SegmentTable, CopyEncoder>>;

type UnnumberedBlobRow = Omit<BlobRow, "blobNo" | "extractorVersion">;

/** A segment under construction. */
export class SegmentBuilder {
  readonly #options: SegmentOptions;
  readonly #encoders: Encoders = {
    blobs: new CopyEncoder(),
    blob_chunks: new CopyEncoder(),
    term_pages: new CopyEncoder(),
    gram_pages: new CopyEncoder(),
    symbol_pages: new CopyEncoder(),
    use_pages: new CopyEncoder(),
  };
  readonly #deflater = new Deflater();
  readonly #postings = new PostingsBuilder();
  readonly #symbols = new SymbolPagesBuilder();
  readonly #uses = new UsePagesBuilder();
  readonly #parts: SegmentParts;
  #blobCount = 0;
  #sourceBytes = 0;

  constructor(options: SegmentOptions) {
    this.#options = options;
    this.#parts = options.parts ?? "all";
  }

  /** The bytes of text added so far. */
  get sourceBytes(): number {
    return this.#sourceBytes;
  }

  /** Decodes, cuts, parses and indexes a blob. Calls must not overlap. */
  async addBlob({ blobOid, language, bytes }: FetchedBlob): Promise<AddedBlob> {
    const sizeBytes = bytes.length;
    const decoded = decode(bytes);
    if (decoded.kind === "skip") {
      return this.#addSkipped({ blobOid, language }, sizeBytes, decoded.skipReason);
    }
    const { text, decodedLeniently } = decoded;
    const blobNo = this.#blobCount;
    this.#sourceBytes += sizeBytes;
    const told = languageOfText(language, text);
    const said = {
      textLanguage: told === language ? null : told,
      textMarks: marksOfText(told, text),
    };
    const lineCount = this.#addText(blobNo, text);
    if (this.#parts === "text") {
      const nothing = { skipReason: null, symbolsSkipReason: null, outline: null };
      return this.#addRow(
        { blobOid, language, ...said, sizeBytes, lineCount, decodedLeniently, ...nothing },
        0,
      );
    }
    const outcome = await this.#options.symbolParser.parse({ language: told, text, sizeBytes });
    const symbols = "skip" in outcome ? [] : outcome.symbols;
    const symbolsSkipReason = "skip" in outcome ? outcome.skip : null;
    for (const [symbolNo, { name, kind }] of symbols.entries()) {
      this.#symbols.add(name, kind, blobNo, symbolNo);
    }
    if (!("skip" in outcome)) this.#uses.add(blobNo, { language: told, ...outcome });
    if (language === MANIFEST_LANGUAGE) this.#uses.addManifest(blobNo, text);
    return this.#addRow({
      blobOid,
      language,
      ...said,
      sizeBytes,
      lineCount,
      decodedLeniently,
      symbolsSkipReason,
      skipReason: null,
      outline: "skip" in outcome ? null : this.#packOutline(outcome),
    }, symbols.length);
  }

  /** Adds what was extracted before, by the same version: nothing is parsed. */
  addStored({ chunks, ...row }: StoredBlob): AddedBlob {
    const { segmentId } = this.#options;
    const blobNo = this.#blobCount;
    this.#sourceBytes += row.sizeBytes ?? 0;
    let head = "";
    for (const { firstLine, content } of chunks) {
      const chunkNo = this.#encoders.blob_chunks.rowCount;
      writeChunk(this.#encoders.blob_chunks, segmentId, { chunkNo, blobNo, firstLine, content });
      const text = unpackText(content);
      // Between chunks is a line feed.
      if (head.length < MANIFEST_HEAD_UNITS) head += `${text}\n`;
      this.#postings.addChunk(chunkNo, text, 0, text.length);
    }
    const outline = row.outline === null
      ? null
      : unpackOutline(unpackBytes(row.outline, OUTLINE_BYTES_MAX));
    const definitions = outline?.definitions ?? [];
    if (outline !== null) {
      this.#uses.add(blobNo, { language: row.textLanguage ?? row.language, ...outline });
    }
    if (row.language === MANIFEST_LANGUAGE) this.#uses.addManifest(blobNo, head);
    for (const [symbolNo, { name, kind }] of definitions.entries()) {
      this.#symbols.add(name, asSymbolKind(kind), blobNo, symbolNo);
    }
    return this.#addRow(row, definitions.length);
  }

  /** Records a blob whose content is not wanted. */
  addUnfetched({ blobOid, language, skipReason }: UnfetchedBlob): AddedBlob {
    return this.#addSkipped({ blobOid, language }, null, skipReason);
  }

  /** Sorts and encodes terms and names. The builder must not be used any more. */
  finish(): FinishedSegment {
    const encoders = this.#encoders;
    const { segmentId } = this.#options;
    const counts = {
      blobs: encoders.blobs.rowCount,
      chunks: encoders.blob_chunks.rowCount,
      ...writeDictionary(encoders, segmentId, this.#postings),
      ...writeNames(encoders, segmentId, this.#symbols, this.#uses),
    };
    const tables = {
      blobs: encoders.blobs.finish(),
      blob_chunks: encoders.blob_chunks.finish(),
      term_pages: encoders.term_pages.finish(),
      gram_pages: encoders.gram_pages.finish(),
      symbol_pages: encoders.symbol_pages.finish(),
      use_pages: encoders.use_pages.finish(),
    };
    return { tables, counts };
  }

  /** The outline as it is stored, until the next one is; null when there is nothing in it. */
  #packOutline({ symbols, imports, references }: Extraction): Uint8Array | null {
    const packed = packOutline({ definitions: symbols, imports, references });
    return packed === null ? null : this.#deflater.pack(packed);
  }

  /** Answers how many lines there are. */
  #addText(blobNo: number, text: string): number {
    if (this.#parts === "symbols") return visitChunks(text, () => undefined);
    const { segmentId } = this.#options;
    const chunks = this.#encoders.blob_chunks;
    return visitChunks(text, (firstLine, start, end) => {
      const chunkNo = chunks.rowCount;
      const content = this.#deflater.pack(text.slice(start, end));
      writeChunk(chunks, segmentId, { chunkNo, blobNo, firstLine, content });
      this.#postings.addChunk(chunkNo, text, start, end);
    });
  }

  #addSkipped(
    blob: { readonly blobOid: string; readonly language: string },
    sizeBytes: number | null,
    skipReason: ContentSkipReason,
  ): AddedBlob {
    const nothing = {
      textLanguage: null,
      textMarks: 0,
      lineCount: 0,
      decodedLeniently: false,
      symbolsSkipReason: null,
      outline: null,
    };
    return this.#addRow({ ...blob, sizeBytes, skipReason, ...nothing }, 0);
  }

  #addRow(row: UnnumberedBlobRow, symbolCount: number): AddedBlob {
    const { segmentId, extractorVersion } = this.#options;
    const blobNo = this.#blobCount++;
    if (this.#parts !== "text") {
      writeBlob(this.#encoders.blobs, segmentId, { ...row, blobNo, extractorVersion });
    }
    const { textLanguage, textMarks, skipReason, symbolsSkipReason, lineCount } = row;
    const said = { textLanguage, textMarks };
    return { blobNo, ...said, skipReason, symbolsSkipReason, lineCount, symbolCount };
  }
}

/** Starts a segment. Its id is known already: every row carries it. */
export function createSegmentBuilder(options: SegmentOptions): SegmentBuilder {
  return new SegmentBuilder(options);
}

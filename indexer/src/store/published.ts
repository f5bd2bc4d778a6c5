/**
 * What is published of a ref, as the database answers it. Does not ask.
 */
import type { Fields } from "./fields.ts";

/** The published state of a ref. */
export interface Base {
  /** Null before the first publish, and when the ref was found empty. */
  readonly commitOid: string | null;
  /** Null before the first publish. */
  readonly generation: number | null;
  readonly fileCount: number;
  /** What every file is extracted by; null before the first publish. */
  readonly extractorVersion: number | null;
  readonly formatVersion: number | null;
  /** The commit whose objects are kept; null: none are. */
  readonly packedCommitOid: string | null;
  /** Whether symbols are published too: not before the first publish, nor after one of text alone. */
  readonly hasSymbols: boolean;
  /** Whether nothing serves, so that text alone is better than what there is. */
  readonly takesText: boolean;
}

/** A path of the published tree. */
export interface BaseFile {
  /** One character for each byte. */
  readonly path: string;
  readonly mode: number;
  readonly oid: string;
  /** What the path spoke of when it was indexed. */
  readonly language: string;
  /** Null where nothing was extracted: links and submodules. */
  readonly extractorVersion: number | null;
  readonly formatVersion: number | null;
}

/** What read_base answers. */
export function parseBase(base: Fields): Base {
  return {
    commitOid: base.textOrNull("commit_oid"),
    generation: base.integerOrNull("generation"),
    fileCount: base.integer("file_count"),
    extractorVersion: base.integerOrNull("extractor_version"),
    formatVersion: base.integerOrNull("format_version"),
    packedCommitOid: base.textOrNull("packed_commit_oid"),
    hasSymbols: base.flag("has_symbols"),
    takesText: base.flag("takes_text"),
  };
}

/** A row of read_tree. */
export interface TreeRow {
  readonly path: Buffer;
  readonly mode: number;
  readonly oid: string | null;
  readonly language: string;
  readonly extractor_version: number | null;
  readonly format_version: number | null;
}

/** A row as a file. */
export function parseFile(row: TreeRow): BaseFile {
  return {
    path: row.path.toString("latin1"),
    mode: row.mode,
    oid: row.oid ?? "",
    language: row.language,
    extractorVersion: row.extractor_version,
    formatVersion: row.format_version,
  };
}

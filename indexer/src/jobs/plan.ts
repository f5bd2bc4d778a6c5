/**
 * Compares the published tree with the new one and says what there is to do. Pure; knows neither git
 * nor the database.
 */
import {
  type FileMarks,
  marksOfPath,
} from "../../../supabase/functions/_shared/text/path_marks.ts";
import { displayPath, SUBMODULE_MODE, SYMLINK_MODE, type TreeEntry } from "../git/tree.ts";
import type { EntrySkipReason } from "../segment/copy_rows.ts";
import { type BlobKey, blobKey } from "../store/indexed_blobs.ts";
import type { BaseFile } from "../store/published.ts";
import { blobRank } from "./blob_rank.ts";
import { indexedPath, isPathTooLong } from "./tree_path.ts";

/** A path of the new tree that differs from the published one. */
export interface ChangedFile extends TreeEntry {
  /** What the path speaks of; empty where there is a skip reason. */
  readonly language: string;
  /** What the path says of the file: bits of FILE_MARKS. */
  readonly marks: FileMarks;
  /** Why the content is not wanted, whatever it is. */
  readonly skipReason: EntrySkipReason | null;
}

/** What happens to the tree. */
export interface Plan {
  /** Paths that the new tree does not have. */
  readonly removed: readonly BaseFile[];
  /** Paths that are new or different. */
  readonly changed: readonly ChangedFile[];
  /** How many of the changed paths are files that differ in their mode alone. */
  readonly modesChangedCount: number;
  /** Paths of the new tree. */
  readonly fileCount: number;
  /**
   * What the changed paths need, each once and by rank: not links, not submodules, not what is too
   * long.
   */
  readonly needs: readonly BlobKey[];
  /** The new tree names each path once, as sound trees do. */
  readonly isSound: boolean;
}

/** What is to be done where nothing is left. */
export function planOfNothing(removed: readonly BaseFile[]): Plan {
  return { removed, changed: [], modesChangedCount: 0, fileCount: 0, needs: [], isSound: true };
}

interface RankedBlob {
  readonly key: BlobKey;
  readonly rank: number;
}

export interface PlanOptions {
  readonly languageOfPath: (path: string) => string;
  readonly extractorVersion: number;
  readonly formatVersion: number;
  /** Every path counts as changed. */
  readonly full: boolean;
}

/** Whether a path has content of its own in this repository. */
export function isFile(entry: Pick<TreeEntry, "mode">): boolean {
  return entry.mode !== SYMLINK_MODE && entry.mode !== SUBMODULE_MODE;
}

/** The difference between the published files and the new tree. */
export function planChanges(
  base: readonly BaseFile[],
  tree: readonly TreeEntry[],
  options: PlanOptions,
): Plan {
  const left = new Map(base.map((file) => [file.path, file]));
  const changed: ChangedFile[] = [];
  const needs = new Map<string, RankedBlob>();
  let modesChangedCount = 0;
  const seen = new Set<string>();
  for (const entry of tree) {
    const path = indexedPath(entry.path);
    // A broken tree may name a path twice; git itself shows the first.
    if (seen.has(path)) continue;
    seen.add(path);
    const skipReason = skipReasonOf(entry);
    const language = skipReason === null ? options.languageOfPath(path) : "";
    const marks = marksOfPath(displayPath(path));
    const file = { path, mode: entry.mode, oid: entry.oid, language, marks, skipReason };
    const before = left.get(path);
    left.delete(path);
    const difference = options.full || before === undefined
      ? "content"
      : compare(before, file, options);
    if (difference === "none") continue;
    if (difference === "mode") modesChangedCount += 1;
    changed.push(file);
    if (skipReason !== null) continue;
    const key = { oid: entry.oid, language };
    const known = needs.get(blobKey(key))?.rank ?? Infinity;
    needs.set(blobKey(key), { key, rank: Math.min(known, blobRank(path, marks)) });
  }
  return {
    removed: [...left.values()],
    changed,
    modesChangedCount,
    fileCount: seen.size,
    // Where ranks are equal the order of the tree stays: neighbours share words.
    needs: [...needs.values()].toSorted((a, b) => a.rank - b.rank).map(({ key }) => key),
    isSound: seen.size === tree.length,
  };
}

function skipReasonOf({ path, mode }: TreeEntry): EntrySkipReason | null {
  if (isPathTooLong(path)) return "path_too_long";
  if (mode === SYMLINK_MODE) return "symlink";
  return mode === SUBMODULE_MODE ? "submodule" : null;
}

/** Both are of one path, so that a path that is too long was it before. */
function compare(
  before: BaseFile,
  file: ChangedFile,
  options: PlanOptions,
): "none" | "mode" | "content" {
  const isSameContent = before.oid === file.oid && before.language === file.language &&
    isFile(before) === isFile(file) &&
    (file.skipReason !== null || isCurrent(before, options));
  if (!isSameContent) return "content";
  if (before.mode === file.mode) return "none";
  // A link that becomes a submodule has another skip reason.
  return isFile(file) ? "mode" : "content";
}

function isCurrent(before: BaseFile, options: PlanOptions): boolean {
  return before.extractorVersion === options.extractorVersion &&
    before.formatVersion === options.formatVersion;
}

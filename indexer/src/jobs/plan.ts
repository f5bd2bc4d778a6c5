/**
 * Compares the published tree with the new one and says what there is to do. Pure; knows neither git
 * nor the database.
 */
import { SUBMODULE_MODE, SYMLINK_MODE, type TreeEntry } from "../git/tree.ts";
import { type BaseFile, type BlobKey, blobKey } from "../store/index_store.ts";

/** A path of the new tree that differs from the published one. */
export interface ChangedFile extends TreeEntry {
  readonly language: string;
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
  /** What the changed paths need, each once: not links, not submodules. */
  readonly needs: readonly BlobKey[];
}

export interface PlanOptions {
  readonly languageOfPath: (path: string) => string;
  readonly extractorVersion: number;
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
  const needs = new Map<string, BlobKey>();
  let modesChangedCount = 0;
  const seen = new Set<string>();
  for (const entry of tree) {
    // A broken tree may name a path twice; git itself shows the first.
    if (seen.has(entry.path)) continue;
    seen.add(entry.path);
    const language = isFile(entry) ? options.languageOfPath(entry.path) : "";
    const before = left.get(entry.path);
    left.delete(entry.path);
    const difference = options.full || before === undefined
      ? "content"
      : compare(before, entry, language, options);
    if (difference === "none") continue;
    if (difference === "mode") modesChangedCount += 1;
    changed.push({ ...entry, language });
    if (!isFile(entry)) continue;
    const key = { oid: entry.oid, language };
    needs.set(blobKey(key), key);
  }
  return {
    removed: [...left.values()],
    changed,
    modesChangedCount,
    fileCount: seen.size,
    needs: [...needs.values()],
  };
}

function compare(
  before: BaseFile,
  entry: TreeEntry,
  language: string,
  options: PlanOptions,
): "none" | "mode" | "content" {
  const isSameContent = before.oid === entry.oid && before.language === language &&
    isFile(before) === isFile(entry) &&
    (!isFile(entry) || before.extractorVersion === options.extractorVersion);
  if (!isSameContent) return "content";
  if (before.mode === entry.mode) return "none";
  // A link that becomes a submodule has another skip reason.
  return isFile(entry) ? "mode" : "content";
}

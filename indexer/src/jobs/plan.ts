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
  readonly unchangedCount: number;
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
  for (const entry of tree) {
    const language = isFile(entry) ? options.languageOfPath(entry.path) : "";
    const before = left.get(entry.path);
    left.delete(entry.path);
    if (!options.full && before !== undefined && isSame(before, entry, language, options)) continue;
    changed.push({ ...entry, language });
    if (!isFile(entry)) continue;
    const key = { oid: entry.oid, language };
    needs.set(blobKey(key), key);
  }
  return {
    removed: [...left.values()],
    changed,
    unchangedCount: tree.length - changed.length,
    needs: [...needs.values()],
  };
}

function isSame(
  before: BaseFile,
  entry: TreeEntry,
  language: string,
  options: PlanOptions,
): boolean {
  return before.oid === entry.oid && before.mode === entry.mode && before.language === language &&
    (!isFile(entry) || before.extractorVersion === options.extractorVersion);
}

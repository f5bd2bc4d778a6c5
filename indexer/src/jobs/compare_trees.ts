/**
 * Finds what differs between the published tree and the head: from what git says has changed since
 * the published commit, or by comparing every path where that is not known or cannot be relied on.
 */
import { languageOfPath } from "../parse/detection/language.ts";
import { displayPath, type TreeDifference } from "../git/tree.ts";
import type { IndexStore } from "../store/index_store.ts";
import type { Base, BaseFile } from "../store/published.ts";
import { EXTRACTOR_VERSION } from "../segment/extractor_version.ts";
import { SEGMENT_FORMAT_VERSION } from "../segment/format_version.ts";
import { type Plan, planChanges, type PlanOptions } from "./plan.ts";
import type { Head, Source } from "./source.ts";
import { indexedPath } from "./tree_path.ts";

/** Enough to know the languages of a push. */
const WARM_LANGUAGES_MAX = 20;

export interface CompareOptions {
  readonly index: IndexStore;
  readonly source: Source;
  readonly base: Base;
  /** Every path counts as changed. */
  readonly full: boolean;
}

/** Whether every file of the base is extracted as this code would extract it. */
export function isCurrent({ extractorVersion, formatVersion }: Base): boolean {
  return extractorVersion === EXTRACTOR_VERSION && formatVersion === SEGMENT_FORMAT_VERSION;
}

/** Of the files that are known to have changed: the first, for a larger job has threads with parsers of their own. */
export function changedLanguages({ since }: Head): string[] {
  return (since?.files ?? []).slice(0, WARM_LANGUAGES_MAX).map(({ path }) => languageOf(path));
}

function languageOf(path: string): string {
  return languageOfPath(displayPath(path));
}

/** What is to be done to bring the published tree to the head. */
export async function compareTrees(
  head: Head,
  { index, source, base, full }: CompareOptions,
): Promise<Plan> {
  const options: PlanOptions = {
    languageOfPath: languageOf,
    extractorVersion: EXTRACTOR_VERSION,
    formatVersion: SEGMENT_FORMAT_VERSION,
    full,
  };
  if (head.since !== null && !full && isCurrent(base)) {
    const { files: differences } = head.since;
    const files = await index.readTreeFiles(differences.map(({ path }) => indexedPath(path)));
    if (agree(differences, files)) {
      const entries = differences.flatMap(({ path, after }) =>
        after === null ? [] : { path, ...after }
      );
      const plan = planChanges(files, entries, options);
      return { ...plan, fileCount: base.fileCount - files.length + plan.fileCount };
    }
  }
  const files = base.generation === null ? [] : await index.readTree();
  return planChanges(files, await source.listTree(), options);
}

/**
 * Whether the index has of each path what git says was there: else one of the two is not what it
 * should be, as with a tree that names a path twice.
 */
function agree(differences: readonly TreeDifference[], files: readonly BaseFile[]): boolean {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const seen = new Set<string>();
  return differences.every(({ path, before }) => {
    const indexed = indexedPath(path);
    if (seen.has(indexed)) return false;
    seen.add(indexed);
    const file = byPath.get(indexed);
    return before === null
      ? file === undefined
      : file !== undefined && file.oid === before.oid && file.mode === before.mode;
  });
}

/**
 * A page of the uses of a name: by the paths of their files, or the nearest to a definition first. Says
 * where the next page begins; reads nothing.
 */
import { z } from "zod";
import { type ReferencesAnswer } from "../../_shared/contracts/navigation.ts";
import { type CursorPosition } from "../../_shared/runtime/cursor.ts";
import { type Occurrence } from "../../_shared/runtime/database_answers.ts";
import { referencesTo } from "../../_shared/segment/outline.ts";
import { treePosition } from "../indexed_tree.ts";
import { fullNameOf } from "../files/position.ts";
import { type SourceFile } from "../files/source_file.ts";

/** A reference, before its line is read. */
export interface FoundReference extends Omit<ReferencesAnswer["references"][number], "text"> {
  readonly blob: string;
}

/** A file of a page, read. */
export interface ReadFile {
  /** Without a key where the database did not find it by the word: no page can begin behind it. */
  readonly occurrence: Omit<Occurrence, "key" | "commit_oid"> & {
    readonly commit_oid: string | null;
    readonly key: Occurrence["key"] | null;
  };
  readonly source: SourceFile;
  /** What the file calls what is looked for. */
  readonly names: ReadonlySet<string>;
}

/** What is looked for. */
export interface Wanted {
  readonly role: string | undefined;
  readonly limit: number;
}

/** Behind a file; or how many were shown of the ranked references of the files behind it. */
export const referencePosition = z.strictObject({
  ...treePosition,
  // Empty before the first file.
  path: z.union([treePosition.path, z.literal("")]),
  seen: z.int().nonnegative().default(0),
  /** Whether a page before has left something out that it should have had. */
  lacking: z.boolean().default(false),
});
export type ReferencePosition = z.infer<typeof referencePosition>;

/** A page: the files it tells of, their references, and where the next begins; null: where SQL says. */
export interface ReferencePage {
  readonly files: readonly ReadFile[];
  readonly references: readonly FoundReference[];
  readonly next: CursorPosition;
  /** Whether there are more than a next page can begin at. */
  readonly isCut: boolean;
}

/** The references in one file. */
export function referencesIn(
  { occurrence, names, source: { outline } }: ReadFile,
  role: string | undefined,
): FoundReference[] {
  const { repository, ref, commit_oid, path, blob } = occurrence;
  const found = referencesTo(outline, names)
    .filter((each) => role === undefined || each.role === role);
  return found.map((each) => {
    const around = each.enclosing === null ? undefined : outline.definitions[each.enclosing];
    return {
      blob,
      repository,
      ref,
      commit_oid,
      path,
      name: each.name,
      line: each.line,
      column: each.column,
      role: each.role,
      enclosing: around === undefined ? null : fullNameOf(around),
      proximity: null,
    };
  });
}

/** References in the order of their files' paths, as many as are wanted; the next page may begin in a file. */
export function pageByPath(
  all: readonly ReadFile[],
  next: CursorPosition,
  { role, limit }: Wanted,
  position: ReferencePosition | null,
): ReferencePage {
  const files: ReadFile[] = [];
  const references: FoundReference[] = [];
  let before: CursorPosition = { ...position ?? { ...all[0]?.occurrence.key, path: "" }, seen: 0 };
  let seen = position?.seen ?? 0;
  for (const file of all) {
    if (references.length >= limit) return { files, references, next: before, isCut: false };
    const found = referencesIn(file, role).slice(seen);
    const room = limit - references.length;
    references.push(...found.slice(0, room));
    // What is said of a file is said on its first page.
    if (seen === 0) files.push(file);
    if (found.length > room) {
      return { files, references, next: { ...before, seen: seen + room }, isCut: false };
    }
    before = file.occurrence.key;
    seen = 0;
  }
  return { files, references, next, isCut: false };
}

/** Of many files the references nearest to a definition, to a number; the next page goes on in the same files. */
export function pageByNearness(
  files: readonly ReadFile[],
  next: CursorPosition,
  position: ReferencePosition | null,
  end: number,
  hasMore: boolean,
): Omit<ReferencePage, "references"> {
  const key = files[0]?.occurrence.key ?? null;
  const start = position ?? (key === null ? null : { ...key, path: "" });
  return {
    // What is said of the files was said on their first page.
    files: (position?.seen ?? 0) === 0 ? files : [],
    next: hasMore ? start && { ...start, seen: end } : next,
    isCut: hasMore && start === null,
  };
}

/**
 * How what was found is shown by file, under the commit that it is at, and how its lines are cut.
 */
import { type BudgetedText } from "../token_budget.ts";
import { commitLine } from "./shape.ts";

/** Of a line, in UTF-16 units: minified ones say nothing more. */
export const LINE_UNITS_MAX = 240;

/** What has a place in a file. */
interface Placed {
  readonly repository: string;
  readonly path: string;
  readonly commit_oid: string | null;
}

/**
 * One block a file: a heading with its path, then its lines; and before the first file of a commit,
 * the commit. Answers the items that are shown.
 */
export function addByFile<Item extends Placed>(
  text: BudgetedText,
  items: readonly Item[],
  line: (item: Item) => string,
): Item[] {
  const files = Map.groupBy(items, ({ repository, path }) => `${repository} ${path}`);
  const commits = new Set<string>();
  return [...files].flatMap(([file, found]) =>
    found.slice(0, addFile(text, commits, file, found, found.map(line)))
  );
}

/** The block of one file. Answers how many of its lines are shown. */
export function addFile(
  text: BudgetedText,
  commits: Set<string>,
  heading: string,
  [item]: readonly Placed[],
  lines: readonly string[],
): number {
  const commit = item === undefined ? "" : commitLine(item);
  const start = commits.has(commit) ? [heading] : [commit, heading];
  commits.add(commit);
  const [first = "", ...rest] = [...start, ...lines];
  return Math.max(0, (text.addBlock(first, rest) ?? 0) - (start.length - 1));
}

/** The start of a line, with its length where it is cut. */
export function cutLine(source: string): string {
  const line = source.trim();
  return line.length > LINE_UNITS_MAX
    ? `${line.slice(0, LINE_UNITS_MAX).toWellFormed()}… (cut; ${line.length} UTF-16 units or more)`
    : line;
}

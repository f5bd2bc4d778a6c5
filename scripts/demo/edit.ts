// The change that the demo makes: one new file, and one line of a file that is there. Pure: from the
// files of a commit to the files of the next.

import type { FileChange } from "./pushed_repository.ts";

/** A file that might be edited. */
export interface EditableFile {
  readonly path: string;
  readonly mode: "100644" | "100755";
  readonly content: Buffer;
}

/** One line before and after; `line` is 1-based. */
export interface LineEdit {
  readonly path: string;
  readonly line: number;
  readonly before: string;
  readonly after: string;
  readonly change: FileChange;
}

const LINE_UNITS_MAX = 200;

/** A file with one function of this name, so that text and symbol search both find it. */
export function newFile(name: string): FileChange {
  const text = `// Added by the demo, to see how soon a push is found.

export function ${name}(): string {
  return "pushed a moment ago";
}
`;
  return { path: `${name}.ts`, mode: "100644", content: Buffer.from(text) };
}

/** Which files to try, best first: the README, then others at the top, then the rest. */
export function editOrder(paths: readonly string[], count: number): string[] {
  const rank = (path: string) => {
    const isTop = !path.includes("/");
    if (/^readme(?:\.(?:md|rst|txt|adoc))?$/i.test(path)) return 0;
    if (isTop && /\.(?:md|txt)$/i.test(path)) return 1;
    // What is generated or configures something is best left alone.
    return /(?:^|\/)\.|lock|\.json$/.test(path) ? 4 : isTop ? 2 : 3;
  };
  return paths.filter((path) => /^[\x20-\x7E]+$/.test(path))
    .map((path) => ({ path, rank: rank(path) }))
    .sort((a, b) => a.rank - b.rank)
    .slice(0, count).map(({ path }) => path);
}

/** Writes the word at the end of the first line that has something to read; null for no such line. */
export function editLine(file: EditableFile, word: string): LineEdit | null {
  const text = file.content.toString("utf8");
  if (text.includes("\0") || !Buffer.from(text).equals(file.content)) return null;
  const lines = text.split("\n");
  const index = lines.findIndex((line) => /\w{3}/.test(line) && line.length <= LINE_UNITS_MAX);
  const found = lines[index];
  if (found === undefined) return null;
  const [, before = "", ending = ""] = /^(.*?)(\r?)$/s.exec(found) ?? [];
  const after = `${before} ${word}`;
  lines[index] = after + ending;
  const content = Buffer.from(lines.join("\n"));
  const change = { path: file.path, mode: file.mode, content };
  return { path: file.path, line: index + 1, before, after, change };
}

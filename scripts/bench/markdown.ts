// A benchmark's result as a section that the documentation can take as it is, and its place there. Pure.

import { type Conditions, formatConditions } from "./conditions.ts";
import { formatTable, type Table } from "./table.ts";

const COLUMNS_MAX = 100;

/** What is written down. */
export interface Result {
  readonly command: string;
  readonly conditions: Conditions;
  readonly tables: readonly Table[];
  readonly notes: readonly string[];
}

/** Tables under their titles, then the notes, then the conditions. */
export function formatMarkdown({ command, conditions, tables, notes }: Result): string {
  return [
    `\`${command}\``,
    ...tables.map(formatTable),
    ...notes.map(wrap),
    `\`\`\`text\n${formatConditions(conditions)}\n\`\`\``,
  ].join("\n\n") + "\n";
}

/** A paragraph in lines of at most 100 characters; a longer word has a line of its own. */
export function wrap(paragraph: string): string {
  const lines: string[] = [];
  let line = "";
  for (const word of paragraph.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && longer.length > COLUMNS_MAX) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line].join("\n");
}

/**
 * A document with a section in its place: between `<!-- benchmark NAME -->` and `<!-- end -->`. Null when
 * the document has no such place.
 */
export function placeSection(document: string, name: string, section: string): string | null {
  const start = `<!-- benchmark ${name} -->\n`;
  const from = document.indexOf(start);
  const to = document.indexOf("<!-- end -->", from);
  if (from < 0 || to < 0) return null;
  return `${document.slice(0, from + start.length)}\n${section}\n${document.slice(to)}`;
}

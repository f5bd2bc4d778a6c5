// A table as lines: columns as wide as what they hold, two spaces apart. Where the width is limited
// the last column gives way, nothing else does. Knows no terminal.

import { type Span, span, spansWidth } from "../demo/spans.ts";
import { cutEnd, padEnd, padStart, printable, textWidth } from "../demo/text_width.ts";

/** A line of output, in pieces. */
export type Line = readonly Span[];

/** A column; numbers stand at the end. */
export interface Column {
  readonly title: string;
  readonly align?: "start" | "end";
}

const GAP = "  ";
/** The last column keeps so much, even where the line gets too long. */
const LAST_COLUMNS_MIN = 20;

/** Header and rows. A cell is one piece; its text is made harmless here. */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly Span[])[],
  columnsMax: number | null,
): Line[] {
  const header = columns.map(({ title }) => span("faint", title));
  const all = [header, ...rows.map((row) => row.map(harmless))];
  const widths = columns.map((_, index) =>
    Math.max(...all.map((row) => spansWidth(row.slice(index, index + 1))))
  );
  if (columnsMax !== null) shrinkLast(widths, columnsMax);
  return all.map((row) => lineOf(row, columns, widths));
}

/** The piece without characters that could do something on a terminal. */
export function harmless(each: Span): Span {
  if (typeof each === "string") return printable(each);
  return { role: each.role, text: printable(each.text) };
}

function shrinkLast(widths: number[], columnsMax: number): void {
  const last = widths.length - 1;
  const others = widths.slice(0, last).reduce((sum, width) => sum + width + GAP.length, 0);
  const room = Math.max(LAST_COLUMNS_MIN, columnsMax - others);
  widths[last] = Math.min(widths[last] ?? 0, room);
}

function lineOf(
  row: readonly Span[],
  columns: readonly Column[],
  widths: readonly number[],
): Line {
  const last = columns.length - 1;
  return columns.flatMap(({ align }, index) => {
    const cell = row[index] ?? "";
    const width = widths[index] ?? 0;
    const text = textOf(cell);
    const padded = align === "end" ? padStart(text, width) : index === last
      // Nothing follows that would have to be aligned.
      ? cutEnd(text, width)
      : padEnd(text, width);
    const piece = typeof cell === "string" ? padded : { role: cell.role, text: padded };
    return index === 0 ? [piece] : [GAP, piece];
  });
}

function textOf(cell: Span): string {
  return typeof cell === "string" ? cell : cell.text;
}

/** A name in front of what it says, all names of one width. */
export function fieldLines(fields: readonly (readonly [name: string, Line])[]): Line[] {
  const width = Math.max(0, ...fields.map(([name]) => textWidth(name)));
  return fields.map(([name, line]) => [
    span("faint", name.padEnd(width)),
    GAP,
    ...line.map(harmless),
  ]);
}

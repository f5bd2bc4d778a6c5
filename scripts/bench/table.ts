// A table as text for a terminal and as Markdown for the docs: the same characters serve both.

/** What a benchmark shows. The first column is text, the others are mostly numbers. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What stands where there is no number. */
export const MISSING = "–";

/** A Markdown table, padded so that it reads well without being rendered. */
export function formatTable({ title, columns, rows }: Table): string {
  const widths = columns.map((column, index) =>
    Math.max(3, ...[column, ...rows.map((row) => row[index] ?? "")].map((cell) => cell.length))
  );
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, index) => align(cells[index] ?? "", width, index)).join(" | ")} |`;
  const rule = widths.map((width, index) =>
    index === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`
  );
  return [title, "", line(columns), `| ${rule.join(" | ")} |`, ...rows.map(line)].join("\n");
}

function align(cell: string, width: number, index: number): string {
  return index === 0 ? cell.padEnd(width) : cell.padStart(width);
}

/** A number as a format writes it, or the sign that there is none. */
export function shown(value: number | null, format: (value: number) => string): string {
  return value === null ? MISSING : format(value);
}

/** How many times one value is another: 236×; 2.4×; 0.040×. */
export function ratio(value: number | null, other: number | null): string {
  if (value === null || other === null || other === 0) return MISSING;
  const times = value / other;
  return times >= 100 ? `${Math.round(times)}×` : `${times.toPrecision(2)}×`;
}

// Numbers as people read them: counts, bytes, durations, rates. Pure.

const MILLISECONDS_SHOWN_MAX = 999.5;
const SECONDS_SHOWN_MAX = 119.5;
const unitSizes: Readonly<Record<string, number>> = { kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };

/** 1,234,567 whatever the locale of the machine is. */
export function formatCount(count: number): string {
  return Math.round(count).toLocaleString("en-US");
}

/** "1 file", "2 files", "1 match", "2 matches", "1 delivery", "2 deliveries". */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${count === 1 ? noun : pluralOf(noun)}`;
}

function pluralOf(noun: string): string {
  if (/(?:s|x|ch|sh)$/.test(noun)) return `${noun}es`;
  return /[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`;
}

/** Three figures at most: 8 ms, 412 ms, 1.62 s, 34.1 s, 2 min 5 s. */
export function formatDuration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (milliseconds < MILLISECONDS_SHOWN_MAX) return `${Math.round(milliseconds)} ms`;
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`;
  if (seconds < 99.95) return `${seconds.toFixed(1)} s`;
  if (seconds < SECONDS_SHOWN_MAX) return `${Math.round(seconds)} s`;
  return `${Math.floor(Math.round(seconds) / 60)} min ${Math.round(seconds) % 60} s`;
}

/** Decimal units, as disks and networks are sold: 812 B, 4.1 kB, 105 MB, 1.24 GB. */
export function formatBytes(bytes: number): string {
  if (bytes < 999.5) return `${Math.round(bytes)} B`;
  const [unit, size] = Object.entries(unitSizes).find(([, size]) => bytes < 999.5 * size) ??
    ["TB", 1e12];
  return `${threeFigures(bytes / size)} ${unit}`;
}

/** How much of how much, in the unit of the whole: "0.41/8.00 MB", "500/812 B". */
export function formatBytesOf(done: number, total: number): string {
  const [whole = "", unit = ""] = formatBytes(total).split(" ");
  const size = unitSizes[unit] ?? 1;
  return `${size === 1 ? Math.round(done) : threeFigures(done / size)}/${whole} ${unit}`;
}

/** A count per second: "410/s", "12.3/s"; null when there is nothing to divide by yet. */
export function formatRate(
  amount: number,
  milliseconds: number,
  format: (amount: number) => string,
): string | null {
  if (amount <= 0 || milliseconds <= 0) return null;
  return `${format((amount / milliseconds) * 1000)}/s`;
}

/** The first eight digits: enough to recognise, short enough for a line. */
export function shortOid(oid: string): string {
  return oid.slice(0, 8);
}

function threeFigures(value: number): string {
  if (value < 9.995) return value.toFixed(2);
  return value < 99.95 ? value.toFixed(1) : value.toFixed(0);
}

/**
 * The log: one JSON line per happening, for operators. Knows how to keep secrets and long texts out
 * of it, not where the lines go.
 */

/** Writes a line. Fields are plain values; an Error is written with its stack and its causes. */
export type Log = (event: string, fields: Readonly<Record<string, unknown>>) => void;

/** The platform cuts lines at 10,000 characters, which would leave broken JSON. */
const TEXT_UNITS_MAX = 4_000;
const CAUSES_MAX = 3;

/** What looks like a key of ours or the code host's, or follows Bearer, or sits in an address. */
const SECRETS =
  /\b(?:qry|ghp|gho|ghu|ghs|ghr|github_pat|sb_secret|FlyV1|fm2)_?[\w.=/+-]{8,}|(?<=Bearer )\S+|(?<=:\/\/)[^\s/@]+@/g;

function redact(text: string): string {
  return text.slice(0, TEXT_UNITS_MAX).replace(SECRETS, "[secret]");
}

function plain(value: unknown, depth = 0): unknown {
  if (value instanceof Error) {
    const cause = value.cause === undefined || depth >= CAUSES_MAX
      ? undefined
      : plain(value.cause, depth + 1);
    return { name: value.name, stack: redact(value.stack ?? value.message), cause };
  }
  if (typeof value === "string") return redact(value);
  if (typeof value === "object" && value !== null) return redact(JSON.stringify(value));
  return value;
}

/** A log that hands each line to `write`. */
export function createLog(write: (line: string) => void): Log {
  return (event, fields) => {
    const entries = Object.entries(fields).map(([name, value]) => [name, plain(value)]);
    write(JSON.stringify({ event, ...Object.fromEntries(entries) }));
  };
}

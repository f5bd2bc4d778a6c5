// Reads the few settings of supabase/config.toml that the stack must honour.
// Knows one section of one file with plain values; is no TOML parser.

import { readFile } from "node:fs/promises";

/** The [api] section, with the platform's defaults for what it does not say. */
export interface ApiSettings {
  /** Schemas the Data API exposes; the first is taken when a request names none. */
  readonly schemas: readonly string[];
  /** Schemas behind the requested one on the search path. */
  readonly extraSearchPath: readonly string[];
  /** A set-returning function's answer is silently cut at this many rows. */
  readonly rowsMax: number;
}

/** Reads the section; a missing file means the defaults. */
export async function readApiSettings(file: string): Promise<ApiSettings> {
  const text = await readFile(file, "utf8").catch(() => "");
  const section = /^\[api\]\s*$([\s\S]*?)(?=^\[|(?![\s\S]))/m.exec(text)?.[1] ?? "";
  const list = (name: string, otherwise: string[]) => {
    const text = new RegExp(`^\\s*${name}\\s*=\\s*\\[([^\\]]*)\\]`, "m").exec(section)?.[1];
    return text === undefined
      ? otherwise
      : [...text.matchAll(/"([^"]+)"/g)].map((match) => match[1] ?? "");
  };
  const rowsMax = /^\s*max_rows\s*=\s*(\d+)/m.exec(section)?.[1] ?? "1000";
  return {
    schemas: list("schemas", ["api"]),
    extraSearchPath: list("extra_search_path", ["public", "extensions"]),
    rowsMax: Number(rowsMax),
  };
}

// Which database is meant: the one that the environment names, else that of the checkout's running
// stack. Pure: the environment and the text of .local/stack.json are arguments.

import { z } from "zod";

const VARIABLES = ["SUPABASE_DB_URL", "DATABASE_URL"] as const;

/** A database, and how to speak of it without giving its password away. */
export interface Target {
  readonly url: string;
  /** 127.0.0.1:5432/postgres */
  readonly place: string;
  /** Who named it. */
  readonly source: (typeof VARIABLES)[number] | ".local/stack.json";
}

/** What is wrong; it never holds a value. */
export interface NoTarget {
  readonly problem: string;
}

const stackFile = z.object({ database_url: z.string() });

/** The target, or why there is none. `stackText` is null when there is no running stack. */
export function readTarget(
  environment: Readonly<Record<string, string | undefined>>,
  stackText: string | null,
): Target | NoTarget {
  for (const name of VARIABLES) {
    const value = environment[name] ?? "";
    if (value !== "") return toTarget(value, name);
  }
  if (stackText === null) {
    const variables = VARIABLES.join(" nor ");
    return { problem: `neither ${variables} is set, and no npm run stack is running here` };
  }
  try {
    return toTarget(stackFile.parse(JSON.parse(stackText)).database_url, ".local/stack.json");
  } catch {
    return { problem: ".local/stack.json names no database" };
  }
}

function toTarget(url: string, source: Target["source"]): Target | NoTarget {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || !["postgres:", "postgresql:"].includes(parsed.protocol)) {
    return { problem: `${source} holds no postgresql:// address` };
  }
  const name = decodeURIComponent(parsed.pathname.slice(1));
  return { url, place: `${parsed.hostname}:${parsed.port || "5432"}/${name}`, source };
}

/**
 * Cursors: the sort key of a page's last item, made opaque. A cursor carries when it was issued and
 * a hash of the request it continues, so that it is refused with another one. It is not signed:
 * every SQL function takes the tenant, so a forged one shows nothing but one's own.
 */
import { z } from "zod";
import { CURSOR_LIFE_SECONDS, CURSOR_UNITS_MAX } from "../contracts/limits.ts";
import { ProblemError } from "./problem.ts";
import { sha256Hex } from "./sha256.ts";

const VERSION = 1;
const SCOPE_UNITS = 16;

const envelope = z.tuple([z.literal(VERSION), z.int(), z.string(), z.json()]);

/** What a cursor continues: the route's name and every parameter that decides what it lists. */
export type CursorScope = readonly (string | null)[];

/** A position in the database's terms; only its SQL function reads it. */
export type CursorPosition = z.infer<ReturnType<typeof z.json>>;

/** The hash of a scope, short since it guards against mistakes alone. */
async function hashScope(scope: CursorScope): Promise<string> {
  return (await sha256Hex(JSON.stringify(scope))).slice(0, SCOPE_UNITS);
}

function invalid(): ProblemError {
  return new ProblemError("invalid_cursor", "The cursor is not one that this request continues.");
}

function decodeEnvelope(cursor: string): z.infer<typeof envelope> {
  if (cursor.length > CURSOR_UNITS_MAX || !/^[A-Za-z0-9_-]+$/.test(cursor)) throw invalid();
  try {
    const json = atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
    return envelope.parse(JSON.parse(json));
  } catch {
    throw invalid();
  }
}

/** A UTF-16 unit as JSON writes it in ASCII. */
function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Makes the cursor of a position, whose text may be any; null stays null. */
export async function encodeCursor(
  position: CursorPosition,
  scope: CursorScope,
  nowMilliseconds: number,
): Promise<string | null> {
  if (position === null) return null;
  const issuedSeconds = Math.floor(nowMilliseconds / 1000);
  const json = JSON.stringify([VERSION, issuedSeconds, await hashScope(scope), position]);
  return btoa(json.replaceAll(/[^\u0000-\u007f]/g, escapeUnit)).replaceAll("+", "-").replaceAll(
    "/",
    "_",
  ).replaceAll("=", "");
}

/** Reads a cursor; throws invalid_cursor, or cursor_expired when its life is over. */
export async function decodeCursor<Position>(
  cursor: string | undefined,
  scope: CursorScope,
  position: z.ZodType<Position>,
  nowMilliseconds: number,
): Promise<Position | null> {
  if (cursor === undefined) return null;
  const [, issuedSeconds, scopeHash, value] = decodeEnvelope(cursor);
  const parsed = position.safeParse(value);
  if (!parsed.success || scopeHash !== await hashScope(scope)) throw invalid();
  if (nowMilliseconds / 1000 - issuedSeconds > CURSOR_LIFE_SECONDS) throw cursorExpired();
  return parsed.data;
}

/** A cursor whose data is gone. */
export function cursorExpired(): ProblemError {
  return new ProblemError("cursor_expired", "What this cursor pointed at is no longer kept.");
}

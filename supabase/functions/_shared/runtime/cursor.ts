/**
 * Cursors: the sort key of a page's last item, sealed. The key comes from the service's own secret, so
 * that every instance reads what another has sealed and none keeps anything. A position has numbers of
 * the whole database (trees, generations, the history of all jobs), which would tell what others do. A
 * cursor carries when it was issued, and is sealed for the request it continues: with another one it is
 * refused.
 */
import { z } from "zod";
import { CURSOR_LIFE_SECONDS, CURSOR_UNITS_MAX } from "../contracts/limits.ts";
import { ProblemError } from "./problem.ts";

const PURPOSE = "quarry cursors 2";
const CIPHER = "AES-GCM";
const KEY_BITS = 256;
/** Random, and new for each cursor: of a key, some billion may be. */
const NONCE_BYTES = 12;

const envelope = z.tuple([z.int(), z.json()]);

/** What a cursor continues: the route's name and every parameter that decides what it lists. */
export type CursorScope = readonly (string | null)[];

/** A position in the database's terms; only its SQL function reads it. */
export type CursorPosition = z.infer<ReturnType<typeof z.json>>;

/** As both runtimes name it. */
type Key = Awaited<ReturnType<typeof crypto.subtle.deriveKey>>;

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** A key that nobody has who has not the secret, and that is good for cursors alone. */
async function deriveKey(secret: string): Promise<Key> {
  const material = await crypto.subtle.importKey("raw", bytesOf(secret), "HKDF", false, [
    "deriveKey",
  ]);
  return await crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: bytesOf(""), info: bytesOf(PURPOSE) },
    material,
    { name: CIPHER, length: KEY_BITS },
    false,
    ["encrypt", "decrypt"],
  );
}

function cipherFor(nonce: Uint8Array<ArrayBuffer>, scope: CursorScope) {
  return { name: CIPHER, iv: nonce, additionalData: bytesOf(JSON.stringify(scope)) };
}

function invalid(): ProblemError {
  return new ProblemError("invalid_cursor", "The cursor is not one that this request continues.");
}

function decodeBytes(cursor: string): Uint8Array<ArrayBuffer> {
  if (cursor.length > CURSOR_UNITS_MAX || !/^[A-Za-z0-9_-]+$/.test(cursor)) throw invalid();
  try {
    const binary = atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(binary, (unit) => unit.charCodeAt(0));
  } catch {
    throw invalid();
  }
}

/** Seals and opens the cursors of one service. */
export class Cursors {
  readonly #key: Promise<Key>;

  constructor(secret: string) {
    this.#key = deriveKey(secret);
  }

  /** Makes the cursor of a position, whose text may be any; null stays null. */
  async seal(
    position: CursorPosition,
    scope: CursorScope,
    nowMilliseconds: number,
  ): Promise<string | null> {
    if (position === null) return null;
    const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
    const content = bytesOf(JSON.stringify([Math.floor(nowMilliseconds / 1000), position]));
    const sealed = await crypto.subtle.encrypt(cipherFor(nonce, scope), await this.#key, content);
    const binary = String.fromCharCode(...nonce, ...new Uint8Array(sealed));
    return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  }

  /** Reads a cursor; throws invalid_cursor, or cursor_expired when its life is over. */
  async open<Position>(
    cursor: string | undefined,
    scope: CursorScope,
    position: z.ZodType<Position>,
    nowMilliseconds: number,
  ): Promise<Position | null> {
    if (cursor === undefined) return null;
    const [issuedSeconds, value] = await this.#unseal(decodeBytes(cursor), scope);
    const parsed = position.safeParse(value);
    if (!parsed.success) throw invalid();
    if (nowMilliseconds / 1000 - issuedSeconds > CURSOR_LIFE_SECONDS) throw cursorExpired();
    return parsed.data;
  }

  async #unseal(bytes: Uint8Array<ArrayBuffer>, scope: CursorScope) {
    const key = await this.#key;
    try {
      const cipher = cipherFor(bytes.slice(0, NONCE_BYTES), scope);
      const content = await crypto.subtle.decrypt(cipher, key, bytes.slice(NONCE_BYTES));
      return envelope.parse(JSON.parse(new TextDecoder().decode(content)));
    } catch {
      throw invalid();
    }
  }
}

/** A cursor whose data is gone. */
export function cursorExpired(): ProblemError {
  return new ProblemError("cursor_expired", "What this cursor pointed at is no longer kept.");
}

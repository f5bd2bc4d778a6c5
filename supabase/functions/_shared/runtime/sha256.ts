/**
 * SHA-256 in hexadecimal. Enough for API keys and other secrets of ours: they are random, so a slow
 * hash would only spend the CPU time of a request. Equal hashes are compared, never secrets.
 */
import { createHash } from "node:crypto";

/** The hash of a text's UTF-8 bytes, 64 hex digits. At once: crypto.subtle goes by way of another thread. */
export function sha256Hex(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

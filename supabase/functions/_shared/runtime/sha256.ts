/**
 * SHA-256 in hexadecimal. Enough for API keys and other secrets of ours: they are random, so a slow
 * hash would only spend the CPU time of a request. Equal hashes are compared, never secrets.
 */

/** The hash of a text's UTF-8 bytes, 64 hex digits. */
export async function sha256Hex(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

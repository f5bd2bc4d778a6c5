/**
 * Turns the bytes of a blob into text that PostgreSQL can store, or says why it has none. Lenient:
 * what is not UTF-8 becomes U+FFFD, and a flag says that text and bytes differ.
 */

/** The largest file whose text is indexed. */
export const FILE_BYTES_MAX = 2 * 1024 * 1024;

/** Git's own rule: a file with a NUL among its first bytes is binary. */
const BINARY_CHECK_BYTES = 8000;

const NUL = "\u0000";
const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const REPLACEMENT = "\ufffd";

/** Why the content of a file is not in the index. */
export type ContentSkipReason = "binary" | "too_large";

export type Decoded =
  | { readonly kind: "text"; readonly text: string; readonly decodedLeniently: boolean }
  | { readonly kind: "skip"; readonly skipReason: ContentSkipReason };

/** Decodes a blob. A byte order mark stays, so that columns are those of the file. */
export function decode(bytes: Uint8Array): Decoded {
  // Size first: a file so large need not be fetched to be skipped, and must get the same reason.
  if (bytes.length > FILE_BYTES_MAX) return { kind: "skip", skipReason: "too_large" };
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const firstNul = buffer.indexOf(0);
  if (firstNul !== -1 && firstNul < BINARY_CHECK_BYTES) {
    return { kind: "skip", skipReason: "binary" };
  }
  const strict = firstNul === -1 ? decodeStrictly(buffer) : null;
  if (strict !== null) return { kind: "text", text: strict, decodedLeniently: false };
  const text = buffer.toString("utf8").replaceAll(NUL, REPLACEMENT);
  return { kind: "text", text, decodedLeniently: true };
}

function decodeStrictly(bytes: Uint8Array): string | null {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return null;
  }
}

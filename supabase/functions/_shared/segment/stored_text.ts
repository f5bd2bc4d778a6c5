/**
 * Text, and what else is deflated, as it is stored: written by the indexer and read by whoever needs
 * it, so that the database neither compresses nor inflates any. Knows nothing of chunks and outlines.
 */
import { Buffer } from "node:buffer";
import { deflateRawSync, inflateRawSync } from "node:zlib";

/**
 * Measured on 20 MB of source in chunks of 4 KiB, as ratio and processor time: level 1 3.23 in 332 ms,
 * 3 3.31 in 392, 4 3.42 in 363, 6 3.48 in 467; to inflate takes 0.1 s of any.
 */
const LEVEL = 4;

/** What a file of 2 MiB may become: each byte that is not UTF-8 is read as U+FFFD, which has three. */
export const TEXT_BYTES_MAX = 3 * 2 * 1024 * 1024;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A text without lone surrogates as it is stored. */
export function packText(text: string): Uint8Array {
  return deflateRawSync(text, { level: LEVEL });
}

/** The text of what packText wrote; throws where the bytes are of nothing that it may have written. */
export function unpackText(packed: Uint8Array): string {
  try {
    return utf8.decode(inflateRawSync(packed, { maxOutputLength: TEXT_BYTES_MAX }));
  } catch (cause) {
    throw new Error("a stored text is malformed or longer than any may be", { cause });
  }
}

/** A stored text as PostgreSQL hands it out: in base64, which it breaks into lines. */
export function readText(base64: string): string {
  return unpackText(Buffer.from(base64, "base64"));
}

/** Other stored bytes, as PostgreSQL hands them out; throws where there are more of them, or no deflate. */
export function readDeflated(base64: string, bytesMax: number): Uint8Array {
  return inflateRawSync(Buffer.from(base64, "base64"), { maxOutputLength: bytesMax });
}

/**
 * Text, and what else is deflated, as it is stored: written by the indexer and read by whoever needs
 * it, so that the database neither compresses nor inflates any. Knows nothing of chunks and outlines.
 */
import { Buffer } from "node:buffer";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { DICTIONARY } from "./dictionary.ts";

/** With the dictionary 2 % less than 4 for a tenth more of the time; beyond it nothing is gained. */
const LEVEL = 6;

/** What a file of 2 MiB may become: each byte that is not UTF-8 is read as U+FFFD, which has three. */
export const TEXT_BYTES_MAX = 3 * 2 * 1024 * 1024;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Bytes as they are stored. */
export function packBytes(bytes: string | Uint8Array): Uint8Array {
  return deflateRawSync(bytes, { level: LEVEL, dictionary: DICTIONARY });
}

/** What packBytes was given; throws where there are more of them, or where it wrote no such thing. */
export function unpackBytes(packed: Uint8Array, bytesMax: number): Uint8Array {
  return inflateRawSync(packed, { maxOutputLength: bytesMax, dictionary: DICTIONARY });
}

/** A text without lone surrogates as it is stored. */
export function packText(text: string): Uint8Array {
  return packBytes(text);
}

/** The text of what packText wrote; throws where the bytes are of nothing that it may have written. */
export function unpackText(packed: Uint8Array): string {
  try {
    return utf8.decode(unpackBytes(packed, TEXT_BYTES_MAX));
  } catch (cause) {
    throw new Error("a stored text is malformed or longer than any may be", { cause });
  }
}

/** A stored text as PostgreSQL hands it out: in base64, which it breaks into lines. */
export function readText(base64: string): string {
  return unpackText(Buffer.from(base64, "base64"));
}

/** Other stored bytes, as PostgreSQL hands them out; throws as unpackBytes does. */
export function readBytes(base64: string, bytesMax: number): Uint8Array {
  return unpackBytes(Buffer.from(base64, "base64"), bytesMax);
}

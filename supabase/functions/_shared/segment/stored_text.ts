/**
 * Text, and what else is deflated, as it is stored: written by the indexer and read by whoever needs
 * it, so that the database neither compresses nor inflates any. Knows nothing of chunks and outlines.
 */
import { Buffer } from "node:buffer";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { DICTIONARY } from "./dictionary.ts";
import { Inflater } from "./inflater.ts";
import { decodeUtf8 } from "./utf8.ts";

/** An eighth less of the time than 6 for 0.3 % more bytes; 4 is a little quicker still for 2 %. */
export const DEFLATE_LEVEL = 5;

/** What a file of 2 MiB may become: each byte that is not UTF-8 is read as U+FFFD, which has three. */
export const TEXT_BYTES_MAX = 3 * 2 * 1024 * 1024;

/**
 * The dictionary as a block of deflate that is not compressed. Deno's inflate takes no dictionary where
 * the format is raw; what it has read before is one all the same.
 */
const KNOWN_BEFORE = storedBlock(DICTIONARY);

function storedBlock(bytes: Uint8Array): Uint8Array {
  const block = new Uint8Array(5 + bytes.length);
  const head = new DataView(block.buffer);
  // Not the last block, stored; then its length, and the complement of that.
  head.setUint16(1, bytes.length, true);
  head.setUint16(3, ~bytes.length & 0xffff, true);
  block.set(bytes, 5);
  return block;
}

/** Bytes as they are stored. */
export function packBytes(bytes: string | Uint8Array): Uint8Array {
  return deflateRawSync(bytes, { level: DEFLATE_LEVEL, dictionary: DICTIONARY });
}

/** What is read at once is laid behind the dictionary here, so that it is not copied for each chunk. */
const READ_BYTES = 64 * 1024;
const reading = new Uint8Array(KNOWN_BEFORE.length + READ_BYTES);
reading.set(KNOWN_BEFORE);

const inflater = new Inflater();

/** What packBytes was given; throws where there are more of them, or where it wrote no such thing. */
export function unpackBytes(packed: Uint8Array, bytesMax: number): Uint8Array {
  return inflated(packed, bytesMax).slice();
}

/** What is made of such bytes by who keeps none of them: they are there for as long as it reads, and need not be copied. */
export function readUnpacked<Value>(
  packed: Uint8Array,
  bytesMax: number,
  read: (bytes: Uint8Array) => Value,
): Value {
  return read(inflated(packed, bytesMax));
}

/** Valid until the next call. */
function inflated(packed: Uint8Array, bytesMax: number): Uint8Array {
  const known = behindDictionary(packed);
  const maxOutputLength = DICTIONARY.length + bytesMax;
  const usual = inflater.inflate(known);
  const whole = usual !== null && usual.length <= maxOutputLength
    ? usual
    : inflateRawSync(known, { maxOutputLength });
  return whole.subarray(DICTIONARY.length);
}

/** Valid until the next call. */
function behindDictionary(packed: Uint8Array): Uint8Array {
  if (packed.length > READ_BYTES) return Buffer.concat([KNOWN_BEFORE, packed]);
  reading.set(packed, KNOWN_BEFORE.length);
  return reading.subarray(0, KNOWN_BEFORE.length + packed.length);
}

/** A text without lone surrogates as it is stored. */
export function packText(text: string): Uint8Array {
  return packBytes(text);
}

/** A text, and whether it has no character beyond ASCII. */
export interface UnpackedText {
  readonly text: string;
  readonly isAscii: boolean;
}

/** The text of what packText wrote; throws where the bytes are of nothing that it may have written. */
export function unpackText(packed: Uint8Array): string {
  return unpackKnownText(packed).text;
}

/** The same, with what its length tells. */
export function unpackKnownText(packed: Uint8Array): UnpackedText {
  try {
    const bytes = inflated(packed, TEXT_BYTES_MAX);
    const text = decodeUtf8(bytes);
    // Any other character has more bytes than units.
    return { text, isAscii: text.length === bytes.length };
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

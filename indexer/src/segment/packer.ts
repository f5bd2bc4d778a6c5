/**
 * Packs as packBytes does, with one zlib for everything: one for each text costs more than a tenth of
 * what deflating takes, and a quarter of a megabyte that counts as the heap's, so that every few
 * hundred texts all of it is collected. Node has no call for this. What is used here is what the
 * archives of npm itself go by; where it is missing, each text gets a zlib of its own.
 */
import { constants, createDeflateRaw } from "node:zlib";
import { packBytes, PACKING } from "../../../supabase/functions/_shared/segment/stored_text.ts";

/** What deflates into a buffer, as Node's own streams do. */
interface Zlib {
  reset(): void;
  writeSync(
    flush: number,
    input: Uint8Array,
    inputStart: number,
    inputLength: number,
    output: Uint8Array,
    outputStart: number,
    outputLength: number,
  ): void;
}

/** A zlib, and where it tells how much room was left in the output. */
interface ReusedZlib {
  readonly zlib: Zlib;
  readonly state: Uint32Array;
}

const BUFFER_BYTES = 64 * 1024;
/** A UTF-16 unit becomes at most three bytes of UTF-8. */
const UNIT_BYTES_MAX = 3;

function isZlib(value: unknown): value is Zlib {
  return typeof value === "object" && value !== null &&
    "reset" in value && typeof value.reset === "function" &&
    "writeSync" in value && typeof value.writeSync === "function";
}

/** The zlib of a stream of Node's; null when it is not where it was. */
export function zlibOf(stream: object): ReusedZlib | null {
  const zlib: unknown = Reflect.get(stream, "_handle");
  const state: unknown = Reflect.get(stream, "_writeState");
  return isZlib(zlib) && state instanceof Uint32Array ? { zlib, state } : null;
}

/** More than deflate makes of anything: what does not shrink is stored, with a head for each block. */
function packedBytesMax(bytes: number): number {
  return bytes + (bytes >> 8) + 1024;
}

/** Packs one text after the other. */
export class Packer {
  readonly #reused: ReusedZlib | null;
  #input = Buffer.allocUnsafe(BUFFER_BYTES);
  #output = Buffer.allocUnsafe(packedBytesMax(BUFFER_BYTES));

  constructor(reused = zlibOf(createDeflateRaw(PACKING))) {
    this.#reused = reused;
  }

  /** A text without lone surrogates, packed; valid until the next call. */
  packText(text: string): Uint8Array {
    const bytesMax = text.length * UNIT_BYTES_MAX;
    if (bytesMax > this.#input.length) this.#input = Buffer.allocUnsafe(bytesMax);
    const length = this.#input.write(text, "utf8");
    return this.packBytes(this.#input.subarray(0, length));
  }

  /** Bytes, packed; valid until the next call. */
  packBytes(bytes: Uint8Array): Uint8Array {
    if (this.#reused === null) return packBytes(bytes);
    const { zlib, state } = this.#reused;
    const lengthMax = packedBytesMax(bytes.length);
    if (lengthMax > this.#output.length) this.#output = Buffer.allocUnsafe(lengthMax);
    const output = this.#output;
    zlib.reset();
    zlib.writeSync(constants.Z_FINISH, bytes, 0, bytes.length, output, 0, output.length);
    const room = state[0] ?? 0;
    if (room === 0) throw new Error("a text became longer by packing than it can");
    return output.subarray(0, output.length - room);
  }
}

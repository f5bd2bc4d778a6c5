/**
 * Deflates one short text after another as stored_text.ts does, in a fraction less of the time: zlib's
 * state is made once and reset, where deflateRawSync allocates and clears a quarter of a megabyte for each
 * text. Knows nothing of what is stored.
 */
import { constants, createDeflateRaw } from "node:zlib";
import { DICTIONARY } from "../../../supabase/functions/_shared/segment/dictionary.ts";
import {
  DEFLATE_LEVEL,
  packBytes,
} from "../../../supabase/functions/_shared/segment/stored_text.ts";
import { openZlib } from "../../../supabase/functions/_shared/segment/zlib_handle.ts";

/** Longer ones are few: whatever they take is lost among their own work. */
const INPUT_BYTES_MAX = 64 * 1024;
/** Deflate adds five bytes to each 16 KiB that it cannot make smaller; ample. */
const OUTPUT_BYTES = INPUT_BYTES_MAX + 1024;
/** A UTF-16 unit becomes at most three bytes. */
const UNIT_BYTES_MAX = 3;
/** The dictionary and a chunk lie in a window of 16 KiB; a smaller one is cleared sooner. */
const WINDOW_BITS = 14;

/** Packs bytes as packBytes does; what it answers may differ, and unpacks to the same. */
export class Deflater {
  /** Where it is null there is packBytes, which writes what reads the same. */
  readonly #deflate = openZlib(createDeflateRaw({
    level: DEFLATE_LEVEL,
    windowBits: WINDOW_BITS,
    dictionary: DICTIONARY,
  }));
  readonly #input = Buffer.allocUnsafeSlow(INPUT_BYTES_MAX);
  readonly #output = Buffer.allocUnsafeSlow(OUTPUT_BYTES);

  /** Valid until the next call. */
  pack(bytes: string | Uint8Array): Uint8Array {
    const deflate = this.#deflate;
    const bytesMax = typeof bytes === "string" ? bytes.length * UNIT_BYTES_MAX : bytes.length;
    if (deflate === null || bytesMax > INPUT_BYTES_MAX) return packBytes(bytes);
    const isText = typeof bytes === "string";
    const input = isText ? this.#input : bytes;
    const length = isText ? this.#input.write(bytes) : bytes.length;
    const { handle, left } = deflate;
    handle.reset();
    handle.writeSync(constants.Z_FINISH, input, 0, length, this.#output, 0, OUTPUT_BYTES);
    const [room = 0, unread] = left;
    if (room === 0 || unread !== 0) return packBytes(bytes);
    return this.#output.subarray(0, OUTPUT_BYTES - room);
  }
}

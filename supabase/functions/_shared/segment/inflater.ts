/**
 * Inflates one short run of bytes after another as inflateRawSync does, in little more than half of the
 * time: zlib's state is made once and reset, where that makes a stream and a buffer for each. Knows
 * nothing of what is stored.
 */
import { constants, createInflateRaw } from "node:zlib";
import { type OpenZlib, openZlib } from "./zlib_handle.ts";

/** Longer ones are few: whatever they take is lost among their own work. */
const OUTPUT_BYTES = 128 * 1024;

/** Inflates where that is usual; for the rest there is inflateRawSync, which says what is wrong. */
export class Inflater {
  #inflate: OpenZlib | null | undefined;
  #output = new Uint8Array();
  #hasFailed = false;

  /** Valid until the next call; null where the bytes are too many, or no whole stream of deflate and nothing else. */
  inflate(packed: Uint8Array): Uint8Array | null {
    const inflate = this.#open();
    if (inflate === null) return null;
    const { handle, left } = inflate;
    this.#hasFailed = false;
    handle.reset();
    handle.writeSync(
      constants.Z_FINISH,
      packed,
      0,
      packed.length,
      this.#output,
      0,
      OUTPUT_BYTES,
    );
    const [room = 0, unread] = left;
    if (this.#hasFailed || room === 0 || unread !== 0) return null;
    return this.#output.subarray(0, OUTPUT_BYTES - room);
  }

  /** When it is first needed: an instance that reads no text need not have it. */
  #open(): OpenZlib | null {
    if (this.#inflate !== undefined) return this.#inflate;
    this.#inflate = openZlib(createInflateRaw());
    if (this.#inflate === null) return null;
    this.#output = new Uint8Array(OUTPUT_BYTES);
    // Called before writeSync returns, in place of what would destroy the stream.
    Object.assign(this.#inflate.handle, { onerror: () => void (this.#hasFailed = true) });
    return this.#inflate;
  }
}

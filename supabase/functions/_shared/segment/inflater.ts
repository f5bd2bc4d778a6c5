/**
 * Inflates one short run of bytes after another as inflateRawSync does, in little more than half of the
 * time: zlib's state is made once and reset, where that makes a stream and a buffer for each. Knows
 * nothing of what is stored.
 */
import { constants, createInflateRaw } from "node:zlib";

/**
 * What of Node's zlib is used here and not documented, and Deno has as well. Where it is not as it is
 * known, or anything is unusual, nothing is answered.
 */
interface ZlibHandle {
  readonly onerror: unknown;
  reset(): void;
  /** What is left of output and input is in the stream's write state. */
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

interface OpenInflate {
  readonly handle: ZlibHandle;
  /** Room that is left in the output, and input that is left. */
  readonly left: Uint32Array;
}

/** Longer ones are few: whatever they take is lost among their own work. */
const OUTPUT_BYTES = 128 * 1024;

/** Inflates where that is usual; for the rest there is inflateRawSync, which says what is wrong. */
export class Inflater {
  #inflate: OpenInflate | null | undefined;
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
  #open(): OpenInflate | null {
    if (this.#inflate !== undefined) return this.#inflate;
    this.#inflate = openInflate();
    if (this.#inflate === null) return null;
    this.#output = new Uint8Array(OUTPUT_BYTES);
    // Called before writeSync returns, in place of what would destroy the stream.
    Object.assign(this.#inflate.handle, { onerror: () => void (this.#hasFailed = true) });
    return this.#inflate;
  }
}

function openInflate(): OpenInflate | null {
  const stream: object = createInflateRaw();
  if (!("_handle" in stream && "_writeState" in stream)) return null;
  const { _handle: handle, _writeState: left } = stream;
  return isZlibHandle(handle) && left instanceof Uint32Array ? { handle, left } : null;
}

function isZlibHandle(value: unknown): value is ZlibHandle {
  return typeof value === "object" && value !== null && "onerror" in value &&
    "reset" in value && typeof value.reset === "function" &&
    "writeSync" in value && typeof value.writeSync === "function";
}

/**
 * What of Node's zlib is not documented and used here all the same, to make the state of a stream once and
 * begin anew with it for each short run of bytes. Deno has it as well.
 */

/** What a stream of zlib does its work by, at once. */
interface ZlibHandle {
  /** Called for what is wrong. */
  readonly onerror: unknown;
  /** Begins another stream, behind the dictionary where there is one. */
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

export interface OpenZlib {
  readonly handle: ZlibHandle;
  /** Room that is left in the output, and input that is left. */
  readonly left: Uint32Array;
}

/** The handle of a stream of zlib; null where it is not as it is known, and the documented calls have to do. */
export function openZlib(stream: object): OpenZlib | null {
  if (!("_handle" in stream && "_writeState" in stream)) return null;
  const { _handle: handle, _writeState: left } = stream;
  return isZlibHandle(handle) && left instanceof Uint32Array ? { handle, left } : null;
}

function isZlibHandle(value: unknown): value is ZlibHandle {
  return typeof value === "object" && value !== null && "onerror" in value &&
    "reset" in value && typeof value.reset === "function" &&
    "writeSync" in value && typeof value.writeSync === "function";
}

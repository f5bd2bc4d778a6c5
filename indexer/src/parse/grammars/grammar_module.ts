/**
 * Compiles a grammar's WebAssembly as it is worth. V8 optimises a function that is called often, at a
 * price that grows faster than the function: the lexer of Bash, 160 KB in one function, takes it
 * 700 MB and a second or two of a processor, and runs no faster afterwards. So a grammar with such a
 * function is compiled once, plainly. Knows the format of a module, nothing of what a grammar is.
 */
import { setFlagsFromString } from "node:v8";

/** Node has it; its types are only among those of browsers. */
declare const WebAssembly: { readonly Module: new (bytes: Uint8Array) => object };

/** Of code in one function: optimising this much takes about 100 MB. */
const OPTIMISED_FUNCTION_BYTES_MAX = 64 * 1024;
const HEADER_BYTES = 8;
const CODE_SECTION = 10;
/** In this order all at once, and never to be compiled again. */
const PLAIN = ["--no-wasm-dynamic-tiering", "--no-wasm-lazy-compilation", "--no-wasm-tier-up"];
const USUAL = ["--wasm-tier-up", "--wasm-lazy-compilation", "--wasm-dynamic-tiering"];

/**
 * Compiles a module. The flags are the process's: a function of another module that another thread
 * first calls at this moment is optimised later than it would be, or not at all.
 */
export function compileGrammar(bytes: Uint8Array): object {
  if (largestFunctionBytes(bytes) <= OPTIMISED_FUNCTION_BYTES_MAX) {
    return new WebAssembly.Module(bytes);
  }
  PLAIN.forEach(setFlagsFromString);
  try {
    return new WebAssembly.Module(bytes);
  } finally {
    USUAL.forEach(setFlagsFromString);
  }
}

/** The size of the largest function's code; 0 where the module has none. */
export function largestFunctionBytes(bytes: Uint8Array): number {
  const reader = new Reader(bytes, HEADER_BYTES);
  while (!reader.isAtEnd) {
    const section = reader.byte();
    const sectionBytes = reader.number();
    if (section !== CODE_SECTION) {
      reader.skip(sectionBytes);
      continue;
    }
    let largest = 0;
    for (let left = reader.number(); left > 0; left -= 1) {
      const functionBytes = reader.number();
      largest = Math.max(largest, functionBytes);
      reader.skip(functionBytes);
    }
    return largest;
  }
  return 0;
}

/** Reads bytes and the format's numbers: seven bits a byte, the lowest first. */
class Reader {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  byte(): number {
    return this.#bytes[this.#at++] ?? 0;
  }

  number(): number {
    let value = 0;
    for (let factor = 1;; factor *= 128) {
      const byte = this.byte();
      value += (byte % 128) * factor;
      if (byte < 128) return value;
    }
  }

  skip(count: number): void {
    this.#at += count;
  }
}

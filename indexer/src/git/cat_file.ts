/**
 * Reads what `git cat-file --batch` and `--batch-check` answer, as a stream: one blob in memory at a
 * time, and none that is larger than allowed. Does not run git.
 */

/** One answer. Blobs come in the order in which they were asked for. */
export type BatchAnswer =
  | { readonly kind: "blob"; readonly oid: string; readonly bytes: Uint8Array }
  | { readonly kind: "too_large"; readonly oid: string; readonly sizeBytes: number }
  | { readonly kind: "missing"; readonly oid: string };

/** Its end came too soon: what git ended with says more. */
export class BrokenOff extends Error {
  override readonly name = "BrokenOff";

  constructor(where: string) {
    super(`git cat-file ended in the middle of ${where}`);
  }
}

const NEWLINE = 0x0a;
/** `<oid> <type> <size>`: two oids of SHA-256 would fit. */
const HEADER_BYTES_MAX = 200;

interface Header {
  readonly oid: string;
  /** Null when git does not have the object. */
  readonly sizeBytes: number | null;
}

function parseHeader(line: string): Header {
  const [oid = "", type = "", size = ""] = line.split(" ");
  if (type === "missing") return { oid, sizeBytes: null };
  const sizeBytes = Number(size);
  if (oid === "" || size === "" || !Number.isSafeInteger(sizeBytes)) {
    throw new Error(`git cat-file answered ${JSON.stringify(line)}`);
  }
  return { oid, sizeBytes };
}

/** Pulls exact runs of bytes out of a stream of chunks. */
class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk: Buffer = Buffer.alloc(0);
  #position = 0;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Makes sure that a byte is there; false at the end. */
  async #fill(): Promise<boolean> {
    while (this.#position === this.#chunk.length) {
      const next = await this.#chunks.next();
      if (next.done === true) return false;
      const { buffer, byteOffset, byteLength } = next.value;
      this.#chunk = Buffer.from(buffer, byteOffset, byteLength);
      this.#position = 0;
    }
    return true;
  }

  /** The bytes up to the next newline, which is taken too; null at the end. */
  async line(): Promise<string | null> {
    let line = "";
    while (await this.#fill()) {
      const end = this.#chunk.indexOf(NEWLINE, this.#position);
      const until = end === -1 ? this.#chunk.length : end;
      line += this.#chunk.toString("latin1", this.#position, until);
      this.#position = end === -1 ? until : end + 1;
      if (end !== -1) return line;
      if (line.length > HEADER_BYTES_MAX) throw new Error("git cat-file answered without an end");
    }
    if (line !== "") throw new BrokenOff("an answer");
    return null;
  }

  /** Takes `count` bytes and hands them over in pieces that are valid until the next call. */
  async take(count: number, use: (piece: Buffer) => void): Promise<void> {
    let left = count;
    while (left > 0) {
      if (!await this.#fill()) throw new BrokenOff("a blob");
      const piece = this.#chunk.subarray(this.#position, this.#position + left);
      this.#position += piece.length;
      left -= piece.length;
      use(piece);
    }
  }
}

/** The answers of `--batch`. A blob above the limit is read past, never held. */
export async function* readBlobs(
  chunks: AsyncIterable<Uint8Array>,
  blobBytesMax: number,
): AsyncGenerator<BatchAnswer> {
  const reader = new ByteReader(chunks);
  for (let line = await reader.line(); line !== null; line = await reader.line()) {
    const { oid, sizeBytes } = parseHeader(line);
    if (sizeBytes === null) {
      yield { kind: "missing", oid };
      continue;
    }
    if (sizeBytes > blobBytesMax) {
      await reader.take(sizeBytes + 1, () => undefined);
      yield { kind: "too_large", oid, sizeBytes };
      continue;
    }
    const bytes = new Uint8Array(sizeBytes);
    let filled = 0;
    await reader.take(sizeBytes, (piece) => {
      bytes.set(piece, filled);
      filled += piece.length;
    });
    await reader.take(1, () => undefined);
    yield { kind: "blob", oid, bytes };
  }
}

/** The answers of `--batch-check`: sizes, without the oids that git does not have. */
export async function readSizes(chunks: AsyncIterable<Uint8Array>): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  const reader = new ByteReader(chunks);
  for (let line = await reader.line(); line !== null; line = await reader.line()) {
    const { oid, sizeBytes } = parseHeader(line);
    if (sizeBytes !== null) sizes.set(oid, sizeBytes);
  }
  return sizes;
}

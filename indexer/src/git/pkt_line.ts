/**
 * The frames of git's protocol: lines with their length before them, and the marks between. Pure;
 * does not know what the lines say.
 */

const LENGTH_DIGITS = 4;
/** What git writes at most, with the digits. */
const LINE_BYTES_MAX = 65_520;
const FLUSH = "0000";
const DELIMITER = "0001";
const RESPONSE_END = "0002";

/** A line's bytes, or the mark that stands there. */
export type Packet = Buffer | "flush" | "delimiter" | "response_end";

/** What was read is no such protocol, or breaks off. */
export class BadPacket extends Error {
  override readonly name = "BadPacket";
}

/** A command of protocol version 2 with its arguments. */
export function encodeCommand(command: string, args: readonly string[]): string {
  return `${line(`command=${command}`)}${DELIMITER}${args.map(line).join("")}${FLUSH}`;
}

function line(text: string): string {
  const bytes = LENGTH_DIGITS + Buffer.byteLength(text) + 1;
  return `${bytes.toString(16).padStart(LENGTH_DIGITS, "0")}${text}\n`;
}

/** The packets of a stream, however it was cut. Rejects with BadPacket. */
export async function* readPackets(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Packet> {
  let rest = Buffer.alloc(0);
  for await (const chunk of stream) {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    while (rest.length >= LENGTH_DIGITS) {
      const packet = firstOf(rest);
      if (packet === null) break;
      yield packet.packet;
      rest = rest.subarray(packet.bytes);
    }
  }
  if (rest.length > 0) throw new BadPacket("the stream ends within a line");
}

/** Null: more has to come first. */
function firstOf(buffer: Buffer): { readonly packet: Packet; readonly bytes: number } | null {
  const digits = buffer.toString("latin1", 0, LENGTH_DIGITS);
  if (digits === FLUSH) return { packet: "flush", bytes: LENGTH_DIGITS };
  if (digits === DELIMITER) return { packet: "delimiter", bytes: LENGTH_DIGITS };
  if (digits === RESPONSE_END) return { packet: "response_end", bytes: LENGTH_DIGITS };
  const bytes = /^[0-9a-f]{4}$/.test(digits) ? Number.parseInt(digits, 16) : 0;
  if (bytes < LENGTH_DIGITS || bytes > LINE_BYTES_MAX) {
    throw new BadPacket("a line has no length");
  }
  if (buffer.length < bytes) return null;
  return { packet: buffer.subarray(LENGTH_DIGITS, bytes), bytes };
}

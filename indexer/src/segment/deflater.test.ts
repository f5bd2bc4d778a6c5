import fc from "fast-check";
import { expect, test } from "vitest";
import { packBytes, unpackBytes } from "../../../supabase/functions/_shared/segment/stored_text.ts";
import { Deflater } from "./deflater.ts";

const BYTES_MAX = 1_000_000;

function read(packed: Uint8Array): Buffer {
  return Buffer.from(unpackBytes(packed, BYTES_MAX));
}

/** Bytes that cannot be made smaller. */
function noise(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => Math.imul(index, 2_654_435_761) >>> 24);
}

test("whatever was packed before, each text and each run of bytes is read as it was", () => {
  const deflater = new Deflater();
  const text = fc.string({ unit: "grapheme", maxLength: 300 });
  const bytes = fc.uint8Array({ maxLength: 300 });
  fc.assert(fc.property(fc.oneof(text, bytes), (value) => {
    expect(read(deflater.pack(value))).toEqual(Buffer.from(value));
  }));
});

test("what is as long as it may be, longer, or does not become smaller is read as it was", () => {
  const deflater = new Deflater();
  const lengths = [65_536, 65_537, 3, 200_000, 0, 65_535];
  for (const value of [...lengths.map(noise), "€".repeat(21_845), "€".repeat(21_846), "a"]) {
    expect(read(deflater.pack(value))).toEqual(Buffer.from(value));
  }
});

test("Node's zlib is as it is known here: short texts are packed into one buffer, and as small", () => {
  const deflater = new Deflater();
  const text = "export const answer = 42;\n".repeat(200);
  const first = deflater.pack(text);
  expect(first.length).toBeLessThanOrEqual(packBytes(text).length);
  expect(deflater.pack("const a = 1;").buffer).toBe(first.buffer);
});

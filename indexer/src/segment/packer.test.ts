import { createDeflateRaw } from "node:zlib";
import { expect, test } from "vitest";
import {
  packBytes,
  PACKING,
  unpackBytes,
  unpackText,
} from "../../../supabase/functions/_shared/segment/stored_text.ts";
import { Packer, zlibOf } from "./packer.ts";

const NOISE_BYTES = 300_000;

/** Bytes that do not shrink. */
function noise(): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length: NOISE_BYTES }, () => {
    state = Math.imul(state, 1_664_525) + 1_013_904_223;
    return state >>> 24;
  });
}

test("what is packed one after the other unpacks to itself, whatever was packed before", () => {
  const packer = new Packer();
  const texts = ["", "a", "const answer = 42;\n".repeat(9000), "żółw 🐢\n".repeat(50), "a", ""];
  for (const text of texts) expect(unpackText(packer.packText(text))).toBe(text);
});

test("bytes that do not shrink fit all the same", () => {
  const bytes = noise();
  const unpacked = unpackBytes(new Packer().packBytes(bytes), NOISE_BYTES);
  expect(Buffer.compare(unpacked, bytes)).toBe(0);
});

test("one zlib packs as small as one for each text", () => {
  const packer = new Packer();
  const texts = Array.from({ length: 50 }, (_, index) => `import { x${index} } from "node:fs";\n`);
  const lengthOf = (pack: (text: string) => Uint8Array) =>
    texts.reduce((sum, text) => sum + pack(text).length, 0);
  const alone = lengthOf(packBytes);
  expect(lengthOf((text) => packer.packText(text)) / alone).toBeCloseTo(1, 2);
});

test("this Node's zlib is one that can be used again", () => {
  expect(zlibOf(createDeflateRaw(PACKING))).not.toBeNull();
});

test("where there is no such zlib each text gets its own", () => {
  expect(zlibOf({})).toBeNull();
  const packer = new Packer(null);
  for (const text of ["a\n".repeat(10), "b"]) {
    expect(Buffer.compare(packer.packText(text), packBytes(text))).toBe(0);
  }
});

import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { packText, readDeflated, readText, TEXT_BYTES_MAX, unpackText } from "./stored_text.ts";

const REFUSED = "malformed or longer";

test("a text is read as it was written, a byte order mark included", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), (text) => {
    expect(unpackText(packText(`\ufeff${text}`))).toBe(`\ufeff${text}`);
  }));
});

test("base64 is read in lines as in one", () => {
  const text = Array.from({ length: 200 }, (_, index) => `line ${index * index}`).join("\n");
  const base64 = Buffer.from(packText(text)).toString("base64");
  expect(readText(base64)).toBe(text);
  expect(readText(base64.replaceAll(/(.{76})/gu, "$1\n"))).toBe(text);
});

test("bytes that end early, are no deflate or no UTF-8 are refused", () => {
  const packed = packText("const answer = 42;\n".repeat(20));
  expect(() => unpackText(packed.subarray(0, -1))).toThrow(REFUSED);
  expect(() => unpackText(Uint8Array.of(7, 7, 7))).toThrow(REFUSED);
  expect(() => unpackText(new Uint8Array())).toThrow(REFUSED);
  expect(() => unpackText(deflateRawSync(Uint8Array.of(0xff, 0xfe)))).toThrow(REFUSED);
});

test("no more is inflated than a text may have", () => {
  const most = "a".repeat(TEXT_BYTES_MAX);
  expect(unpackText(packText(most))).toBe(most);
  expect(() => unpackText(packText(`${most}a`))).toThrow(REFUSED);
});

test("other bytes are inflated up to a bound", () => {
  const base64 = deflateRawSync(new Uint8Array(1000)).toString("base64");
  expect(readDeflated(base64, 1000)).toHaveLength(1000);
  expect(() => readDeflated(base64, 999)).toThrow(RangeError);
});

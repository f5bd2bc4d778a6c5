import { describe, expect, test } from "vitest";
import { decode, FILE_BYTES_MAX } from "./decode.ts";

function textOf(bytes: Uint8Array): { text: string; decodedLeniently: boolean } {
  const decoded = decode(bytes);
  if (decoded.kind === "skip") throw new Error(decoded.skipReason);
  return { text: decoded.text, decodedLeniently: decoded.decodedLeniently };
}

describe("decode", () => {
  test.each(["", "plain", "\ufeffmark", "é漢😀", "a\ufffdb", "a\r\nb\n"])(
    "keeps the UTF-8 text %j as it is",
    (text) => {
      expect(textOf(Buffer.from(text))).toEqual({ text, decodedLeniently: false });
    },
  );

  test.each([
    ["Latin-1", [0x61, 0xe9, 0x62], "a\ufffdb"],
    ["a cut sequence", [0x61, 0xf0, 0x9f, 0x98], "a\ufffd"],
    ["an encoded surrogate", [0xed, 0xa0, 0x80], "\ufffd\ufffd\ufffd"],
    ["an overlong NUL", [0xc0, 0x80], "\ufffd\ufffd"],
  ])("decodes %s leniently and says so", (_, bytes, text) => {
    expect(textOf(Uint8Array.from(bytes))).toEqual({ text, decodedLeniently: true });
  });

  test("takes an early NUL for binary and a later one for a bad character", () => {
    const late = Buffer.concat([Buffer.alloc(8000, "a"), Buffer.from("\0b")]);
    expect(textOf(late)).toEqual({ text: "a".repeat(8000) + "\ufffdb", decodedLeniently: true });
    expect(decode(late.subarray(1))).toEqual({ kind: "skip", skipReason: "binary" });
  });

  test("skips by size before it looks at the content", () => {
    expect(decode(Buffer.alloc(FILE_BYTES_MAX + 1))).toEqual({
      kind: "skip",
      skipReason: "too_large",
    });
    expect(decode(Buffer.alloc(FILE_BYTES_MAX, "a")).kind).toBe("text");
  });
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeUtf8 } from "./utf8.ts";

test("decodes what a strict decoder does, and refuses what it refuses", () => {
  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const outcome = (decode: () => string) => {
    try {
      return decode();
    } catch (error) {
      return error instanceof TypeError;
    }
  };
  const texts = fc.string({ unit: "binary", maxLength: 40 }).map((text) =>
    new TextEncoder().encode(text)
  );
  const spoilt = fc.tuple(texts, fc.nat(), fc.nat(255)).map(([bytes, at, byte]) =>
    bytes.map((old, index) => index === at % bytes.length ? byte : old)
  );
  fc.assert(fc.property(fc.oneof(texts, spoilt, fc.uint8Array({ maxLength: 20 })), (bytes) => {
    expect(outcome(() => decodeUtf8(bytes))).toEqual(outcome(() => strict.decode(bytes)));
  }));
});

test("a byte order mark and a replacement character that was written stay", () => {
  const text = "\ufeffa\ufffdb";
  expect(decodeUtf8(new TextEncoder().encode(text))).toBe(text);
});

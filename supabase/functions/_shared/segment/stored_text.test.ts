import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { denoBinary } from "../../../../scripts/deno_binary.ts";
import {
  packBytes,
  packText,
  readBytes,
  readText,
  TEXT_BYTES_MAX,
  unpackBytes,
  unpackText,
} from "./stored_text.ts";
import { DICTIONARY } from "./dictionary.ts";

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
  const base64 = Buffer.from(packBytes(new Uint8Array(1000))).toString("base64");
  expect(readBytes(base64, 1000)).toHaveLength(1000);
  expect(() => readBytes(base64, 999)).toThrow(RangeError);
});

test("what was unpacked stays, and what cannot be unpacked is in nobody's way", () => {
  const first = unpackBytes(packText("first"), 100);
  expect(() => unpackBytes(Uint8Array.of(7, 7, 7), 100)).toThrow("invalid");
  expect(() => unpackBytes(packText("a".repeat(200_000)), 100)).toThrow(RangeError);
  expect(() => unpackBytes(packText("first").subarray(0, 3), 100)).toThrow("unexpected end");
  expect(unpackText(packText("second"))).toBe("second");
  expect(Buffer.from(first).toString()).toBe("first");
});

test("short and long ones in turns are each read as they were written", () => {
  const noise = (length: number, seed: number) =>
    Uint8Array.from({ length }, (_, index) => Math.imul(index + seed, 2_654_435_761) >>> 24);
  const all = [10, 200_000, 5, 65_536, 0, 70_000, 9].map((length, seed) => noise(length, seed));
  const read = all.map((bytes) => unpackBytes(packBytes(bytes), bytes.length));
  expect(read.map((bytes) => Buffer.from(bytes))).toEqual(all.map((bytes) => Buffer.from(bytes)));
});

test("what was stored before there was a dictionary reads the same", () => {
  const text = "const answer = 42;\n".repeat(20);
  expect(unpackText(deflateRawSync(text))).toBe(text);
});

test("the dictionary is part of the stored form: with another one nothing that is stored reads", () => {
  // To change it takes a new format version, and a reader of the old one as long as that is stored.
  const digest = createHash("sha256").update(DICTIONARY).digest("hex");
  expect(digest).toBe("7ccde9308025160a21817d195a475d389dad23ddcf22e619d46ede77b0fb7afa");
  const packed = packText("Object.defineProperty(exports, ");
  expect(packed.length).toBeLessThan(deflateRawSync("Object.defineProperty(exports, ").length / 2);
});

test("Deno reads what Node wrote: texts that the dictionary made shorter, and each refusal", () => {
  const texts = [
    "",
    "Object.defineProperty(exports, ",
    "日本語 🚀 \0\ufeff",
    "line of text\n".repeat(2000),
  ];
  const packed = texts.map((text) => Buffer.from(packText(text)).toString("base64"));
  const cut = Buffer.from(packText("const answer = 42;\n".repeat(20)).subarray(0, -1));
  const script = `
    import { readText } from ${JSON.stringify(new URL("stored_text.ts", import.meta.url).href)};
    const read = (base64) => { try { return readText(base64); } catch (error) { return error.message; } };
    const packed = JSON.parse(await new Response(Deno.stdin.readable).text());
    console.log(JSON.stringify(packed.map(read)));`;
  const deno = denoBinary(fileURLToPath(new URL("../../../..", import.meta.url)));
  const output = execFileSync(deno, ["eval", "--no-config", script], {
    input: JSON.stringify([...packed, cut.toString("base64"), "BwcH", packed[1]]),
    encoding: "utf8",
  });
  const refused = expect.stringContaining(REFUSED);
  expect(JSON.parse(output)).toEqual([...texts, refused, refused, texts[1]]);
});

import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { isSignedWith } from "./signature.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const signatureOf = (secret: string, body: Uint8Array) =>
  `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;

test("the host's own example verifies", async () => {
  const signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
  const secret = "It's a Secret to Everybody";
  expect(await isSignedWith(secret, bytes("Hello, World!"), signature)).toBe(true);
  expect(await isSignedWith(secret, bytes("Hello, World?"), signature)).toBe(false);
  expect(await isSignedWith("another secret", bytes("Hello, World!"), signature)).toBe(false);
});

test("a byte order mark and letters beyond ASCII are signed as they are", async () => {
  const body = bytes('\ufeff{"ref":"refs/heads/größe"}');
  expect(await isSignedWith("s", body, signatureOf("s", body))).toBe(true);
});

test.each([
  null,
  "",
  "sha256=",
  "sha256=zz",
  `sha256=${"g".repeat(64)}`,
  `sha1=${"a".repeat(40)}`,
  `SHA256=${"a".repeat(64)}`,
  "🙂",
])("%j verifies nothing and throws nothing", async (signature) => {
  expect(await isSignedWith("s", bytes("{}"), signature)).toBe(false);
});

test("an empty body and one that is no UTF-8 verify nothing and throw nothing", async () => {
  for (const body of [new Uint8Array(), new Uint8Array([0xff, 0xfe])]) {
    expect(await isSignedWith("s", body, signatureOf("s", body))).toBe(false);
  }
});

import { expect, test } from "vitest";
import { readSearchBatch } from "./search_batch_answer.ts";

const scope = { unindexed: 0, access_lost: 0, skipped: 0 };
const COMMIT = "a".repeat(40);
const batch = {
  outcome: "ok",
  trees: { 1: { repository: "acme/demo", ref: "refs/heads/main", commit_oid: COMMIT } },
  weight: 3,
  at: { tier: 1, tree: 1, segment: 1, blob: 8 },
  pins: { 1: [1, COMMIT, false] },
  done: true,
  ...scope,
};
const blob = { tier: 1, tree: 1, segment: 1, language: "Go", defines: [] };

/** A number in four bytes, the highest first. */
const uint32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const chunk = (firstLine: number, mask: bigint, ...packed: number[]) =>
  Buffer.concat([
    uint32(firstLine),
    uint32(Number(mask >> 32n)),
    uint32(Number(mask & 0xffffffffn)),
    uint32(packed.length),
    Buffer.from(packed),
  ]);
const framed = (header: object, ...texts: Buffer[]) => {
  const bytes = Buffer.from(JSON.stringify(header));
  return Uint8Array.from(Buffer.concat([uint32(bytes.length), bytes, ...texts]));
};

test("texts follow the header in the order of the files, over all steps", () => {
  const answer = readSearchBatch(framed(
    {
      ...batch,
      blobs: [
        [{ ...blob, blob: 3, paths: ["é"], chunks: 2, outline: 2 }],
        [{ ...blob, blob: 8, paths: ["b", "c"], chunks: 1, outline: null }],
      ],
    },
    Buffer.from([7, 7]),
    chunk(1, 1n, 1, 2, 3),
    chunk(40, 2n ** 52n + 1n),
    chunk(2 ** 31 - 1, 0n, 255),
  ));
  expect(answer).toEqual({
    ...batch,
    blobs: [
      {
        ...{ ...blob, blob: 3, paths: ["é"], outline: Uint8Array.of(7, 7) },
        chunks: [[1, 1, Uint8Array.of(1, 2, 3)], [40, 2 ** 52 + 1, new Uint8Array()]],
      },
      {
        ...{ ...blob, blob: 8, paths: ["b", "c"], outline: null },
        chunks: [[2 ** 31 - 1, 0, Uint8Array.of(255)]],
      },
    ],
  });
});

test("a refusal has no texts", () => {
  expect(readSearchBatch(framed({ outcome: "not_found" }))).toEqual({ outcome: "not_found" });
});

test.each<[string, Uint8Array, RegExp]>([
  ["nothing", new Uint8Array(), /bounds/],
  ["a header that ends early", framed(batch).subarray(0, 20), /end early/],
  ["another header", framed({ outcome: "ok" }), /expected/],
  [
    "texts that end early",
    framed(
      { ...batch, blobs: [[{ ...blob, blob: 3, paths: ["a"], chunks: 1, outline: null }]] },
      chunk(1, 1n, 1, 2, 3).subarray(0, 17),
    ),
    /end early/,
  ],
])("%s is refused", (_, bytes, message) => {
  expect(() => readSearchBatch(bytes)).toThrow(message);
});

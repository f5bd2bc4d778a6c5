import { expect, test } from "vitest";
import { readSearchBatch } from "./search_batch_answer.ts";

const scope = { unindexed: 0, symbols_pending: 0, access_lost: 0, skipped: 0 };
const COMMIT = "a".repeat(40);
const batch = {
  outcome: "ok",
  state: "published",
  trees: { 1: { repository: "acme/demo", ref: "refs/heads/main", commit_oid: COMMIT } },
  weight: 3,
  at: { tier: 1, tree: 1, segment: 1, blob: 8 },
  pins: { 1: [1, COMMIT, false] },
  known: null,
  done: true,
  ...scope,
};

/** Numbers, the highest byte first. */
const uint32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const uint64 = (value: number) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
};
const sized = (value: string | readonly number[]) => {
  const bytes = typeof value === "string" ? Buffer.from(value) : Buffer.from(value);
  return Buffer.concat([uint32(bytes.length), bytes]);
};
const list = (entries: readonly Buffer[]) => Buffer.concat([uint32(entries.length), ...entries]);
const chunk = (no: number, mask: number, firstLine: number, ...packed: number[]) =>
  Buffer.concat([uint32(no), uint64(mask), uint32(firstLine), sized(packed)]);
const heldChunk = (no: number, mask: number) =>
  Buffer.concat([uint32(no), uint64(mask), uint32(0)]);
const file = (
  ids: readonly [tree: number, segment: number, blob: number, tier: number],
  names: readonly string[],
  rest: readonly Buffer[],
) => {
  const [tree, segment, blob, tier] = ids;
  const place = [uint64(tree), uint64(segment), uint32(blob), uint32(tier)];
  return Buffer.concat([...place, sized("Go"), uint32(8), list(names.map(sized)), ...rest]);
};
const framed = (header: object, ...files: Buffer[]) =>
  Uint8Array.from(Buffer.concat([sized(JSON.stringify(header)), ...files]));

test("files follow the header, each with its outline and its texts", () => {
  const answer = readSearchBatch(framed(
    batch,
    file([1, 2 ** 40, 3, 0], ["é"], [
      list([uint32(0), uint32(7)]),
      sized([7, 7]),
      list([chunk(5, 1, 1, 1, 2, 3), heldChunk(6, 2 ** 52 + 1), chunk(7, 1, 80)]),
    ]),
    file([2 ** 33, 1, 8, 1], ["b", ""], [
      list([]),
      sized([]),
      list([chunk(0, 0, 2 ** 31 - 1, 255)]),
    ]),
  ));
  expect(answer).toEqual({
    ...batch,
    blobs: [
      {
        ...{ tree: 1, segment: 2 ** 40, blob: 3, tier: 0, language: "Go", paths: ["é"] },
        ...{ marks: 8, defines: [0, 7], outline: Uint8Array.of(7, 7) },
        chunks: [
          { no: 5, mask: 1, firstLine: 1, packed: Uint8Array.of(1, 2, 3) },
          { no: 6, mask: 2 ** 52 + 1, firstLine: 0, packed: null },
          { no: 7, mask: 1, firstLine: 80, packed: new Uint8Array() },
        ],
      },
      {
        ...{ tree: 2 ** 33, segment: 1, blob: 8, tier: 1, language: "Go", paths: ["b", ""] },
        ...{ marks: 8, defines: [], outline: null },
        chunks: [{ no: 0, mask: 0, firstLine: 2 ** 31 - 1, packed: Uint8Array.of(255) }],
      },
    ],
  });
});

test("a path that begins with a byte order mark is told with it", () => {
  const path = "\ufeffread me";
  const answer = readSearchBatch(
    framed(batch, file([1, 1, 3, 1], [path], [list([]), sized([]), list([])])),
  );
  expect(answer).toMatchObject({ blobs: [{ paths: [path] }] });
});

test("a refusal has no files", () => {
  expect(readSearchBatch(framed({ outcome: "not_found" }))).toEqual({ outcome: "not_found" });
});

test.each<[string, Uint8Array, RegExp]>([
  ["nothing", new Uint8Array(), /bounds/],
  ["a header that ends early", framed(batch).subarray(0, 20), /end/],
  ["another header", framed({ outcome: "ok" }), /expected/],
  [
    "a file that ends early",
    framed(batch, file([1, 1, 3, 1], ["a"], [list([]), sized([]), list([chunk(1, 1, 1, 1, 2)])]))
      .slice(0, -1),
    /ends early/,
  ],
])("%s is refused", (_, bytes, message) => {
  expect(() => readSearchBatch(bytes)).toThrow(message);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { type BatchAnswer, readBlobs, readSizes } from "./cat_file.ts";

const BLOB_BYTES_MAX = 40;

/** The bytes in pieces of these lengths, and the rest in one. */
async function* inPieces(bytes: Uint8Array, lengths: readonly number[]) {
  let start = 0;
  for (const length of lengths) {
    yield await Promise.resolve(bytes.subarray(start, start + length));
    start += length;
  }
  yield bytes.subarray(start);
}

async function collect(answers: AsyncIterable<BatchAnswer>): Promise<BatchAnswer[]> {
  const list: BatchAnswer[] = [];
  for await (const answer of answers) list.push(answer);
  return list;
}

const anyOid = fc.stringMatching(/^[0-9a-f]{40}$/);
const anyAnswer = fc.oneof(
  fc.record({ oid: anyOid, bytes: fc.uint8Array({ maxLength: 60 }) }),
  fc.record({ oid: anyOid, bytes: fc.constant(null) }),
);
const anyPieces = fc.array(fc.integer({ min: 0, max: 30 }));

test("readBlobs gives every blob whole, however the stream is cut", async () => {
  await fc.assert(fc.asyncProperty(fc.array(anyAnswer), anyPieces, async (answers, lengths) => {
    const stream = Buffer.concat(
      answers.flatMap(({ oid, bytes }) =>
        bytes === null
          ? [Buffer.from(`${oid} missing\n`)]
          : [Buffer.from(`${oid} blob ${bytes.length}\n`), bytes, Buffer.from("\n")]
      ),
    );
    const expected = answers.map(({ oid, bytes }) => {
      if (bytes === null) return { kind: "missing", oid };
      if (bytes.length <= BLOB_BYTES_MAX) return { kind: "blob", oid, bytes };
      return { kind: "too_large", oid, sizeBytes: bytes.length };
    });
    expect(await collect(readBlobs(inPieces(stream, lengths), BLOB_BYTES_MAX))).toEqual(expected);
  }));
});

test.each([
  ["in a blob", `${"a".repeat(40)} blob 10\nabc`],
  ["in an answer", `${"a".repeat(40)} blo`],
  ["in the newline after a blob", `${"a".repeat(40)} blob 3\nabc`],
])("readBlobs rejects a stream that ends %s", async (_where, text) => {
  const stream = inPieces(Buffer.from(text), []);
  await expect(collect(readBlobs(stream, BLOB_BYTES_MAX))).rejects.toThrow("ended in the middle");
});

test("readBlobs rejects what is no answer, and one without an end", async () => {
  const strange = inPieces(Buffer.from("fatal: not a repository\n"), []);
  await expect(collect(readBlobs(strange, BLOB_BYTES_MAX))).rejects.toThrow("answered");
  const endless = inPieces(Buffer.alloc(5000, "a"), [1000, 1000, 1000]);
  await expect(collect(readBlobs(endless, BLOB_BYTES_MAX))).rejects.toThrow("without an end");
});

test("readSizes leaves out what git does not have", async () => {
  const [there, missing] = ["a".repeat(40), "b".repeat(40)];
  const stream = Buffer.from(`${there} blob 12\n${missing} missing\n`);
  expect(await readSizes(inPieces(stream, [3, 50]))).toEqual(new Map([[there, 12]]));
});

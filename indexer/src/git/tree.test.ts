import fc from "fast-check";
import { expect, test } from "vitest";
import { displayPath, readTree, TreeTooLarge } from "./tree.ts";

async function* pieces(...list: readonly Uint8Array[]) {
  for (const piece of list) yield await Promise.resolve(piece);
}

const anyPath = fc.uint8Array({ minLength: 1, maxLength: 20 })
  .map((bytes) => Buffer.from(bytes.map((byte) => byte === 0 ? 1 : byte)));
const anyEntry = fc.record({
  mode: fc.constantFrom("100644", "100755", "120000", "160000"),
  oid: fc.stringMatching(/^[0-9a-f]{40}$/),
  path: anyPath,
});

test("readTree gives every path byte by byte, however the listing is cut", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyEntry), fc.nat({ max: 500 }), async (entries, cut) => {
      const listing = Buffer.concat(entries.flatMap(({ mode, oid, path }) => {
        const type = mode === "160000" ? "commit" : "blob";
        return [Buffer.from(`${mode} ${type} ${oid}\t`), path, Buffer.from("\0")];
      }));
      const tree = await readTree(pieces(listing.subarray(0, cut), listing.subarray(cut)), 1000);
      expect(tree).toEqual(entries.map(({ mode, oid, path }) => ({
        mode: Number.parseInt(mode, 8),
        oid,
        path: path.toString("latin1"),
      })));
    }),
  );
});

test("readTree stops at the limit, and at a listing that breaks off", async () => {
  const entry = Buffer.from(`100644 blob ${"a".repeat(40)}\tpath\0`);
  await expect(readTree(pieces(entry, entry, entry), 2)).rejects.toThrow(TreeTooLarge);
  await expect(readTree(pieces(entry.subarray(0, 30)), 2)).rejects.toThrow("middle of an entry");
});

test("displayPath reads UTF-8 and marks what is not", () => {
  expect(displayPath(Buffer.from("ä/😀").toString("latin1"))).toBe("ä/😀");
  expect(displayPath("l\xe9")).toBe("l\ufffd");
});

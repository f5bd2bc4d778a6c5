import fc from "fast-check";
import { expect, test } from "vitest";
import { displayPath, readDifferences, readTree, TreeTooLarge } from "./tree.ts";

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

const anyState = fc.record({
  mode: fc.constantFrom(0o100644, 0o100755, 0o120000, 0o160000),
  oid: fc.stringMatching(/^[0-9a-f]{40}$/),
});
const anyDifference = fc.record({
  path: anyPath,
  before: fc.option(anyState),
  after: fc.option(anyState),
});

test("readDifferences gives both sides of every path, however the listing is cut", async () => {
  const absent = { mode: 0, oid: "0".repeat(40) };
  await fc.assert(
    fc.asyncProperty(fc.array(anyDifference), fc.nat({ max: 500 }), async (differences, cut) => {
      const listing = Buffer.concat(differences.flatMap(({ path, before, after }) => {
        const [old, now] = [before ?? absent, after ?? absent];
        const modes = [old, now].map(({ mode }) => mode.toString(8).padStart(6, "0"));
        return [Buffer.from(`:${modes.join(" ")} ${old.oid} ${now.oid} M\0`), path, Buffer.of(0)];
      }));
      const chunks = pieces(listing.subarray(0, cut), listing.subarray(cut));
      expect(await readDifferences(chunks, 1000)).toEqual(
        differences.map((each) => ({ ...each, path: each.path.toString("latin1") })),
      );
    }),
  );
});

test("readDifferences stops at the limit, and at what breaks off or is none", async () => {
  const entry = Buffer.from(`:100644 100755 ${"a".repeat(40)} ${"a".repeat(40)} M\0path\0`);
  await expect(readDifferences(pieces(entry, entry), 1)).rejects.toThrow(TreeTooLarge);
  await expect(readDifferences(pieces(entry.subarray(0, 30)), 2)).rejects.toThrow("middle");
  await expect(readDifferences(pieces(entry.subarray(0, -5)), 2)).rejects.toThrow("before a path");
  await expect(readDifferences(pieces(Buffer.from("a\0b\0")), 2)).rejects.toThrow("none");
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

import { expect, test } from "vitest";
import { packOutline } from "../segment/outline.ts";
import { type Outline } from "../segment/outline_entries.ts";
import { packBytes } from "../segment/stored_text.ts";
import { Outlines } from "./outlines.ts";

function outlineOf(name: string): Outline {
  const names = [{ name, alias: null }];
  const imports = [{ specifier: name, line: 1, kind: "module", names, typeOnly: false }];
  return { definitions: [], imports, references: [] };
}

/** A database that has an outline for every blob but those named "gone". */
function counting() {
  const asked: (readonly string[])[] = [];
  const readOutlines = (_tenant: string, blobs: readonly string[]) => {
    asked.push(blobs);
    return Promise.resolve(blobs.map((blob) => {
      const packed = blob === "gone" ? null : packOutline(outlineOf(blob));
      return packed === null ? null : packBytes(packed);
    }));
  };
  return { asked, database: { readOutlines } };
}

const specifiers = ({ imports }: Outline) => imports.map(({ specifier }) => specifier);

test("a blob is asked for once, and each is answered by its own outline", async () => {
  const { asked, database } = counting();
  const outlines = new Outlines(database);
  await outlines.of("tenant", ["1/1", "1/2", "1/1", null]);
  const read = await outlines.of("tenant", ["1/2", "1/3", null]);
  expect(asked).toEqual([["1/1", "1/2"], ["1/3"]]);
  expect(specifiers(read("1/2"))).toEqual(["1/2"]);
  expect(specifiers(read("1/3"))).toEqual(["1/3"]);
  expect(specifiers(read(null))).toEqual([]);
});

test("what was not asked for is not answered, though it is in memory", async () => {
  const outlines = new Outlines(counting().database);
  await outlines.of("tenant", ["1/1"]);
  const read = await outlines.of("other tenant", ["2/1"]);
  expect(() => read("1/1")).toThrow("not asked for");
});

test("what was used longest ago is forgotten when there is more than may be kept", async () => {
  const { asked, database } = counting();
  const one = packOutline(outlineOf("1/1"))?.length ?? 0;
  const outlines = new Outlines(database, one * 2);
  await outlines.of("tenant", ["1/1"]);
  await outlines.of("tenant", ["1/2"]);
  await outlines.of("tenant", ["1/1"]);
  await outlines.of("tenant", ["1/3"]);
  await outlines.of("tenant", ["1/1"]);
  const read = await outlines.of("tenant", ["1/2"]);
  expect(asked).toEqual([["1/1"], ["1/2"], ["1/3"], ["1/2"]]);
  expect(specifiers(read("1/2"))).toEqual(["1/2"]);
});

test("more than are kept are answered all the same", async () => {
  const outlines = new Outlines(counting().database, 0);
  const blobs = Array.from({ length: 1200 }, (_, number) => `1/${number}`);
  const read = await outlines.of("tenant", blobs);
  expect(blobs.map((blob) => specifiers(read(blob))[0])).toEqual(blobs);
});

test("a blob that is no longer there is no empty one", async () => {
  const outlines = new Outlines(counting().database);
  await expect(outlines.of("tenant", ["1/1", "gone"])).rejects
    .toMatchObject({ code: "database_unavailable" });
});

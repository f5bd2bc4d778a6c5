import { expect, test } from "vitest";
import { z } from "zod";
import { CURSOR_LIFE_SECONDS } from "../contracts/limits.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";

const now = 1_800_000_000_000;
const scope = ["search", "needle", null];
const position = z.object({ path: z.string(), line: z.int() });

async function cursorOf(value: z.infer<typeof position>): Promise<string> {
  const cursor = await encodeCursor(value, scope, now);
  expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/);
  return cursor ?? "";
}

test("a cursor brings its position back", async () => {
  const cursor = await cursorOf({ path: "61622f", line: 7 });
  expect(await decodeCursor(cursor, scope, position, now)).toEqual({ path: "61622f", line: 7 });
});

test("no cursor is the first page, and the last page has none", async () => {
  expect(await decodeCursor(undefined, scope, position, now)).toBeNull();
  expect(await encodeCursor(null, scope, now)).toBeNull();
});

test("a cursor dies with its life", async () => {
  const cursor = await cursorOf({ path: "61", line: 1 });
  const life = CURSOR_LIFE_SECONDS * 1000;
  expect(await decodeCursor(cursor, scope, position, now + life)).not.toBeNull();
  await expect(decodeCursor(cursor, scope, position, now + life + 1000)).rejects.toMatchObject({
    code: "cursor_expired",
  });
});

test("a cursor of another request is refused", async () => {
  const cursor = await cursorOf({ path: "61", line: 1 });
  for (const other of [["search", "other", null], ["search", "needle", "a/b"], ["symbols"]]) {
    await expect(decodeCursor(cursor, other, position, now)).rejects.toMatchObject({
      code: "invalid_cursor",
    });
  }
});

test("what is no cursor is refused, whatever it is", async () => {
  const forged = await encodeCursor({ path: "61", line: "1; drop table" }, scope, now);
  const json = (value: unknown) => btoa(JSON.stringify(value)).replaceAll("=", "");
  const cursors = [forged ?? "", "x", "%", "é", "null", json(null), json({}), json([2, 3, "", 1])];
  for (const cursor of [...cursors, "A".repeat(20_000)]) {
    await expect(decodeCursor(cursor, scope, position, now)).rejects.toMatchObject({
      code: "invalid_cursor",
    });
  }
});

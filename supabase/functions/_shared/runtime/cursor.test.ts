import { expect, test } from "vitest";
import { z } from "zod";
import { CURSOR_LIFE_SECONDS } from "../contracts/limits.ts";
import { Cursors } from "./cursor.ts";

const now = 1_800_000_000_000;
const cursors = new Cursors("a secret");
const scope = ["search", "needle", null];
const position = z.object({ path: z.string(), line: z.int() });

async function cursorOf(value: z.infer<typeof position>): Promise<string> {
  const cursor = await cursors.seal(value, scope, now);
  expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/);
  return cursor ?? "";
}

test("a cursor brings its position back", async () => {
  const cursor = await cursorOf({ path: "61622f", line: 7 });
  expect(await cursors.open(cursor, scope, position, now)).toEqual({ path: "61622f", line: 7 });
});

test("a cursor shows nothing of its position, nor twice the same", async () => {
  const value = { path: "616263", line: 1234 };
  const cursor = await cursorOf(value);
  const bytes = atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
  for (const each of [cursor, bytes]) expect(each).not.toMatch(/616263|1234|path|1800000000/);
  expect(await cursorOf(value)).not.toBe(cursor);
});

test("a cursor is read by who has the secret, and by nobody else", async () => {
  const cursor = await cursorOf({ path: "61", line: 1 });
  const same = new Cursors("a secret");
  expect(await same.open(cursor, scope, position, now)).toEqual({ path: "61", line: 1 });
  await expect(new Cursors("another").open(cursor, scope, position, now)).rejects.toMatchObject({
    code: "invalid_cursor",
  });
});

test("a cursor that is changed anywhere is refused", async () => {
  const cursor = await cursorOf({ path: "61", line: 1 });
  for (let place = 0; place < cursor.length - 1; place += 1) {
    const other = cursor[place] === "A" ? "B" : "A";
    const changed = cursor.slice(0, place) + other + cursor.slice(place + 1);
    await expect(cursors.open(changed, scope, position, now)).rejects.toMatchObject({
      code: "invalid_cursor",
    });
  }
});

test("no cursor is the first page, and the last page has none", async () => {
  expect(await cursors.open(undefined, scope, position, now)).toBeNull();
  expect(await cursors.seal(null, scope, now)).toBeNull();
});

test("a cursor dies with its life", async () => {
  const cursor = await cursorOf({ path: "61", line: 1 });
  const life = CURSOR_LIFE_SECONDS * 1000;
  expect(await cursors.open(cursor, scope, position, now + life)).not.toBeNull();
  await expect(cursors.open(cursor, scope, position, now + life + 1000)).rejects.toMatchObject({
    code: "cursor_expired",
  });
});

test("a cursor of another request is refused", async () => {
  const cursor = await cursorOf({ path: "61", line: 1 });
  for (const other of [["search", "other", null], ["search", "needle", "a/b"], ["symbols"]]) {
    await expect(cursors.open(cursor, other, position, now)).rejects.toMatchObject({
      code: "invalid_cursor",
    });
  }
});

test("what is no cursor is refused, whatever it is", async () => {
  const forged = await cursors.seal({ path: "61", line: "1; drop table" }, scope, now);
  const json = (value: unknown) => btoa(JSON.stringify(value)).replaceAll("=", "");
  const others = [forged ?? "", "x", "%", "é", "null", json(null), json({}), json([2, 3, "", 1])];
  for (const cursor of [...others, "A".repeat(20_000)]) {
    await expect(cursors.open(cursor, scope, position, now)).rejects.toMatchObject({
      code: "invalid_cursor",
    });
  }
});

import { expect, test } from "vitest";
import { readTarget } from "./target.ts";

const stack = JSON.stringify({ database_url: "postgresql://postgres@127.0.0.1:4321/postgres" });
const url = (host: string) => `postgresql://postgres.ref:hush-hush@${host}:6543/postgres`;

test("the environment comes before the running stack", () => {
  const both = { SUPABASE_DB_URL: url("one"), DATABASE_URL: url("two") };
  expect(readTarget(both, stack)).toMatchObject({ url: url("one"), source: "SUPABASE_DB_URL" });
  expect(readTarget({ SUPABASE_DB_URL: "", DATABASE_URL: url("two") }, stack)).toMatchObject({
    url: url("two"),
    source: "DATABASE_URL",
  });
  expect(readTarget({}, stack)).toMatchObject({ source: ".local/stack.json" });
});

test("a database is spoken of without its password", () => {
  expect(readTarget({ DATABASE_URL: url("db.example.com") }, null)).toMatchObject({
    place: "db.example.com:6543/postgres",
  });
  expect(readTarget({ DATABASE_URL: "postgres://h/d" }, null)).toMatchObject({ place: "h:5432/d" });
});

test.each([
  [{}, null, "neither SUPABASE_DB_URL nor DATABASE_URL is set"],
  [{}, "{", ".local/stack.json names no database"],
  [{}, "{}", ".local/stack.json names no database"],
  [{ DATABASE_URL: "hush-hush" }, stack, "DATABASE_URL holds no postgresql:// address"],
  [{ DATABASE_URL: "https://hush-hush" }, stack, "DATABASE_URL holds no postgresql:// address"],
])("without a database it says why, and never a value", (environment, text, problem) => {
  const target = readTarget(environment, text);
  expect(target).toHaveProperty("problem", expect.stringContaining(problem));
  expect(JSON.stringify(target)).not.toContain("hush-hush");
});

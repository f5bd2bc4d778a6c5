import { afterAll, beforeAll, expect, test } from "vitest";
import { createQuietStack, send } from "../../../supabase/tests/support/http.ts";
import type { Stack } from "../../local/stack.ts";
import { profileFunctions, profileTable } from "./database_profile.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await createQuietStack();
});
afterAll(() => stack.stop());

test("the calls of the work are counted, and none before or after", async () => {
  const ask = () => send(stack, "/api/repositories?limit=1");
  await ask();
  const functions = await profileFunctions(stack.databaseUrl, async () => {
    for (let asked = 0; asked < 5; asked += 1) await ask();
  });
  const calls = functions.find(({ name }) => name === "authenticate")?.calls ?? 0;
  expect(calls).toBe(5);
  const setting = async () => (await stack.sql`show track_functions`)[0]?.["track_functions"];
  await expect.poll(setting).toBe("none");
});

test("functions are shown by their own time, for one query", () => {
  const functions = [
    { name: "a", calls: 10, selfMilliseconds: 5 },
    { name: "b", calls: 20, selfMilliseconds: 15 },
  ];
  expect(profileTable(functions, 10).rows).toEqual([
    ["b", "2.0", "1.50 ms", "75 %"],
    ["a", "1.0", "0.50 ms", "25 %"],
  ]);
});

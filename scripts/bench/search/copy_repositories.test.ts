import { afterAll, beforeAll, expect, test } from "vitest";
import { register, send } from "../../../supabase/tests/support/http.ts";
import { Clone, ended } from "../../../supabase/tests/support/whole_path.ts";
import { createStack, type Stack } from "../../local/stack.ts";
import { copyRepositories } from "./copy_repositories.ts";

let stack: Stack;
let original: string;

beforeAll(async () => {
  stack = await createStack({ durable: false });
  await using clone = await Clone.create(stack, "acme/original");
  await clone.write("src/one.ts", "export function copiedName() {}\n");
  await clone.write("binary.bin", Buffer.from([0, 1, 2]));
  await clone.commitAndPush();
  const registered = await register(stack, "acme/original");
  original = registered.repositoryId;
  expect(await ended(stack, registered.jobId)).toMatchObject({ state: "completed" });
});
afterAll(() => stack.stop());

async function repositoriesWith(route: string, items: "matches" | "symbols", key = stack.apiKey) {
  const { body } = await send(stack, route, { key });
  const found = (body as Record<string, { repository: string }[]>)[items] ?? [];
  return found.map(({ repository }) => repository).sort();
}

test("copies answer like their original, to the tenants that they were made for", async () => {
  const other = await stack.createTenant("other");
  const plan = { repositoryIds: [original], copiesEach: 2 };
  expect(await copyRepositories(stack.sql, { ...plan, tenantIds: [stack.tenantId], owner: "mine" }))
    .toBe(2);
  expect(await copyRepositories(stack.sql, { ...plan, tenantIds: [other.tenantId], owner: "its" }))
    .toBe(2);

  const mine = ["acme/original", "mine/copy-1-1", "mine/copy-1-2"];
  const its = ["its/copy-1-1", "its/copy-1-2"];
  const text = "/api/search?mode=literal&q=copiedName";
  const name = "/api/symbols?name=copiedName";
  expect(await repositoriesWith(text, "matches")).toEqual(mine);
  expect(await repositoriesWith(name, "symbols")).toEqual(mine);
  expect(await repositoriesWith(text, "matches", other.apiKey)).toEqual(its);
  expect(await repositoriesWith(name, "symbols", other.apiKey)).toEqual(its);
});

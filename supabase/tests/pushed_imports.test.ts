// What imports mean after a push: an instance of the function keeps what it has found in a generation of a
// tree, and answers of the next one by what that has. Over HTTP, from real pushes.

import { afterAll, beforeAll, expect, test } from "vitest";
import { createStack, type Stack } from "../../scripts/local/stack.ts";
import { register, send } from "./support/http.ts";
import { Clone, ended, until } from "./support/whole_path.ts";

const NAME = "acme/pushed";

let stack: Stack;

beforeAll(async () => {
  stack = await createStack({ durable: false, machineEnvironment: { IDLE_EXIT_SECONDS: "1" } });
});
afterAll(() => stack.stop());

async function get(route: string, parameters: Readonly<Record<string, string>>) {
  const query = new URLSearchParams({ repository: NAME, ...parameters });
  return (await send(stack, `/api/${route}?${query.toString()}`)).body;
}

const targetsOf = ({ edges }: Record<string, unknown>) =>
  (edges as { to: string }[]).map(({ to }) => to);

test("an import means what the pushed tree has, whatever was found before", async () => {
  await using clone = await Clone.create(stack, NAME);
  await clone.write("a.ts", 'import { b } from "./b";\nimport { c } from "@/c";\n\nb(c);\n');
  await clone.write("lib/c.ts", "export const c = 1;\n");
  await clone.write("tsconfig.json", '{ "compilerOptions": { "paths": { "@/*": ["./lib/*"] } } }');
  await clone.commitAndPush();
  expect(await ended(stack, (await register(stack, NAME)).jobId)).toMatchObject({
    outcome: "indexed",
  });
  const dependencies = () => get("dependencies", { path: "a.ts" });
  // Twice: the second is answered by what the first has found.
  for (let asked = 0; asked < 2; asked += 1) {
    expect(await dependencies()).toMatchObject({
      edges: [{ to: "lib/c.ts" }],
      unresolved: [{ specifier: "./b" }],
    });
  }
  await clone.write("b.ts", "export function b(_: number) {}\n");
  await clone.write("src/c.ts", "export const c = 2;\n");
  await clone.write("tsconfig.json", '{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }');
  const commit = await clone.commitAndPush();
  await until("the pushed commit", async () => {
    const { commit_oid } = await get("files", {});
    return commit_oid === commit ? commit : null;
  });
  expect(targetsOf(await dependencies()).sort()).toEqual(["b.ts", "src/c.ts"]);
  expect(await get("dependents", { path: "lib/c.ts" })).toMatchObject({ edges: [] });
  expect(await get("dependents", { path: "src/c.ts" })).toMatchObject({
    edges: [{ from: "a.ts" }],
  });
});

test("a call means what the pushed tree defines, and a repository is called as it is by now", async () => {
  await using clone = await Clone.create(stack, "acme/called");
  await clone.write("a.ts", "export function lift() {}\n");
  await clone.write(
    "b.ts",
    'import { lift } from "./a";\nexport function first() {\n  lift();\n}\n',
  );
  await clone.commitAndPush();
  const { repositoryId: repository, jobId } = await register(stack, "acme/called");
  expect(await ended(stack, jobId)).toMatchObject({ outcome: "indexed" });
  const callers = async () => await get("callers", { repository, name: "lift" });
  const whole = { calls: [{ from: { name: "first" }, to: { path: "a.ts" } }] };
  // Twice: the second is answered by what the first has found.
  expect(await callers()).toMatchObject(whole);
  expect(await callers()).toMatchObject(whole);
  await clone.write("c.ts", "export function lift() {}\n");
  await clone.write(
    "b.ts",
    'import { lift } from "./c";\nexport function second() {\n  lift();\n}\n',
  );
  const commit = await clone.commitAndPush();
  await until("the pushed commit", async () => {
    const { commit_oid } = await get("files", { repository });
    return commit_oid === commit ? commit : null;
  });
  await stack.sql`
    update quarry.repositories set full_name = 'acme/renamed' where id = ${repository}`;
  for (let asked = 0; asked < 2; asked += 1) {
    expect(await callers()).toMatchObject({
      repository: "acme/renamed",
      definitions: [{ path: "a.ts", repository: "acme/renamed" }, { path: "c.ts" }],
      calls: [{ from: { name: "second" }, to: { path: "c.ts" } }],
    });
  }
});

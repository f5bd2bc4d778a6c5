// More imports than are followed: an answer says that it is not whole, and takes nothing that it did not
// look for as missing. Over HTTP, from a real push, through the real indexer.

import { afterAll, beforeAll, expect, test } from "vitest";
import { createStack, type Stack } from "../../scripts/local/stack.ts";
import { register, send } from "./support/http.ts";
import { Clone, ended } from "./support/whole_path.ts";

const IMPORTERS = 210;
const PASSED_ON = 105;
const SOME = 30;
const MANY = 520;

let stack: Stack;
let clone: Clone;

function numbered(count: number, text: (index: number) => string): string[] {
  return Array.from({ length: count }, (_, index) => text(index));
}

/** A file whose function calls defaults that it imports, each by a name of its own. */
function calling(name: string, count: number, path: (index: number) => string): string {
  const imports = numbered(count, (n) => `import given${n} from "${path(n)}";\n`);
  const calls = numbered(count, (n) => `  given${n}();\n`);
  return `${imports.join("")}export function ${name}() {\n${calls.join("")}  beyond();\n}\n`;
}

beforeAll(async () => {
  stack = await createStack({ durable: false, machineEnvironment: { IDLE_EXIT_SECONDS: "1" } });
  clone = await Clone.create(stack, "acme/crowd");
  await clone.write("shelter.ts", "export default class Shelter {}\n");
  for (let file = 0; file < IMPORTERS; file += 1) {
    await clone.write(`huts/hut${file}.ts`, 'import Hut from "../shelter.ts";\nnew Hut();\n');
  }
  const passing = numbered(PASSED_ON, (n) => `export * from "./parts/part${n}.ts";\n`);
  await clone.write("parts.ts", passing.join(""));
  for (let file = 0; file < PASSED_ON; file += 1) {
    await clone.write(`parts/part${file}.ts`, `export function part${file}() {}\n`);
  }
  const last = `part${PASSED_ON - 1}`;
  await clone.write("use.ts", `import { ${last} as piece } from "./parts.ts";\npiece();\n`);
  for (let file = 0; file < SOME; file += 1) {
    await clone.write(`defaults/file${file}.ts`, `export default function real${file}() {}\n`);
  }
  await clone.write("some.ts", calling("callsSome", SOME, (n) => `./defaults/file${n}.ts`));
  await clone.write("many.ts", calling("callsMany", MANY, () => "./shelter.ts"));
  await clone.commitAndPush();
  const { jobId } = await register(stack, "acme/crowd");
  expect(await ended(stack, jobId)).toMatchObject({ state: "completed", outcome: "indexed" });
});
afterAll(async () => {
  await clone[Symbol.asyncDispose]();
  await stack.stop();
});

async function get(route: string, parameters: Record<string, string>) {
  const query = new URLSearchParams({ repository: "acme/crowd", ...parameters });
  return (await send(stack, `/api/${route}?${query.toString()}`)).body;
}

const CUT = { complete: false, incomplete_reason: "work_budget" };

test("the first references from a definition say that importers were left out", async () => {
  const asked = { name: "Shelter", defined_in: "shelter.ts", role: "call", limit: "200" };
  expect(await get("references", asked)).toMatchObject(CUT);
});

test("what a position means is not whole where more is passed on than is followed", async () => {
  expect(await get("definitions/at", { path: "use.ts", line: "2", column: "1" }))
    .toMatchObject({ name: "piece", ...CUT });
});

test("callees are found through all imports of a function", async () => {
  const body = await get("callees", { name: "callsSome" });
  const calls = body["calls"] as { to: { name: string } }[];
  expect(calls.map(({ to }) => to.name)).toEqual(numbered(SOME, (n) => `real${n}`));
  expect(body).toMatchObject({ outside: ["beyond"], complete: true });
});

test("a name is from outside only if it was looked for", async () => {
  const body = await get("callees", { name: "callsMany" });
  expect(body).toMatchObject({ name: "callsMany", outside: ["beyond"], ...CUT });
  expect((body["calls"] as unknown[]).length).toBeGreaterThan(SOME);
});
